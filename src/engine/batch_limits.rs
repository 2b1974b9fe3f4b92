//! How many generations share a call of the UNet: as many as save time and fit into memory. The memory that a call takes is
//! measured at the first one of each size.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use candle_core::Device;

use super::batch_key::UNetKey;
use super::batch_size::BatchSize;
use super::memory::{Residency, StepMemory, free_memory_of};

/// The part of the free memory that a call may take; the rest is for the decoder and for other programs.
const FREE_MEMORY_FRACTION: f64 = 0.6;
/// More generations than these wait for each other longer than sharing saves.
const MAX_BATCH: usize = 16;

/// Measured memory of UNet calls, and the batch sizes that follow from it.
#[derive(Debug)]
pub(super) struct BatchLimits {
    batch: BatchSize,
    /// Bytes that a call takes for each row; `None` where the system does not report memory: there, only a call that fails
    /// shows that it was too large.
    row_bytes: Mutex<HashMap<UNetKey, Option<u64>>>,
    /// Falls when a call fails for its size.
    max_generations: AtomicUsize,
}

impl BatchLimits {
    pub(super) fn new(batch: BatchSize) -> Self {
        Self { batch, row_bytes: Mutex::default(), max_generations: AtomicUsize::new(usize::MAX) }
    }

    /// Whether calls are never shared.
    fn is_single(&self) -> bool {
        matches!(self.batch, BatchSize::AtMost(most) if most.get() == 1)
    }

    /// How many generations take part in the next call; `rows` has the tensor rows of each.
    ///
    /// The first call of a size is for one alone, and measured.
    pub(super) fn generations_in_next_call(&self, key: UNetKey, rows: &[usize], device: &Device) -> usize {
        if rows.len() <= 1 {
            return rows.len();
        }
        match self.row_bytes().get(&key) {
            None => 1,
            Some(None) => rows.len(),
            Some(Some(bytes)) => {
                let fitting = free_memory_of(device).map_or(usize::MAX, |free| rows_that_fit(free, *bytes));
                count_that_fits(rows, fitting)
            }
        }
    }

    /// Makes a call, and measures the memory that it takes for these rows, if that is not known of the size.
    ///
    /// # Errors
    /// Those of the call.
    pub(super) fn measure<E>(
        &self,
        key: UNetKey,
        rows: usize,
        device: &Device,
        call: impl FnOnce() -> Result<(), E>,
    ) -> Result<(), E> {
        if self.is_single() || self.row_bytes().contains_key(&key) {
            return call();
        }
        let memory = StepMemory::before(device);
        call()?;
        // Zero: the memory was reserved before, and how much of it the call took is unknown.
        let bytes =
            memory.and_then(StepMemory::taken).filter(|bytes| *bytes > 0).map(|bytes| bytes / rows.max(1) as u64);
        tracing::debug!(?key, bytes, "memory of a UNet row measured");
        self.row_bytes().insert(key, bytes);
        Ok(())
    }

    /// How many generations may be in flight at a time. It changes with what is measured.
    pub(super) fn capacity(&self, residency: Residency, device: &Device) -> usize {
        let wanted = match self.batch {
            // Memory holds the networks of one stage only.
            _ if residency == Residency::ByStage => 1,
            BatchSize::AtMost(most) => usize::from(most.get()),
            BatchSize::Auto => self.capacity_by_device(device),
        };
        wanted.min(self.max_generations.load(Ordering::Relaxed))
    }

    /// So many generations could not share a step, and each could take it alone.
    pub(super) fn shrink(&self, generations: usize) {
        self.max_generations.fetch_min((generations / 2).max(1), Ordering::Relaxed);
    }

    fn capacity_by_device(&self, device: &Device) -> usize {
        // Sharing saves a CPU no work: it only keeps more cores busy with small latents, so that two generations that share take
        // as long as one after the other. (A UNet call of the miniature on 2 free cores: 10.6 ms for one picture, 16 for two, 21
        // for four; with one core free 11, 23 and 45. At full size one picture keeps all cores busy.)
        if device.is_cpu() {
            return 1;
        }
        // For the largest size that was drawn, with guidance: two rows.
        let row_bytes = self.row_bytes().values().copied().max().flatten();
        let free = row_bytes.zip(free_memory_of(device));
        free.map_or(1, |(bytes, free)| (rows_that_fit(free, bytes) / 2).clamp(1, MAX_BATCH))
    }

    fn row_bytes(&self) -> MutexGuard<'_, HashMap<UNetKey, Option<u64>>> {
        self.row_bytes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Rows that fit into free memory.
fn rows_that_fit(free: u64, row_bytes: u64) -> usize {
    (free as f64 * FREE_MEMORY_FRACTION / row_bytes.max(1) as f64) as usize
}

/// How many generations with these rows stay within `fitting` rows together; one is always tried.
fn count_that_fits(rows: &[usize], fitting: usize) -> usize {
    let mut left = fitting;
    let fit = rows.iter().take_while(|&&rows| left.checked_sub(rows).inspect(|rest| left = *rest).is_some());
    fit.count().max(1)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU8;

    use super::super::memory::PEAK;
    use super::*;

    const SIZE: UNetKey = UNetKey { is_inpaint_unet: false, latent_size: (96, 96) };

    #[test]
    fn so_many_rows_fit_as_free_memory_holds_with_a_reserve() {
        assert_eq!(rows_that_fit(10 << 30, 1 << 30), 6);
        assert_eq!(rows_that_fit(1 << 30, 1 << 30), 0);
        assert_eq!(rows_that_fit(1 << 30, 0), (f64::from(1 << 30) * FREE_MEMORY_FRACTION) as usize);
    }

    #[test]
    fn the_option_decides_or_the_device_and_too_many_are_not_tried_again() {
        let capacity = |batch, residency| BatchLimits::new(batch).capacity(residency, &Device::Cpu);
        let five = BatchSize::AtMost(NonZeroU8::new(5).unwrap());
        assert_eq!(capacity(BatchSize::Auto, Residency::All), 1);
        assert_eq!(capacity(five, Residency::ByStage), 1, "memory holds one stage only");
        let limits = BatchLimits::new(five);
        let capacity = || limits.capacity(Residency::All, &Device::Cpu);
        assert_eq!(capacity(), 5);
        limits.shrink(5);
        assert_eq!(capacity(), 2);
        limits.shrink(2);
        limits.shrink(1);
        assert_eq!(capacity(), 1);
    }

    #[test]
    fn generations_take_part_as_long_as_their_rows_fit() {
        assert_eq!(count_that_fits(&[2, 2, 1, 2], 5), 3);
        assert_eq!(count_that_fits(&[2, 2], usize::MAX), 2);
        assert_eq!(count_that_fits(&[2, 1], 1), 1, "one is always tried");
    }

    #[test]
    fn a_size_is_tried_with_one_picture_and_its_memory_measured() {
        let _alone = PEAK.lock();
        let (limits, device) = (BatchLimits::new(BatchSize::Auto), Device::Cpu);
        assert_eq!(limits.generations_in_next_call(SIZE, &[2, 2, 2], &device), 1);
        limits.measure(SIZE, 2, &device, || Err("memory is short")).unwrap_err();
        assert_eq!(limits.generations_in_next_call(SIZE, &[2, 2, 2], &device), 1, "nothing is known of what failed");
        // So much that what the tests beside this one let go meanwhile does not matter.
        let takes_memory = || {
            drop(std::hint::black_box(vec![1u8; 600 << 20]));
            Ok::<_, &str>(())
        };
        limits.measure(SIZE, 2, &device, takes_memory).unwrap();
        let measured = limits.row_bytes().get(&SIZE).copied().flatten();
        if let Some(bytes) = measured {
            assert!(bytes >= 100 << 20, "{bytes}");
        }
        assert_eq!(limits.generations_in_next_call(SIZE, &[1], &device), 1);
        limits.row_bytes().insert(SIZE, Some(1));
        assert_eq!(limits.generations_in_next_call(SIZE, &[2, 2, 2], &device), 3);
        limits.row_bytes().insert(SIZE, Some(u64::MAX));
        assert_eq!(
            limits.generations_in_next_call(SIZE, &[2, 2, 2], &device),
            if free_memory_of(&device).is_some() { 1 } else { 3 }
        );
    }
}
