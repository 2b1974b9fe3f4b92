//! What somebody reads in the terminal who starts the program without a token.

use std::fmt::Write as _;
use std::path::Path;

use crate::config::ServeArgs;

/// What draws, what is kept where, and how to go on. The address of the page follows on stdout, as the last line.
pub(super) fn welcome(args: &ServeArgs, native: u32) -> String {
    let size = format!("{native}×{native} pixels");
    let model = args.model.model.as_deref();
    let draws = match model {
        Some(folder) => format!("the model in {}, {size}; the chat says when it is loaded", folder.display()),
        None => format!("the built-in miniature, {size}: small and quick, for simple things"),
    };
    let mut rows = vec![
        ("draws", draws),
        ("keeps", format!("chats and pictures in {}, nothing anywhere else", absolute(&args.data))),
        ("Telegram", "put TELOXIDE_TOKEN=… (from @BotFather) into .env and start again".to_owned()),
    ];
    if model.is_none() {
        rows.push(("real model", "`kandinsky-bot model fetch`, then start with --model kandinsky".to_owned()));
    }
    rows.push(("stop", "Ctrl-C".to_owned()));
    let mut text = format!("Kandinsky bot {}: a chat page on this machine\n\n", env!("CARGO_PKG_VERSION"));
    for (name, value) in rows {
        let _ = writeln!(text, "  {name:<11}{value}");
    }
    text + "\nOpen this address in a browser:\n"
}

fn absolute(path: &Path) -> String {
    std::path::absolute(path).as_deref().unwrap_or(path).display().to_string()
}
