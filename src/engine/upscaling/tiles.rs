//! How a picture is cut into tiles.

use std::ops::Range;

use crate::kandinsky::UpscalerShape;

/// Longest side of a tile that RRDBNet reads, in pixels of its largest maps divided by the scale: those maps take 256 MB each.
const RRDB_LARGE: u32 = 1024;
/// Cells of its smaller maps around a tile that RRDBNet reads as well. Further off nothing is seen to change.
const RRDB_OVERLAP: u32 = 16;
/// Longest side of a tile that SRVGGNetCompact reads: its maps take 64 MB each.
const COMPACT_SIDE: u32 = 512;
/// Corners of tiles are multiples of this: RRDBNet ×2 reads squares of 2×2 pixels.
const STEP: u32 = 4;

/// A part of a picture, in its pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tile {
    /// The columns and rows that the tile draws.
    pub(super) drawn: (Range<u32>, Range<u32>),
    /// Those that the network reads for it.
    pub(super) read: (Range<u32>, Range<u32>),
}

/// How large the tiles of a network are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TileSize {
    /// The longest side that is read, pixels.
    pub(super) side: u32,
    /// How much of it is read around what is drawn.
    pub(super) overlap: u32,
}

impl TileSize {
    pub(super) fn of(shape: &UpscalerShape) -> Self {
        match shape {
            UpscalerShape::Rrdb(shape) => {
                let scale = shape.scale as u32;
                Self { side: RRDB_LARGE / scale, overlap: RRDB_OVERLAP * 4 / scale }
            }
            // As far as any pixel reaches: tiles equal the whole.
            UpscalerShape::Compact(shape) => {
                Self { side: COMPACT_SIDE, overlap: (shape.layers as u32 + 2).next_multiple_of(STEP) }
            }
        }
    }

    /// The tiles of a picture, row by row: none larger than it must be.
    pub(super) fn tiles(self, width: u32, height: u32) -> Vec<Tile> {
        let (columns, rows) = (self.ranges(width), self.ranges(height));
        let row = |(drawn_y, read_y): &(Range<u32>, Range<u32>)| {
            let (drawn_y, read_y) = (drawn_y.clone(), read_y.clone());
            columns.iter().map(move |(drawn_x, read_x)| Tile {
                drawn: (drawn_x.clone(), drawn_y.clone()),
                read: (read_x.clone(), read_y.clone()),
            })
        };
        rows.iter().flat_map(row).collect()
    }

    /// What is drawn and what is read along one side.
    fn ranges(self, length: u32) -> Vec<(Range<u32>, Range<u32>)> {
        if length <= self.side {
            return vec![(0..length, 0..length)];
        }
        let most = self.side.saturating_sub(2 * self.overlap).max(STEP);
        let drawn = length.div_ceil(length.div_ceil(most)).next_multiple_of(STEP);
        let range = |start: u32| {
            let drawn = start..(start + drawn).min(length);
            let read = drawn.start.saturating_sub(self.overlap)..(drawn.end + self.overlap).min(length);
            (drawn, read)
        };
        (0..length).step_by(drawn as usize).map(range).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_a_picture_once_and_are_bounded() {
        for size in [
            TileSize { side: 64, overlap: 8 },
            TileSize { side: 512, overlap: 32 },
            TileSize::of(&UpscalerShape::published_rrdb(2)),
            TileSize::of(&UpscalerShape::published_rrdb(4)),
            TileSize::of(&UpscalerShape::published_compact(4)),
        ] {
            for length in [1, 2, 63, 64, 65, 127, 511, 513, 768, 1001, 4096, 16_384] {
                let ranges = size.ranges(length);
                let mut end = 0;
                for (drawn, read) in &ranges {
                    assert_eq!(drawn.start, end);
                    assert!(!drawn.is_empty() && read.start.is_multiple_of(STEP), "{size:?} {length}");
                    assert!(read.start == drawn.start.saturating_sub(size.overlap));
                    assert!(read.end == (drawn.end + size.overlap).min(length));
                    assert!(read.len() <= (size.side + STEP) as usize, "{size:?} {length}: {read:?}");
                    end = drawn.end;
                }
                assert_eq!(end, length);
            }
        }
    }

    #[test]
    fn what_fits_is_one_tile() {
        let size = TileSize { side: 64, overlap: 8 };
        assert_eq!(size.tiles(64, 3), [Tile { drawn: (0..64, 0..3), read: (0..64, 0..3) }]);
        assert_eq!(size.tiles(65, 65).len(), 4);
    }
}
