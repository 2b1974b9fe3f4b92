//! How long pictures are kept.

use std::sync::Arc;
use std::time::Duration;

use super::JobQueue;

/// How often it is looked whether something is kept no longer.
const SWEEP_EVERY: Duration = Duration::from_secs(3600);

/// How long pictures are kept, and how much room they may take. Pictures of jobs that wait, run or are not yet told are
/// kept whatever stands here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Keeping {
    /// How long pictures that people sent are kept after the job has ended; `None` is for ever.
    pub inputs: Option<Duration>,
    /// How long drawn pictures are kept; `None` is for ever.
    pub results: Option<Duration>,
    /// How many bytes the database may take; beyond that the oldest pictures go first. `None` sets no limit.
    pub disk: Option<u64>,
}

/// What was cleared away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Pictures that are gone from the disk.
    pub pictures: u64,
    /// How much smaller the database is, in bytes.
    pub bytes: u64,
}

/// Clears away what is kept no longer, now and every hour, for ever.
pub async fn keep_sweeping(queue: Arc<dyn JobQueue>, keeping: Keeping) {
    loop {
        match queue.sweep(&keeping).await {
            Ok(Swept { pictures: 0, bytes: 0 }) => {}
            Ok(swept) => tracing::info!(pictures = swept.pictures, bytes = swept.bytes, "old pictures were deleted"),
            Err(error) => tracing::error!(%error, "old pictures can not be deleted"),
        }
        tokio::time::sleep(SWEEP_EVERY).await;
    }
}
