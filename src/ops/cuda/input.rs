//! Inputs and outputs of kernels.

use std::ops::Range;

use candle_core::cuda::CudaDType;
use candle_core::cuda::cudarc::driver::{CudaView, DeviceRepr};
use candle_core::op::BackpropOp;
use candle_core::{CudaDevice, CudaStorage, Device, Result, Shape, Storage, StorageRef, Tensor};

/// The numbers of a contiguous tensor on a GPU.
pub(super) struct Input<'a> {
    storage: StorageRef<'a>,
    range: Range<usize>,
}

impl<'a> Input<'a> {
    /// # Errors
    /// The numbers are not side by side.
    pub(super) fn new(x: &'a Tensor) -> Result<Self> {
        let (storage, layout) = x.storage_and_layout();
        match layout.contiguous_offsets() {
            Some((start, end)) => Ok(Self { storage, range: start..end }),
            None => candle_core::bail!("a kernel was given a strided tensor, {layout:?}"),
        }
    }

    /// # Errors
    /// The tensor has another type, or is not on a GPU.
    pub(super) fn view<T: CudaDType + DeviceRepr>(&self) -> Result<CudaView<'_, T>> {
        match &*self.storage {
            Storage::Cuda(storage) => Ok(storage.as_cuda_slice::<T>()?.slice(self.range.clone())),
            _ => candle_core::bail!("a CUDA kernel was given a tensor that is not on a GPU"),
        }
    }
}

/// The device that a tensor is on.
///
/// # Errors
/// It is not a GPU.
pub(super) fn device_of(x: &Tensor) -> Result<&CudaDevice> {
    match x.device() {
        Device::Cuda(device) => Ok(device),
        device => candle_core::bail!("a CUDA kernel was given a tensor on {device:?}"),
    }
}

/// A kernel's output as a tensor.
pub(super) fn to_tensor<T: CudaDType>(
    slice: candle_core::cuda::cudarc::driver::CudaSlice<T>,
    device: &CudaDevice,
    shape: impl Into<Shape>,
) -> Tensor {
    let storage = CudaStorage::wrap_cuda_slice(slice, device.clone());
    Tensor::from_storage(Storage::Cuda(storage), shape, BackpropOp::none(), false)
}

/// A size as the kernels take it.
///
/// # Errors
/// It has more than 32 bits.
pub(super) fn size(size: usize) -> Result<u32> {
    u32::try_from(size).map_err(candle_core::Error::wrap)
}
