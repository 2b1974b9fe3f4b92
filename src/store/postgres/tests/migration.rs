//! Tables of an earlier version are brought to this one and keep everything.

use sqlx::PgPool;
use sqlx::migrate::Migrator;

use super::*;
use crate::keys::{ApiKeys, NewApiKey};

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_jobs_from_before_the_editor_are_kept() {
    let Some(schema) = Schema::new() else { return };
    let pool = PgPool::connect(&schema.url()).await.unwrap();
    let first = sqlx::migrate!("./migrations/postgres").iter().take(1).cloned().collect();
    Migrator::with_migrations(first).run(&pool).await.unwrap();
    let recipe = serde_json::to_string(&new_job(7, "a").recipe).unwrap();
    for statement in [
        "INSERT INTO jobs (request_key, user_id, chat_id, language, recipe, created_at) VALUES ('a', 7, 7, 'ru', $1, 1)",
        "INSERT INTO api_keys (name, hash, created_at) SELECT 'program', 'hash', 1 WHERE $1 <> ''",
    ] {
        sqlx::query(statement).bind(&recipe).execute(&pool).await.unwrap();
    }
    pool.close().await;
    let store = open(&schema).await;
    let job = store.claim("w", LEASE).await.unwrap().unwrap().claim.job;
    assert!(matches!(store.job(job).await.unwrap().unwrap().origin, Origin::Chat(_)));
    let keys = store.keys().await.unwrap();
    assert_eq!((keys.len(), keys[0].user, keys[0].name.as_str()), (1, None, "program"));
    let same_name =
        |user, hash: &str| NewApiKey { user, name: "program".to_owned(), hash: hash.to_owned(), hour: None, day: None };
    assert!(store.add_key(&same_name(None, "other")).await.unwrap().is_none(), "its name is taken");
    assert!(store.add_key(&same_name(Some(7), "another")).await.unwrap().is_some(), "a user has names of their own");
}
