//! What is said to a wish for something that is not drawn.

use crate::i18n::Language;
use crate::moderation::Kind;

/// Says what it looks like, and that another description may help. Nobody is blamed.
pub(super) fn moderated(language: Language, kind: Kind) -> String {
    language.text(match kind {
        Kind::Minors => "refused-minors",
        Kind::Sexual => "refused-sexual",
        Kind::Hate => "refused-hate",
        Kind::Gore => "refused-gore",
    })
}
