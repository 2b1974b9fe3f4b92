//! A store for tests.

use async_trait::async_trait;
use bytes::Bytes;

use super::PostgresStore;
use super::pictures::Role;
use crate::jobs::JobId;
use crate::store::contract::TestStore;

#[path = "../../../tests/support/postgres_server.rs"]
mod postgres_server;

pub(crate) use postgres_server::Schema;

/// Opens a store in a schema.
pub(crate) async fn open(schema: &Schema) -> PostgresStore {
    PostgresStore::open(&schema.url()).await.unwrap()
}

/// Opens a store after its former process was killed, half a minute later.
pub(crate) async fn reopen(schema: &Schema) -> PostgresStore {
    schema.run("UPDATE processes SET seen_at = 0");
    open(schema).await
}

#[async_trait]
impl TestStore for PostgresStore {
    async fn execute(&self, statement: String) {
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&self.pool).await.unwrap();
    }

    async fn number(&self, query: String) -> i64 {
        sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_one(&self.pool).await.unwrap()
    }

    async fn refuse(&self, operation: &str, table: &str) {
        self.execute(format!(
            "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN RAISE EXCEPTION ''refused''; END';
             CREATE TRIGGER refuse BEFORE {operation} ON {table} FOR EACH ROW EXECUTE FUNCTION refuse()"
        ))
        .await;
    }

    async fn allow(&self, table: &str) {
        self.execute(format!("DROP TRIGGER refuse ON {table}")).await;
    }

    fn forget_the_lease_check(&self) {
        self.leases_checked.store(0, std::sync::atomic::Ordering::Relaxed);
    }

    async fn inputs_of(&self, job: JobId) -> Vec<Bytes> {
        self.pictures_of(job, Role::Input).await.unwrap()
    }
}
