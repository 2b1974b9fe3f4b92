-- Pictures that a job takes and that are yet to be fetched, as JSON; NULL once they are there.
ALTER TABLE jobs ADD COLUMN pending_inputs TEXT;
ALTER TABLE jobs ADD COLUMN gather_after INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN gather_attempts INTEGER NOT NULL DEFAULT 0;
-- Names the recipe in links; random, so that nobody can guess another's.
ALTER TABLE jobs ADD COLUMN share_token TEXT;

CREATE INDEX jobs_to_gather ON jobs (gather_after) WHERE pending_inputs IS NOT NULL AND state = 'queued';
CREATE UNIQUE INDEX jobs_by_share_token ON jobs (share_token) WHERE share_token IS NOT NULL;

-- Messages that brought a job's pictures.
CREATE TABLE deliveries (
    chat_id    INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    job_id     INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    -- Which of the pictures; NULL for a message with buttons alone.
    position   INTEGER,
    -- The picture on the chat platform, to be sent again without an upload.
    file_id    TEXT,
    PRIMARY KEY (chat_id, message_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX deliveries_by_job ON deliveries (job_id, position);
