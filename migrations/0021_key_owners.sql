-- A key may belong to a user: it is that user for the queue. A user's keys have names of their own; the others share theirs.
CREATE TABLE owned_api_keys (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    INTEGER,
    name       TEXT    NOT NULL,
    hash       TEXT    NOT NULL UNIQUE,
    -- Jobs per hour and per day, in the place of the limits for all users; NULL keeps those.
    hour       INTEGER,
    day        INTEGER,
    created_at INTEGER NOT NULL,
    used_at    INTEGER
) STRICT;

INSERT INTO owned_api_keys (id, name, hash, hour, day, created_at, used_at)
SELECT id, name, hash, hour, day, created_at, used_at FROM api_keys;

-- Numbers go on behind the last one that was ever given.
DELETE FROM sqlite_sequence WHERE name = 'owned_api_keys';
INSERT INTO sqlite_sequence (name, seq) SELECT 'owned_api_keys', seq FROM sqlite_sequence WHERE name = 'api_keys';

DROP TABLE api_keys;
ALTER TABLE owned_api_keys RENAME TO api_keys;
CREATE UNIQUE INDEX api_keys_by_name ON api_keys (COALESCE(user_id, 0), name);
