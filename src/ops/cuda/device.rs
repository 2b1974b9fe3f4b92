//! Opening a GPU.

use std::ffi::c_void;

use candle_core::cuda::cudarc::driver::sys::CUmemPool_attribute;
use candle_core::cuda::cudarc::driver::{DriverError, result};
use candle_core::{CudaDevice, Device, Result};

/// The GPU of that number, with one stream of its own.
///
/// Whichever thread computes, it does so on that stream; candle's usual device has another stream for each thread, and a
/// tensor that changed threads would be read before it is written.
///
/// # Errors
/// There is no such GPU, or its driver does not serve.
pub fn open_cuda(ordinal: usize) -> Result<Device> {
    let device = CudaDevice::new_with_stream(ordinal)?;
    // SAFETY: every tensor of this device is made, used and freed on its one stream, whose order is all that the events
    // would ensure.
    #[allow(unsafe_code)]
    unsafe {
        device.disable_event_tracking();
    };
    if let Err(error) = keep_memory(&device) {
        tracing::warn!(%error, "the GPU gives freed memory back to the system: it will be slower");
    }
    Ok(Device::Cuda(device))
}

/// Lets the device's pool keep what is freed. By default it gives everything back whenever the program waits for the GPU,
/// and the next step has to ask the system for it again.
fn keep_memory(device: &CudaDevice) -> std::result::Result<(), DriverError> {
    let stream = device.cuda_stream();
    let number = stream.context().cu_device();
    let mut threshold = u64::MAX;
    // SAFETY: the number is that of an open device, its pool lives as long as the device, and this attribute is a u64,
    // which is read before the call returns.
    #[allow(unsafe_code)]
    unsafe {
        let pool = result::device::get_mem_pool(number)?;
        let attribute = CUmemPool_attribute::CU_MEMPOOL_ATTR_RELEASE_THRESHOLD;
        result::mem_pool::set_attribute(pool, attribute, (&raw mut threshold).cast::<c_void>())
    }
}
