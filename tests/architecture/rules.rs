//! The architecture: which modules a module may import, and which of the large crates it may name.

/// What a module may use. A module in a folder (`telegram/outbox`) can have a rule of its own; otherwise that of the folder
/// counts for it.
pub(crate) struct Rule {
    pub(crate) module: &'static str,
    /// Modules with rules, exactly those that it imports.
    pub(crate) imports: &'static [&'static str],
    /// Which of [`CRATES`], exactly those that it names.
    pub(crate) crates: &'static [&'static str],
}

/// The crates that not every module may name; `candle` stands for `candle_core` and `candle_nn` as well.
pub(crate) const CRATES: [&str; 8] = ["teloxide", "sqlx", "tokio", "candle", "axum", "clap", "anyhow", "reqwest"];

const fn rule(module: &'static str, imports: &'static [&'static str], crates: &'static [&'static str]) -> Rule {
    Rule { module, imports, crates }
}

/// From the top down: a module imports only modules below it.
pub(crate) const RULES: &[Rule] = &[
    rule(
        "cli",
        &[
            "chats",
            "config",
            "engine",
            "examples",
            "fetch",
            "gallery",
            "jobs",
            "kandinsky",
            "keys",
            "monitoring",
            "orders",
            "pictures",
            "playground",
            "policy",
            "recipe",
            "store",
            "styles",
            "telegram",
            "telemetry",
            "translation",
            "web",
            "worker",
        ],
        &["teloxide", "tokio", "candle", "clap", "anyhow"],
    ),
    rule(
        "telegram",
        &["chats", "conversation", "gallery", "i18n", "jobs", "keys", "orders", "pictures", "policy", "recipe"],
        &["teloxide", "tokio", "reqwest"],
    ),
    rule(
        "web",
        &[
            "gallery",
            "i18n",
            "jobs",
            "keys",
            "limits",
            "moderation",
            "orders",
            "pictures",
            "policy",
            "recipe",
            "styles",
        ],
        &["tokio", "axum"],
    ),
    rule("store", &["chats", "gallery", "i18n", "jobs", "keys", "limits", "policy", "recipe"], &["sqlx", "tokio"]),
    rule("worker", &["engine", "jobs", "pictures", "recipe"], &["tokio"]),
    rule(
        "conversation",
        &[
            "examples",
            "i18n",
            "jobs",
            "keys",
            "limits",
            "moderation",
            "orders",
            "pictures",
            "policy",
            "recipe",
            "styles",
        ],
        &[],
    ),
    rule("orders", &["jobs", "limits", "moderation", "policy"], &[]),
    rule("policy", &["config", "i18n", "jobs", "limits", "moderation", "recipe"], &[]),
    rule("monitoring", &["jobs"], &["tokio", "axum"]),
    rule("chats", &["jobs"], &[]),
    rule("gallery", &["i18n", "jobs"], &[]),
    rule("keys", &["jobs", "limits"], &[]),
    rule("jobs", &["i18n", "limits", "moderation", "pictures", "recipe"], &["tokio"]),
    rule("config", &["engine", "kandinsky", "moderation"], &["clap"]),
    rule("engine", &["kandinsky", "ops", "pictures", "recipe", "translation"], &["candle"]),
    rule("pictures", &["recipe"], &[]),
    rule("recipe", &["kandinsky", "styles"], &[]),
    rule("translation", &["kandinsky", "ops"], &["candle"]),
    rule("kandinsky", &["ops"], &["candle"]),
    rule("ops", &[], &["candle"]),
    rule("styles", &[], &[]),
    rule("examples", &["i18n"], &[]),
    rule("playground", &["i18n"], &["tokio", "axum"]),
    rule("fetch", &[], &["tokio", "reqwest"]),
    rule("moderation", &[], &["clap"]),
    rule("limits", &[], &[]),
    rule("i18n", &[], &[]),
    rule("telemetry", &[], &[]),
];

/// Files that import each other, for a reason.
pub(crate) const CYCLES: &[(&[&str], &str)] = &[(
    &["conversation/draft", "conversation/state"],
    "a chat's state holds the drafts of its users, and a draft begins with the chat's settings",
)];

/// Most methods of a trait.
pub(crate) const MAX_METHODS: usize = 15;

/// Traits with more, for a reason.
pub(crate) const LARGE_TRAITS: &[(&str, &str)] = &[];
