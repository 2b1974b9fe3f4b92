//! The connections to the database.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Executor, PgPool};

use crate::jobs::StoreError;

/// The most connections of one process. Each worker and each chat that is being served needs one for a moment.
const MAX_CONNECTIONS: u32 = 16;
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// The oldest version of the server that the statements are tested with.
const OLDEST_SERVER: i32 = 15;

/// No statement and no lock holds up others for long. Set after connecting, because connection poolers refuse such parameters
/// at the start of a connection.
const SESSION: &str =
    "SET statement_timeout = '30s'; SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '30s'";

/// Why the database can not be used.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// The address can not be read. It is not shown: there may be a password in it.
    #[error(
        "the address of the database can not be read: {0}; write, for example, postgres://user:password@host/database"
    )]
    Address(String),
    /// The server does not answer, or refuses.
    #[error("the database {place} can not be used: {source}")]
    Connect {
        /// Host and database.
        place: String,
        /// What went wrong.
        source: StoreError,
    },
    /// The server is older than what the statements are tested with.
    #[error("the server of the database {place} is PostgreSQL {version}; version {OLDEST_SERVER} or later is needed")]
    TooOld {
        /// Host and database.
        place: String,
        /// Its version.
        version: i32,
    },
    /// The tables can not be brought to this version.
    #[error("the tables in the database {place} can not be brought to this version: {source}")]
    Migrate {
        /// Host and database.
        place: String,
        /// What went wrong.
        source: StoreError,
    },
}

/// The open database.
pub(super) struct Database {
    pub(super) pool: PgPool,
    /// Host and database, for messages.
    pub(super) place: String,
}

impl Database {
    /// Connects and brings the tables to this version.
    ///
    /// # Errors
    /// [`PostgresError`].
    pub(super) async fn open(url: &str) -> Result<Self, PostgresError> {
        let options = PgConnectOptions::from_str(url).map_err(|error| PostgresError::Address(error.to_string()))?;
        let options = options.application_name("kandinsky-bot");
        let place = format!("{} at {}", options.get_database().unwrap_or("(default)"), options.get_host());
        let connect_error =
            |source: sqlx::Error| PostgresError::Connect { place: place.clone(), source: source.into() };
        let pool = PgPoolOptions::new()
            .max_connections(MAX_CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .after_connect(|connection, _| Box::pin(async move { connection.execute(SESSION).await.map(drop) }))
            .connect_with(options)
            .await
            .map_err(connect_error)?;
        let version: String =
            sqlx::query_scalar("SHOW server_version_num").fetch_one(&pool).await.map_err(connect_error)?;
        let version = version.parse::<i32>().unwrap_or(0) / 10_000;
        if version < OLDEST_SERVER {
            return Err(PostgresError::TooOld { place, version });
        }
        // Tables of a later version stay as they are: its changes within a minor version only add.
        let mut migrations = sqlx::migrate!("./migrations/postgres");
        let migrated = migrations.set_ignore_missing(true).run(&pool).await;
        let migrate_error =
            |source| PostgresError::Migrate { place: place.clone(), source: StoreError::database(source) };
        migrated.map_err(migrate_error)?;
        Ok(Self { pool, place })
    }
}
