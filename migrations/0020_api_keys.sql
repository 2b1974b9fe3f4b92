-- Keys of the HTTP API. A key is a user of the queue; what is stored of its secret is the SHA-256. Numbers are never used again:
-- jobs name the key that asked for them.
CREATE TABLE api_keys (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT    NOT NULL UNIQUE,
    hash       TEXT    NOT NULL UNIQUE,
    -- Jobs per hour and per day, in the place of the limits for all users; NULL keeps those.
    hour       INTEGER,
    day        INTEGER,
    created_at INTEGER NOT NULL,
    used_at    INTEGER
) STRICT;

CREATE INDEX jobs_by_api_key ON jobs (api_key_id, id) WHERE api_key_id IS NOT NULL;
