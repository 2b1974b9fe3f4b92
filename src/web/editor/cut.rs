//! Cuts a part out of a picture, pixel for pixel.

use std::io::Cursor;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use image::{DynamicImage, ImageFormat, imageops};
use serde::Deserialize;

use super::access::Visitor;
use super::body::JsonBody;
use super::decoding::decoding;
use super::error::{EditorError, EditorResult};
use super::pictures::{bring, bytes_of};
use super::state::EditorState;
use super::views::rgba;
use crate::pictures::Picture;

/// A part of a picture, in its pixels.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Cut {
    x: u32,
    y: u32,
    width: u32,
    height: u32,
}

/// A part of a picture as a picture of its own.
pub(super) async fn cut(
    State(editor): State<Arc<EditorState>>,
    visitor: Visitor,
    Path(id): Path<String>,
    JsonBody(cut): JsonBody<Cut>,
) -> EditorResult<Response> {
    editor.uploads.take(visitor.user.0).map_err(EditorError::pace)?;
    let bytes = bytes_of(&editor, visitor, &id).await?;
    let part = decoding(&editor, move || part_of(&bytes, cut)).await?;
    let brought = bring(&editor, visitor, part, Some(id)).await?;
    Ok((StatusCode::CREATED, Json(brought)).into_response())
}

fn part_of(bytes: &[u8], Cut { x, y, width, height }: Cut) -> EditorResult<Bytes> {
    let picture = Picture::decode(bytes)?;
    let (whole_width, whole_height) = picture.rgb.dimensions();
    let is_inside =
        |at: u32, length: u32, whole: u32| length > 0 && at.checked_add(length).is_some_and(|end| end <= whole);
    if !is_inside(x, width, whole_width) || !is_inside(y, height, whole_height) {
        return Err(EditorError::invalid("width", "the part has to lie inside of the picture"));
    }
    let part: DynamicImage = match picture.alpha.is_some() {
        true => imageops::crop_imm(&rgba(&picture), x, y, width, height).to_image().into(),
        false => imageops::crop_imm(&picture.rgb, x, y, width, height).to_image().into(),
    };
    encode(&part)
}

/// A PNG with nothing but the pixels.
pub(super) fn encode(picture: &DynamicImage) -> EditorResult<Bytes> {
    let mut png = Cursor::new(Vec::new());
    picture.write_to(&mut png, ImageFormat::Png).map_err(|error| {
        tracing::error!(%error, "a picture can not be written");
        EditorError::internal()
    })?;
    Ok(png.into_inner().into())
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    #[test]
    fn a_part_has_the_pixels_of_the_whole() {
        let whole = RgbImage::from_fn(20, 10, |x, y| Rgb([x as u8 * 9, y as u8 * 20, 5]));
        let bytes = encode(&whole.clone().into()).unwrap();
        let part = part_of(&bytes, Cut { x: 3, y: 2, width: 17, height: 4 }).unwrap();
        let part = Picture::decode(&part).unwrap().rgb;
        assert_eq!(part.dimensions(), (17, 4));
        assert!(part.enumerate_pixels().all(|(x, y, pixel)| pixel == whole.get_pixel(x + 3, y + 2)));
        for (x, y, width, height) in [(3, 2, 18, 4), (0, 0, 0, 4), (0, 9, 3, 2), (u32::MAX, 0, 2, 2)] {
            assert!(part_of(&bytes, Cut { x, y, width, height }).is_err());
        }
    }
}
