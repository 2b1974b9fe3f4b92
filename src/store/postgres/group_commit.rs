//! Small writes. PostgreSQL itself lets commits that come at the same time share a write to the disk.

use std::marker::PhantomData;

use sqlx::Postgres;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;

use super::PostgresStore;
use crate::jobs::StoreError;

/// Values by key that are written. Cheap to clone.
#[derive(Debug)]
pub(super) struct GroupCommit<K, V>(PhantomData<fn(K, V)>);

impl<K, V> Clone for GroupCommit<K, V> {
    fn clone(&self) -> Self {
        Self(PhantomData)
    }
}

impl<K, V> Default for GroupCommit<K, V> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<K, V> GroupCommit<K, V> {
    /// Writes a value. Returns when it is committed.
    pub(super) async fn write(
        &self,
        store: &PostgresStore,
        key: K,
        value: V,
        statement: fn(K, V) -> Query<'static, Postgres, PgArguments>,
    ) -> Result<(), StoreError> {
        statement(key, value).execute(&store.pool).await?;
        Ok(())
    }
}
