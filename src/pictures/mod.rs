//! Pictures as people and files have them: 8-bit RGB within limits, masks, canvases, PNG with the recipe inside.

mod canvas;
mod composite;
mod decode;
mod marking;
mod mask;
mod png_file;
mod png_profile;
mod reduce;
mod resample;

pub use canvas::{extend, fill_hole};
pub use composite::composite;
pub use decode::{BYTES_LIMIT, PIXELS_LIMIT, Picture, PictureError, SIDE_LIMIT};
pub use marking::{Area, MarkingError, checked as checked_mask, painted_over, preview as mask_preview, widened};
pub use mask::{Mask, MaskError};
pub use png_file::{PngError, encode_plain_png, encode_png, read_recipe};
pub use resample::{Filter, resample, resample_reduced, within};
