//! `.env` and the environment.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Command;

/// The largest `.env` that is read, bytes.
const FILE_LIMIT: u64 = 1024 * 1024;
/// Beginnings and ends of the names that settings have. A line's first word is shown only if it is one of these: it may be a part
/// of a secret that was broken in two.
const PREFIXES: [&str; 3] = ["KANDINSKY_", "TELOXIDE_", "HF_"];
const PROXY_SUFFIX: &str = "_PROXY";

/// Reads `.env` in the working folder or the nearest one above that has it. Variables that are already set win.
///
/// No error shows what the file holds: it holds secrets.
pub(super) fn load_env_file() -> Result<()> {
    let Some(path) = find(&std::env::current_dir().unwrap_or_default()) else {
        return Ok(());
    };
    let bytes = read(&path).with_context(|| format!("the settings {} can not be read", path.display()))?;
    let Ok(text) = String::from_utf8(bytes) else {
        bail!("the settings {} are not UTF-8; save the file as UTF-8", path.display());
    };
    let text = text.trim_start_matches('\u{feff}');
    match dotenvy::from_read(text.as_bytes()) {
        Ok(()) => Ok(()),
        Err(dotenvy::Error::LineParse(line, _)) => bail!("{}", mistake(&path, text, &line)),
        Err(dotenvy::Error::Io(error)) => {
            Err(error).with_context(|| format!("the settings {} can not be read", path.display()))
        }
        Err(_) => bail!("the settings {} can not be read", path.display()),
    }
}

fn find(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().map(|folder| folder.join(".env")).find(|path| path.is_file())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let size = std::fs::metadata(path)?.len();
    if size > FILE_LIMIT {
        bail!("it has {size} bytes");
    }
    Ok(std::fs::read(path)?)
}

/// Where a line can not be read, without what stands in it. The error gives the line or its value alone, `found`.
fn mistake(path: &Path, text: &str, found: &str) -> String {
    let found = found.lines().next().unwrap_or_default().trim();
    let is_found = |line: &str| line.contains(found) && !line.trim_start().starts_with('#');
    let (number, line) =
        text.lines().zip(1..).find(|(line, _)| is_found(line)).map_or((1, ""), |(line, at)| (at, line));
    let name = line.split('=').next().unwrap_or_default().trim().trim_start_matches("export ").trim();
    let name = if is_setting(name) && line.contains('=') { format!(" ({name})") } else { String::new() };
    format!(
        "line {number}{name} of the settings {} can not be read; write NAME=value, and put a value with spaces, quotes or \
         dollar signs in single quotes: NAME='value'",
        path.display()
    )
}

fn is_setting(name: &str) -> bool {
    let is_name = name.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_');
    is_name && (PREFIXES.iter().any(|prefix| name.starts_with(prefix)) || name.ends_with(PROXY_SUFFIX))
}

/// Makes an empty variable count as absent, so that `.env` may list a variable without giving it a value.
pub(super) fn without_empty_variables(command: Command) -> Command {
    let command = command.mut_args(|arg| {
        let empty = arg.get_env().and_then(std::env::var_os).is_some_and(|value| value.is_empty());
        if empty { arg.env(None::<&str>) } else { arg }
    });
    command.mut_subcommands(without_empty_variables)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_is_told_by_its_line_and_never_by_its_value() {
        let words = |text: &str, line: &str| mistake(Path::new(".env"), text, line);
        let text = "# settings\nKANDINSKY_PORT=1\nTELOXIDE_TOKEN=123:secret my bot\n";
        let line = words(text, "TELOXIDE_TOKEN=123:secret my bot\n");
        assert!(line.starts_with("line 3 (TELOXIDE_TOKEN) of") && !line.contains("secret"), "{line}");
        // Of a value with a space the error gives the value alone.
        let text = "# TELOXIDE_TOKEN=123:secret my bot\nTELOXIDE_TOKEN=123:secret my bot\n";
        let line = words(text, "123:secret my bot");
        assert!(line.starts_with("line 2 (TELOXIDE_TOKEN) of") && !line.contains("secret"), "{line}");
        // A secret in two lines: its second half looks like a name.
        let line = words("HF_TOKEN=hf_\nSECRET=rest of it", "SECRET=rest of it");
        assert!(line.starts_with("line 2 of") && !line.contains("SECRET"), "{line}");
        let line = words("HF_SECRET", "HF_SECRET");
        assert!(line.starts_with("line 1 of") && !line.contains("SECRET"), "{line}");
    }
}
