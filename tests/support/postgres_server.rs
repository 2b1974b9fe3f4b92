//! A PostgreSQL server for the tests of one process: in a temporary folder, on a Unix socket, gone with the process.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Starts a server in a new folder, says where it is, and stops it when its own input ends: when the tests have ended, however.
const SCRIPT: &str = r#"
set -e
folder=$(mktemp -d /tmp/kandinsky-postgres.XXXXXX)
{
    "$BIN/initdb" --pgdata "$folder/data" --auth trust --username postgres --no-sync --encoding UTF8 --locale C
    "$BIN/pg_ctl" --pgdata "$folder/data" --wait --log "$folder/log" \
        --options "-c listen_addresses='' -c unix_socket_directories='$folder' -c fsync=$FSYNC -c max_connections=300" start
} > "$folder/start.log" 2>&1 < /dev/null || { cat "$folder/start.log" >&2; rm -rf "$folder"; exit 1; }
echo "$folder"
cat > /dev/null || true
"$BIN/pg_ctl" --pgdata "$folder/data" --mode immediate stop > /dev/null 2>&1 || true
rm -rf "$folder"
"#;

/// The running server.
struct Server {
    programs: PathBuf,
    folder: String,
    /// Its end is the server's.
    _input: ChildStdin,
}

/// A schema of its own, for one test.
pub(crate) struct Schema {
    server: &'static Server,
    name: String,
}

impl Schema {
    /// `None` where there is no PostgreSQL: the test is skipped, but not in CI.
    pub(crate) fn new() -> Option<Self> {
        static SERVER: OnceLock<Option<Server>> = OnceLock::new();
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let Some(server) = SERVER.get_or_init(Server::start) else {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "there is no PostgreSQL");
            println!("skipped: there is no PostgreSQL");
            return None;
        };
        let schema = Self { server, name: format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed)) };
        schema.run(&format!("CREATE SCHEMA {}", schema.name));
        Some(schema)
    }

    /// The address of a store in this schema.
    pub(crate) fn url(&self) -> String {
        let folder = self.server.folder.replace('/', "%2F");
        format!("postgres://postgres@localhost/postgres?host={folder}&options[search_path]={}", self.name)
    }

    /// Runs a statement, as somebody beside the program, and returns its answer.
    pub(crate) fn run(&self, statement: &str) -> String {
        let output = Command::new(self.server.programs.join("psql"))
            .args([
                "--host",
                &self.server.folder,
                "--username",
                "postgres",
                "--no-psqlrc",
                "--quiet",
                "--tuples-only",
                "--no-align",
            ])
            .args(["--set", "ON_ERROR_STOP=1", "--command", statement, "postgres"])
            .env("PGOPTIONS", format!("-c search_path={}", self.name))
            .output()
            .unwrap();
        assert!(output.status.success(), "{statement}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

impl Server {
    /// `None` where there is no PostgreSQL, or none that can be started.
    fn start() -> Option<Self> {
        let programs = programs()?;
        let fsync = std::env::var("KANDINSKY_TEST_FSYNC").unwrap_or_else(|_| "off".to_owned());
        // The server refuses to run as root.
        let mut command = match is_root() {
            true => {
                let mut command = Command::new("setpriv");
                command.args(["--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "sh"]);
                command
            }
            false => Command::new("sh"),
        };
        command.args(["-c", SCRIPT]).env("BIN", &programs).env("FSYNC", fsync).current_dir("/tmp");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
        let input = child.stdin.take()?;
        let mut folder = String::new();
        BufReader::new(child.stdout.take()?).read_line(&mut folder).ok()?;
        let folder = folder.trim().to_owned();
        (!folder.is_empty()).then_some(Self { programs, folder, _input: input })
    }
}

/// The folder with `initdb`, which is in no search path of Debian's.
fn programs() -> Option<PathBuf> {
    let named = Command::new("pg_config").arg("--bindir").output().ok();
    let named = named.map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|version| Some(version.ok()?.path().join("bin")))
        .collect();
    found.sort();
    named.into_iter().chain(found.into_iter().rev()).find(|folder| folder.join("initdb").is_file())
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
