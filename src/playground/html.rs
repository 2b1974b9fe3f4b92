//! Text with tags, as the Bot API reads it with `parse_mode` HTML.

use thiserror::Error;

use super::entities::{Formatted, utf16_len};
use super::wire::MessageEntity;

/// Why a text with `parse_mode` HTML was refused; the wording is the Bot API server's.
#[derive(Debug, Error, PartialEq)]
pub(crate) enum MarkupError {
    #[error("Unsupported start tag \"{tag}\" at byte offset {at}")]
    UnsupportedTag { tag: String, at: usize },
    #[error("Unclosed start tag at byte offset {at}")]
    UnclosedTag { at: usize },
    #[error("Unexpected end tag at byte offset {at}")]
    UnexpectedEnd { at: usize },
    #[error("Unmatched end tag at byte offset {at}, expected \"</{expected}>\", found \"</{found}>\"")]
    UnmatchedEnd { at: usize, expected: String, found: String },
    #[error("Can't find end tag corresponding to start tag \"{tag}\"")]
    NoEnd { tag: String },
}

/// Reads [HTML style](https://core.telegram.org/bots/api#html-style).
///
/// # Errors
/// Unknown, unclosed and crossing tags.
pub(crate) fn parse_html(html: &str) -> Result<Formatted, MarkupError> {
    let mut reader = HtmlReader::default();
    let mut at = 0;
    while let Some(rest) = html.get(at..).filter(|rest| !rest.is_empty()) {
        at += if rest.starts_with('<') {
            reader.tag(rest, at)?
        } else if rest.starts_with('&') {
            reader.character_reference(rest)
        } else {
            reader.plain(rest)
        };
    }
    reader.finish()
}

/// A tag that waits for its end.
struct OpenTag {
    name: String,
    entity: Option<MessageEntity>,
}

#[derive(Default)]
struct HtmlReader {
    text: String,
    /// UTF-16 length of `text`.
    length: usize,
    open: Vec<OpenTag>,
    entities: Vec<MessageEntity>,
}

impl HtmlReader {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.length += utf16_len(text);
    }

    /// Text up to the next tag or reference; returns the bytes read.
    fn plain(&mut self, rest: &str) -> usize {
        let end = rest.find(['<', '&']).unwrap_or(rest.len());
        self.push(rest.get(..end).unwrap_or_default());
        end
    }

    /// `&lt;`, `&#1234;`, `&#x1F600;`; anything else stays as written.
    fn character_reference(&mut self, rest: &str) -> usize {
        let known = rest.find(';').filter(|end| *end <= 10).and_then(|end| {
            let character = decode_reference(rest.get(1..end)?)?;
            Some((character, end + 1))
        });
        let (character, read) = known.unwrap_or(('&', 1));
        self.push(character.encode_utf8(&mut [0; 4]));
        read
    }

    /// One tag; returns the bytes read.
    fn tag(&mut self, rest: &str, at: usize) -> Result<usize, MarkupError> {
        let end = rest.find('>').ok_or(MarkupError::UnclosedTag { at })?;
        let inside = rest.get(1..end).unwrap_or_default().trim();
        match inside.strip_prefix('/') {
            Some(name) => self.close(name.trim(), at)?,
            None => self.start(inside, at)?,
        }
        Ok(end + 1)
    }

    fn start(&mut self, inside: &str, at: usize) -> Result<(), MarkupError> {
        let name = inside.split_whitespace().next().unwrap_or_default().to_lowercase();
        let unsupported = || MarkupError::UnsupportedTag { tag: name.clone(), at };
        let mut entity = MessageEntity { offset: self.length, ..MessageEntity::default() };
        entity.kind = match name.as_str() {
            "b" | "strong" => "bold",
            "i" | "em" => "italic",
            "u" | "ins" => "underline",
            "s" | "strike" | "del" => "strikethrough",
            "tg-spoiler" => "spoiler",
            "span" if attribute(inside, "class").as_deref() == Some("tg-spoiler") => "spoiler",
            "blockquote" if inside.contains("expandable") => "expandable_blockquote",
            "blockquote" => "blockquote",
            "pre" => "pre",
            "code" => "code",
            "a" => "text_link",
            // Shown by its own emoji: the playground has no custom ones.
            "tg-emoji" => "",
            _ => return Err(unsupported()),
        }
        .to_owned();
        entity.url = attribute(inside, "href").filter(|_| name == "a");
        if name == "code" && self.give_language_to_pre(inside) {
            entity.kind.clear();
        }
        let kept = !entity.kind.is_empty() && (name != "a" || entity.url.is_some());
        self.open.push(OpenTag { name, entity: kept.then_some(entity) });
        Ok(())
    }

    /// `<pre><code class="language-x">` is one `pre` with a language.
    fn give_language_to_pre(&mut self, inside: &str) -> bool {
        let length = self.length;
        let Some(language) = attribute(inside, "class") else { return false };
        let Some(language) = language.strip_prefix("language-") else { return false };
        let outer = self.open.last_mut().and_then(|tag| tag.entity.as_mut());
        match outer.filter(|outer| outer.kind == "pre" && outer.offset == length) {
            Some(outer) => {
                outer.language = Some(language.to_owned());
                true
            }
            None => false,
        }
    }

    fn close(&mut self, found: &str, at: usize) -> Result<(), MarkupError> {
        let found = found.to_lowercase();
        let tag = self.open.pop().ok_or(MarkupError::UnexpectedEnd { at })?;
        if !found.is_empty() && found != tag.name {
            return Err(MarkupError::UnmatchedEnd { at, expected: tag.name, found });
        }
        if let Some(mut entity) = tag.entity {
            entity.length = self.length - entity.offset;
            self.entities.push(entity);
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Formatted, MarkupError> {
        if let Some(tag) = self.open.pop() {
            return Err(MarkupError::NoEnd { tag: tag.name });
        }
        self.entities.retain(|entity| entity.length > 0);
        Ok(Formatted::marked(&self.text, self.entities))
    }
}

/// Value of `name="…"`, `name='…'` or `name=…` inside a tag.
fn attribute(inside: &str, name: &str) -> Option<String> {
    let start = inside.find(&format!("{name}="))? + name.len() + 1;
    let rest = inside.get(start..)?;
    let value = match rest.chars().next()? {
        quote @ ('"' | '\'') => rest.get(1..)?.split(quote).next()?,
        _ => rest.split_whitespace().next()?,
    };
    Some(value.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
}

fn decode_reference(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::entities::marks;
    use super::*;

    #[test]
    fn tags_become_marks_in_utf16_units() {
        let read = parse_html("🎨 <b>Стиль: <i>аниме</i></b> &lt;3 &#128049;").unwrap();
        assert_eq!(read.text, "🎨 Стиль: аниме <3 🐱");
        assert_eq!(marks(&read), [("bold", 3, 12), ("italic", 10, 5)]);
    }

    #[test]
    fn links_and_code_keep_what_belongs_to_them() {
        let read = parse_html(
            "<a href=\"https://a.example/?x=1&amp;y=2\">tap</a> <pre><code class=\"language-rust\">fn</code></pre>",
        )
        .unwrap();
        assert_eq!(read.entities[0].url.as_deref(), Some("https://a.example/?x=1&y=2"));
        assert_eq!(marks(&read)[1], ("pre", 4, 2));
        assert_eq!(read.entities[1].language.as_deref(), Some("rust"));
    }

    #[test]
    fn outer_white_space_is_cut_and_marks_move_along() {
        let read = parse_html("\n <b> hi </b> ").unwrap();
        assert_eq!((read.text.as_str(), marks(&read)), ("hi", vec![("bold", 0, 2)]));
    }

    #[test]
    fn broken_html_is_refused_with_the_servers_words() {
        let message = |html| parse_html(html).unwrap_err().to_string();
        assert_eq!(message("a <x>b</x>"), "Unsupported start tag \"x\" at byte offset 2");
        assert_eq!(message("<b>a"), "Can't find end tag corresponding to start tag \"b\"");
        assert_eq!(message("<b><i>a</b>"), "Unmatched end tag at byte offset 7, expected \"</i>\", found \"</b>\"");
        assert_eq!(message("a</b>"), "Unexpected end tag at byte offset 1");
        assert_eq!(message("1 < 2"), "Unclosed start tag at byte offset 2");
    }

    #[test]
    fn nothing_is_found_inside_code() {
        let read = parse_html("<code>/start</code> /help").unwrap();
        assert_eq!(marks(&read), [("code", 0, 6), ("bot_command", 7, 5)]);
    }
}
