//! Whose program is followed, and what that decides. Each choice and its reason: `docs/models.md`.

use serde::{Deserialize, Serialize};

/// Whose behaviour is followed where the two published programs differ from each other, or from what their formulas mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rules {
    /// As the formulas mean it: exactly the steps asked for, over the whole range; a picture is noised to the level that
    /// the sampler assumes; thresholds for each picture by itself.
    #[default]
    Sound,
    /// As diffusers.
    Diffusers,
    /// As the original program.
    Original,
}

/// What the decoder starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Noise alone.
    Draw,
    /// A picture that is changed.
    Change,
    /// A picture of which a part is drawn anew.
    Inpaint,
}

/// What a negative prompt takes part in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NegativeUse {
    /// The prior is guided away from it.
    pub by_prior: bool,
    /// The decoder is guided away from the image embedding that the prior makes of it.
    pub as_image: bool,
    /// The decoder is guided away from its text.
    pub as_text: bool,
}

impl Rules {
    /// The guidance scale where the unconditional pass is needed; `None`: the conditional prediction is taken as it is.
    ///
    /// The original always makes both passes, so that a scale below 1 has its meaning there.
    pub(in crate::kandinsky) fn guided(self, scale: f64) -> Option<f64> {
        (self == Self::Original || scale > 1.).then_some(scale)
    }

    /// What a negative prompt takes part in.
    ///
    /// The original has an argument for the prior and one for the decoder; a negative prompt stands for both. It never gives the
    /// decoder a negative text, ignores the decoder's argument where a part is drawn anew, and has neither argument where a
    /// picture is changed.
    #[must_use]
    pub fn negative(self, mode: Mode) -> NegativeUse {
        let all = NegativeUse { by_prior: true, as_image: true, as_text: true };
        match (self, mode) {
            (Self::Sound | Self::Diffusers, _) => all,
            (Self::Original, Mode::Draw) => NegativeUse { as_text: false, ..all },
            (Self::Original, Mode::Inpaint) => NegativeUse { as_image: false, as_text: false, ..all },
            (Self::Original, Mode::Change) => NegativeUse { by_prior: false, as_image: false, as_text: false },
        }
    }

    /// Whether `p_sampler` lays the latents that are known into each predicted sample where a part is drawn anew.
    pub(in crate::kandinsky) fn lays_known_in(self) -> bool {
        self != Self::Diffusers
    }

    /// What is left over at one side, of an odd number of pixels outside of the middle square: half of it, rounded down by
    /// transformers, and to the even number by torchvision, with which CLIP was published.
    #[must_use]
    pub fn crop_offset(self, outside: u32) -> u32 {
        match self {
            Self::Diffusers => outside / 2,
            Self::Sound | Self::Original => outside / 2 + u32::from(outside % 4 == 3),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_original_never_gives_the_decoder_a_negative_text() {
        for mode in [Mode::Draw, Mode::Change, Mode::Inpaint] {
            assert!(!Rules::Original.negative(mode).as_text, "{mode:?}");
            let own = Rules::Sound.negative(mode);
            assert!(own.as_text && own.as_image && own.by_prior, "{mode:?}");
        }
    }

    #[test]
    fn in_the_original_a_negative_prompt_has_less_effect_on_pictures_that_are_given() {
        let used = |mode| {
            let NegativeUse { by_prior, as_image, .. } = Rules::Original.negative(mode);
            (by_prior, as_image)
        };
        assert_eq!(used(Mode::Draw), (true, true));
        assert_eq!(used(Mode::Inpaint), (true, false));
        assert_eq!(used(Mode::Change), (false, false));
    }

    #[test]
    fn the_original_guides_below_one_as_well() {
        assert_eq!(Rules::Original.guided(0.5), Some(0.5));
        assert_eq!(Rules::Sound.guided(0.5), None);
        assert_eq!(Rules::Diffusers.guided(1.), None);
        assert_eq!(Rules::Sound.guided(4.), Some(4.));
    }

    #[test]
    fn half_of_an_odd_margin_is_rounded_to_the_even_number() {
        let halves = |rules: Rules| [0, 1, 2, 3, 5, 7].map(|outside| rules.crop_offset(outside));
        assert_eq!(halves(Rules::Original), [0, 0, 1, 2, 2, 4]);
        assert_eq!(halves(Rules::Sound), halves(Rules::Original));
        assert_eq!(halves(Rules::Diffusers), [0, 0, 1, 1, 2, 3]);
    }
}
