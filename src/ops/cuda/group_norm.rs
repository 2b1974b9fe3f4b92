//! Group normalisation with FiLM, the modulation by smaller maps and SiLU in one pass over the map.

use candle_core::cuda::cudarc::driver::{CudaSlice, LaunchConfig, PushKernelArg};
use candle_core::{CudaDevice, DType, Error, Result, Tensor};
use half::{bf16, f16};

use super::input::{Input, device_of, size, to_tensor};
use super::kernels::{Element, Source};
use super::launch_plan::LaunchPlan;

pub(super) static SOURCE: Source =
    Source::new("kandinsky_group_norm", concat!(include_str!("floats.cuh"), include_str!("group_norm.cu")));

/// Steps after the division by the deviation, in this order.
#[derive(Debug, Clone, Copy)]
pub(in crate::ops) struct Modulation<'a> {
    /// The norm's own, `[1, channels]`, f32.
    pub(in crate::ops) weight: &'a Tensor,
    /// The norm's own, `[1, channels]`, f32.
    pub(in crate::ops) bias: &'a Tensor,
    /// `· (1 + scale) + shift`, `[n, channels]` both.
    pub(in crate::ops) film: Option<(&'a Tensor, &'a Tensor)>,
    /// A gain and an offset for each place, from smaller maps `[n, h, w, channels]` whose pixels are repeated.
    pub(in crate::ops) spatial: Option<(&'a Tensor, &'a Tensor)>,
    pub(in crate::ops) silu: bool,
}

/// The normalised maps, in the type of `x`, `[n, height, width, channels]`; all sums are f32.
///
/// # Errors
/// A tensor has another type, shape or place than it should, or the GPU does not compute.
pub(in crate::ops) fn group_norm(x: &Tensor, groups: usize, eps: f64, modulation: Modulation<'_>) -> Result<Tensor> {
    let compute = match x.dtype() {
        DType::F32 => compute::<f32>,
        DType::F16 => compute::<f16>,
        DType::BF16 => compute::<bf16>,
        dtype => candle_core::bail!("there is no group norm of {dtype:?} on a GPU"),
    };
    let x = &x.contiguous()?;
    check(x, groups, &modulation)?;
    let film = modulation.film.map(|film| laid_out(film, DType::F32)).transpose()?;
    let spatial = modulation.spatial.map(|maps| laid_out(maps, x.dtype())).transpose()?;
    let film = film.as_ref().map(|(scale, shift)| (scale, shift));
    let spatial = spatial.as_ref().map(|(gain, offset)| (gain, offset));
    compute(x, groups, eps, Modulation { film, spatial, ..modulation })
}

/// As the kernels read them.
fn laid_out((a, b): (&Tensor, &Tensor), dtype: DType) -> Result<(Tensor, Tensor)> {
    Ok((a.to_dtype(dtype)?.contiguous()?, b.to_dtype(dtype)?.contiguous()?))
}

/// The kernels do not check their arguments.
fn check(x: &Tensor, groups: usize, modulation: &Modulation<'_>) -> Result<()> {
    let (n, height, width, channels) = x.dims4()?;
    let own = [modulation.weight, modulation.bias].iter().all(|own| own.elem_count() == channels);
    let film = modulation.film.is_none_or(|(scale, shift)| [scale, shift].iter().all(|x| x.dims() == [n, channels]));
    let spatial = modulation.spatial.is_none_or(|(gain, offset)| {
        let is_small = |h: usize, w: usize| (1..=height).contains(&h) && (1..=width).contains(&w);
        let is_map = matches!(*gain.dims(), [a, h, w, b] if a == n && b == channels && is_small(h, w));
        is_map && gain.dims() == offset.dims()
    });
    // Their indices have 32 bits.
    let sides = height.max(width) <= usize::from(u16::MAX);
    if own && film && spatial && sides && groups > 0 && channels.is_multiple_of(groups) && x.elem_count() > 0 {
        return Ok(());
    }
    candle_core::bail!("maps {:?} can not be normalised in {groups} groups with {modulation:?}", x.shape())
}

fn compute<T: Element>(x: &Tensor, groups: usize, eps: f64, modulation: Modulation<'_>) -> Result<Tensor> {
    let (_, height, width, channels) = x.dims4()?;
    let runs = LaunchPlan::new(height * width, channels);
    if !runs.fit() {
        candle_core::bail!("{channels} channels are too many for a group norm on a GPU");
    }
    let statistics = statistics::<T>(x, groups, eps, &runs)?;
    modulate::<T>(x, groups, &statistics, modulation, &runs)
}

fn modulate<T: Element>(
    x: &Tensor,
    groups: usize,
    statistics: &CudaSlice<f32>,
    Modulation { weight, bias, film, spatial, silu }: Modulation<'_>,
    runs: &LaunchPlan,
) -> Result<Tensor> {
    let (n, height, width, channels) = x.dims4()?;
    let device = device_of(x)?;
    let small = match spatial {
        Some((gain, _)) => (size(gain.dim(1)?)?, size(gain.dim(2)?)?),
        None => (0, 0),
    };
    // What is missing is not read; anything stands in its place.
    let (has_film, (scale, shift)) = (u32::from(film.is_some()), film.unwrap_or((weight, bias)));
    let (gain, offset) = spatial.unwrap_or((x, x));
    let (weight, bias, scale) = (Input::new(weight)?, Input::new(bias)?, Input::new(scale)?);
    let (shift, from) = (Input::new(shift)?, Input::new(x)?);
    let (gain, offset) = (Input::new(gain)?, Input::new(offset)?);
    let (weight, bias, scale) = (weight.view::<f32>()?, bias.view::<f32>()?, scale.view::<f32>()?);
    let (shift, from) = (shift.view::<f32>()?, from.view::<T>()?);
    let (gain, offset) = (gain.view::<T>()?, offset.view::<T>()?);
    // SAFETY: the kernel writes every number of y.
    #[allow(unsafe_code)]
    let mut y = unsafe { device.alloc::<T>(x.elem_count())? };
    let kernel = SOURCE.kernel(device, &format!("modulate_{}", T::SUFFIX))?;
    let (height, width, channels, groups) = (size(height)?, size(width)?, size(channels)?, size(groups)?);
    let (run, lanes, silu) = (size(runs.run)?, size(runs.lanes)?, u32::from(silu));
    let stream = device.cuda_stream();
    let mut launch = stream.launch_builder(&kernel);
    launch.arg(&from).arg(statistics).arg(&weight).arg(&bias).arg(&scale).arg(&shift).arg(&gain).arg(&offset);
    launch.arg(&mut y).arg(&height).arg(&width).arg(&small.0).arg(&small.1);
    launch.arg(&channels).arg(&groups).arg(&run).arg(&lanes).arg(&has_film).arg(&silu);
    // SAFETY: the arguments are those of the kernel, in its order; `check` has seen that the shapes agree.
    #[allow(unsafe_code)]
    unsafe { launch.launch(grid(runs, n, 0)?) }.map_err(Error::wrap)?;
    Ok(to_tensor(y, device, x.shape()))
}

/// Mean and 1/√(variance + eps) of each group, `[n, groups, 2]`.
fn statistics<T: Element>(x: &Tensor, groups: usize, eps: f64, runs: &LaunchPlan) -> Result<CudaSlice<f32>> {
    let (n, height, width, channels) = x.dims4()?;
    let device = device_of(x)?;
    let moments = moments::<T>(x, groups, runs)?;
    let mut statistics = numbers(device, n * groups * 2)?;
    let kernel = SOURCE.kernel(device, "group_statistics")?;
    let (pixels, width, eps) = (size(height * width)?, size(channels / groups)?, eps as f32);
    let (groups, run, count) = (size(groups)?, size(runs.run)?, size(runs.count)?);
    let stream = device.cuda_stream();
    let mut launch = stream.launch_builder(&kernel);
    launch.arg(&moments).arg(&mut statistics);
    launch.arg(&pixels).arg(&width).arg(&groups).arg(&run).arg(&count).arg(&eps);
    let warps = LaunchConfig { grid_dim: (groups, size(n)?, 1), block_dim: (32, 1, 1), shared_mem_bytes: 0 };
    // SAFETY: the arguments are those of the kernel, in its order, and a warp has 32 threads.
    #[allow(unsafe_code)]
    unsafe { launch.launch(warps) }.map_err(Error::wrap)?;
    Ok(statistics)
}

/// Mean and sum of squares around it of each group of each run, `[n, runs, groups, 2]`.
fn moments<T: Element>(x: &Tensor, groups: usize, runs: &LaunchPlan) -> Result<CudaSlice<f32>> {
    let (n, height, width, channels) = x.dims4()?;
    let device = device_of(x)?;
    let input = Input::new(x)?;
    let view = input.view::<T>()?;
    let mut moments = numbers(device, n * runs.count * groups * 2)?;
    let kernel = SOURCE.kernel(device, &format!("run_moments_{}", T::SUFFIX))?;
    let (pixels, channels, groups) = (size(height * width)?, size(channels)?, size(groups)?);
    let (run, lanes) = (size(runs.run)?, size(runs.lanes)?);
    let stream = device.cuda_stream();
    let mut launch = stream.launch_builder(&kernel);
    launch.arg(&view).arg(&mut moments).arg(&pixels).arg(&channels).arg(&groups).arg(&run).arg(&lanes);
    // SAFETY: the arguments are those of the kernel, in its order, and `runs` knows what shared memory it needs.
    #[allow(unsafe_code)]
    unsafe { launch.launch(grid(runs, n, runs.shared_bytes())?) }.map_err(Error::wrap)?;
    Ok(moments)
}

/// Memory for numbers that a kernel writes.
fn numbers(device: &CudaDevice, count: usize) -> Result<CudaSlice<f32>> {
    // SAFETY: the kernel that it is made for writes every number before one is read.
    #[allow(unsafe_code)]
    unsafe {
        device.alloc::<f32>(count)
    }
}

/// A block for each run of each picture.
fn grid(runs: &LaunchPlan, n: usize, shared: usize) -> Result<LaunchConfig> {
    Ok(LaunchConfig {
        grid_dim: (size(runs.count)?, size(n)?, 1),
        block_dim: (size(runs.threads)?, 1, 1),
        shared_mem_bytes: size(shared)?,
    })
}
