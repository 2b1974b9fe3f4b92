//! Message authentication codes: HMAC-SHA-256 ([RFC 2104](https://www.rfc-editor.org/rfc/rfc2104)).

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Signs with a secret. What each signature is for is a part of it, so that none is good for anything else.
#[derive(Clone)]
pub(super) struct Signer {
    secret: Vec<u8>,
}

impl Signer {
    pub(super) fn new(secret: impl Into<Vec<u8>>) -> Self {
        Self { secret: secret.into() }
    }

    /// The signature of some parts. Their lengths are signed as well: no part can flow into the next.
    pub(super) fn sign(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        self.mac(purpose, parts).finalize().into_bytes().into()
    }

    /// Whether a signature, or its beginning of at least 16 bytes, is right; in constant time.
    pub(super) fn is_right(&self, purpose: &str, parts: &[&[u8]], signature: &[u8]) -> bool {
        signature.len() >= 16 && self.mac(purpose, parts).verify_truncated_left(signature).is_ok()
    }

    fn mac(&self, purpose: &str, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = hmac(&self.secret);
        for part in [purpose.as_bytes()].iter().chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac
    }
}

/// HMAC-SHA-256 with a key of any length.
pub(super) fn hmac(key: &[u8]) -> Hmac<Sha256> {
    // Keys of every length are taken; without one, as with an empty key, nothing would verify.
    Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| Hmac::<Sha256>::new(&Default::default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_for_its_purpose_and_its_parts() {
        let signer = Signer::new(*b"secret");
        let signature = signer.sign("token", &[b"ab", b"c"]);
        assert!(signer.is_right("token", &[b"ab", b"c"], &signature));
        assert!(signer.is_right("token", &[b"ab", b"c"], &signature[..16]));
        assert!(!signer.is_right("token", &[b"ab", b"c"], &signature[..15]), "too short a part");
        assert!(!signer.is_right("token", &[b"ab", b"c"], &[]));
        assert!(!signer.is_right("token", &[b"a", b"bc"], &signature));
        assert!(!signer.is_right("link", &[b"ab", b"c"], &signature));
        assert!(!Signer::new(*b"other").is_right("token", &[b"ab", b"c"], &signature));
    }

    #[test]
    fn the_code_is_that_of_the_standard() {
        // RFC 4231, test case 2.
        let mut mac = hmac(b"Jefe");
        mac.update(b"what do ya want for nothing?");
        let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}
