//! Memory that begins at a cache line.

/// As many numbers of four bytes as one cache line and one AVX-512 register hold.
const LINE: usize = 16;

#[repr(C, align(64))]
#[derive(Debug, Clone, Copy)]
struct Line<T>([T; LINE]);

/// Numbers of four bytes whose first stands at the beginning of a cache line, so that no vector of 16 straddles two.
#[derive(Debug, Clone)]
pub(super) struct Aligned<T = f32> {
    lines: Vec<Line<T>>,
}

impl<T> Default for Aligned<T> {
    fn default() -> Self {
        Self { lines: Vec::new() }
    }
}

impl<T: Copy + Default> Aligned<T> {
    /// At least `length` numbers; what they are is left over from earlier use.
    pub(super) fn at_least(&mut self, length: usize) -> &mut [T] {
        let lines = length.div_ceil(LINE);
        if self.lines.len() < lines {
            self.lines.resize(lines, Line([T::default(); LINE]));
        }
        &mut self.as_mut_slice()[..length]
    }

    /// All of them.
    pub(super) fn as_slice(&self) -> &[T] {
        const { assert!(size_of::<Line<T>>() == LINE * size_of::<T>()) };
        // SAFETY: a `Line` is exactly `LINE` numbers without padding.
        #[allow(unsafe_code)]
        unsafe {
            std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.lines.len() * LINE)
        }
    }

    /// All of them.
    pub(super) fn as_mut_slice(&mut self) -> &mut [T] {
        const { assert!(size_of::<Line<T>>() == LINE * size_of::<T>()) };
        // SAFETY: a `Line` is exactly `LINE` numbers without padding.
        #[allow(unsafe_code)]
        unsafe {
            std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.lines.len() * LINE)
        }
    }
}
