//! PNG files that carry the recipe they were drawn by.

use std::io::Cursor;

use image::{DynamicImage, RgbImage};

use crate::recipe::Recipe;

/// The keyword of the text chunk (iTXt, <https://www.w3.org/TR/png-3/#11iTXt>) that holds the recipe as JSON.
const KEYWORD: &str = "kandinsky-recipe";
/// The longest recipe that is read, bytes.
const RECIPE_LIMIT: usize = 64 * 1024;
/// The keyword that the PNG specification reserves for the program.
const SOFTWARE: (&str, &str) = ("Software", concat!("kandinsky-bot ", env!("CARGO_PKG_VERSION")));

/// A PNG could not be written.
#[derive(Debug, thiserror::Error)]
pub enum PngError {
    /// The encoder refused.
    #[error("the PNG can not be written: {0}")]
    Encode(#[from] png::EncodingError),
    /// The recipe has no JSON form.
    #[error("the recipe can not be written into the PNG: {0}")]
    Recipe(#[from] serde_json::Error),
}

/// A PNG with the recipe in a text chunk. The same picture and recipe give the same bytes: there is no date inside.
///
/// # Errors
/// [`PngError`], which means a bug rather than bad input.
pub fn encode_png(picture: &RgbImage, recipe: &Recipe) -> Result<Vec<u8>, PngError> {
    encode(picture.dimensions(), png::ColorType::Rgb, picture, Some(recipe))
}

/// The same of a picture that may be transparent.
pub(super) fn encode_png_of(picture: &DynamicImage, recipe: &Recipe) -> Result<Vec<u8>, PngError> {
    match picture {
        DynamicImage::ImageRgb8(picture) => encode_png(picture, recipe),
        picture => {
            let picture = picture.to_rgba8();
            encode(picture.dimensions(), png::ColorType::Rgba, &picture, Some(recipe))
        }
    }
}

/// A PNG without a recipe, for what is only shown.
///
/// # Errors
/// [`PngError`], which means a bug rather than bad input.
pub fn encode_plain_png(picture: &RgbImage) -> Result<Vec<u8>, PngError> {
    encode(picture.dimensions(), png::ColorType::Rgb, picture, None)
}

fn encode(
    (width, height): (u32, u32),
    colour: png::ColorType,
    pixels: &[u8],
    recipe: Option<&Recipe>,
) -> Result<Vec<u8>, PngError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(colour);
    encoder.set_depth(png::BitDepth::Eight);
    if let Some(recipe) = recipe {
        encoder.add_text_chunk(SOFTWARE.0.to_owned(), SOFTWARE.1.to_owned())?;
        encoder.add_itxt_chunk(KEYWORD.to_owned(), serde_json::to_string(recipe)?)?;
    }
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(bytes)
}

/// The recipe inside a PNG of ours; `None` for any other bytes, and for a recipe that is out of bounds: it is not ours.
#[must_use]
pub fn read_recipe(bytes: &[u8]) -> Option<Recipe> {
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.set_ignore_iccp_chunk(true);
    let reader = decoder.read_info().ok()?;
    let mut chunk = reader.info().utf8_text.iter().find(|chunk| chunk.keyword == KEYWORD)?.clone();
    // A foreign file may have packed gigabytes into it.
    chunk.decompress_text_with_limit(RECIPE_LIMIT).ok()?;
    let recipe: Recipe = serde_json::from_str(&chunk.get_text().ok()?).ok()?;
    recipe.check().is_ok().then_some(recipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_remembers_its_recipe() {
        let recipe = Recipe::text_to_image("красное яблоко", 7).unwrap();
        let picture = RgbImage::from_fn(5, 3, |x, y| image::Rgb([x as u8, y as u8, 9]));
        let bytes = encode_png(&picture, &recipe).unwrap();
        assert_eq!(read_recipe(&bytes), Some(recipe.clone()));
        assert_eq!(image::load_from_memory(&bytes).unwrap().into_rgb8(), picture);
        assert_eq!(encode_png(&picture, &recipe).unwrap(), bytes);
    }

    #[test]
    fn other_files_have_none() {
        assert_eq!(read_recipe(b"GIF89a"), None);
        assert_eq!(read_recipe(&[]), None);
    }
}
