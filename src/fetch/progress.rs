//! Telling how far it is.

use std::path::Path;

use super::plan::Plan;

/// Work on a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Its bytes come from the hub.
    Fetching,
    /// Its checksum is computed.
    Checking,
}

/// Receives the progress of a fetch.
pub trait FetchProgress: Send + Sync {
    /// The plan, before the work begins.
    fn planned(&self, plan: &Plan);
    /// Work on a file begins; `path` is that inside the model folder.
    fn begins(&self, work: Work, path: &Path, bytes: u64);
    /// So many bytes more; a piece that is fetched once more is counted once more.
    fn advances(&self, bytes: u64);
    /// Work on that file has ended, well or not.
    fn ends(&self);
}
