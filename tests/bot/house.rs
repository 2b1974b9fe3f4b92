//! A program that serves the chat page, and the people there.

use crate::person::Person;
use crate::program::Server;

/// The program without a token.
pub(crate) struct House {
    pub(crate) server: Server,
    page: String,
    _data: tempfile::TempDir,
}

impl House {
    /// A program with an empty data folder.
    pub(crate) fn open() -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut server = Server::with_playground(data.path());
        let page = server.line();
        assert!(page.starts_with("http://127.0.0.1:"), "{page}");
        Self { server, page, _data: data }
    }

    /// Somebody who opens the page.
    pub(crate) fn person(&self, id: i64, language: &'static str) -> Person {
        Person::new(&self.page, id, language)
    }
}
