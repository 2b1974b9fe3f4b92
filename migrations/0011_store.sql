-- Standard names, an inbox, an outbox of messages, users with their turn, jobs that came from elsewhere than a chat, and
-- pictures in an ordinary table.

DROP INDEX jobs_by_user;
DROP INDEX jobs_untold;
DROP INDEX jobs_to_gather;
DROP INDEX jobs_by_turn;
DROP INDEX jobs_by_chat_time;

ALTER TABLE jobs RENAME COLUMN told_at TO delivered_at;
ALTER TABLE jobs RENAME COLUMN tell_after TO deliver_after;
ALTER TABLE jobs RENAME COLUMN tell_attempts TO delivery_attempts;
ALTER TABLE jobs RENAME COLUMN gather_after TO fetch_after;
ALTER TABLE jobs RENAME COLUMN gather_attempts TO fetch_attempts;
ALTER TABLE jobs RENAME COLUMN remarks TO warnings;
ALTER TABLE spent RENAME TO usage;
DROP INDEX spent_by_user;
CREATE INDEX usage_by_user ON usage (user_id, created_at);
CREATE INDEX usage_by_chat ON usage (chat_id, created_at);
ALTER TABLE house RENAME TO settings;

-- A job comes from a chat, or from a program with an API key.
ALTER TABLE jobs ADD COLUMN origin_chat_id INTEGER;
UPDATE jobs SET origin_chat_id = chat_id;
ALTER TABLE jobs DROP COLUMN chat_id;
ALTER TABLE jobs RENAME COLUMN origin_chat_id TO chat_id;
ALTER TABLE jobs ADD COLUMN api_key_id INTEGER CHECK ((chat_id IS NULL) <> (api_key_id IS NULL));

-- Users, when they were served last (a count of claims), and their oldest job that can be claimed: the fair order is one look
-- into an index, however many jobs wait.
CREATE TABLE users (
    user_id     INTEGER PRIMARY KEY,
    last_served INTEGER NOT NULL DEFAULT 0,
    next_job    INTEGER
) STRICT;
INSERT INTO users (user_id, last_served, next_job)
    SELECT user_id, COALESCE(MAX(turn), 0), MIN(CASE WHEN state = 'queued' AND pending_inputs IS NULL THEN id END)
    FROM jobs GROUP BY user_id;
CREATE INDEX users_in_fair_order ON users (last_served, next_job) WHERE next_job IS NOT NULL;
CREATE INDEX users_by_last_served ON users (last_served);
ALTER TABLE jobs DROP COLUMN turn;

CREATE INDEX jobs_claimable ON jobs (user_id, id) WHERE state = 'queued' AND pending_inputs IS NULL;
CREATE INDEX jobs_pending ON jobs (id) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_pending_by_user ON jobs (user_id, id) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_delivered_by_user ON jobs (user_id, id) WHERE state = 'delivered';
CREATE INDEX jobs_by_chat_time ON jobs (chat_id, created_at);
CREATE INDEX jobs_to_deliver ON jobs (chat_id, finished_at, id)
    WHERE delivered_at IS NULL AND state IN ('drawn', 'failed') AND chat_id IS NOT NULL;
CREATE INDEX jobs_to_fetch ON jobs (id) WHERE pending_inputs IS NOT NULL AND state = 'queued';
CREATE INDEX jobs_with_stale_status ON jobs (id)
    WHERE status_message_id IS NOT NULL AND state IN ('delivered', 'failed', 'cancelled');
CREATE INDEX jobs_failed_by_machine ON jobs (finished_at) WHERE state = 'failed' AND failure IN ('engine', 'crashed');

CREATE TRIGGER jobs_next_after_insert AFTER INSERT ON jobs BEGIN
    INSERT INTO users (user_id, next_job)
    VALUES (NEW.user_id, CASE WHEN NEW.state = 'queued' AND NEW.pending_inputs IS NULL THEN NEW.id END)
    ON CONFLICT (user_id) DO UPDATE SET next_job = COALESCE(next_job, excluded.next_job);
END;
CREATE TRIGGER jobs_next_after_update AFTER UPDATE OF state, pending_inputs ON jobs
WHEN OLD.state <> NEW.state OR (OLD.pending_inputs IS NULL) <> (NEW.pending_inputs IS NULL) BEGIN
    UPDATE users SET next_job = (
        SELECT id FROM jobs WHERE user_id = NEW.user_id AND state = 'queued' AND pending_inputs IS NULL ORDER BY id LIMIT 1)
    WHERE user_id = NEW.user_id;
END;
CREATE TRIGGER jobs_served_after_claim AFTER UPDATE OF state ON jobs
WHEN OLD.state <> 'running' AND NEW.state = 'running' BEGIN
    UPDATE users SET last_served = (SELECT MAX(last_served) FROM users) + 1 WHERE user_id = NEW.user_id;
END;
CREATE TRIGGER jobs_next_after_delete AFTER DELETE ON jobs BEGIN
    UPDATE users SET next_job = (
        SELECT id FROM jobs WHERE user_id = OLD.user_id AND state = 'queued' AND pending_inputs IS NULL ORDER BY id LIMIT 1)
    WHERE user_id = OLD.user_id;
END;

-- Pictures by the SHA-256 of their bytes. The bytes come last: what stands before them is read without them.
CREATE TABLE pictures (
    id         INTEGER PRIMARY KEY,
    hash       TEXT    NOT NULL UNIQUE,
    width      INTEGER NOT NULL DEFAULT 0,
    height     INTEGER NOT NULL DEFAULT 0,
    size       INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    bytes      BLOB    NOT NULL
) STRICT;
-- A PNG says its size in the bytes 17 to 24; of results no other kind is stored.
INSERT INTO pictures (hash, width, height, size, created_at, bytes)
    SELECT hash,
        CASE WHEN substr(hex(substr(bytes, 1, 8)), 1, 16) = '89504E470D0A1A0A' THEN
            (instr('0123456789ABCDEF', substr(hex(substr(bytes, 19, 1)), 1, 1)) - 1) * 4096
            + (instr('0123456789ABCDEF', substr(hex(substr(bytes, 19, 1)), 2, 1)) - 1) * 256
            + (instr('0123456789ABCDEF', substr(hex(substr(bytes, 20, 1)), 1, 1)) - 1) * 16
            + (instr('0123456789ABCDEF', substr(hex(substr(bytes, 20, 1)), 2, 1)) - 1)
        ELSE 0 END,
        CASE WHEN substr(hex(substr(bytes, 1, 8)), 1, 16) = '89504E470D0A1A0A' THEN
            (instr('0123456789ABCDEF', substr(hex(substr(bytes, 23, 1)), 1, 1)) - 1) * 4096
            + (instr('0123456789ABCDEF', substr(hex(substr(bytes, 23, 1)), 2, 1)) - 1) * 256
            + (instr('0123456789ABCDEF', substr(hex(substr(bytes, 24, 1)), 1, 1)) - 1) * 16
            + (instr('0123456789ABCDEF', substr(hex(substr(bytes, 24, 1)), 2, 1)) - 1)
        ELSE 0 END,
        length(bytes), created_at, bytes
    FROM blobs;
CREATE TABLE job_pictures (
    job_id     INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    role       TEXT    NOT NULL CHECK (role IN ('input', 'result')),
    position   INTEGER NOT NULL,
    picture_id INTEGER NOT NULL REFERENCES pictures (id),
    PRIMARY KEY (job_id, role, position)
) STRICT, WITHOUT ROWID;
INSERT INTO job_pictures (job_id, role, position, picture_id)
    SELECT job_id, role, position, pictures.id FROM job_blobs JOIN pictures USING (hash);
DROP TABLE job_blobs;
DROP TABLE blobs;
CREATE INDEX job_pictures_by_role ON job_pictures (role, job_id);
CREATE INDEX job_pictures_by_picture ON job_pictures (picture_id);

-- Updates are stored before the platform is told that they were received. A handled one loses its body and is remembered as
-- long as the platform may deliver it again.
CREATE TABLE inbox (
    update_id   INTEGER PRIMARY KEY,
    body        TEXT,
    received_at INTEGER NOT NULL
) STRICT;
CREATE INDEX inbox_unhandled ON inbox (update_id) WHERE body IS NOT NULL;

-- Messages that are to be sent. A row is deleted once its message was sent.
CREATE TABLE outgoing (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id INTEGER NOT NULL,
    job_id  INTEGER,
    body    TEXT    NOT NULL
) STRICT;
CREATE INDEX outgoing_by_chat ON outgoing (chat_id);
