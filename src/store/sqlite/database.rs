//! The file in the data folder, and the connections to it.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, SqlitePool};

use super::private_files::{create_folder, make_private, open_private};
use crate::jobs::StoreError;

/// The open database. Writers take turns on one connection, so that the program never waits for itself.
#[derive(Debug)]
pub(super) struct Database {
    /// Several connections that can only read.
    pub(super) reader: SqlitePool,
    /// The one connection that writes.
    pub(super) writer: SqlitePool,
    path: PathBuf,
    /// Held as long as the folder is in use; another process may hold it.
    _lock: Option<File>,
}

/// Why a data folder can not be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The folder can not be made or written.
    #[error("the data folder {} can not be written: {source}; choose another with --data DIR", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Another process serves it.
    #[error("another kandinsky-bot already uses the data folder {}; stop it, or choose another folder with --data DIR", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// SQLite refused.
    #[error("the database {} can not be opened: {source}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: StoreError,
    },
    /// The process that serves the folder is of an earlier version.
    #[error("the kandinsky-bot that uses the data folder {} is of another version; restart it with this one", path.display())]
    OtherVersion {
        /// The folder.
        path: PathBuf,
    },
    /// The tables can not be brought to this version.
    #[error("the database {} can not be brought to this version: {source}", path.display())]
    Migrate {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: StoreError,
    },
}

impl Database {
    /// Opens the database in a folder, which is made if it is missing, and brings its tables to this version.
    ///
    /// # Errors
    /// [`DatabaseError`] says which file and what to do.
    pub(super) async fn open(folder: &Path) -> Result<Self, DatabaseError> {
        let lock = lock_folder(folder)?;
        let path = folder.join("kandinsky.db");
        make_private(&path).map_err(|source| DatabaseError::Folder { path: folder.to_owned(), source })?;
        let open_error = |source: sqlx::Error| DatabaseError::Open { path: path.clone(), source: source.into() };
        let options = connection(&path).create_if_missing(true).optimize_on_close(true, None);
        // SQLite itself ends a transaction that can not be written (the disk is full) and the driver does not notice. The
        // connection then refuses every further transaction: it is replaced.
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
            .connect_with(shrinking(&options))
            .await
            .map_err(open_error)?;
        sqlx::migrate!("./migrations")
            .run(&writer)
            .await
            .map_err(|source| DatabaseError::Migrate { path: path.clone(), source: StoreError::database(source) })?;
        make_shrinkable(&writer).await.map_err(open_error)?;
        optimize(&writer).await.map_err(open_error)?;
        let reader = SqlitePoolOptions::new()
            .max_connections(4)
            .connect_with(options.read_only(true))
            .await
            .map_err(open_error)?;
        Ok(Self { reader, writer, path, _lock: Some(lock) })
    }

    /// Opens the database while another process has the lock: for a short change.
    ///
    /// # Errors
    /// [`DatabaseError::OtherVersion`] if its tables are not those of this version.
    pub(super) async fn open_beside(folder: &Path) -> Result<Self, DatabaseError> {
        let path = folder.join("kandinsky.db");
        let open_error = |source: sqlx::Error| DatabaseError::Open { path: path.clone(), source: source.into() };
        let open = SqlitePoolOptions::new().max_connections(1).connect_with(connection(&path));
        let writer = open.await.map_err(open_error)?;
        let query = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'api_keys_by_name')";
        let has_keys: bool = sqlx::query_scalar(query).fetch_one(&writer).await.map_err(open_error)?;
        if !has_keys {
            return Err(DatabaseError::OtherVersion { path: folder.to_owned() });
        }
        Ok(Self { reader: writer.clone(), writer, path, _lock: None })
    }

    /// The error of a first write that failed.
    pub(super) fn start_error(&self, source: StoreError) -> DatabaseError {
        DatabaseError::Open { path: self.path.clone(), source }
    }

    /// Waits for the last write and closes the file.
    pub(super) async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}

/// How every connection that may write is set up.
fn connection(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(10))
        .pragma("journal_size_limit", "67108864")
        // What is deleted is overwritten, but for pages that are given back to the system.
        .pragma("secure_delete", "FAST")
}

/// Gives the query planner its statistics, for tables of which it has none or old ones
/// (<https://www.sqlite.org/pragma.html#pragma_optimize>). Without them it does not choose the partial indexes.
pub(super) async fn optimize(writer: &SqlitePool) -> Result<(), sqlx::Error> {
    sqlx::query("PRAGMA optimize = 0x10002").execute(writer).await.map(drop)
}

/// A database that gives its free pages back to the system when it is asked to.
fn shrinking(options: &SqliteConnectOptions) -> SqliteConnectOptions {
    options.clone().auto_vacuum(SqliteAutoVacuum::Incremental)
}

/// A database of an earlier version learns that by being written anew, once.
async fn make_shrinkable(writer: &SqlitePool) -> Result<(), sqlx::Error> {
    let is_shrinkable: i64 = sqlx::query_scalar("PRAGMA auto_vacuum").fetch_one(writer).await?;
    if is_shrinkable == 0 {
        tracing::info!("the database is written anew, once, so that it can shrink from now on");
        if let Err(error) = sqlx::query("VACUUM").execute(writer).await {
            // For want of room on the disk, most likely; everything else works all the same.
            tracing::warn!(%error, "the database can not be written anew and will not shrink");
        }
    }
    Ok(())
}

/// Makes a data folder if it is missing, and keeps other processes from using it as long as the file is open.
///
/// # Errors
/// [`DatabaseError`] says which folder and what to do.
pub fn lock_folder(folder: &Path) -> Result<File, DatabaseError> {
    let folder_error = |source| DatabaseError::Folder { path: folder.to_owned(), source };
    create_folder(folder).map_err(folder_error)?;
    let file = open_private(&folder.join("lock")).map_err(folder_error)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(DatabaseError::InUse { path: folder.to_owned() }),
        Err(TryLockError::Error(source)) => Err(folder_error(source)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_second_process_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let first = Database::open(folder.path()).await.unwrap();
        let second = Database::open(folder.path()).await.unwrap_err();
        assert!(matches!(second, DatabaseError::InUse { .. }), "{second}");
        drop(first);
        Database::open(folder.path()).await.unwrap();
    }

    #[tokio::test]
    async fn a_database_of_an_earlier_version_learns_to_shrink() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kandinsky.db");
        let options = SqliteConnectOptions::new().filename(&file).create_if_missing(true);
        let old = SqlitePool::connect_with(options.journal_mode(SqliteJournalMode::Wal)).await.unwrap();
        sqlx::raw_sql("CREATE TABLE a (b); INSERT INTO a VALUES (zeroblob(1000000))").execute(&old).await.unwrap();
        old.close().await;
        let database = Database::open(folder.path()).await.unwrap();
        sqlx::raw_sql("DELETE FROM a; PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(&database.writer)
            .await
            .unwrap();
        let size = std::fs::metadata(&file).unwrap().len();
        assert!(size < 500_000, "{size}");
    }

    #[tokio::test]
    async fn after_a_full_disk_writing_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path()).await.unwrap();
        sqlx::raw_sql("CREATE TABLE a (b)").execute(&database.writer).await.unwrap();
        // The limit belongs to the connection, as the disk's room belongs to the moment.
        sqlx::raw_sql("PRAGMA max_page_count = 1").execute(&database.writer).await.unwrap();
        let write = async || {
            let mut transaction = database.writer.begin_with("BEGIN IMMEDIATE").await?;
            sqlx::query("INSERT INTO a VALUES (zeroblob(1000000))").execute(&mut *transaction).await?;
            transaction.commit().await
        };
        let refused = write().await.unwrap_err();
        assert!(refused.to_string().contains("full"), "{refused}");
        write().await.unwrap();
        let rows: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM a").fetch_one(&database.reader).await.unwrap();
        assert_eq!(rows, 1);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn others_can_not_read_what_people_draw() {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("data");
        let first = Database::open(&folder).await.unwrap();
        sqlx::raw_sql("CREATE TABLE a (b); INSERT INTO a VALUES (1)").execute(&first.writer).await.unwrap();
        assert_eq!(mode(&folder), 0o700);
        for file in ["kandinsky.db", "kandinsky.db-wal", "kandinsky.db-shm", "lock"] {
            assert_eq!(mode(&folder.join(file)), 0o600, "{file}");
        }
        first.close().await;
        drop(first);
        // An earlier version let everybody read. A folder that was there may serve others, too.
        for (name, mode) in [("kandinsky.db", 0o644), ("lock", 0o644), ("", 0o755)] {
            std::fs::set_permissions(folder.join(name), std::fs::Permissions::from_mode(mode)).unwrap();
        }
        let _second = Database::open(&folder).await.unwrap();
        assert_eq!((mode(&folder.join("kandinsky.db")), mode(&folder.join("lock"))), (0o600, 0o600));
        assert_eq!(mode(&folder), 0o755);
    }

    #[tokio::test]
    async fn a_folder_that_can_not_be_made_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = Database::open(&file.path().join("data")).await.unwrap_err();
        assert!(error.to_string().contains("--data"), "{error}");
    }
}
