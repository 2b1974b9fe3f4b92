//! PNG files without their colour profiles.

use std::borrow::Cow;

/// Length of a PNG's signature.
const SIGNATURE: usize = 8;

/// The file without its colour profile: it is not used, but a decoder would unpack it, and it may be packed a thousandfold.
pub(super) fn without_profile(png: &[u8]) -> Cow<'_, [u8]> {
    let mut at = SIGNATURE;
    let mut profiles = Vec::new();
    // Length, type, data, checksum (https://www.w3.org/TR/png-3/#5Chunk-layout). A profile stands before the pixels.
    while let Some(&[a, b, c, d, ref kind @ ..]) = png.get(at..at + 8)
        && kind != b"IDAT"
    {
        let end = at.saturating_add(12).saturating_add(u32::from_be_bytes([a, b, c, d]) as usize);
        if kind == b"iCCP" {
            profiles.push(at..end.min(png.len()));
        }
        at = end.min(png.len());
    }
    if profiles.is_empty() {
        return png.into();
    }
    let mut rest = png.to_vec();
    for profile in profiles.into_iter().rev() {
        rest.drain(profile);
    }
    rest.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(kind: &str, data: &str) -> String {
        let length = u8::try_from(data.len()).unwrap_or_default() as char;
        format!("\0\0\0{length}{kind}{data}CRC.")
    }

    #[test]
    fn only_profiles_are_taken_out() {
        let [header, profile, pixels] = [chunk("IHDR", "size"), chunk("iCCP", "profile"), chunk("IDAT", "iCCP")];
        let with = format!("89PNG...{header}{profile}{profile}{pixels}");
        let without = format!("89PNG...{header}{pixels}");
        assert_eq!(without_profile(with.as_bytes()), without.as_bytes());
        assert!(matches!(without_profile(without.as_bytes()), Cow::Borrowed(_)));
    }

    #[test]
    fn what_is_cut_short_stays_without_harm() {
        let with = format!("89PNG...{}{}", chunk("iCCP", "profile"), chunk("IDAT", "pixels"));
        for length in 0..with.len() {
            assert!(without_profile(&with.as_bytes()[..length]).len() <= length);
        }
        let long = format!("89PNG...{}", chunk("iCCP", "profile").replace("\0\0\0", "\u{7f}\u{7f}\u{7f}"));
        assert_eq!(without_profile(long.as_bytes()), &b"89PNG..."[..]);
    }
}
