//! Convolutions by cuDNN, over channels-last maps as they are.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use candle_core::cuda::cudarc::cudnn::safe::{ConvDescriptor, ConvForward, Cudnn, CudnnDataType};
use candle_core::cuda::cudarc::cudnn::sys;
use candle_core::cuda::cudarc::driver::CudaSlice;
use candle_core::cuda::{CudaDType, DeviceId};
use candle_core::{CudaDevice, DType, Error, Result, Tensor};
use half::{bf16, f16};

use super::add::add;
use super::input::{Input, device_of, to_tensor};
use super::kernels::Element;
use crate::ops::cpu::Window;
use crate::ops::maps::enlarge;

const LAYOUT: sys::cudnnTensorFormat_t = sys::cudnnTensorFormat_t::CUDNN_TENSOR_NHWC;

thread_local! {
    /// A handle belongs to the thread that made it.
    static LIBRARY: RefCell<HashMap<DeviceId, Arc<Cudnn>>> = RefCell::default();
    /// Asking cuDNN takes longer than starting a convolution, and every step has the same ones.
    static CHOICES: RefCell<HashMap<Problem, Choice>> = RefCell::default();
}

/// All that decides how a convolution is best computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Problem {
    device: DeviceId,
    dtype: DType,
    /// `[n, h, w, in]`.
    x: (usize, usize, usize, usize),
    outputs: usize,
    window: Window,
}

/// An algorithm, and the bytes it needs to work in.
type Choice = (sys::cudnnConvolutionFwdAlgo_t, usize);

/// The weights of a convolution, laid out as the maps are.
#[derive(Debug, Clone)]
pub(in crate::ops) struct Filter {
    /// `[out, k, k, in]`.
    weight: Tensor,
    window: Window,
}

impl Filter {
    /// From weights `[out, in, k, k]` on a GPU.
    pub(in crate::ops) fn new(weight: &Tensor, window: Window) -> Result<Self> {
        Ok(Self { weight: weight.permute((0, 2, 3, 1))?.contiguous()?, window })
    }

    /// `[n, h, w, in]` to `[n, h', w', out]`, with a bias, `[out]`, and a map as large as the result added.
    ///
    /// Products are those of the type of `x`, sums are f32.
    ///
    /// # Errors
    /// The types or shapes do not agree, or the GPU does not compute.
    pub(in crate::ops) fn convolve(
        &self,
        x: &Tensor,
        enlarged: bool,
        bias: Option<&Tensor>,
        residual: Option<&Tensor>,
    ) -> Result<Tensor> {
        let x = self.bordered(x, enlarged)?;
        let y = match x.dtype() {
            DType::F32 => self.compute::<f32>(&x, bias, residual),
            DType::F16 => self.compute::<f16>(&x, bias, residual),
            DType::BF16 => self.compute::<bf16>(&x, bias, residual),
            dtype => candle_core::bail!("there is no convolution of {dtype:?} on a GPU"),
        }?;
        match (bias, residual) {
            (None, Some(residual)) => y + residual,
            _ => Ok(y),
        }
    }

    /// The padding for cuDNN, which is the same on all sides.
    fn bordered(&self, x: &Tensor, enlarged: bool) -> Result<Tensor> {
        let Window { before, after, .. } = self.window;
        let x = if enlarged { enlarge(x)? } else { x.clone() };
        if before == after {
            return x.contiguous();
        }
        x.pad_with_zeros(1, before, after)?.pad_with_zeros(2, before, after)?.contiguous()
    }

    fn compute<T: Element + CudnnDataType>(
        &self,
        x: &Tensor,
        bias: Option<&Tensor>,
        residual: Option<&Tensor>,
    ) -> Result<Tensor> {
        let (n, height, width, inputs) = x.dims4()?;
        let (outputs, kernel, _, depth) = self.weight.dims4()?;
        let border = if self.window.before == self.window.after { self.window.before } else { 0 };
        let side = |side: usize| (side + 2 * border).checked_sub(kernel).map(|rest| rest / self.window.stride + 1);
        let (Some(rows), Some(columns)) = (side(height), side(width)) else {
            candle_core::bail!("a kernel of {kernel} pixels does not fit {height} × {width}");
        };
        if inputs != depth {
            candle_core::bail!("a convolution of {depth} channels was given {inputs}");
        }
        let device = device_of(x)?;
        let library = library(device)?;
        let conv = self.descriptor::<T>(&library, border)?;
        let from = library.create_4d_tensor::<T>(LAYOUT, dims([n, inputs, height, width])?).map_err(Error::wrap)?;
        let filter = library.create_4d_filter::<T>(LAYOUT, dims([outputs, inputs, kernel, kernel])?);
        let filter = filter.map_err(Error::wrap)?;
        let to = library.create_4d_tensor::<T>(LAYOUT, dims([n, outputs, rows, columns])?).map_err(Error::wrap)?;
        let forward = ConvForward { conv: &conv, x: &from, w: &filter, y: &to };
        // SAFETY: cuDNN writes every number of y.
        #[allow(unsafe_code)]
        let mut y = unsafe { device.alloc::<T>(n * rows * columns * outputs)? };
        let window = self.window;
        let problem = Problem { device: device.id(), dtype: x.dtype(), x: x.dims4()?, outputs, window };
        launch(&forward, choose(&forward, problem)?, device, (x, &self.weight), &mut y)?;
        if let Some(bias) = bias {
            add(device, &mut y, bias, residual)?;
        }
        Ok(to_tensor(y, device, (n, rows, columns, outputs)))
    }

    /// Sums are f32 whatever is multiplied. 16-bit products may go to the tensor cores; those of f32 may not, which would
    /// round them to 10 bits first: who asks for f32 on a GPU asks for exactness.
    fn descriptor<T: CudaDType + CudnnDataType>(
        &self,
        library: &Arc<Cudnn>,
        border: usize,
    ) -> Result<ConvDescriptor<f32>> {
        let [border, stride, ..] = dims([border, self.window.stride, 0, 0])?;
        let mode = sys::cudnnConvolutionMode_t::CUDNN_CROSS_CORRELATION;
        let mut conv = library.create_conv2d::<f32>([border; 2], [stride; 2], [1; 2], mode).map_err(Error::wrap)?;
        let products = match T::DATA_TYPE {
            sys::cudnnDataType_t::CUDNN_DATA_FLOAT => sys::cudnnMathType_t::CUDNN_FMA_MATH,
            _ => sys::cudnnMathType_t::CUDNN_TENSOR_OP_MATH,
        };
        conv.set_math_type(products).map_err(Error::wrap)?;
        Ok(conv)
    }
}

/// The algorithm that cuDNN holds for the fastest; the problem must be that of `forward`.
fn choose<T: CudnnDataType>(forward: &ConvForward<'_, T, f32, T>, problem: Problem) -> Result<Choice> {
    CHOICES.with_borrow_mut(|choices| {
        if let Some(choice) = choices.get(&problem) {
            return Ok(*choice);
        }
        let algorithm = forward.pick_algorithm().map_err(Error::wrap)?;
        let choice = (algorithm, forward.get_workspace_size(algorithm).map_err(Error::wrap)?);
        choices.insert(problem, choice);
        Ok(choice)
    })
}

fn launch<T: Element + CudnnDataType>(
    forward: &ConvForward<'_, T, f32, T>,
    (algorithm, bytes): Choice,
    device: &CudaDevice,
    (x, weight): (&Tensor, &Tensor),
    y: &mut CudaSlice<T>,
) -> Result<()> {
    let (x, weight) = (Input::new(x)?, Input::new(weight)?);
    let (x, weight) = (x.view::<T>()?, weight.view::<T>()?);
    // SAFETY: cuDNN reads nothing of its workspace that it has not written.
    #[allow(unsafe_code)]
    let mut workspace = (bytes > 0).then(|| unsafe { device.alloc::<u8>(bytes) }).transpose()?;
    let scale = (T::one(), T::zero());
    // SAFETY: the descriptors were made of the shapes and the type of these very tensors.
    #[allow(unsafe_code)]
    unsafe { forward.launch(algorithm, workspace.as_mut(), scale, &x, &weight, y) }.map_err(Error::wrap)
}

/// This thread's handle of cuDNN for the device, on the device's stream.
fn library(device: &CudaDevice) -> Result<Arc<Cudnn>> {
    LIBRARY.with_borrow_mut(|libraries| {
        if let Some(library) = libraries.get(&device.id()) {
            return Ok(Arc::clone(library));
        }
        let library = Cudnn::new(device.cuda_stream()).map_err(Error::wrap)?;
        libraries.insert(device.id(), Arc::clone(&library));
        Ok(library)
    })
}

/// Sizes as cuDNN takes them.
fn dims(sizes: [usize; 4]) -> Result<[i32; 4]> {
    let mut dims = [0; 4];
    for (dim, size) in dims.iter_mut().zip(sizes) {
        *dim = i32::try_from(size).map_err(Error::wrap)?;
    }
    Ok(dims)
}
