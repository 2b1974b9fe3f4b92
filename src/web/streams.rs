//! How many requests of a key wait at the same time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::error::{ApiError, ApiResult};

/// Requests of one key that may wait.
const MAX_WAITING: usize = 256;

/// Requests that wait, by key.
#[derive(Debug, Clone, Default)]
pub(super) struct StreamCounts(Arc<Mutex<HashMap<i64, usize>>>);

/// One request that waits; it no longer counts when this is dropped.
#[derive(Debug)]
pub(super) struct OpenStream {
    counts: StreamCounts,
    key: i64,
}

impl StreamCounts {
    /// Counts one more.
    pub(super) fn open(&self, key: i64) -> ApiResult<OpenStream> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(key).or_default();
        if *count >= MAX_WAITING {
            return Err(ApiError::too_many_streams());
        }
        *count += 1;
        Ok(OpenStream { counts: self.clone(), key })
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        let mut counts = self.counts.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_may_have_many_streams_but_not_any_number() {
        let counts = StreamCounts::default();
        let mut open: Vec<_> = (0..MAX_WAITING).map(|_| counts.open(1).unwrap()).collect();
        assert!(counts.open(1).is_err() && counts.open(2).is_ok());
        open.pop();
        assert!(counts.open(1).is_ok());
        open.clear();
        assert!(counts.0.lock().unwrap().is_empty());
    }
}
