//! Writes that must not be forgotten while the store refuses them.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::jobs::StoreError;

/// The pauses between two attempts double from the first to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Tries a write again and again until it succeeds or the bot stops. Returns whether it succeeded; `what` is for the log.
pub(super) async fn persist<F>(stop: &CancellationToken, what: &'static str, write: impl Fn() -> F) -> bool
where
    F: Future<Output = Result<(), StoreError>>,
{
    let mut pause = FIRST_PAUSE;
    loop {
        let Err(error) = write().await else { return true };
        if pause == FIRST_PAUSE {
            tracing::error!(%error, "{what} can not be written; trying again");
        }
        tokio::select! {
            () = stop.cancelled() => return false,
            () = tokio::time::sleep(pause) => {}
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::jobs::JobId;

    #[tokio::test(start_paused = true)]
    async fn a_write_is_tried_again_ever_more_slowly() {
        let (stop, attempts, begun) = (CancellationToken::new(), Cell::new(0), tokio::time::Instant::now());
        let write = || {
            attempts.set(attempts.get() + 1);
            let is_refused = attempts.get() < 4;
            async move { if is_refused { Err(StoreError::InputsGone { job: JobId(1) }) } else { Ok(()) } }
        };
        assert!(persist(&stop, "a note", write).await);
        assert_eq!((attempts.get(), begun.elapsed().as_secs()), (4, 1 + 2 + 4));
        stop.cancel();
        assert!(!persist(&stop, "a note", || async { Err(StoreError::InputsGone { job: JobId(1) }) }).await);
    }
}
