//! The style picker: pages of styles, two in a row, the current one ticked.

use crate::conversation::card_press::CardPress;
use crate::conversation::style_names::style_name_key;
use crate::conversation::{Button, Message, Press};
use crate::i18n::{Language, Value};
use crate::jobs::JobId;
use crate::styles::Style;

const STYLES_PER_ROW: usize = 2;
const STYLES_PER_PAGE: usize = 8;

/// What a picker chooses a style for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The pictures to come.
    Chat,
    /// A job's recipe, drawn once more.
    Job(JobId),
    /// The card of the draft with this number.
    Card(u32),
}

/// The picker for the pictures to come, on the page with the current style.
pub(super) fn for_chat(language: Language, current: Style) -> Message {
    for_chat_page(language, current, page_of(current))
}

/// The picker for the pictures to come, on a page (from 0; a page that is not there becomes the last).
pub(super) fn for_chat_page(language: Language, current: Style, page: usize) -> Message {
    let text = match current == Style::default() {
        true => language.text("style-choose"),
        false => language.text_with("style-choose-other", [("style", name(language, current))]),
    };
    Message { text, buttons: buttons(language, Purpose::Chat, current, page) }
}

/// The picker for a job's recipe, on the page with its style.
pub(super) fn for_job(language: Language, job: JobId, prompt: &str, current: Style) -> Message {
    for_job_page(language, job, prompt, current, page_of(current))
}

/// The picker for a job's recipe, on a page (from 0).
pub(super) fn for_job_page(language: Language, job: JobId, prompt: &str, current: Style, page: usize) -> Message {
    let text = match prompt {
        "" => language.text("style-redraw-untitled"),
        prompt => language.text_with("style-redraw", [("prompt", super::shorten(prompt, 200).into())]),
    };
    Message { text, buttons: buttons(language, Purpose::Job(job), current, page) }
}

/// The picker of a card; page 0 is the page with the current style.
pub(super) fn for_card(language: Language, number: u32, current: Style, page: usize) -> Message {
    // Pages count from one here, so that the card need not know where its style stands.
    let page = page.checked_sub(1).unwrap_or_else(|| page_of(current));
    let message = Message {
        text: language.text("style-choose-card"),
        buttons: buttons(language, Purpose::Card(number), current, page),
    };
    message.row([Button::named(language, "button-back", Press::Card(number, CardPress::Show))])
}

/// The style's name as a value for a text.
pub(super) fn name(language: Language, style: Style) -> Value {
    language.text(&style_name_key(style)).into()
}

fn page_of(style: Style) -> usize {
    Style::all().position(|other| other == style).unwrap_or(0) / STYLES_PER_PAGE
}

fn buttons(language: Language, purpose: Purpose, current: Style, page: usize) -> Vec<Vec<Button>> {
    let styles: Vec<Style> = Style::all().collect();
    let pages = styles.len().div_ceil(STYLES_PER_PAGE);
    let page = page.min(pages.saturating_sub(1));
    let shown = &styles[page * STYLES_PER_PAGE..styles.len().min((page + 1) * STYLES_PER_PAGE)];
    let mut rows: Vec<Vec<Button>> = shown
        .chunks(STYLES_PER_ROW)
        .map(|row| row.iter().map(|style| style_button(language, purpose, *style, current)).collect())
        .collect();
    rows.push(arrows(purpose, page, pages));
    rows
}

fn style_button(language: Language, purpose: Purpose, style: Style, current: Style) -> Button {
    let name = language.text(&style_name_key(style));
    let label = if style == current { format!("✅ {name}") } else { name };
    let press = match purpose {
        Purpose::Chat => Press::Style(style),
        Purpose::Job(job) => Press::Restyle(job, style),
        Purpose::Card(number) => Press::Card(number, CardPress::Style(style)),
    };
    Button::new(label, press)
}

fn arrows(purpose: Purpose, page: usize, pages: usize) -> Vec<Button> {
    let turn = |page| match purpose {
        Purpose::Chat => Press::StylePage(page),
        Purpose::Job(job) => Press::RestylePage(job, page),
        Purpose::Card(number) => Press::Card(number, CardPress::Styles(page + 1)),
    };
    // Round and round: with three pages the one that is looked for is always one press away.
    vec![
        Button::new("◀️".to_owned(), turn((page + pages - 1) % pages)),
        Button::new(format!("{} / {pages}", page + 1), Press::Idle),
        Button::new("▶️".to_owned(), turn((page + 1) % pages)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn styles_on(page: usize) -> Vec<Press> {
        let message = for_chat_page(Language::Ru, Style::default(), page);
        let presses = message.buttons.into_iter().flatten().map(|button| button.press);
        presses.filter(|press| matches!(press, Press::Style(_))).collect()
    }

    #[test]
    fn every_style_stands_on_one_of_three_pages() {
        let shown: Vec<Press> = (0..3).flat_map(styles_on).collect();
        assert_eq!(shown, Style::all().map(Press::Style).collect::<Vec<_>>());
        assert_eq!(styles_on(0).len(), 8);
        assert_eq!(styles_on(99), styles_on(2));
    }

    #[test]
    fn the_picker_opens_where_the_current_style_is_and_ticks_it() {
        let mosaic: Style = "mosaic".parse().unwrap();
        let message = for_chat(Language::Ru, mosaic);
        let ticked: Vec<_> = message.buttons.iter().flatten().filter(|button| button.label.starts_with('✅')).collect();
        assert_eq!(ticked.len(), 1);
        assert_eq!(ticked[0].press, Press::Style(mosaic));
        assert_eq!(message.buttons.last().unwrap()[1].label, "3 / 3");
    }
}
