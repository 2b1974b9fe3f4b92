//! Pictures as text: base64, or a `data:` URL.

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use bytes::Bytes;

use super::error::{ApiError, ApiResult};

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const DECODER: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);

/// The most bytes of a picture that is sent.
pub(super) const PICTURE_BYTES: usize = 32 * 1024 * 1024;

/// As base64.
pub(super) fn encode_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Bytes from base64 or a `data:` URL, with or without line breaks and padding.
///
/// # Errors
/// That of a picture that can not be used, for the field `name`.
pub(super) fn decode_base64(text: &str, name: &str) -> ApiResult<Bytes> {
    let data = match text.trim().strip_prefix("data:") {
        Some(url) => url
            .split_once(";base64,")
            .map(|(_, data)| data)
            .ok_or_else(|| ApiError::picture(name, format!("{name}: a data: URL has to be in base64")))?,
        None => text,
    };
    if data.len() / 4 * 3 > PICTURE_BYTES {
        return Err(ApiError::too_large(PICTURE_BYTES));
    }
    let decoded = match data.contains(char::is_whitespace) {
        true => DECODER.decode(data.split_whitespace().collect::<String>()),
        false => DECODER.decode(data),
    };
    decoded.map(Bytes::from).map_err(|_| ApiError::picture(name, format!("{name} is no picture in base64")))
}

/// Refuses an address: nothing is ever fetched, because what a server can reach is not what its clients may reach.
///
/// # Errors
/// That of a picture that can not be used, for the field `name`.
pub(super) fn refuse_address(text: &str, name: &str) -> ApiResult<()> {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    let is_address =
        scheme.is_some_and(|scheme| scheme.len() < 16 && scheme.chars().all(|c| c.is_ascii_alphanumeric()));
    match is_address {
        true => Err(ApiError::picture(name, format!("{name}: addresses are not fetched; send base64 or a data: URL"))),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_in_every_usual_spelling() {
        for text in ["aGVsbG8=", "aGVsbG8", "aGVs\r\nbG8=", "data:image/png;base64,aGVsbG8=", " data:;base64,aGVsbG8 "]
        {
            assert_eq!(decode_base64(text, "image").unwrap(), "hello", "{text}");
        }
        for text in ["&&&", "data:image/png,hello", "привет"] {
            assert!(decode_base64(text, "image").is_err(), "{text}");
        }
    }
}
