//! Pictures as 8-bit sRGB: decoding within limits, colour profiles, masks, canvases for outpainting, resampling, PNG with the
//! recipe inside.

mod area;
mod canvas;
mod colour_profile;
mod composite;
mod decode;
mod file_format;
mod file_kind;
mod jpeg_segments;
mod mask;
mod mask_file;
mod mask_preview;
mod mask_spec;
mod painted_mask;
mod png_file;
mod png_profile;
mod reduce;
mod resample;

pub use area::Area;
pub use canvas::{check_extended, extend, extend_transparency, fill_hole};
pub use composite::{composite, composite_transparent};
pub use decode::{BYTES_LIMIT, PIXELS_LIMIT, Picture, PictureError, SIDE_LIMIT, Transparency, is_within_limits};
pub use file_format::{EncodeError, FileFormat};
pub use file_kind::{is_picture_name, unreadable_kind};
pub use mask::{Mask, MaskError};
pub use mask_preview::mask_preview;
pub use mask_spec::{MaskShape, MaskSpec};
pub use painted_mask::painted_over;
pub use png_file::{PngError, encode_plain_png, encode_png, read_recipe};
pub use resample::{Filter, resample, resample_reduced, within};
