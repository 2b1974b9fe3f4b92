//! Pictures as people and files have them: 8-bit RGB, PNG with the recipe inside.

mod png_file;

pub use png_file::{PngError, encode_png, read_recipe};
