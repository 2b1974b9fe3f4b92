//! How many pictures are drawn at once: as many as pay, and as fit into memory. What a call of the UNet takes is measured at the
//! first one of each size.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use candle_core::Device;

use super::Engine;
use super::batch_size::BatchSize;
use super::memory::{Residency, StepMemory, free_memory_of};
use super::painting::Canvas;

/// Share of the free memory that a call may take; the rest is for the decoder and for whoever else is on the machine.
const SHARE: f64 = 0.6;
/// More pictures than these wait for each other longer than sharing saves.
const MOST: usize = 16;

/// What is known of the room there is.
#[derive(Debug)]
pub(super) struct Room {
    batch: BatchSize,
    /// Bytes that a call takes for each row; None: nobody tells, so that too many are only known when a call has failed.
    row_bytes: Mutex<HashMap<Canvas, Option<u64>>>,
    /// So many were not too many yet.
    most: AtomicUsize,
}

impl Room {
    pub(super) fn new(batch: BatchSize) -> Self {
        Self { batch, row_bytes: Mutex::default(), most: AtomicUsize::new(usize::MAX) }
    }

    /// Whether there is room for one picture only, come what may.
    fn is_single(&self) -> bool {
        matches!(self.batch, BatchSize::AtMost(most) if most.get() == 1)
    }

    /// How many of some pictures, of which each takes these rows, the next call is for.
    ///
    /// A size of which nothing is known yet is tried with one.
    pub(super) fn of_next_call(&self, canvas: Canvas, rows: &[usize], device: &Device) -> usize {
        if rows.len() <= 1 {
            return rows.len();
        }
        match self.row_bytes().get(&canvas) {
            None => 1,
            Some(None) => rows.len(),
            Some(Some(bytes)) => {
                let fitting = free_memory_of(device).map_or(usize::MAX, |free| rows_that_fit(free, *bytes));
                that_fit(rows, fitting)
            }
        }
    }

    /// Measures what `call` takes for these rows, if that is not known of the size.
    ///
    /// # Errors
    /// Those of the call.
    pub(super) fn measured<E>(
        &self,
        canvas: Canvas,
        rows: usize,
        device: &Device,
        call: impl FnOnce() -> Result<(), E>,
    ) -> Result<(), E> {
        if self.is_single() || self.row_bytes().contains_key(&canvas) {
            return call();
        }
        let memory = StepMemory::before(device);
        call()?;
        // None at all: it was reserved before, and nobody knows how much of that was taken.
        let bytes =
            memory.and_then(StepMemory::taken).filter(|bytes| *bytes > 0).map(|bytes| bytes / rows.max(1) as u64);
        tracing::debug!(?canvas, bytes, "what a row takes in the UNet");
        self.row_bytes().insert(canvas, bytes);
        Ok(())
    }

    fn row_bytes(&self) -> MutexGuard<'_, HashMap<Canvas, Option<u64>>> {
        self.row_bytes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    /// How many paintings may be on their way at a time. It changes while the engine learns what they take.
    #[must_use]
    pub fn room(&self) -> usize {
        let wished = match self.room.batch {
            // There is only room for the parts of one stage.
            _ if self.residency == Residency::ByStage => 1,
            BatchSize::AtMost(most) => usize::from(most.get()),
            BatchSize::Auto => self.room_by_device(),
        };
        wished.min(self.room.most.load(Ordering::Relaxed))
    }

    /// So many paintings could not share a step, and each could take it alone.
    pub fn were_too_many(&self, paintings: usize) {
        self.room.most.fetch_min((paintings / 2).max(1), Ordering::Relaxed);
    }

    fn room_by_device(&self) -> usize {
        let device = self.model().device();
        // Sharing saves a processor no work: it only keeps more cores busy with small latents, so that two who share wait as
        // long as the second would otherwise. (A UNet call of the miniature on 2 free cores: 10.6 ms for one picture, 16 for
        // two, 21 for four; with one core free 11, 23 and 45. At full size one picture keeps all cores busy.)
        if device.is_cpu() {
            return 1;
        }
        // Room for the largest that was drawn, with guidance: two rows.
        let row_bytes = self.room.row_bytes().values().copied().max().flatten();
        row_bytes.zip(free_memory_of(device)).map_or(1, |(bytes, free)| (rows_that_fit(free, bytes) / 2).clamp(1, MOST))
    }
}

/// Rows that fit into free memory.
fn rows_that_fit(free: u64, row_bytes: u64) -> usize {
    (free as f64 * SHARE / row_bytes.max(1) as f64) as usize
}

/// How many of some pictures, of which each takes these rows, stay within `fitting` rows; one is always tried.
fn that_fit(rows: &[usize], fitting: usize) -> usize {
    let mut left = fitting;
    let fit = rows.iter().take_while(|&&rows| left.checked_sub(rows).inspect(|rest| left = *rest).is_some());
    fit.count().max(1)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU8;

    use super::super::EngineError;
    use super::super::memory::PEAK;
    use super::*;
    use crate::engine::{DeviceKind, EngineOptions, MemoryPlan};

    const SIZE: Canvas = Canvas { takes_inpaint_unet: false, latent_size: (96, 96) };

    #[test]
    fn so_many_rows_fit_as_free_memory_holds_with_a_reserve() {
        assert_eq!(rows_that_fit(10 << 30, 1 << 30), 6);
        assert_eq!(rows_that_fit(1 << 30, 1 << 30), 0);
        assert_eq!(rows_that_fit(1 << 30, 0), (f64::from(1 << 30) * SHARE) as usize);
    }

    #[test]
    fn the_person_decides_or_the_device_and_too_many_are_not_tried_again() {
        let engine = |memory, batch| {
            let options = EngineOptions { device: DeviceKind::Cpu, memory, batch, ..EngineOptions::default() };
            Engine::load(&options).unwrap()
        };
        let five = BatchSize::AtMost(NonZeroU8::new(5).unwrap());
        assert_eq!(engine(MemoryPlan::High, BatchSize::Auto).room(), 1);
        assert_eq!(engine(MemoryPlan::Low, five).room(), 1, "there is room for one stage only");
        let engine = engine(MemoryPlan::High, five);
        assert_eq!(engine.room(), 5);
        engine.were_too_many(5);
        assert_eq!(engine.room(), 2);
        engine.were_too_many(2);
        engine.were_too_many(1);
        assert_eq!(engine.room(), 1);
    }

    #[test]
    fn pictures_take_part_as_long_as_their_rows_fit() {
        assert_eq!(that_fit(&[2, 2, 1, 2], 5), 3);
        assert_eq!(that_fit(&[2, 2], usize::MAX), 2);
        assert_eq!(that_fit(&[2, 1], 1), 1, "one is always tried");
    }

    #[test]
    fn a_size_is_tried_with_one_picture_and_its_memory_measured() {
        let _alone = PEAK.lock();
        let (room, device) = (Room::new(BatchSize::Auto), Device::Cpu);
        assert_eq!(room.of_next_call(SIZE, &[2, 2, 2], &device), 1);
        room.measured(SIZE, 2, &device, || Err("memory is short")).unwrap_err();
        assert_eq!(room.of_next_call(SIZE, &[2, 2, 2], &device), 1, "nothing is known of what failed");
        // So much that what the tests beside this one let go meanwhile does not matter.
        let takes_memory = || {
            drop(std::hint::black_box(vec![1u8; 600 << 20]));
            Ok::<_, EngineError>(())
        };
        room.measured(SIZE, 2, &device, takes_memory).unwrap();
        let measured = room.row_bytes().get(&SIZE).copied().flatten();
        if let Some(bytes) = measured {
            assert!(bytes >= 100 << 20, "{bytes}");
        }
        assert_eq!(room.of_next_call(SIZE, &[1], &device), 1);
        room.row_bytes().insert(SIZE, Some(1));
        assert_eq!(room.of_next_call(SIZE, &[2, 2, 2], &device), 3);
        room.row_bytes().insert(SIZE, Some(u64::MAX));
        assert_eq!(room.of_next_call(SIZE, &[2, 2, 2], &device), if free_memory_of(&device).is_some() { 1 } else { 3 });
    }
}
