//! Signed addresses of pictures: `<img>` sends no header, and neither does a client that saves a file.

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::signature::Signer;
use super::token::seconds;

/// How long an address opens something, at least.
const LIFETIME: Duration = Duration::from_secs(2 * 3600);
/// Ends are at multiples of this, so that the same picture keeps its address for a while and caches work.
const GRID: u64 = 15 * 60;
/// Bytes of the signature: 128 bits can not be guessed.
const SIGNATURE: usize = 16;

/// The path and query of a file.
pub(super) fn link(signer: &Signer, name: &str, now: SystemTime) -> String {
    let expires = (seconds(now) + LIFETIME.as_secs()).next_multiple_of(GRID);
    let signature = signer.sign("picture", &[name.as_bytes(), &expires.to_be_bytes()]);
    format!("/editor/p/{name}?e={expires}&s={}", URL_SAFE_NO_PAD.encode(&signature[..SIGNATURE]))
}

/// Whether an address is one that was given out and is not too old.
pub(super) fn opens(signer: &Signer, name: &str, expires: u64, signature: &str, now: SystemTime) -> bool {
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
    let parts: [&[u8]; 2] = [name.as_bytes(), &expires.to_be_bytes()];
    signature.len() == SIGNATURE && signer.is_right("picture", &parts, &signature) && seconds(now) < expires
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn an_address_opens_one_file_for_two_hours() {
        let (signer, now) = (Signer::new(*b"secret"), UNIX_EPOCH + Duration::from_secs(1_000_000));
        let link = link(&signer, "j12.0.png", now);
        let (path, query) = link.split_once('?').unwrap();
        assert_eq!(path, "/editor/p/j12.0.png");
        let values: Vec<&str> = query.split('&').map(|pair| pair.split_once('=').unwrap().1).collect();
        let expires: u64 = values[0].parse().unwrap();
        let is_open = |name: &str, expires, later: u64| {
            opens(&signer, name, expires, values[1], now + Duration::from_secs(later))
        };
        assert!(is_open("j12.0.png", expires, 0) && is_open("j12.0.png", expires, 7199));
        assert!(!is_open("j12.0.png", expires, 7200 + GRID));
        assert!(!is_open("j12.1.png", expires, 0) && !is_open("j12.0.png", expires + 900, 0));
        assert!(!opens(&signer, "j12.0.png", expires, "", now));
        assert_eq!(super::link(&signer, "j12.0.png", now + Duration::from_secs(1)), link, "caches work");
    }
}
