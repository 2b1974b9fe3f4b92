//! Token buckets: how many requests somebody may send.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// More senders than this are not remembered one by one.
const MAX_BUCKETS: usize = 10_000;

/// A bucket for each sender: a burst of requests, and then so many a minute.
#[derive(Debug)]
pub(super) struct RateLimiter<K> {
    burst: f64,
    per_minute: f64,
    buckets: Mutex<HashMap<K, Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    filled_at: Instant,
}

impl<K: Eq + Hash> RateLimiter<K> {
    pub(super) fn new(burst: u32, per_minute: u32) -> Self {
        Self { burst: f64::from(burst), per_minute: f64::from(per_minute), buckets: Mutex::default() }
    }

    /// Takes a token.
    ///
    /// # Errors
    /// How long it takes until there is one.
    pub(super) fn take(&self, sender: K) -> Result<(), Duration> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MAX_BUCKETS {
            buckets.retain(|_, bucket| self.refilled(*bucket).tokens < self.burst);
            if buckets.len() >= MAX_BUCKETS {
                buckets.clear();
            }
        }
        let full = Bucket { tokens: self.burst, filled_at: Instant::now() };
        let bucket = buckets.entry(sender).or_insert(full);
        *bucket = self.refilled(*bucket);
        if bucket.tokens < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - bucket.tokens) * 60.0 / self.per_minute));
        }
        bucket.tokens -= 1.0;
        Ok(())
    }

    fn refilled(&self, bucket: Bucket) -> Bucket {
        let now = Instant::now();
        let new = now.duration_since(bucket.filled_at).as_secs_f64() * self.per_minute / 60.0;
        Bucket { tokens: (bucket.tokens + new).min(self.burst), filled_at: now }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn after_a_burst_there_is_one_token_at_a_time() {
        let limiter = RateLimiter::new(3, 60);
        for _ in 0..3 {
            assert_eq!(limiter.take("anna"), Ok(()));
        }
        assert!(limiter.take("anna").unwrap_err() <= Duration::from_secs(1));
        assert_eq!(limiter.take("boris"), Ok(()), "others have buckets of their own");
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(limiter.take("anna"), Ok(()));
        assert!(limiter.take("anna").is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn memory_is_bounded_however_many_senders_there_are() {
        let limiter = RateLimiter::new(2, 60);
        for sender in 0..3 * MAX_BUCKETS {
            let _ = limiter.take(sender);
        }
        assert!(limiter.buckets.lock().unwrap().len() <= MAX_BUCKETS);
    }
}
