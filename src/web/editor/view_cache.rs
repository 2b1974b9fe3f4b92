//! Views are made when they are asked for; the latest are kept in memory.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;

/// Bytes of views in memory.
const CACHE_BYTES: usize = 64 * 1024 * 1024;

/// The views that were asked for lately.
#[derive(Debug, Default)]
pub(super) struct ViewCache(Mutex<Cached>);

#[derive(Debug, Default)]
struct Cached {
    views: HashMap<String, (Bytes, u64)>,
    bytes: usize,
    uses: u64,
}

impl ViewCache {
    /// A view, if it is there.
    pub(super) fn get(&self, name: &str) -> Option<Bytes> {
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cached.uses += 1;
        let uses = cached.uses;
        let (bytes, used) = cached.views.get_mut(name)?;
        *used = uses;
        Some(bytes.clone())
    }

    /// Keeps a view; those that were not asked for the longest make room.
    pub(super) fn put(&self, name: String, view: Bytes) {
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cached.uses += 1;
        let uses = cached.uses;
        cached.bytes += view.len();
        if let Some((old, _)) = cached.views.insert(name, (view, uses)) {
            cached.bytes -= old.len();
        }
        while cached.bytes > CACHE_BYTES {
            let Some(oldest) = cached.views.iter().min_by_key(|(_, (_, used))| *used).map(|(name, _)| name.clone())
            else {
                return;
            };
            if let Some((old, _)) = cached.views.remove(&oldest) {
                cached.bytes -= old.len();
            }
        }
    }

    /// Drops the views of a picture.
    pub(super) fn remove(&self, prefix: &str) {
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut freed = 0;
        cached.views.retain(|name, (bytes, _)| {
            let is_kept = !name.starts_with(prefix);
            freed += if is_kept { 0 } else { bytes.len() };
            is_kept
        });
        cached.bytes -= freed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_for_views_is_bounded() {
        let cache = ViewCache::default();
        let view = Bytes::from(vec![0; CACHE_BYTES / 4]);
        for name in ["a.1", "a.2", "b.1"] {
            cache.put(name.to_owned(), view.clone());
        }
        assert!(cache.get("a.1").is_some());
        cache.put("c".to_owned(), view.clone());
        cache.put("d".to_owned(), view.clone());
        assert!(cache.get("a.1").is_some() && cache.get("a.2").is_none(), "the one that nobody asked for went");
        cache.remove("a.");
        assert!(cache.get("a.1").is_none() && cache.get("b.1").is_some());
        assert_eq!(cache.0.lock().unwrap().bytes, 3 * view.len());
        cache.put("b.1".to_owned(), Bytes::new());
        assert_eq!(cache.0.lock().unwrap().bytes, 2 * view.len());
    }
}
