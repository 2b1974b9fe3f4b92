//! Session tokens: who it is, until when, in which language, and a signature. Nothing of a session is stored, but for a salt of each
//! user in the signature: when that goes, all sessions of the user are over.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::signature::Signer;
use crate::i18n::Language;
use crate::jobs::Requester;

/// How long a session lasts.
pub(super) const SESSION_LIFETIME: Duration = Duration::from_secs(12 * 3600);
/// Longer texts are no tokens.
const MAX_LENGTH: usize = 200;
/// Bytes of user, end and language.
const PAYLOAD: usize = 8 + 8 + 1;

/// What a token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) user: Requester,
    /// Seconds since 1970.
    pub(super) expires: u64,
    pub(super) language: Language,
}

impl Token {
    /// A token of a session that begins now.
    pub(super) fn new(user: Requester, language: Language, now: SystemTime) -> Self {
        Self { user, expires: seconds(now) + SESSION_LIFETIME.as_secs(), language }
    }

    /// As text.
    pub(super) fn write(&self, signer: &Signer, salt: &str) -> String {
        let payload = self.payload();
        let signature = signer.sign("session", &[&payload, salt.as_bytes()]);
        format!("{}.{}", URL_SAFE_NO_PAD.encode(payload), URL_SAFE_NO_PAD.encode(signature))
    }

    /// What a text claims: nothing is checked.
    pub(super) fn claimed(text: &str) -> Option<(Self, Vec<u8>)> {
        let (payload, signature) = text.split_once('.').filter(|_| text.len() <= MAX_LENGTH)?;
        let payload: [u8; PAYLOAD] = URL_SAFE_NO_PAD.decode(payload).ok()?.try_into().ok()?;
        let number = |at: usize| payload.get(at..at + 8)?.try_into().ok().map(u64::from_be_bytes);
        let token = Self {
            user: Requester(number(0)?.cast_signed()),
            expires: number(8)?,
            language: if payload[16] == 0 { Language::Ru } else { Language::En },
        };
        Some((token, URL_SAFE_NO_PAD.decode(signature).ok()?))
    }

    /// Whether the signature is right and the session is not over.
    pub(super) fn is_valid(&self, signature: &[u8], signer: &Signer, salt: &str, now: SystemTime) -> bool {
        let is_right =
            signature.len() == 32 && signer.is_right("session", &[&self.payload(), salt.as_bytes()], signature);
        is_right && seconds(now) < self.expires
    }

    fn payload(&self) -> [u8; PAYLOAD] {
        let mut payload = [0; PAYLOAD];
        payload[..8].copy_from_slice(&self.user.0.to_be_bytes());
        payload[8..16].copy_from_slice(&self.expires.to_be_bytes());
        payload[16] = u8::from(self.language == Language::En);
        payload
    }
}

/// Seconds since 1970.
pub(super) fn seconds(moment: SystemTime) -> u64 {
    moment.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_user_for_twelve_hours_and_its_salt() {
        let (signer, now) = (Signer::new(*b"secret"), UNIX_EPOCH + Duration::from_secs(1_000_000));
        let token = Token::new(Requester(-5), Language::En, now);
        let text = token.write(&signer, "salt");
        let (read, signature) = Token::claimed(&text).unwrap();
        assert_eq!(read, token);
        assert!(read.is_valid(&signature, &signer, "salt", now));
        assert!(read.is_valid(&signature, &signer, "salt", now + SESSION_LIFETIME - Duration::from_secs(1)));
        assert!(!read.is_valid(&signature, &signer, "salt", now + SESSION_LIFETIME));
        assert!(!read.is_valid(&signature, &signer, "another salt", now), "the user was forgotten");
        assert!(!read.is_valid(&signature[..16], &signer, "salt", now), "a part is not enough");
        let other = Token { user: Requester(6), ..read };
        assert!(!other.is_valid(&signature, &signer, "salt", now));
    }

    #[test]
    fn what_is_no_token_claims_nothing() {
        for text in ["", ".", "a.b", "AAAA.AAAA", &"A".repeat(500), "я.я"] {
            assert!(Token::claimed(text).is_none(), "{text}");
        }
    }
}
