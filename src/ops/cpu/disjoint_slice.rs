//! A slice that several threads write, each its own elements.

use std::marker::PhantomData;

/// A slice that is split among tasks whose parts are known not to overlap.
#[derive(Debug, Clone, Copy)]
pub(super) struct DisjointSlice<'a> {
    start: *mut f32,
    length: usize,
    slice: PhantomData<&'a mut [f32]>,
}

// SAFETY: the pointer is only used through `part`, whose callers never overlap.
#[allow(unsafe_code)]
unsafe impl Send for DisjointSlice<'_> {}
// SAFETY: as above.
#[allow(unsafe_code)]
unsafe impl Sync for DisjointSlice<'_> {}

impl<'a> DisjointSlice<'a> {
    pub(super) fn new(slice: &'a mut [f32]) -> Self {
        Self { start: slice.as_mut_ptr(), length: slice.len(), slice: PhantomData }
    }

    /// The `length` elements from `start` on. Panics if they lie beyond the end.
    ///
    /// # Safety
    /// Nothing else may use these elements while the part lives.
    #[allow(unsafe_code)]
    pub(super) unsafe fn part(&self, start: usize, length: usize) -> &'a mut [f32] {
        assert!(start.checked_add(length).is_some_and(|end| end <= self.length), "a part lies beyond the end");
        // SAFETY: in bounds as just checked; not aliased, as the caller promises.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(start), length) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(unsafe_code)]
    fn a_part_beyond_the_end_is_refused_also_where_the_sum_wraps() {
        let mut values = [0.0; 4];
        let slice = DisjointSlice::new(&mut values);
        for (start, length) in [(0, 5), (4, 1), (usize::MAX, 2)] {
            // SAFETY: no part is alive beside this one, and it is refused.
            let part = std::panic::catch_unwind(|| unsafe { slice.part(start, length).len() });
            assert!(part.is_err(), "{start} {length}");
        }
        // SAFETY: no other part is alive.
        assert_eq!(unsafe { slice.part(1, 3) }.len(), 3);
    }
}
