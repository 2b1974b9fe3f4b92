//! Small writes that share a commit where many come at once, because a commit waits for the disk.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sqlx::Sqlite;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;

use super::SqliteStore;
use crate::jobs::StoreError;

/// Values by key that wait to be written; the last value of a key counts. Cheap to clone.
#[derive(Debug)]
pub(super) struct GroupCommit<K, V> {
    waiting: Arc<Mutex<HashMap<K, V>>>,
    /// Its holder writes all that waits.
    writing: Arc<tokio::sync::Mutex<()>>,
}

impl<K, V> Clone for GroupCommit<K, V> {
    fn clone(&self) -> Self {
        Self { waiting: Arc::clone(&self.waiting), writing: Arc::clone(&self.writing) }
    }
}

impl<K, V> Default for GroupCommit<K, V> {
    fn default() -> Self {
        Self { waiting: Arc::default(), writing: Arc::default() }
    }
}

impl<K: Copy + Eq + Hash, V: Clone + PartialEq> GroupCommit<K, V> {
    fn waiting(&self) -> MutexGuard<'_, HashMap<K, V>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a value. Returns when it is committed, by this call or by another's. After an error the value waits for the next
    /// call.
    pub(super) async fn write(
        &self,
        store: &SqliteStore,
        key: K,
        value: V,
        statement: fn(K, V) -> Query<'static, Sqlite, SqliteArguments>,
    ) -> Result<(), StoreError> {
        self.waiting().insert(key, value.clone());
        let _writing = self.writing.lock().await;
        // A copy, so that nothing is forgotten if this call is dropped or fails.
        let batch = self.waiting().clone();
        if batch.get(&key) != Some(&value) {
            return Ok(());
        }
        let mut transaction = store.begin().await?;
        for (key, value) in &batch {
            statement(*key, value.clone()).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        self.waiting().retain(|key, value| batch.get(key) != Some(value));
        Ok(())
    }
}
