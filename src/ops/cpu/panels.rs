//! Weights packed for the products.

use candle_core::{DType, Result, Tensor};
use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};

use super::aligned::Aligned;
use super::gemm::PANEL;
use super::q8_blocks::Q8Blocks;

/// A matrix `[outputs, depth]` cut into panels of [`PANEL`] outputs, each stored `[depth, PANEL]`. The last panel is filled up
/// with zeros.
#[derive(Debug, Clone)]
pub(in crate::ops) struct Panels {
    storage: Storage,
    outputs: usize,
    depth: usize,
}

#[derive(Debug, Clone)]
enum Storage {
    F32(Aligned),
    BF16(Vec<bf16>),
    F16(Vec<f16>),
    Q8(Q8Blocks),
}

impl Panels {
    /// Packs `weight`, `[outputs, depth]` of any float type; 16 bits stay 16 bits.
    pub(in crate::ops) fn pack(weight: &Tensor) -> Result<Self> {
        let (outputs, depth) = weight.dims2()?;
        let flat = weight.contiguous()?.flatten_all()?;
        let storage = match weight.dtype() {
            DType::BF16 => Storage::BF16(interleave(&flat.to_vec1::<bf16>()?, depth)),
            DType::F16 => Storage::F16(interleave(&flat.to_vec1::<f16>()?, depth)),
            _ => {
                let mut aligned = Aligned::default();
                let packed = interleave(&flat.to_dtype(DType::F32)?.to_vec1::<f32>()?, depth);
                aligned.at_least(packed.len()).copy_from_slice(&packed);
                Storage::F32(aligned)
            }
        };
        Ok(Self { storage, outputs, depth })
    }

    /// Packs `weight`, `[outputs, depth]`, in 8.5 bits a number.
    pub(in crate::ops) fn pack_blocks(weight: &Tensor) -> Result<Self> {
        let (outputs, depth) = weight.dims2()?;
        let values = weight.flatten_all()?.to_dtype(DType::F32)?.to_vec1::<f32>()?;
        Ok(Self { storage: Storage::Q8(Q8Blocks::pack(&values, depth)), outputs, depth })
    }

    pub(in crate::ops) fn outputs(&self) -> usize {
        self.outputs
    }

    pub(in crate::ops) fn depth(&self) -> usize {
        self.depth
    }

    pub(in crate::ops) fn count(&self) -> usize {
        self.outputs.div_ceil(PANEL)
    }

    /// The weights of one output, `[depth]`.
    pub(in crate::ops) fn output(&self, output: usize, place: &mut [f32]) {
        let mut scratch = Aligned::default();
        let panel = self.rows(output / PANEL, 0, self.depth, &mut scratch);
        for (place, row) in place.iter_mut().zip(panel.chunks_exact(PANEL)) {
            *place = row[output % PANEL];
        }
    }

    /// Rows `from..from + rows` of a panel as `[rows, PANEL]`; narrower weights are widened into `scratch`.
    pub(super) fn rows<'a>(&'a self, panel: usize, from: usize, rows: usize, scratch: &'a mut Aligned) -> &'a [f32] {
        let start = (panel * self.depth + from) * PANEL;
        let range = start..start + rows * PANEL;
        match &self.storage {
            Storage::F32(values) => &values.as_slice()[range],
            Storage::BF16(values) => {
                let wide = scratch.at_least(rows * PANEL);
                widen_bf16(&values[range], wide);
                wide
            }
            Storage::F16(values) => {
                let wide = scratch.at_least(rows * PANEL);
                values[range].convert_to_f32_slice(wide);
                wide
            }
            Storage::Q8(blocks) => {
                let wide = scratch.at_least(rows * PANEL);
                blocks.widen(panel, from, wide);
                wide
            }
        }
    }
}

/// A bf16 is the upper half of an f32; written so that the compiler makes vectors of it.
fn widen_bf16(narrow: &[bf16], wide: &mut [f32]) {
    for (wide, narrow) in wide.iter_mut().zip(narrow) {
        *wide = f32::from_bits(u32::from(narrow.to_bits()) << 16);
    }
}

/// `[outputs, depth]` to panels.
fn interleave<T: Copy + Default>(weight: &[T], depth: usize) -> Vec<T> {
    let outputs = weight.len() / depth.max(1);
    let mut packed = vec![T::default(); outputs.div_ceil(PANEL) * depth * PANEL];
    for (output, row) in weight.chunks_exact(depth).enumerate() {
        let start = output / PANEL * depth * PANEL + output % PANEL;
        for (k, &value) in row.iter().enumerate() {
            packed[start + k * PANEL] = value;
        }
    }
    packed
}
