//! Messages to users who can not be served: why, and what helps. Nobody is blamed.

use crate::conversation::moderated::moderated;
use crate::conversation::{Message, status};
use crate::i18n::Language;
use crate::jobs::Requester;
use crate::limits::{Limit, OverLimit};
use crate::orders::Refusal;

/// The words for it.
#[must_use]
pub fn message(language: Language, refusal: Refusal) -> Message {
    Message::plain(match refusal {
        Refusal::Moderated(kind) => moderated(language, kind),
        Refusal::OverLimit(over) => over_limit(language, over),
        Refusal::InputsGone => language.text("inputs-gone"),
    })
}

fn over_limit(language: Language, OverLimit { limit, most, wait }: OverLimit) -> String {
    let count = ("count", most.into());
    let reached = match limit {
        Limit::Waiting => return language.text_with("limit-waiting", [count]),
        Limit::Hour => language.text_with("limit-hour", [count]),
        Limit::Day => language.text_with("limit-day", [count]),
        Limit::ChatHour => language.text_with("limit-chat-hour", [count]),
    };
    match wait {
        Some(wait) => {
            let duration = status::duration(language, wait).into();
            format!("{reached} {}", language.text_with("limit-next", [("duration", duration)]))
        }
        None => reached,
    }
}

/// To somebody who is not on the list, with the number that the owner needs to put them there.
#[must_use]
pub fn stranger(language: Language, user: Requester) -> String {
    // As text: a number would get separators.
    language.text_with("stranger", [("id", user.0.to_string().into())])
}

/// To somebody whom the owner does not serve.
#[must_use]
pub fn banned(language: Language) -> String {
    language.text("banned")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::moderation::Kind;

    fn over(limit: Limit, most: u32, seconds: Option<u64>) -> OverLimit {
        OverLimit { limit, most, wait: seconds.map(Duration::from_secs) }
    }

    #[test]
    fn limits_are_told_with_the_right_endings() {
        let russian = |over| message(Language::Ru, Refusal::OverLimit(over)).text;
        let waiting = |most| russian(over(Limit::Waiting, most, None));
        assert_eq!(
            waiting(5),
            "Больше 5 запросов сразу нельзя: столько уже в очереди. Дождитесь, пожалуйста, хотя бы одной картинки."
        );
        assert!(waiting(1).starts_with("Больше 1 запроса сразу") && waiting(3).starts_with("Больше 3 запросов сразу"));
        assert_eq!(
            russian(over(Limit::Hour, 2, Some(21 * 60))),
            "Лимит на час исчерпан: вы заказали уже 2 картинки. До следующей ещё примерно 21 минута."
        );
        assert_eq!(
            russian(over(Limit::Day, 21, Some(3 * 3600))),
            "Лимит на сутки исчерпан: вы заказали уже 21 картинку. До следующей ещё примерно 3 часа."
        );
        let english = message(Language::En, Refusal::OverLimit(over(Limit::ChatHour, 1, Some(60)))).text;
        assert_eq!(
            english,
            "That’s this chat’s limit for an hour: 1 picture. The next one is possible in about 60 seconds."
        );
    }

    #[test]
    fn each_kind_is_named_in_both_languages() {
        for language in Language::ALL {
            let texts: std::collections::HashSet<String> =
                Kind::ALL.into_iter().map(|kind| message(language, Refusal::Moderated(kind)).text).collect();
            assert_eq!(texts.len(), Kind::ALL.len());
        }
    }

    #[test]
    fn a_stranger_learns_the_number_to_pass_on() {
        assert!(stranger(Language::Ru, Requester(1_234_567_890)).contains("1234567890"));
    }
}
