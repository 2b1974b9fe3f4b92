-- Whether the status message shows small pictures while the job is drawn.
ALTER TABLE jobs ADD COLUMN previews INTEGER NOT NULL DEFAULT 0;
