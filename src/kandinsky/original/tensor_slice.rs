//! Which piece of an original tensor a published one is.

use candle_core::{Error, Result, Tensor};

/// Width of one attention head, in the UNet as in the prior.
pub(super) const HEAD_WIDTH: usize = 64;

/// A piece of an original tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TensorSlice {
    /// All of it.
    Whole,
    /// A convolution over single positions, as a matrix.
    Matrix,
    /// A vector, as a matrix of one row.
    Row,
    /// Projections for attention, joined head by head: `HEAD_WIDTH` rows of the first projection, as many of the second, …, then those
    /// of the next head. This is one of them.
    Heads {
        /// Which projection.
        part: usize,
        /// How many are joined.
        of: usize,
    },
}

impl TensorSlice {
    /// The shape of this piece of a tensor; None if it can not be cut so.
    pub(super) fn shape(self, shape: &[usize]) -> Option<Vec<usize>> {
        match self {
            Self::Whole => Some(shape.to_vec()),
            Self::Matrix => Some(without_positions(shape, 2)),
            Self::Row => Some([&[1], shape].concat()),
            Self::Heads { of, .. } => {
                let (&rows, rest) = shape.split_first()?;
                let head = of * HEAD_WIDTH;
                (rows > 0 && rows.is_multiple_of(head)).then(|| [&[rows / of], &*without_positions(rest, 1)].concat())
            }
        }
    }

    /// Cuts the piece out of a tensor.
    ///
    /// # Errors
    /// If the tensor's shape does not allow it.
    pub(super) fn cut(self, tensor: &Tensor) -> Result<Tensor> {
        let shape = self.shape(tensor.dims()).ok_or_else(|| {
            Error::Msg(format!("{:?} can not be cut into attention heads of {HEAD_WIDTH}", tensor.dims()))
        })?;
        match self {
            Self::Whole => Ok(tensor.clone()),
            Self::Matrix | Self::Row => tensor.reshape(shape),
            Self::Heads { part, of } => {
                let grouped = tensor.reshape((tensor.dim(0)? / (of * HEAD_WIDTH), of, HEAD_WIDTH, ()))?;
                grouped.narrow(1, part, 1)?.contiguous()?.reshape(shape)
            }
        }
    }
}

/// A shape without trailing sides of one behind the first few.
fn without_positions(shape: &[usize], kept: usize) -> Vec<usize> {
    let last = shape.iter().rposition(|&side| side != 1).map_or(0, |place| place + 1);
    shape[..last.max(kept).min(shape.len())].to_vec()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use candle_core::Device;

    #[test]
    fn heads_are_taken_apart_row_by_row() {
        // Two heads of two projections; the value of a row is its number.
        let rows = Tensor::arange(0f32, 256., &Device::Cpu).unwrap();
        let part = TensorSlice::Heads { part: 1, of: 2 };
        let second = part.cut(&rows).unwrap();
        let wide = rows.reshape((256, 1, 1)).unwrap().repeat((1, 3, 1)).unwrap();
        assert_eq!(part.cut(&wide).unwrap().dims(), [128, 3]);
        let expected: Vec<f32> = (64..=127).chain(192..=255).map(|row: u8| f32::from(row)).collect();
        assert_eq!(second.to_vec1::<f32>().unwrap(), expected);
    }

    #[test]
    fn sides_of_single_positions_go() {
        let device = &Device::Cpu;
        let convolution = Tensor::zeros((4, 3, 1, 1), candle_core::DType::F32, device).unwrap();
        assert_eq!(TensorSlice::Matrix.cut(&convolution).unwrap().dims(), [4, 3]);
        let bias = Tensor::zeros(4, candle_core::DType::F32, device).unwrap();
        assert_eq!(TensorSlice::Matrix.cut(&bias).unwrap().dims(), [4]);
        assert_eq!(TensorSlice::Row.cut(&bias).unwrap().dims(), [1, 4]);
    }

    #[test]
    fn other_rows_are_refused() {
        let rows = Tensor::zeros((100, 4), candle_core::DType::F32, &Device::Cpu).unwrap();
        assert!(TensorSlice::Heads { part: 0, of: 3 }.cut(&rows).unwrap_err().to_string().contains("heads of 64"));
    }
}
