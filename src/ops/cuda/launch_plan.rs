//! How the pixels and channels of a feature map are divided among blocks and threads.

/// Threads of a block, at most: four such blocks fill a multiprocessor.
const MAX_THREADS: usize = 512;
/// Runs that a picture is cut into, at most: with a few pictures enough to fill the largest card.
const MAX_RUNS: usize = 256;
/// Pixels of a run, at least: combining the sums of shorter ones costs more than they save.
const MIN_RUN_PIXELS: usize = 16;
/// Threads of a warp.
const WARP: usize = 32;
/// Bytes of shared memory that every card gives a block without being asked.
const SHARED_MEMORY_BYTES: usize = 48 << 10;

/// The runs of pixels that a picture is cut into, one for each block, and the threads of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LaunchPlan {
    /// Pixels of a run; the last may be shorter.
    pub(super) run: usize,
    /// Runs of a picture.
    pub(super) count: usize,
    /// Neighbouring pixels that a block looks at together.
    pub(super) lanes: usize,
    pub(super) threads: usize,
    channels: usize,
}

impl LaunchPlan {
    /// For pictures of `pixels` by `channels` numbers; both must be at least 1.
    pub(super) fn new(pixels: usize, channels: usize) -> Self {
        let run = pixels.div_ceil(MAX_RUNS).max(MIN_RUN_PIXELS);
        let lanes = (MAX_THREADS / channels).clamp(1, run);
        let columns = lanes * channels;
        // Each thread takes as many columns as the next, give or take a warp.
        let turns = columns.div_ceil(MAX_THREADS);
        let threads = columns.div_ceil(turns).next_multiple_of(WARP);
        Self { run, count: pixels.div_ceil(run), lanes, threads, channels }
    }

    /// Bytes of shared memory for a mean and a sum of squares of each column.
    pub(super) fn shared_bytes(&self) -> usize {
        2 * self.lanes * self.channels * size_of::<f32>()
    }

    /// Whether the columns of a block fit its shared memory: up to 6144 channels they do.
    pub(super) fn fit(&self) -> bool {
        self.shared_bytes() <= SHARED_MEMORY_BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_map_of_the_networks_fits_and_is_covered() {
        for channels in [1, 4, 38, 96, 128, 256, 384, 513, 768, 1152, 1536, 3072] {
            for side in [1, 3, 12, 24, 48, 96, 192, 768] {
                let runs = LaunchPlan::new(side * side, channels);
                assert!(runs.fit() && runs.threads <= MAX_THREADS && runs.threads.is_multiple_of(WARP), "{runs:?}");
                assert!(runs.count <= MAX_RUNS && runs.count * runs.run >= side * side, "{runs:?}");
                assert!((runs.count - 1) * runs.run < side * side, "{runs:?} has an empty run");
            }
        }
        assert!(!LaunchPlan::new(100, 6145).fit());
    }
}
