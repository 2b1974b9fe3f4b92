//! What flags do in each mode, and which of them can do nothing there.

use crate::conversation::draft::Draft;
use crate::conversation::flag::Flag;
use crate::conversation::flags::Flagged;
use crate::conversation::mode::Mode;
use crate::recipe::{Recipe, Task};

impl Draft {
    /// Takes over what flags say.
    pub(super) fn take_flags(&mut self, flagged: Flagged) {
        let given = flagged.flags();
        self.flags.retain(|flag| !given.contains(flag));
        self.flags.extend(given);
        self.ratio = flagged.ratio.unwrap_or(self.ratio);
        self.negative = flagged.negative.or(self.negative.take());
        self.seed = flagged.seed.or(self.seed);
        self.style = flagged.style.unwrap_or(self.style);
        self.count = flagged.count.unwrap_or(self.count);
        self.steps = flagged.steps.or(self.steps);
        self.strength = flagged.strength.unwrap_or(self.strength);
        if flagged.picture_share.is_some() {
            self.picture_share = flagged.picture_share;
            self.weights.clear();
        }
    }

    /// The flags that were given and that change nothing in this mode.
    pub(super) fn unused_flags(&self) -> Vec<Flag> {
        let is_used = |flag: Flag| match flag {
            Flag::Ratio => self.mode.takes_size(),
            Flag::PictureShare => self.mode == Mode::Mix && !self.pictures.is_empty() && !self.prompt.is_empty(),
            Flag::Strength => self.mode == Mode::Change,
            Flag::Negative | Flag::Seed | Flag::Style | Flag::Count | Flag::Steps => true,
        };
        self.flags.iter().copied().filter(|flag| !is_used(*flag)).collect()
    }
}

/// Changes a recipe by flags, and returns those that change nothing in its task. The seed is the caller's. `native` is the
/// model's own side in pixels.
pub(super) fn apply(flagged: &Flagged, recipe: &mut Recipe, native: u32) -> Vec<Flag> {
    let mut unused = Vec::new();
    if let Some(ratio) = flagged.ratio {
        match recipe.task {
            Task::TextToImage { .. } | Task::Mix { .. } | Task::Variation { .. } => {
                recipe.settings.size = (!ratio.is_square()).then(|| ratio.size(native));
            }
            _ => unused.push(Flag::Ratio),
        }
    }
    recipe.negative = flagged.negative.clone().or(recipe.negative.take());
    recipe.style = flagged.style.unwrap_or(recipe.style);
    recipe.count = flagged.count.unwrap_or(recipe.count);
    recipe.settings.steps = flagged.steps.or(recipe.settings.steps);
    if let Some(percent) = flagged.picture_share {
        let is_mix = recipe.task.set_pictures_weight(f64::from(percent) / 100.0);
        unused.extend((!is_mix).then_some(Flag::PictureShare));
    }
    if let Some(percent) = flagged.strength {
        match &mut recipe.task {
            Task::Change { strength, .. } => *strength = f64::from(percent) / 100.0,
            _ => unused.push(Flag::Strength),
        }
    }
    unused
}
