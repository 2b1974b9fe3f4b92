//! Adds bias and residual to the result of a convolution, in one pass and in place.

use candle_core::cuda::cudarc::driver::{CudaSlice, LaunchConfig, PushKernelArg};
use candle_core::{CudaDevice, Error, Result, Tensor};

use super::input::{Input, size};
use super::kernels::{Element, Source};

pub(super) static SOURCE: Source =
    Source::new("kandinsky_add", concat!(include_str!("floats.cuh"), include_str!("add.cu")));

/// Blocks that are launched at most: each goes on until all is done.
const MAX_BLOCKS: usize = 4096;
const THREADS: usize = 256;

/// Adds a bias, `[channels]`, and a map as large as `y`, `[.., channels]`.
///
/// # Errors
/// The shapes or types do not agree, or the GPU does not compute.
pub(super) fn add<T: Element>(
    device: &CudaDevice,
    y: &mut CudaSlice<T>,
    bias: &Tensor,
    map: Option<&Tensor>,
) -> Result<()> {
    let count = y.len();
    let channels = bias.elem_count();
    if channels == 0 || !count.is_multiple_of(channels) || map.is_some_and(|map| map.elem_count() != count) {
        candle_core::bail!("a bias of {channels} and a map {map:?} can not be added to {count} numbers");
    }
    let (bias, has_map) = (bias.contiguous()?, u32::from(map.is_some()));
    let map = map.unwrap_or(&bias).contiguous()?;
    let (bias_input, map_input) = (Input::new(&bias)?, Input::new(&map)?);
    let (bias_view, map_view) = (bias_input.view::<T>()?, map_input.view::<T>()?);
    let kernel = SOURCE.kernel(device, &format!("add_{}", T::SUFFIX))?;
    let blocks = count.div_ceil(THREADS).min(MAX_BLOCKS);
    let grid = LaunchConfig { grid_dim: (size(blocks)?, 1, 1), block_dim: (size(THREADS)?, 1, 1), shared_mem_bytes: 0 };
    let (count, channels) = (count as u64, size(channels)?);
    let stream = device.cuda_stream();
    let mut launch = stream.launch_builder(&kernel);
    launch.arg(y).arg(&bias_view).arg(&map_view).arg(&count).arg(&channels).arg(&has_map);
    // SAFETY: the arguments are those of the kernel, in its order, and their lengths agree.
    #[allow(unsafe_code)]
    unsafe { launch.launch(grid) }.map_err(Error::wrap)?;
    Ok(())
}
