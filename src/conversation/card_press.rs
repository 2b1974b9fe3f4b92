//! What the buttons of a card do, and their form in callback data.

use crate::conversation::draft::COUNT_MOST;
use crate::conversation::extension::Extension;
use crate::conversation::mode::Mode;
use crate::pictures::Area;
use crate::recipe::{Ratio, SCALES};
use crate::styles::Style;

/// What a button of a card does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardPress {
    /// Shows the card itself.
    Show,
    /// Queues what the card says.
    Start,
    /// Throws the card away.
    Close,
    /// Shows a page of styles (from 0).
    Styles(usize),
    /// Chooses a style.
    Style(Style),
    /// Shows the proportions.
    Ratios,
    /// Chooses proportions.
    Ratio(Ratio),
    /// Shows the numbers of pictures.
    Counts,
    /// Chooses a number of pictures.
    Count(u32),
    /// Waits for what shall not be there.
    Negative,
    /// Nothing is unwanted.
    NoNegative,
    /// Waits for a seed.
    Seed,
    /// Any seed.
    RandomSeed,
    /// Waits for a description.
    Prompt,
    /// Does without a description, and begins.
    NoPrompt,
    /// More of the part in focus.
    More,
    /// Less of the part in focus.
    Less,
    /// The next part comes into focus.
    Focus,
    /// How much changes, in percent.
    Strength(u32),
    /// How close variations stay, in percent.
    Closeness(u32),
    /// What to do with the pictures that came.
    Use(Mode),
    /// The same, from now on without a question.
    UseAlways(Mode),
    /// A painted copy will come.
    Painted,
    /// A mask will come.
    MaskFile,
    /// Shows the areas.
    Areas,
    /// Chooses an area.
    Area(Area),
    /// The mask is right.
    MaskRight,
    /// Everything but the marked part.
    Invert,
    /// A wider mask.
    Wider,
    /// Marks once more.
    MarkAgain,
    /// How far to continue.
    Extend(Extension),
    /// How many times as large; begins.
    Scale(u32),
}

/// Presses without a value.
const PLAIN: [(&str, CardPress); 21] = [
    ("show", CardPress::Show),
    ("start", CardPress::Start),
    ("close", CardPress::Close),
    ("ratios", CardPress::Ratios),
    ("counts", CardPress::Counts),
    ("negative", CardPress::Negative),
    ("no-negative", CardPress::NoNegative),
    ("seed", CardPress::Seed),
    ("random", CardPress::RandomSeed),
    ("prompt", CardPress::Prompt),
    ("no-prompt", CardPress::NoPrompt),
    ("more", CardPress::More),
    ("less", CardPress::Less),
    ("focus", CardPress::Focus),
    ("painted", CardPress::Painted),
    ("mask", CardPress::MaskFile),
    ("areas", CardPress::Areas),
    ("right", CardPress::MaskRight),
    ("invert", CardPress::Invert),
    ("wider", CardPress::Wider),
    ("remark", CardPress::MarkAgain),
];

/// Extensions that need no value.
const EXTENSIONS: [(&str, Extension); 6] = [
    ("left", Extension::Left),
    ("right", Extension::Right),
    ("up", Extension::Up),
    ("down", Extension::Down),
    ("half", Extension::Half),
    ("double", Extension::Double),
];

impl CardPress {
    pub(super) fn encode(self) -> String {
        if let Some((word, _)) = PLAIN.iter().find(|(_, press)| *press == self) {
            return (*word).to_owned();
        }
        match self {
            Self::Styles(page) => format!("styles:{page}"),
            Self::Style(style) => format!("style:{}", style.code()),
            Self::Ratio(ratio) => format!("ratio:{}", dashed(ratio)),
            Self::Count(count) => format!("count:{count}"),
            Self::Strength(percent) => format!("strength:{percent}"),
            Self::Closeness(percent) => format!("closeness:{percent}"),
            Self::Scale(scale) => format!("scale:{scale}"),
            Self::Use(mode) => format!("use:{}", mode.name()),
            Self::UseAlways(mode) => format!("always:{}", mode.name()),
            Self::Area(area) => format!("area:{}", area.name()),
            Self::Extend(Extension::To(ratio)) => format!("extend:{}", dashed(ratio)),
            Self::Extend(extension) => {
                let word = EXTENSIONS.iter().find(|(_, known)| *known == extension).map_or("half", |(word, _)| word);
                format!("extend:{word}")
            }
            // All others are in the table.
            _ => "show".to_owned(),
        }
    }

    pub(super) fn decode(words: &[&str]) -> Option<Self> {
        let mode = |name: &str| Mode::OFFERED.into_iter().find(|mode| mode.name() == name);
        Some(match words {
            [word] => PLAIN.iter().find(|(known, _)| known == word)?.1,
            ["styles", page] => Self::Styles(page.parse().ok()?),
            ["style", code] => Self::Style(code.parse().ok()?),
            ["ratio", ratio] => Self::Ratio(undashed(ratio)?),
            ["count", count] => Self::Count(count.parse().ok().filter(|count| (1..=COUNT_MOST).contains(count))?),
            ["strength", percent] => Self::Strength(percent.parse().ok().filter(|it| (1..=100).contains(it))?),
            ["closeness", percent] => Self::Closeness(percent.parse().ok().filter(|it| *it < 100)?),
            ["scale", scale] => Self::Scale(scale.parse().ok().filter(|scale| SCALES.contains(scale))?),
            ["use", name] => Self::Use(mode(name)?),
            ["always", name] => Self::UseAlways(mode(name)?),
            ["area", name] => Self::Area(Area::ALL.into_iter().find(|area| area.name() == *name)?),
            ["extend", word] => Self::Extend(match EXTENSIONS.iter().find(|(known, _)| known == word) {
                Some((_, extension)) => *extension,
                None => Extension::To(undashed(word)?),
            }),
            _ => return None,
        })
    }
}

/// The colon separates the words of callback data.
fn dashed(ratio: Ratio) -> String {
    ratio.to_string().replace(':', "-")
}

fn undashed(text: &str) -> Option<Ratio> {
    text.replace('-', ":").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_button_comes_back_as_it_was_sent() {
        let mut presses: Vec<CardPress> = PLAIN.iter().map(|(_, press)| *press).collect();
        presses.extend(Style::all().map(CardPress::Style));
        presses.extend(Ratio::OFFERED.map(CardPress::Ratio));
        presses.extend(Area::ALL.map(CardPress::Area));
        presses.extend(Extension::offered().concat().into_iter().map(CardPress::Extend));
        presses.extend(Mode::OFFERED.into_iter().flat_map(|mode| [CardPress::Use(mode), CardPress::UseAlways(mode)]));
        presses.extend([CardPress::Styles(2), CardPress::Count(4), CardPress::Strength(30), CardPress::Closeness(0)]);
        presses.extend(SCALES.map(CardPress::Scale));
        for press in presses {
            let data = press.encode();
            let words: Vec<&str> = data.split(':').collect();
            assert_eq!(CardPress::decode(&words), Some(press), "{data}");
            assert!(data.len() < 48, "{data}");
        }
        for data in ["count:9", "strength:0", "closeness:100", "ratio:1-9", "use:settings", "scale:3", "nothing"] {
            assert_eq!(CardPress::decode(&data.split(':').collect::<Vec<_>>()), None, "{data}");
        }
    }
}
