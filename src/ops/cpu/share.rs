//! A slice that several threads write, each in places of its own.

use std::marker::PhantomData;

/// Hands out parts of one slice to tasks whose parts are known to lie apart.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shared<'a> {
    start: *mut f32,
    length: usize,
    slice: PhantomData<&'a mut [f32]>,
}

// SAFETY: the pointer is only used through `part`, whose callers write in places of their own.
#[allow(unsafe_code)]
unsafe impl Send for Shared<'_> {}
// SAFETY: as above.
#[allow(unsafe_code)]
unsafe impl Sync for Shared<'_> {}

impl<'a> Shared<'a> {
    pub(super) fn new(slice: &'a mut [f32]) -> Self {
        Self { start: slice.as_mut_ptr(), length: slice.len(), slice: PhantomData }
    }

    /// `length` numbers from `start` on.
    ///
    /// # Safety
    /// Nothing else may use these numbers while the part lives.
    #[allow(unsafe_code)]
    pub(super) unsafe fn part(&self, start: usize, length: usize) -> &'a mut [f32] {
        assert!(start + length <= self.length, "a part lies beyond the end");
        // SAFETY: in bounds as just checked; alone in use as the caller promises.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(start), length) }
    }
}
