//! CUDA C sources, compiled when they are first used.

use std::sync::OnceLock;

use candle_core::cuda::CudaDType;
use candle_core::cuda::cudarc::driver::{CudaFunction, DeviceRepr};
use candle_core::cuda::cudarc::nvrtc::compile_ptx;
use candle_core::{CudaDevice, Result, WithDType};
use half::{bf16, f16};

/// A source with its kernels.
pub(super) struct Source {
    name: &'static str,
    text: &'static str,
    ptx: OnceLock<std::result::Result<String, String>>,
}

impl Source {
    /// `name` must be of this source alone.
    pub(super) const fn new(name: &'static str, text: &'static str) -> Self {
        Self { name, text, ptx: OnceLock::new() }
    }

    /// One of its kernels, ready to be launched on the device.
    ///
    /// # Errors
    /// The source does not compile (NVRTC says why), or the driver does not take the result.
    pub(super) fn kernel(&self, device: &CudaDevice, kernel: &str) -> Result<CudaFunction> {
        match self.ptx() {
            Ok(ptx) => Ok(device.get_or_load_custom_func(kernel, self.name, ptx)?.into_cuda_function()),
            Err(error) => candle_core::bail!("{}: {error}", self.name),
        }
    }

    /// PTX for the oldest cards that NVRTC knows; the driver compiles it further for the card at hand.
    fn ptx(&self) -> &std::result::Result<String, String> {
        let compile = || compile_ptx(self.text).map(|ptx| ptx.to_src()).map_err(|error| error.to_string());
        self.ptx.get_or_init(compile)
    }
}

/// The number formats that the kernels are written for.
pub(super) trait Element: CudaDType + WithDType + DeviceRepr {
    /// Suffix of a kernel's name.
    const SUFFIX: &'static str;
}

impl Element for f32 {
    const SUFFIX: &'static str = "f32";
}

impl Element for f16 {
    const SUFFIX: &'static str = "f16";
}

impl Element for bf16 {
    const SUFFIX: &'static str = "bf16";
}

#[cfg(test)]
mod tests {
    use super::Source;
    use crate::ops::cuda::group_norm;

    /// NVRTC needs no GPU, only its library.
    fn assert_compiles(source: &Source, kernels: usize) {
        let ptx = source.ptx().as_ref().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(ptx.matches(".entry").count(), kernels);
    }

    #[test]
    fn group_norms_compile() {
        assert_compiles(&group_norm::SOURCE, 7);
    }

    #[cfg(feature = "cudnn")]
    #[test]
    fn sums_compile() {
        assert_compiles(&crate::ops::cuda::add::SOURCE, 3);
    }
}
