//! The card: everything that decides the picture to come, and buttons to change it.

use crate::conversation::card_press::CardPress;
use crate::conversation::choices::ticked;
use crate::conversation::draft::{CLOSENESSES, Draft, STRENGTHS};
use crate::conversation::extension::Extension;
use crate::conversation::mode::Mode;
use crate::conversation::scales::possible;
use crate::conversation::style_picker::name as style_name;
use crate::conversation::{Button, Message, Press, shorten};
use crate::i18n::{Language, Value};
use crate::jobs::Source;
use crate::pictures::{Area, PIXELS_LIMIT, SIDE_LIMIT};
use crate::recipe::Size;

/// How much of a long prompt the card shows, in UTF-16 units.
const PROMPT_SHOWN: usize = 600;
const PART_SHOWN: usize = 60;

/// The card of a draft.
pub(super) fn card(language: Language, draft: &Draft, native: u32) -> Message {
    let mut rows = Vec::new();
    if draft.lacks().is_none() {
        rows.push(vec![named(language, draft, "button-start", CardPress::Start)]);
    }
    rows.extend(mode_rows(language, draft));
    rows.extend(parameter_rows(language, draft));
    rows.push(vec![discard_button(language, draft)]);
    Message { text: text(language, draft, native), buttons: rows }
}

fn text(language: Language, draft: &Draft, native: u32) -> String {
    let mut lines = vec![language.text(&format!("card-title-{}", draft.mode.name())), String::new()];
    let mut add = |key: &str, value: Value| lines.push(language.text_with(key, [("value", value)]));
    let none = || language.text("card-none");
    if draft.mode == Mode::Mix {
        for (index, share) in draft.shares().into_iter().enumerate() {
            add("card-part", format!("{} — {share} %", part_name(language, draft, index)).into());
        }
    } else if draft.mode != Mode::Vary {
        let prompt = if draft.prompt.is_empty() { none() } else { shorten(&draft.prompt, PROMPT_SHOWN) };
        add("card-prompt", prompt.into());
    }
    add("card-style", style_name(language, draft.style));
    if draft.mode.takes_size() {
        add("card-size", format!("{} · {}", draft.ratio, draft.ratio.size(native)).into());
    }
    let negative = draft.negative.as_deref().map_or_else(none, |negative| shorten(negative, PROMPT_SHOWN));
    add("card-negative", negative.into());
    add("card-count", draft.count.to_string().into());
    add("card-seed", draft.seed.map_or_else(|| language.text("card-seed-any"), |seed| seed.to_string()).into());
    if draft.left_out > 0 {
        lines.push(String::new());
        lines.push(language.text_with("card-left-out", [("count", draft.pictures.len().into())]));
    }
    lines.join("\n")
}

/// «картинка 1», or the text in quotes.
fn part_name(language: Language, draft: &Draft, index: usize) -> String {
    if index < draft.pictures.len() {
        return language.text_with("card-part-picture", [("number", (index + 1).into())]);
    }
    language.text_with("card-part-text", [("prompt", shorten(&draft.prompt, PART_SHOWN).into())])
}

/// What only this mode has.
fn mode_rows(language: Language, draft: &Draft) -> Vec<Vec<Button>> {
    match draft.mode {
        Mode::Mix => vec![slider(draft)],
        Mode::Change => {
            let button = |percent: u32| {
                let label = language.text_with(&format!("strength-{percent}"), [("percent", percent.into())]);
                button(draft, ticked(label, percent == draft.strength), CardPress::Strength(percent))
            };
            vec![STRENGTHS.map(button).into()]
        }
        Mode::Vary => {
            let button = |percent: u32| {
                let label = language.text(&format!("closeness-{percent}"));
                button(draft, ticked(label, percent == draft.closeness), CardPress::Closeness(percent))
            };
            vec![CLOSENESSES.map(button).into()]
        }
        Mode::Outpaint => {
            let button = |extension: Extension| {
                let label = ticked(extension_label(language, extension), Some(extension) == draft.extension);
                button(draft, label, CardPress::Extend(extension))
            };
            Extension::offered().into_iter().map(|row| row.into_iter().map(button).collect()).collect()
        }
        Mode::Draw | Mode::Inpaint | Mode::Upscale | Mode::Describe | Mode::Settings => Vec::new(),
    }
}

/// Two parts: «− 50 : 50 +». More: the part in focus, and a press on it goes on to the next.
fn slider(draft: &Draft) -> Vec<Button> {
    let shares = draft.shares();
    let focus = draft.focus.min(shares.len().saturating_sub(1));
    let label = match shares.as_slice() {
        [first, second] => format!("{first} : {second}"),
        shares => format!("{} · {} % ▸", focus + 1, shares.get(focus).copied().unwrap_or_default()),
    };
    vec![
        button(draft, "➖".to_owned(), CardPress::Less),
        button(draft, label, CardPress::Focus),
        button(draft, "➕".to_owned(), CardPress::More),
    ]
}

fn parameter_rows(language: Language, draft: &Draft) -> Vec<Vec<Button>> {
    let named = |key: &str, press: CardPress| named(language, draft, key, press);
    let mut buttons = vec![named("button-style", CardPress::Styles(0))];
    if draft.mode.takes_size() {
        buttons.push(named("button-size", CardPress::Ratios));
    }
    buttons.push(named("button-negative", CardPress::Negative));
    buttons.push(named("button-count", CardPress::Counts));
    buttons.push(named("button-seed", CardPress::Seed));
    if draft.mode != Mode::Vary {
        buttons.push(named("button-prompt", CardPress::Prompt));
    }
    buttons.chunks(2).map(<[Button]>::to_vec).collect()
}

/// The name of an extension: a side, a factor or proportions.
fn extension_label(language: Language, extension: Extension) -> String {
    match extension {
        Extension::Left => language.text("extend-left"),
        Extension::Right => language.text("extend-right"),
        Extension::Up => language.text("extend-up"),
        Extension::Down => language.text("extend-down"),
        Extension::Half => language.text("extend-half"),
        Extension::Double => "🔍 2×".to_owned(),
        Extension::To(ratio) if ratio.is_square() => language.text("extend-square"),
        Extension::To(ratio) => language.text_with("extend-to", [("ratio", ratio.to_string().into())]),
    }
}

/// Pictures came without a word: what shall become of them?
pub(super) fn uses(language: Language, draft: &Draft) -> Message {
    let key = if draft.pictures.len() > 1 { "pictures-received" } else { "picture-received" };
    let use_button = |mode: Mode| named(language, draft, &format!("button-{}", mode.name()), CardPress::Use(mode));
    Message::plain(language.text(key))
        .row([Mode::Vary, Mode::Change].map(use_button))
        .row([Mode::Inpaint, Mode::Outpaint].map(use_button))
        .row([Mode::Mix, Mode::Upscale].map(use_button))
        .row([use_button(Mode::Describe)])
}

/// A picture came with a text: is it mixed, or changed by it?
pub(super) fn caption_uses(language: Language, draft: &Draft) -> Message {
    let button = |key, press| named(language, draft, key, press);
    Message::plain(language.text_with("caption-use", [("prompt", shorten(&draft.prompt, PART_SHOWN).into())]))
        .row([button("button-mix-with-text", CardPress::UseAlways(Mode::Mix))])
        .row([button("button-change-by-text", CardPress::UseAlways(Mode::Change))])
}

/// Asks how the part that is drawn anew is marked.
pub(super) fn marks(language: Language, draft: &Draft) -> Message {
    let button = |key, press| named(language, draft, key, press);
    // With a brush it is quicker, where there is an editor. It opens what the bot has drawn; a photo is opened there by its user.
    let drawn = draft.pictures.first().and_then(|picture| match picture.source {
        Source::Result(job, index) => Some((job, index)),
        Source::File(_) => None,
    });
    Message::plain(language.text("mark-how"))
        .row([Button::named(language, "button-editor", Press::Editor(drawn))])
        .row([button("button-mark-paint", CardPress::Painted)])
        .row([button("button-mark-file", CardPress::MaskFile), button("button-mark-area", CardPress::Areas)])
        .row([discard_button(language, draft)])
}

/// Which part?
pub(super) fn areas(language: Language, draft: &Draft) -> Message {
    let button = |area: &Area| named(language, draft, &format!("area-{}", area.name()), CardPress::Area(*area));
    let rows = Area::ALL.chunks(2).map(|row| row.iter().map(button).collect());
    Message { text: language.text("mark-area"), buttons: rows.collect() }.row([named(
        language,
        draft,
        "button-back",
        CardPress::MarkAgain,
    )])
}

/// How many times as large? Without buttons where nothing is possible: then it says so.
pub(super) fn scales(language: Language, draft: &Draft) -> Message {
    let (width, height) = draft.pictures.first().map_or((0, 0), |picture| (picture.width, picture.height));
    let scale = |(scale, size): (u32, Size)| button(draft, format!("{scale}× · {size}"), CardPress::Scale(scale));
    let buttons: Vec<Button> = possible(width, height).map(scale).collect();
    let values = || {
        let limit = (PIXELS_LIMIT / 1_000_000).into();
        [("size", format!("{width}×{height}").into()), ("limit", limit), ("side", SIDE_LIMIT.to_string().into())]
    };
    let mut text = match buttons.len() {
        0 => return Message::plain(language.text_with("upscale-too-large", values())),
        1 => language.text("upscale-twice-at-most"),
        _ => language.text("upscale-how"),
    };
    if draft.left_out > 0 {
        text = format!("{text}\n{}", language.text_with("card-left-out", [("count", draft.pictures.len().into())]));
    }
    Message::plain(text).row(buttons).row([named(language, draft, "button-back", CardPress::Close)])
}

/// Below the mask: is it right?
pub(super) fn mask_question(language: Language, draft: &Draft) -> Message {
    let button = |key, press| named(language, draft, key, press);
    Message::plain(language.text("mask-right"))
        .row([button("button-mask-right", CardPress::MaskRight), button("button-mask-invert", CardPress::Invert)])
        .row([button("button-mask-again", CardPress::MarkAgain), button("button-mask-wider", CardPress::Wider)])
}

/// Asks for a description that may be left out.
pub(super) fn optional_prompt(language: Language, draft: &Draft) -> Message {
    Message::plain(language.text(&format!("ask-prompt-{}", draft.mode.name()))).row([named(
        language,
        draft,
        "button-no-prompt",
        CardPress::NoPrompt,
    )])
}

/// A question that waits for a message, with a way back to the card.
pub(super) fn question(language: Language, draft: &Draft, key: &str, without: Option<(&str, CardPress)>) -> Message {
    let message = Message::plain(language.text(key));
    let message = match without {
        Some((key, press)) => message.row([named(language, draft, key, press)]),
        None => message,
    };
    message.row([named(language, draft, "button-back", CardPress::Show)])
}

/// Gives the draft up.
pub(super) fn discard_button(language: Language, draft: &Draft) -> Button {
    named(language, draft, "button-discard", CardPress::Close)
}

fn named(language: Language, draft: &Draft, key: &str, press: CardPress) -> Button {
    button(draft, language.text(key), press)
}

fn button(draft: &Draft, label: String, press: CardPress) -> Button {
    Button::new(label, Press::Card(draft.number, press))
}
