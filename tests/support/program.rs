//! The program as a process.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use kandinsky_bot::playground::Playground;

const PATIENCE: Duration = Duration::from_secs(60);

/// The program's command line, without any setting from outside.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kandinsky-bot"));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("KANDINSKY_") || name.starts_with("TELOXIDE_") {
            command.env_remove(&*name);
        }
    }
    // Where no .env lies.
    command.current_dir(std::env::temp_dir());
    command
}

/// A serving program; killed when dropped.
pub(crate) struct ProgramProcess {
    child: Child,
    stdout: Option<BufReader<ChildStdout>>,
}

impl ProgramProcess {
    /// The program without a token: it serves the playground on a free port.
    pub(crate) fn with_playground(data: &Path) -> Self {
        Self::spawn(program().args(["--port", "0", "--data"]).arg(data))
    }

    /// The program with a token, talking to a Bot API server elsewhere.
    pub(crate) fn with_telegram(telegram: &Playground, data: &Path) -> Self {
        Self::spawn(
            program()
                .env("TELOXIDE_TOKEN", telegram.token())
                .env("TELOXIDE_API_URL", telegram.api_url())
                .arg("--data")
                .arg(data),
        )
    }

    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = child.stdout.take().map(BufReader::new);
        Self { child, stdout }
    }

    /// The next line on stdout.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.as_mut().unwrap().read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// The number of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks the program to end, as a service manager does.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        self.wait()
    }

    /// kill -9.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for the program's own end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the program does not end");
    }

    /// Everything on stderr, after the end.
    pub(crate) fn complaints(&mut self) -> String {
        let mut text = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
        text
    }
}

impl Drop for ProgramProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command to its end.
pub(crate) fn run(arguments: &[&str]) -> Output {
    program().args(arguments).output().unwrap()
}

/// What a finished command said on stderr.
pub(crate) fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
