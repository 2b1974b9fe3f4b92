//! Pictures as 8-bit RGB: decoding within limits, masks, canvases for outpainting, resampling, PNG with the recipe inside.

mod area;
mod canvas;
mod composite;
mod decode;
mod mask;
mod mask_spec;
mod painted_mask;
mod png_file;
mod png_profile;
mod reduce;
mod resample;

pub use area::Area;
pub use canvas::{extend, fill_hole};
pub use composite::composite;
pub use decode::{BYTES_LIMIT, PIXELS_LIMIT, Picture, PictureError, SIDE_LIMIT};
pub use mask::{Mask, MaskError};
pub use mask_spec::{MaskShape, MaskSpec, mask_preview};
pub use painted_mask::painted_over;
pub use png_file::{PngError, encode_plain_png, encode_png, encode_png_with_alpha, read_recipe};
pub use resample::{Filter, resample, resample_reduced, within};
