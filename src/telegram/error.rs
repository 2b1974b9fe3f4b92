//! Why the bot can not serve.

/// Why the bot can not serve.
#[derive(Debug, thiserror::Error)]
pub enum TelegramError {
    /// The server does not know the token.
    #[error("the Bot API server does not accept the token; copy it from @BotFather into TELOXIDE_TOKEN once more")]
    WrongToken,
    /// The address can not be one of a Bot API server.
    #[error("{address} is no address of a Bot API server; TELOXIDE_API_URL must begin with http:// or https://")]
    ApiUrl {
        /// What was given.
        address: String,
    },
    /// The HTTP client can not be made.
    #[error("no HTTP client can be made: {reason}")]
    Client {
        /// What it says.
        reason: String,
    },
    /// A task that has to run as long as the bot serves ended or panicked: a defect of the program.
    #[error("the task «{name}» ended unexpectedly; the log says why. Start the program again: nothing is lost")]
    TaskEnded {
        /// The task.
        name: &'static str,
    },
}
