-- The web editor: jobs that it asks for, pictures that no job has yet, and who may come in.

-- A job of the editor has a chat as well: its result goes there when nobody looks at it in the editor.
ALTER TABLE jobs ADD COLUMN is_from_editor INTEGER NOT NULL DEFAULT 0;
-- The picture in the editor that it was made from.
ALTER TABLE jobs ADD COLUMN parent TEXT;

-- Pictures that a user opened in the editor: uploaded, or cut out of another one.
CREATE TABLE editor_pictures (
    id         TEXT    PRIMARY KEY,
    user_id    INTEGER NOT NULL,
    picture_id INTEGER NOT NULL REFERENCES pictures (id),
    parent     TEXT,
    -- Upright, as the user sees it.
    width      INTEGER NOT NULL,
    height     INTEGER NOT NULL,
    has_alpha  INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX editor_pictures_by_user ON editor_pictures (user_id, created_at);
CREATE INDEX editor_pictures_by_picture ON editor_pictures (picture_id);
CREATE INDEX editor_pictures_by_age ON editor_pictures (created_at);

-- A random text for each user of the editor, which is a part of the signature of each session: without it the session is over.
CREATE TABLE editor_users (
    user_id INTEGER PRIMARY KEY,
    salt    TEXT    NOT NULL
) STRICT;

-- Codes that open the editor in a browser once, as SHA-256.
CREATE TABLE editor_codes (
    hash       TEXT    PRIMARY KEY,
    user_id    INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    language   TEXT    NOT NULL,
    reference  TEXT,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX editor_codes_by_user ON editor_codes (user_id);
