//! PNG files that carry the recipe they were drawn by.

use std::io::Cursor;

use image::{GrayImage, Rgb, RgbImage};

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
    encode_png_with_alpha(picture, None, recipe)
}

/// The same of a picture that may be transparent; `alpha` must have its size.
///
/// # Errors
/// [`PngError`], which means a bug rather than bad input.
pub fn encode_png_with_alpha(
    picture: &RgbImage,
    alpha: Option<&GrayImage>,
    recipe: &Recipe,
) -> Result<Vec<u8>, PngError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, picture.width(), picture.height());
    encoder.set_color(if alpha.is_some() { png::ColorType::Rgba } else { png::ColorType::Rgb });
    encoder.set_depth(png::BitDepth::Eight);
    encoder.add_text_chunk(SOFTWARE.0.to_owned(), SOFTWARE.1.to_owned())?;
    encoder.add_itxt_chunk(KEYWORD.to_owned(), serde_json::to_string(recipe)?)?;
    let mut writer = encoder.write_header()?;
    match alpha {
        None => writer.write_image_data(picture)?,
        Some(alpha) => {
            let pixels = picture.pixels().zip(alpha.iter());
            let rgba: Vec<u8> = pixels.flat_map(|(&Rgb([r, g, b]), &alpha)| [r, g, b, alpha]).collect();
            writer.write_image_data(&rgba)?;
        }
    }
    writer.finish()?;
    Ok(bytes)
}

/// A PNG without a recipe, for what is only shown.
///
/// # Errors
/// [`PngError`], which means a bug rather than bad input.
pub fn encode_plain_png(picture: &RgbImage) -> Result<Vec<u8>, PngError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, picture.width(), picture.height());
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(picture)?;
    writer.finish()?;
    Ok(bytes)
}

/// The recipe inside a PNG of ours; `None` for any other bytes.
#[must_use]
pub fn read_recipe(bytes: &[u8]) -> Option<Recipe> {
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.set_ignore_iccp_chunk(true);
    let reader = decoder.read_info().ok()?;
    let mut chunk = reader.info().utf8_text.iter().find(|chunk| chunk.keyword == KEYWORD)?.clone();
    // A foreign file may have packed gigabytes into it.
    chunk.decompress_text_with_limit(RECIPE_LIMIT).ok()?;
    serde_json::from_str(&chunk.get_text().ok()?).ok()
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
