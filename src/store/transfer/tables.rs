//! The tables that both databases have, and how their columns are moved.

/// How the values of a column are read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// 64 bits.
    Number,
    /// 32 bits.
    Small,
    Text,
    Flag,
    Bytes,
}

/// A table; its first columns are its key.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [(&'static str, Kind)],
    /// How many columns the key has.
    pub(super) key: usize,
    /// Whether the database counts the numbers of the rows.
    pub(super) is_counted: bool,
}

const fn table(name: &'static str, key: usize, columns: &'static [(&'static str, Kind)]) -> Table {
    Table { name, columns, key, is_counted: false }
}

const fn counted(name: &'static str, columns: &'static [(&'static str, Kind)]) -> Table {
    Table { name, columns, key: 1, is_counted: true }
}

use Kind::{Bytes, Flag, Number, Small, Text};

/// In an order in which no row names one that is not there yet.
pub(super) const TABLES: [Table; 18] = [
    counted(
        "jobs",
        &[
            ("id", Number),
            ("request_key", Text),
            ("user_id", Number),
            ("chat_id", Number),
            ("api_key_id", Number),
            ("thread_id", Small),
            ("request_message_id", Small),
            ("status_message_id", Small),
            ("status_text", Text),
            ("language", Text),
            ("previews", Flag),
            ("recipe", Text),
            ("work", Text),
            ("state", Text),
            ("attempts", Number),
            ("cancel_requested", Flag),
            ("failure", Text),
            ("warnings", Text),
            ("crashes", Number),
            ("lone_crashes", Number),
            ("created_at", Number),
            ("started_at", Number),
            ("finished_at", Number),
            ("delivered_at", Number),
            ("deliver_after", Number),
            ("delivery_attempts", Number),
            ("pending_inputs", Text),
            ("fetch_after", Number),
            ("fetch_attempts", Number),
            ("share_token", Text),
            ("is_from_editor", Flag),
            ("parent", Text),
        ],
    ),
    // After the jobs, which make rows of it: what is moved is when a user was served last.
    table("users", 1, &[("user_id", Number), ("last_served", Number)]),
    counted(
        "pictures",
        &[
            ("id", Number),
            ("hash", Text),
            ("width", Number),
            ("height", Number),
            ("size", Number),
            ("created_at", Number),
            ("bytes", Bytes),
        ],
    ),
    table("job_pictures", 3, &[("job_id", Number), ("role", Text), ("position", Number), ("picture_id", Number)]),
    table(
        "editor_pictures",
        1,
        &[
            ("id", Text),
            ("user_id", Number),
            ("picture_id", Number),
            ("parent", Text),
            ("width", Number),
            ("height", Number),
            ("has_alpha", Flag),
            ("created_at", Number),
        ],
    ),
    table("editor_users", 1, &[("user_id", Number), ("salt", Text)]),
    table(
        "editor_codes",
        1,
        &[
            ("hash", Text),
            ("user_id", Number),
            ("name", Text),
            ("language", Text),
            ("reference", Text),
            ("expires_at", Number),
        ],
    ),
    table(
        "deliveries",
        2,
        &[("chat_id", Number), ("message_id", Small), ("job_id", Number), ("position", Number), ("file_id", Text)],
    ),
    table("chats", 1, &[("chat_id", Number), ("state", Text), ("updated_at", Number)]),
    table("inbox", 1, &[("update_id", Number), ("body", Text), ("received_at", Number)]),
    counted("outgoing", &[("id", Number), ("chat_id", Number), ("job_id", Number), ("body", Text)]),
    // Equal rows are several uses: all columns are the key, and the table is written anew.
    table("usage", 3, &[("user_id", Number), ("chat_id", Number), ("created_at", Number)]),
    table("settings", 1, &[("key", Text), ("value", Text)]),
    table("bans", 1, &[("id", Number), ("since", Number)]),
    table("gone_chats", 1, &[("chat_id", Number), ("since", Number)]),
    counted(
        "broadcasts",
        &[
            ("id", Number),
            ("admin_id", Number),
            ("language", Text),
            ("text", Text),
            ("state", Text),
            ("status_chat_id", Number),
            ("status_message_id", Small),
            ("created_at", Number),
        ],
    ),
    table("broadcast_chats", 2, &[("broadcast_id", Number), ("chat_id", Number), ("outcome", Text)]),
    counted(
        "api_keys",
        &[
            ("id", Number),
            ("user_id", Number),
            ("name", Text),
            ("hash", Text),
            ("hour", Number),
            ("day", Number),
            ("created_at", Number),
            ("used_at", Number),
        ],
    ),
];

impl Table {
    /// The columns, separated by commas.
    pub(super) fn list(&self) -> String {
        self.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }

    /// The columns of the key, separated by commas.
    pub(super) fn key_list(&self) -> String {
        self.columns[..self.key].iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }

    /// Writes a row, unless it is there; of a user it writes when they were served last.
    pub(super) fn insert(&self) -> String {
        let values: Vec<String> = (1..=self.columns.len()).map(|number| format!("${number}")).collect();
        let conflict = match self.name {
            "users" => "ON CONFLICT (user_id) DO UPDATE SET last_served = excluded.last_served",
            "usage" => "",
            _ => "ON CONFLICT DO NOTHING",
        };
        format!("INSERT INTO {} ({}) VALUES ({}) {conflict}", self.name, self.list(), values.join(", "))
    }
}
