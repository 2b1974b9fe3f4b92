-- How often the process died while a job was drawn; and in a row, with no other job being drawn.
ALTER TABLE jobs ADD COLUMN crashes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN lone_crashes INTEGER NOT NULL DEFAULT 0;
