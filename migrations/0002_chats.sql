-- What the conversation remembers of a chat: language, settings, what it is waiting for.
CREATE TABLE chats (
    chat_id    INTEGER PRIMARY KEY,
    state      TEXT    NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
