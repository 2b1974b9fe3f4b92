//! The sweep deletes pictures that are kept no longer.

use std::sync::Arc;
use std::time::Duration;

use super::archive::Archive;
use super::retention::{Retention, RetentionReport};

/// The pause between two sweeps.
const SWEEP_EVERY: Duration = Duration::from_secs(3600);

/// Deletes what is kept no longer, now and every hour, for ever.
pub async fn sweep_periodically(archive: Arc<dyn Archive>, retention: Retention) {
    loop {
        match archive.sweep(&retention).await {
            Ok(RetentionReport { pictures: 0, bytes: 0 }) => {}
            Ok(swept) => tracing::info!(pictures = swept.pictures, bytes = swept.bytes, "old pictures were deleted"),
            Err(error) => tracing::error!(%error, "old pictures can not be deleted"),
        }
        tokio::time::sleep(SWEEP_EVERY).await;
    }
}
