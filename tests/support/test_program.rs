//! The compiled program, serving the chat page.

use serde_json::Value;

use super::chat_user::ChatUser;
use super::program::ProgramProcess;
use super::quiet;

/// The program without a token.
pub(crate) struct TestProgram {
    pub(crate) process: ProgramProcess,
    page: String,
    data: tempfile::TempDir,
}

impl TestProgram {
    /// Starts it with an empty data folder.
    pub(crate) fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut process = ProgramProcess::with_playground(data.path());
        let page = process.line();
        assert!(page.starts_with("http://127.0.0.1:"), "{page}");
        Self { process, page, data }
    }

    /// A user of the page.
    pub(crate) fn user(&self, id: i64, language: &'static str) -> ChatUser {
        ChatUser::new(&self.page, id, language)
    }

    /// The chat once nothing more comes.
    pub(crate) async fn when_quiet(&self, user: &ChatUser) -> Vec<Value> {
        quiet::when_quiet(self.data.path(), user).await
    }
}
