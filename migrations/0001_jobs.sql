-- A job is a recipe that somebody waits for. Times are unix milliseconds.
CREATE TABLE jobs (
    id                 INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The message or button press that asked: the same one twice is one job.
    request_key        TEXT    NOT NULL UNIQUE,
    user_id            INTEGER NOT NULL,
    chat_id            INTEGER NOT NULL,
    thread_id          INTEGER,
    request_message_id INTEGER,
    status_message_id  INTEGER,
    language           TEXT    NOT NULL,
    recipe             TEXT    NOT NULL,
    state              TEXT    NOT NULL DEFAULT 'queued'
                       CHECK (state IN ('queued', 'running', 'drawn', 'delivered', 'failed', 'cancelled')),
    -- How often the job was claimed: the fencing number. A worker whose number is old can no longer write.
    attempts           INTEGER NOT NULL DEFAULT 0,
    worker             TEXT,
    lease_until        INTEGER,
    -- A counter over all claims: whoever was served longest ago is next.
    turn               INTEGER,
    progress           REAL    NOT NULL DEFAULT 0,
    cancel_requested   INTEGER NOT NULL DEFAULT 0,
    failure            TEXT,
    created_at         INTEGER NOT NULL,
    started_at         INTEGER,
    finished_at        INTEGER,
    -- When the person was told how it ended, and when to try again to tell.
    told_at            INTEGER,
    tell_after         INTEGER NOT NULL DEFAULT 0,
    tell_attempts      INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX jobs_by_state ON jobs (state, id);
CREATE INDEX jobs_by_user ON jobs (user_id, turn);
CREATE INDEX jobs_untold ON jobs (tell_after) WHERE told_at IS NULL AND state IN ('drawn', 'failed');

-- Pictures by the SHA-256 of their bytes.
CREATE TABLE blobs (
    hash       TEXT    PRIMARY KEY,
    bytes      BLOB    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE job_blobs (
    job_id   INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    role     TEXT    NOT NULL CHECK (role IN ('input', 'result')),
    position INTEGER NOT NULL,
    hash     TEXT    NOT NULL REFERENCES blobs (hash),
    PRIMARY KEY (job_id, role, position)
) STRICT, WITHOUT ROWID;
