-- What the owner decided and what the program has to remember about that: 'paused', 'alerted'.
CREATE TABLE house (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- People and chats that are not served.
CREATE TABLE bans (
    id    INTEGER PRIMARY KEY,
    since INTEGER NOT NULL
) STRICT;

-- Chats in which nobody is any more: blocked, deleted. Who writes there again is back.
CREATE TABLE gone_chats (
    chat_id INTEGER PRIMARY KEY,
    since   INTEGER NOT NULL
) STRICT;

-- Messages of the owner to all private chats.
CREATE TABLE broadcasts (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    admin_id          INTEGER NOT NULL,
    language          TEXT    NOT NULL,
    text              TEXT    NOT NULL,
    state             TEXT    NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'sending', 'done', 'dropped')),
    -- The message that tells the progress.
    status_chat_id    INTEGER,
    status_message_id INTEGER,
    created_at        INTEGER NOT NULL
) STRICT;

CREATE TABLE broadcast_chats (
    broadcast_id INTEGER NOT NULL REFERENCES broadcasts (id) ON DELETE CASCADE,
    chat_id      INTEGER NOT NULL,
    outcome      TEXT CHECK (outcome IN ('sent', 'gone', 'refused')),
    PRIMARY KEY (broadcast_id, chat_id)
) STRICT, WITHOUT ROWID;

-- When somebody asked whose jobs were forgotten; kept for a day, so that limits outlive forgetting.
CREATE TABLE spent (
    user_id    INTEGER NOT NULL,
    chat_id    INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX spent_by_user ON spent (user_id, created_at);

-- What the worker remarked while it drew: JSON.
ALTER TABLE jobs ADD COLUMN remarks TEXT;

CREATE INDEX jobs_by_user_time ON jobs (user_id, created_at);
CREATE INDEX jobs_by_end ON jobs (state, finished_at);
CREATE INDEX jobs_by_chat_time ON jobs (chat_id, created_at);
CREATE INDEX job_blobs_by_role ON job_blobs (role, job_id);
CREATE INDEX job_blobs_by_hash ON job_blobs (hash);
