-- What the status message of a waiting job shows, so that after a restart it is changed only if something else is true; NULL if
-- that is not known, or since the job began to be drawn.
ALTER TABLE jobs ADD COLUMN status_text TEXT;
