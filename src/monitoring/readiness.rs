//! Whether the model is loaded.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether jobs can be drawn: the model is loaded. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Readiness(Arc<AtomicBool>);

impl Readiness {
    /// The model is loaded.
    pub fn set_ready(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it is.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
