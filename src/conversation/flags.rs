//! Flags in the text for those who like them: `--ar 16:9 --no water --seed 42 --style anime --n 2 --steps 50 --strength 60
//! --iw 0.7`, and a line that begins with «Без:» for what shall not be there.
//!
//! Nothing that was written is lost in silence: what looks like a flag and is none is an error, what is named twice is joined or
//! an error, and what a flag can not do in a mode is told ([`super::flag_use`]).

use crate::conversation::draft::{COUNT_MOST, STEPS_MOST};
use crate::conversation::flag::Flag;
use crate::conversation::flag_syntax::{split_at_flags, without_negative_lines};
use crate::conversation::style_names::style_by_name;
use crate::recipe::Ratio;
use crate::styles::Style;

/// A text and what its flags say.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Flagged {
    /// The text without them.
    pub(super) prompt: String,
    /// `--ar`.
    pub(super) ratio: Option<Ratio>,
    /// Every `--no`, and every line that begins with «Без:».
    pub(super) negative: Option<String>,
    /// `--seed`.
    pub(super) seed: Option<u64>,
    /// `--style`.
    pub(super) style: Option<Style>,
    /// `--n`.
    pub(super) count: Option<u32>,
    /// `--steps`.
    pub(super) steps: Option<u32>,
    /// `--iw`: the pictures' share in a mix, in percent.
    pub(super) picture_share: Option<u32>,
    /// `--strength`, in percent.
    pub(super) strength: Option<u32>,
}

/// What is wrong with a flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum FlagError {
    /// There is no such flag.
    Unknown {
        /// As it was written, without dashes.
        name: String,
        /// The one that was meant, perhaps.
        nearest: Option<Flag>,
    },
    /// Its value can not be.
    Value {
        /// The flag.
        flag: Flag,
        /// As it was written.
        value: String,
    },
    /// A share that may be meant as a fraction or in percent.
    Scale {
        /// The flag.
        flag: Flag,
        /// As it was written.
        value: String,
    },
    /// Two values for what can have one.
    Twice {
        /// The flag.
        flag: Flag,
    },
}

impl Flagged {
    /// The flags that were given.
    pub(super) fn flags(&self) -> Vec<Flag> {
        let is_given = |flag: &Flag| match flag {
            Flag::Ratio => self.ratio.is_some(),
            Flag::Negative => self.negative.is_some(),
            Flag::Seed => self.seed.is_some(),
            Flag::Style => self.style.is_some(),
            Flag::Count => self.count.is_some(),
            Flag::Steps => self.steps.is_some(),
            Flag::PictureShare => self.picture_share.is_some(),
            Flag::Strength => self.strength.is_some(),
        };
        Flag::ALL.into_iter().filter(is_given).collect()
    }

    fn take(&mut self, flag: Flag, value: &str) -> Result<(), FlagError> {
        let bad = || FlagError::Value { flag, value: value.to_owned() };
        match flag {
            Flag::Ratio => once(&mut self.ratio, flag, value.parse().map_err(|_| bad())?),
            Flag::Negative if value.is_empty() => Err(bad()),
            Flag::Negative => {
                self.add_negative(value);
                Ok(())
            }
            Flag::Seed => once(&mut self.seed, flag, value.parse().map_err(|_| bad())?),
            Flag::Style => once(&mut self.style, flag, style_by_name(value).ok_or_else(bad)?),
            Flag::Count => once(&mut self.count, flag, number(value, COUNT_MOST).ok_or_else(bad)?),
            Flag::Steps => once(&mut self.steps, flag, number(value, STEPS_MOST).ok_or_else(bad)?),
            Flag::PictureShare => once(&mut self.picture_share, flag, percent(flag, value)?),
            Flag::Strength => once(&mut self.strength, flag, percent(flag, value)?),
        }
    }

    /// One thing more that shall not be there.
    fn add_negative(&mut self, more: &str) {
        self.negative = Some(match self.negative.take() {
            Some(negative) => format!("{negative}, {more}"),
            None => more.to_owned(),
        });
    }
}

/// Reads the flags in a text.
///
/// # Errors
/// [`FlagError`] for the first flag that can not be understood.
pub(super) fn parse(text: &str) -> Result<Flagged, FlagError> {
    let (text, negatives) = without_negative_lines(text);
    let (prompt, flags) = split_at_flags(&text, has_value);
    let mut flagged = Flagged { prompt: prompt.to_owned(), ..Flagged::default() };
    for (name, value) in flags {
        let Some(flag) = Flag::parse(name) else {
            return Err(FlagError::Unknown { name: name.to_owned(), nearest: Flag::nearest(name) });
        };
        flagged.take(flag, value)?;
    }
    negatives.iter().for_each(|negative| flagged.add_negative(negative));
    Ok(flagged)
}

/// Whether a flag can have this value.
fn has_value(flag: Flag, value: &str) -> bool {
    Flagged::default().take(flag, value).is_ok()
}

/// Sets what can be set once; the same value again does no harm.
fn once<T: PartialEq>(slot: &mut Option<T>, flag: Flag, value: T) -> Result<(), FlagError> {
    if slot.as_ref().is_some_and(|old| *old != value) {
        return Err(FlagError::Twice { flag });
    }
    *slot = Some(value);
    Ok(())
}

fn number(value: &str, most: u32) -> Option<u32> {
    value.parse().ok().filter(|number| (1..=most).contains(number))
}

/// A share as `0.7`, `0,7`, `70` or `70%`: 1 to 100 percent. Between 1 and 10 without the sign nobody can know which scale is
/// meant; other programs count a weight of 2 as twice as much.
fn percent(flag: Flag, value: &str) -> Result<u32, FlagError> {
    let (digits, has_sign) = match value.strip_suffix('%') {
        Some(digits) => (digits.trim_end(), true),
        None => (value, false),
    };
    let bad = || FlagError::Value { flag, value: value.to_owned() };
    let number: f64 = digits.replace(',', ".").parse().map_err(|_| bad())?;
    if !has_sign && number > 1.0 && number < 10.0 {
        return Err(FlagError::Scale { flag, value: value.to_owned() });
    }
    let percent = if has_sign || number > 1.0 { number } else { number * 100.0 };
    let percent = Some(percent.round()).filter(|percent| (1.0..=100.0).contains(percent));
    percent.map(|percent| percent as u32).ok_or_else(bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Flagged {
        parse(text).unwrap()
    }

    #[test]
    fn every_flag_is_read() {
        let all = read(
            "кот в шляпе --ar 16:9 --no вода, снег --seed 42 --style anime --n 2 --steps 50 --iw 0.7 --strength 60%",
        );
        assert_eq!(all.prompt, "кот в шляпе");
        assert_eq!(all.ratio.unwrap().to_string(), "16:9");
        assert_eq!(all.negative.as_deref(), Some("вода, снег"));
        assert_eq!((all.seed, all.count, all.steps), (Some(42), Some(2), Some(50)));
        assert_eq!((all.picture_share, all.strength), (Some(70), Some(60)));
        assert_eq!(all.style, Some("anime".parse().unwrap()));
        assert_eq!(all.flags(), Flag::ALL);
    }

    #[test]
    fn a_second_line_may_say_what_shall_not_be_there() {
        let two = read("кот\nБез: шляпы, усов");
        assert_eq!((two.prompt.as_str(), two.negative.as_deref()), ("кот", Some("шляпы, усов")));
        assert_eq!(read("без: кота").prompt, "без: кота", "the first line is the prompt");
        assert_eq!(read("кот\nсобака").prompt, "кот\nсобака");
    }

    #[test]
    fn all_that_shall_not_be_there_is_joined() {
        for text in
            ["a cat --no water --no snow", "a cat --no water\nWithout: snow", "a cat\nWithout: water\nБез: snow"]
        {
            let read = read(text);
            assert_eq!((read.prompt.as_str(), read.negative.as_deref()), ("a cat", Some("water, snow")), "{text}");
        }
    }

    #[test]
    fn two_values_for_one_thing_are_an_error() {
        for (text, flag) in [
            ("a --ar 16:9 --ar 1:1", Flag::Ratio),
            ("a --ar 16:9 --ratio 1:1", Flag::Ratio),
            ("a --seed 1 --seed 2", Flag::Seed),
            ("a --style anime --style cyberpunk", Flag::Style),
            ("a --n 1 --count 2", Flag::Count),
            ("a --steps 10 --steps 20", Flag::Steps),
            ("a --iw 10 --iw 20", Flag::PictureShare),
            ("a --strength 10 --strength 20", Flag::Strength),
        ] {
            assert_eq!(parse(text), Err(FlagError::Twice { flag }), "{text}");
        }
        assert_eq!(read("a --seed 1 --seed 1").seed, Some(1), "the same twice is clear enough");
    }

    #[test]
    fn a_share_has_two_scales_and_nothing_between_them() {
        for flag in [Flag::PictureShare, Flag::Strength] {
            let share = |value: &str| percent(flag, value);
            for (value, percent) in
                [("0.7", 70), ("0,7", 70), ("70", 70), ("70%", 70), ("70 %", 70), ("1", 100), ("10", 10), ("2%", 2)]
            {
                assert_eq!(share(value), Ok(percent), "{value}");
            }
            for value in ["2", "1.1", "1,5", "9.99"] {
                assert_eq!(share(value), Err(FlagError::Scale { flag, value: value.to_owned() }));
            }
            for value in ["", "0", "-1", "101", "x", "nan", "inf", "0.001", "%"] {
                assert_eq!(share(value), Err(FlagError::Value { flag, value: value.to_owned() }));
            }
        }
    }

    #[test]
    fn an_unknown_flag_is_never_drawn() {
        let unknown = |name: &str, nearest| FlagError::Unknown { name: name.to_owned(), nearest };
        assert_eq!(parse("кот --sed 4"), Err(unknown("sed", Some(Flag::Seed))));
        assert_eq!(parse("кот --chaos 4"), Err(unknown("chaos", None)));
        assert_eq!(parse("кот --сид 4"), Err(unknown("сид", None)));
        for (text, wrong) in [
            ("a --seed x", Flag::Seed),
            ("a --n 9", Flag::Count),
            ("a --ar 1:9", Flag::Ratio),
            ("a --style foo", Flag::Style),
        ] {
            assert!(matches!(parse(text), Err(FlagError::Value { flag, .. }) if flag == wrong), "{text}");
        }
    }
}
