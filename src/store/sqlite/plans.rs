//! No statement reads a table from end to end or sorts it, but for those that are allowed to.

use std::collections::BTreeSet;
use std::path::Path;

use sqlx::{AssertSqlSafe, Row};

use super::fixture::Fixture;
use super::{due, rows};

/// Parts of statements that may scan or sort, and why.
const ALLOWED: [(&str, &str); 21] = [
    ("ROW_NUMBER() OVER (PARTITION BY chat_id", "the results that are due, from an index that holds only them"),
    ("SELECT COUNT(DISTINCT user_id) AS users", "figures for the owner, asked for by hand"),
    ("SELECT COUNT(DISTINCT job_id) FROM job_pictures", "the disk limit, once an hour"),
    ("DELETE FROM job_pictures WHERE (job_id, role, position) IN", "the sweep, once an hour"),
    ("DELETE FROM job_pictures WHERE job_id IN ( SELECT id FROM jobs WHERE EXISTS", "the disk limit, once an hour"),
    ("SELECT id FROM pictures WHERE NOT EXISTS", "the sweep, once an hour"),
    ("DELETE FROM inbox WHERE body IS NULL AND received_at", "the sweep, once an hour; updates of three days"),
    ("DELETE FROM usage WHERE created_at", "the sweep, once an hour; a day's jobs of users who were forgotten"),
    ("SELECT chat_id, state FROM chats WHERE instr", "albums that were arriving, once at the start"),
    ("UPDATE jobs SET user_id", "a group moves, once in its life"),
    ("DELETE FROM broadcast_chats WHERE chat_id", "a user is forgotten, by hand"),
    ("SELECT chat_id FROM (SELECT chat_id FROM chats UNION", "a broadcast, by hand"),
    ("SELECT id, admin_id, language, text, status_chat_id", "a few broadcasts, at the start and after each"),
    ("SELECT id, chat_id, job_id, body FROM outgoing", "all unsent messages, once at the start"),
    ("WHERE request_key >= $1 AND request_key < $2", "the few jobs of one request, sorted"),
    ("SELECT id, user_id, name, hour, day, created_at, used_at FROM api_keys ORDER BY id", "all keys, by hand"),
    ("SELECT EXISTS (SELECT 1 FROM sqlite_schema", "the list of tables, by hand"),
    ("SELECT key, created_at FROM ( SELECT 'j' || id AS key", "the pictures of one user, sorted"),
    ("DELETE FROM editor_codes WHERE expires_at", "the codes of the last ten minutes"),
    ("DELETE FROM editor_pictures WHERE id IN (SELECT id", "the disk limit, once an hour"),
    ("SELECT COUNT(*), COUNT(CASE outcome", "the rows of one broadcast, every few seconds"),
];

/// Plans that look like a scan or a sort and are cheap.
const CHEAP: [&str; 7] = [
    // The few jobs that run or wait, or those of one chat that are due, through an index that holds only them.
    "USING INDEX jobs_",
    "USING COVERING INDEX jobs_",
    "USING INDEX inbox_unhandled",
    // The first row of the index is the answer.
    "USING COVERING INDEX users_in_fair_order",
    // A list that the statement was given.
    "SCAN json_each",
    // One row.
    "SCAN pragma_",
    "SCAN CONSTANT ROW",
];

/// The string literals of the sources that are whole statements.
fn statements() -> BTreeSet<String> {
    let known = rows::STATEMENTS.iter().chain([&due::SELECT_DUE_DELIVERIES, &due::SELECT_DUE_FETCHES]);
    let mut found: BTreeSet<String> = known.map(|statement| (*statement).to_owned()).collect();
    let folders =
        ["sqlite", "shared"].map(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store").join(folder));
    for entry in folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap()) {
        let path = entry.unwrap().path();
        let is_source = path.extension().is_some_and(|suffix| suffix == "rs");
        // Those of rows and due are known; the others are tests.
        if !is_source
            || ["tests", "fixture", "measure", "plans", "migration", "rows", "due"]
                .iter()
                .any(|stem| path.ends_with(format!("{stem}.rs")))
        {
            continue;
        }
        let source = std::fs::read_to_string(&path).unwrap();
        let code = source.split("#[cfg(test)]\nmod tests").next().unwrap();
        let is_statement =
            |text: &str| ["SELECT ", "INSERT ", "UPDATE ", "DELETE "].iter().any(|word| text.starts_with(word));
        // Statements hold no quotes, so every second part is a literal.
        let literals = code.split('"').skip(1).step_by(2).map(str::trim_start);
        found.extend(
            literals
                .filter(|text| is_statement(text) && !text.ends_with(" WHERE ") && !text.ends_with("< $2 AND "))
                .map(str::to_owned),
        );
    }
    found
}

/// One line with single spaces.
fn flat(statement: &str) -> String {
    statement.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn no_statement_scans_or_sorts_a_table_without_a_reason() {
    let fixture = Fixture::new().await;
    fill(&fixture).await;
    let statements = statements();
    assert!(statements.len() > 70, "only {} statements were found", statements.len());
    let mut faults = Vec::new();
    for statement in &statements {
        let statement = flat(statement);
        if ALLOWED.iter().any(|(part, _)| statement.contains(part)) {
            continue;
        }
        let query = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
        let plan = match sqlx::raw_sql(query).fetch_all(fixture.store.writer()).await {
            Ok(plan) => plan,
            // Completed by a constant that is in the list itself.
            Err(_) if statement.contains("{KNOWN}") => continue,
            Err(error) => panic!("{statement}: {error}"),
        };
        for row in plan {
            let step: String = row.get("detail");
            let is_dear = step.starts_with("SCAN") || step.contains("TEMP B-TREE");
            if is_dear && !CHEAP.iter().any(|cheap| step.contains(cheap)) {
                faults.push(format!("{statement}\n    {step}"));
            }
        }
    }
    assert!(faults.is_empty(), "{} statements:\n{}", faults.len(), faults.join("\n"));
}

/// Twenty thousand jobs of a thousand users, and the planner's statistics of them.
async fn fill(fixture: &Fixture) {
    fixture
        .store
        .execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
             INSERT INTO jobs (request_key, user_id, chat_id, language, recipe, state, created_at, started_at, finished_at,
                               delivered_at, failure)
             SELECT 'k' || i, i % 1000, i % 1000, 'ru', '{}',
                CASE WHEN i % 40 = 0 THEN 'failed' WHEN i % 400 = 1 THEN 'queued' WHEN i % 500 = 2 THEN 'drawn' ELSE 'delivered' END,
                i, i, i, CASE WHEN i % 500 = 2 THEN NULL ELSE i END, CASE WHEN i % 40 = 0 THEN 'engine' END
             FROM n;
             INSERT INTO pictures (hash, size, created_at, bytes) SELECT 'h' || id, 1, 1, x'01' FROM jobs WHERE id % 10 = 0;
             INSERT INTO job_pictures SELECT jobs.id, 'result', 0, pictures.id FROM jobs JOIN pictures ON hash = 'h' || jobs.id;
             INSERT INTO deliveries (chat_id, message_id, job_id, position) SELECT chat_id, id, id, 0 FROM jobs;
             INSERT INTO chats SELECT user_id, '{}', 1 FROM users;
             ANALYZE",
        )
        .await;
}
