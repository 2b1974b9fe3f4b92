-- A key may belong to a user: it is that user for the queue. A user's keys have names of their own; the others share theirs.
ALTER TABLE api_keys ADD COLUMN user_id bigint;
ALTER TABLE api_keys DROP CONSTRAINT api_keys_name_key;
CREATE UNIQUE INDEX api_keys_by_name ON api_keys (COALESCE(user_id, 0), name);

-- The web editor: jobs that it asks for, pictures that no job has yet, and who may come in.

-- A job of the editor has a chat as well: its result goes there when nobody looks at it in the editor.
ALTER TABLE jobs ADD COLUMN is_from_editor boolean NOT NULL DEFAULT FALSE;
-- The picture in the editor that it was made from.
ALTER TABLE jobs ADD COLUMN parent text;

-- Pictures that a user opened in the editor: uploaded, or cut out of another one.
CREATE TABLE editor_pictures (
    id         text    COLLATE "C" PRIMARY KEY,
    user_id    bigint  NOT NULL,
    picture_id bigint  NOT NULL REFERENCES pictures (id),
    parent     text,
    -- Upright, as the user sees it.
    width      bigint  NOT NULL,
    height     bigint  NOT NULL,
    has_alpha  boolean NOT NULL,
    created_at bigint  NOT NULL
);
CREATE INDEX editor_pictures_by_user ON editor_pictures (user_id, created_at);
CREATE INDEX editor_pictures_by_picture ON editor_pictures (picture_id);
CREATE INDEX editor_pictures_by_age ON editor_pictures (created_at);

-- A random text for each user of the editor, which is a part of the signature of each session: without it the session is over.
CREATE TABLE editor_users (
    user_id bigint PRIMARY KEY,
    salt    text   NOT NULL
);

-- Codes that open the editor in a browser once, as SHA-256.
CREATE TABLE editor_codes (
    hash       text   COLLATE "C" PRIMARY KEY,
    user_id    bigint NOT NULL,
    name       text   NOT NULL,
    language   text   NOT NULL,
    reference  text,
    expires_at bigint NOT NULL
);
CREATE INDEX editor_codes_by_user ON editor_codes (user_id);
