//! Tokens that got into the wrong place are not shown again in a message.

/// Letters and digits behind the colon of a bot's token, at least.
const BOT_SECRET: usize = 30;
/// The same behind the `hf_` of a Hugging Face token.
const HUB_SECRET: usize = 20;

/// The text with each token of a bot or of the Hugging Face hub replaced; `None` if there is none in it.
pub(super) fn without_tokens(text: &str) -> Option<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '_' | '-');
    let mut words = text.split(|c| !is_part(c)).filter(|word| is_token(word)).peekable();
    words.peek()?;
    Some(words.fold(text.to_owned(), |text, token| text.replace(token, "<token>")))
}

fn is_token(word: &str) -> bool {
    let is_bot = word.split_once(':').is_some_and(|(id, secret)| {
        !id.is_empty() && id.chars().all(|c| c.is_ascii_digit()) && secret.len() >= BOT_SECRET
    });
    is_bot || word.strip_prefix("hf_").is_some_and(|secret| secret.len() >= HUB_SECRET)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_replaced_and_nothing_else() {
        let bot = format!("123456:AA{}", "x".repeat(33));
        let hub = format!("hf_{}", "y".repeat(30));
        let text = without_tokens(&format!("error: invalid value '{bot}' for '--admins', {hub}")).unwrap();
        assert_eq!(text, "error: invalid value '<token>' for '--admins', <token>");
        assert_eq!(without_tokens("at 12:30, http://127.0.0.1:8080, hf_short, sha256:abc"), None);
    }
}
