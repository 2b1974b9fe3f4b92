//! Which number format each part of the model computes in: as candle computes it, and as it is written, such as `bf16,movq=f32`.

use std::fmt;
use std::str::FromStr;

use candle_core::{DType, Device};

use crate::ops::Q8_0;

/// A number format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NumberFormat {
    /// f32 on a CPU, bf16 on a GPU.
    #[default]
    Auto,
    /// 32-bit floats.
    F32,
    /// 16-bit brain floats.
    Bf16,
    /// 16-bit floats.
    F16,
    /// 8-bit numbers in blocks of 32 with a scale each, for the encoders and the prior on a CPU.
    Q8_0,
}

impl NumberFormat {
    /// The format that `auto` stands for on a device; any other format is itself.
    #[must_use]
    pub fn resolve(self, device: &Device) -> Self {
        match self {
            Self::Auto if device.is_cpu() => Self::F32,
            Self::Auto => Self::Bf16,
            format => format,
        }
    }

    /// The tensor type on a device.
    pub(super) fn dtype(self, device: &Device) -> DType {
        match self.resolve(device) {
            Self::F16 => DType::F16,
            Self::Bf16 => DType::BF16,
            Self::Q8_0 => Q8_0,
            Self::F32 | Self::Auto => DType::F32,
        }
    }
}

/// A number format for each part: `bf16` for all, `unet=bf16` for one (the others stay `auto`), `f16,movq=f32` for all but one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Precision {
    /// The text and image encoders.
    pub encoders: NumberFormat,
    /// The prior.
    pub prior: NumberFormat,
    /// The UNet.
    pub unet: NumberFormat,
    /// The autoencoder.
    pub movq: NumberFormat,
}

impl Precision {
    /// The precision without `auto`: what each part computes in on a device.
    #[must_use]
    pub fn resolve(self, device: &Device) -> Self {
        let Self { encoders, prior, unet, movq } = self;
        Self {
            encoders: encoders.resolve(device),
            prior: prior.resolve(device),
            unet: unet.resolve(device),
            movq: movq.resolve(device),
        }
    }
}

/// Why a text is no [`Precision`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrecisionError {
    /// No such format.
    #[error("there is no number format {0:?}; write auto, f32, bf16, f16 or q8_0")]
    Format(String),
    /// No such part.
    #[error("there is no part {0:?}; the parts are encoders, prior, unet and movq, as in unet=bf16,movq=f32")]
    Part(String),
    /// Not for this part.
    #[error("q8_0 is for the encoders and the prior alone, as in bf16,encoders=q8_0,prior=q8_0")]
    Q8Unsupported,
    /// Said twice.
    #[error("the format of {0} is given twice")]
    Twice(String),
}

impl FromStr for NumberFormat {
    type Err = PrecisionError;

    fn from_str(text: &str) -> Result<Self, PrecisionError> {
        match text {
            "auto" => Ok(Self::Auto),
            "f32" => Ok(Self::F32),
            "bf16" => Ok(Self::Bf16),
            "f16" => Ok(Self::F16),
            "q8_0" => Ok(Self::Q8_0),
            _ => Err(PrecisionError::Format(text.to_string())),
        }
    }
}

impl fmt::Display for NumberFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::F32 => "f32",
            Self::Bf16 => "bf16",
            Self::F16 => "f16",
            Self::Q8_0 => "q8_0",
        })
    }
}

impl fmt::Display for Precision {
    /// One format if all parts have it, else each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { encoders, prior, unet, movq } = self;
        if *self == Self::from(*unet) {
            return unet.fmt(f);
        }
        write!(f, "encoders={encoders},prior={prior},unet={unet},movq={movq}")
    }
}

impl From<NumberFormat> for Precision {
    /// All parts in one format.
    fn from(dtype: NumberFormat) -> Self {
        Self { encoders: dtype, prior: dtype, unet: dtype, movq: dtype }
    }
}

impl FromStr for Precision {
    type Err = PrecisionError;

    fn from_str(text: &str) -> Result<Self, PrecisionError> {
        let (mut all, mut parts) = (None, [None; 4]);
        for word in text.split(',').map(str::trim) {
            let (slot, name, dtype) = match word.split_once('=') {
                None => (&mut all, "all parts", word),
                Some((part, dtype)) => {
                    let part = part.trim();
                    let index = ["encoders", "prior", "unet", "movq"].iter().position(|known| *known == part);
                    let index = index.ok_or_else(|| PrecisionError::Part(part.to_string()))?;
                    (&mut parts[index], part, dtype.trim())
                }
            };
            if slot.replace(dtype.parse()?).is_some() {
                return Err(PrecisionError::Twice(name.to_string()));
            }
        }
        let [encoders, prior, unet, movq] = parts.map(|part| part.or(all).unwrap_or_default());
        match [unet, movq].contains(&NumberFormat::Q8_0) {
            true => Err(PrecisionError::Q8Unsupported),
            false => Ok(Self { encoders, prior, unet, movq }),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Precision, String> {
        text.parse().map_err(|error: PrecisionError| error.to_string())
    }

    #[test]
    fn a_format_is_for_all_parts_but_those_that_have_their_own() {
        assert_eq!(parse("bf16").unwrap(), Precision::from(NumberFormat::Bf16));
        let expected = Precision { unet: NumberFormat::Bf16, movq: NumberFormat::F32, ..Precision::default() };
        assert_eq!(parse("unet=bf16, movq=f32").unwrap(), expected);
        let expected = Precision { movq: NumberFormat::F32, ..Precision::from(NumberFormat::F16) };
        assert_eq!(parse("movq=f32,f16").unwrap(), expected);
        assert_eq!(expected.to_string(), "encoders=f16,prior=f16,unet=f16,movq=f32");
        assert_eq!(parse("unet=f16,f16").unwrap().to_string(), "f16");
    }

    #[test]
    fn what_is_not_understood_is_said() {
        assert!(parse("fp16").unwrap_err().contains("no number format \"fp16\""));
        assert!(parse("unet=").unwrap_err().contains("no number format \"\""));
        assert!(parse("decoder=f16").unwrap_err().contains("encoders, prior, unet and movq"));
        assert_eq!(parse("unet=f16,unet=f16").unwrap_err(), "the format of unet is given twice");
        assert!(parse("q8_0").unwrap_err().contains("as in bf16,encoders=q8_0,prior=q8_0"));
        assert!(parse("movq=q8_0").is_err());
        assert_eq!(parse("bf16,encoders=q8_0,prior=q8_0").unwrap().prior, NumberFormat::Q8_0);
        assert_eq!(parse("f16,f32").unwrap_err(), "the format of all parts is given twice");
    }
}
