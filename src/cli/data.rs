//! `kandinsky-bot data move`: from SQLite to PostgreSQL, or back.

use std::io::Write;
use std::path::Path;

use anyhow::{Result, bail};
use clap::{Args, Subcommand};

use crate::store::postgres::PostgresStore;
use crate::store::sqlite::SqliteStore;
use crate::store::transfer::{to_postgres, to_sqlite};

/// Moves the data of a bot
#[derive(Debug, Args)]
pub(super) struct DataArgs {
    #[command(subcommand)]
    command: DataCommand,
}

#[derive(Debug, Subcommand)]
enum DataCommand {
    /// Copy everything to an empty store; the bot must not run. A copy that was interrupted goes on when it is repeated
    Move {
        /// Data folder, or address of a PostgreSQL database
        #[arg(long, value_name = "DIR|URL")]
        from: String,
        /// The other one
        #[arg(long, value_name = "DIR|URL")]
        to: String,
    },
}

pub(super) fn run(args: DataArgs) -> Result<()> {
    let DataCommand::Move { from, to } = args.command;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let rows = runtime.block_on(move_all(&from, &to))?;
    Ok(writeln!(std::io::stdout(), "{rows} rows are copied and compared")?)
}

async fn move_all(from: &str, to: &str) -> Result<i64> {
    match (is_address(from), is_address(to)) {
        (false, true) => {
            let (folder, database) = (open_folder(from).await?, PostgresStore::open_beside(to).await?);
            Ok(to_postgres(&folder, &database).await?)
        }
        (true, false) => {
            let (database, folder) = (PostgresStore::open_beside(from).await?, SqliteStore::open(Path::new(to)).await?);
            Ok(to_sqlite(&database, &folder).await?)
        }
        _ => bail!("one of --from and --to is a data folder, the other the address of a PostgreSQL database"),
    }
}

/// A folder that is read is not made.
async fn open_folder(folder: &str) -> Result<SqliteStore> {
    let folder = Path::new(folder);
    if !folder.join("kandinsky.db").is_file() {
        bail!("there is no database in the folder {}", folder.display());
    }
    Ok(SqliteStore::open(folder).await?)
}

fn is_address(text: &str) -> bool {
    text.starts_with("postgres://") || text.starts_with("postgresql://")
}
