//! One of the two databases of a move.

use sqlx::{AssertSqlSafe, PgPool, Row, SqlitePool};

use super::tables::{Kind, Table};
use crate::jobs::StoreError;
use crate::store::postgres::PostgresStore;
use crate::store::sqlite::SqliteStore;

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Number(Option<i64>),
    Small(Option<i32>),
    Text(Option<String>),
    Flag(bool),
    Bytes(Vec<u8>),
}

/// A row with its values in the order of the table's columns.
pub(super) type Values = Vec<Value>;

/// A database that is read or written.
pub(super) enum Side {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// Does the same with either pool; the statement is made of the names in the list of tables.
macro_rules! with_pool {
    ($side:expr, |$pool:ident| $body:expr) => {
        match $side {
            Side::Sqlite($pool) => $body,
            Side::Postgres($pool) => $body,
        }
    };
}

macro_rules! values {
    ($row:expr, $table:expr) => {{
        let mut values = Values::with_capacity($table.columns.len());
        for (index, (_, kind)) in $table.columns.iter().enumerate() {
            values.push(match kind {
                Kind::Number => Value::Number($row.try_get(index)?),
                Kind::Small => Value::Small($row.try_get(index)?),
                Kind::Text => Value::Text($row.try_get(index)?),
                Kind::Flag => Value::Flag($row.try_get(index)?),
                Kind::Bytes => Value::Bytes($row.try_get(index)?),
            });
        }
        values
    }};
}

impl Side {
    pub(super) fn sqlite(store: &SqliteStore) -> Self {
        Self::Sqlite(store.pool().clone())
    }

    pub(super) fn postgres(store: &PostgresStore) -> Self {
        Self::Postgres(store.pool().clone())
    }

    /// So many rows in the order of their keys, from a place on.
    pub(super) async fn read(&self, table: &Table, from: i64, count: i64) -> Result<Vec<Values>, StoreError> {
        let (columns, key, name) = (table.list(), table.key_list(), table.name);
        let query = format!("SELECT {columns} FROM {name} ORDER BY {key} LIMIT $1 OFFSET $2");
        with_pool!(self, |pool| {
            let rows = sqlx::query(AssertSqlSafe(query)).bind(count).bind(from).fetch_all(pool).await?;
            let mut read = Vec::with_capacity(rows.len());
            for row in &rows {
                read.push(values!(row, table));
            }
            Ok(read)
        })
    }

    /// Writes rows in one transaction; those that are there stay.
    pub(super) async fn write(&self, table: &Table, rows: Vec<Values>) -> Result<(), StoreError> {
        let insert = table.insert();
        with_pool!(self, |pool| {
            let mut transaction = pool.begin().await?;
            for row in rows {
                let mut query = sqlx::query(AssertSqlSafe(insert.clone()));
                for value in row {
                    query = match value {
                        Value::Number(value) => query.bind(value),
                        Value::Small(value) => query.bind(value),
                        Value::Text(value) => query.bind(value),
                        Value::Flag(value) => query.bind(value),
                        Value::Bytes(value) => query.bind(value),
                    };
                }
                query.execute(&mut *transaction).await?;
            }
            transaction.commit().await?;
            Ok(())
        })
    }

    /// How many rows a table has.
    pub(super) async fn count(&self, table: &Table) -> Result<i64, StoreError> {
        let query = AssertSqlSafe(format!("SELECT COUNT(*) FROM {}", table.name));
        with_pool!(self, |pool| Ok(sqlx::query_scalar(query).fetch_one(pool).await?))
    }

    /// Deletes all rows of a table.
    pub(super) async fn clear(&self, table: &Table) -> Result<(), StoreError> {
        let statement = AssertSqlSafe(format!("DELETE FROM {}", table.name));
        with_pool!(self, |pool| {
            sqlx::query(statement).execute(pool).await?;
        });
        Ok(())
    }

    /// The largest number that was ever given to a row: no row gets a number a second time.
    pub(super) async fn largest(&self, table: &Table) -> Result<i64, StoreError> {
        match self {
            Self::Sqlite(pool) => {
                let query = AssertSqlSafe(format!(
                    "SELECT MAX(COALESCE((SELECT MAX(id) FROM {0}), 0), COALESCE((SELECT seq FROM sqlite_sequence WHERE name = '{0}'), 0))",
                    table.name
                ));
                Ok(sqlx::query_scalar(query).fetch_one(pool).await?)
            }
            Self::Postgres(pool) => {
                let query = AssertSqlSafe(format!(
                    "SELECT GREATEST((SELECT COALESCE(MAX(id), 0) FROM {0}), (SELECT last_value - (NOT is_called)::int FROM {0}_id_seq))",
                    table.name
                ));
                Ok(sqlx::query_scalar(query).fetch_one(pool).await?)
            }
        }
    }

    /// From now on numbers of rows are larger.
    pub(super) async fn count_from(&self, table: &Table, largest: i64) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(pool) => {
                for statement in [
                    "DELETE FROM sqlite_sequence WHERE name = $1 AND $2 IS NOT NULL",
                    "INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)",
                ] {
                    sqlx::query(statement).bind(table.name).bind(largest).execute(pool).await?;
                }
            }
            Self::Postgres(pool) => {
                let statement = "SELECT setval(pg_get_serial_sequence($1, 'id'), GREATEST($2, 1), $2 > 0)";
                sqlx::query(statement).bind(table.name).bind(largest).execute(pool).await?;
            }
        }
        Ok(())
    }

    /// Claims are counted on from the last one.
    pub(super) async fn count_services(&self) -> Result<(), StoreError> {
        if let Self::Postgres(pool) = self {
            let statement = "SELECT setval('services', GREATEST((SELECT MAX(last_served) FROM users), 1))";
            sqlx::query(statement).execute(pool).await?;
        }
        Ok(())
    }
}

/// A mark in the table of settings.
impl Side {
    pub(super) async fn is_marked(&self, key: &'static str) -> Result<bool, StoreError> {
        let query = "SELECT EXISTS (SELECT 1 FROM settings WHERE key = $1)";
        with_pool!(self, |pool| Ok(sqlx::query_scalar(query).bind(key).fetch_one(pool).await?))
    }

    pub(super) async fn mark(&self, key: &'static str) -> Result<(), StoreError> {
        let statement = "INSERT INTO settings (key, value) VALUES ($1, '')";
        with_pool!(self, |pool| {
            sqlx::query(statement).bind(key).execute(pool).await?;
        });
        Ok(())
    }

    pub(super) async fn unmark(&self, key: &'static str) -> Result<(), StoreError> {
        let statement = "DELETE FROM settings WHERE key = $1";
        with_pool!(self, |pool| {
            sqlx::query(statement).bind(key).execute(pool).await?;
        });
        Ok(())
    }
}
