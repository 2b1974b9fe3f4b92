//! When an album is complete: its pictures are messages of their own, and nothing marks the last
//! (<https://github.com/tdlib/td/issues/2258>).

use std::sync::Arc;
use std::time::Duration;

use dashmap::DashMap;

/// No more pictures for so long: that was the last.
const QUIET: Duration = Duration::from_millis(1000);

/// Chat and user.
type Key = (i64, i64);

/// Counts the pictures of albums that are arriving.
#[derive(Debug, Default)]
pub(in crate::telegram) struct Albums(Arc<DashMap<Key, u64>>);

impl Albums {
    /// Another picture came. The future waits and returns whether it was the last.
    pub(super) fn another(&self, key: Key) -> impl Future<Output = bool> + Send + 'static {
        let counts = Arc::clone(&self.0);
        let mine = {
            let mut count = counts.entry(key).or_insert(0);
            *count += 1;
            *count
        };
        async move {
            tokio::time::sleep(QUIET).await;
            counts.remove_if(&key, |_, count| *count == mine).is_some()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn only_the_last_picture_ends_an_album() {
        let albums = Albums::default();
        let (one, two) = (albums.another((1, 1)), albums.another((1, 1)));
        let other = albums.another((2, 1));
        assert_eq!(tokio::join!(one, two, other), (false, true, true));
        tokio::time::sleep(QUIET).await;
        assert!(albums.another((1, 1)).await, "a later album counts anew");
    }
}
