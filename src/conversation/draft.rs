//! A picture in the making: what a user has chosen so far.

use serde::{Deserialize, Serialize};

use crate::conversation::ChatState;
use crate::conversation::correction::Correction;
use crate::conversation::extension::Extension;
use crate::conversation::flag::Flag;
use crate::conversation::mode::Mode;
use crate::conversation::scales::possible;
use crate::jobs::{Input, JobInputs, Marking, MaskPlan, Source};
use crate::recipe::{Margins, PartContent, Ratio, Recipe, RecipeError, Settings, Task, Translation, check_prompt};
use crate::styles::Style;

/// What the next message of the user is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Awaited {
    /// A picture to work on.
    Picture,
    /// The description.
    Prompt,
    /// What shall not be in the picture.
    Negative,
    /// A seed.
    Seed,
    /// Another English text.
    English,
    /// A painted copy of the picture.
    Painted,
    /// A mask of its own.
    MaskFile,
    /// How many times as large.
    Scale,
}

/// A picture that a user gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenPicture {
    /// Where it is.
    pub source: Source,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The message that brought it: pictures of an album may arrive in any order.
    pub message_id: i32,
}

/// Where an album is arriving.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arriving {
    /// The forum topic.
    #[serde(default)]
    pub thread_id: Option<i32>,
    /// The language of the user's client, an IETF tag.
    #[serde(default)]
    pub client_language: Option<String>,
}

/// How close variations stay, in percent: only the idea, some of the picture, much of it.
pub(super) const CLOSENESSES: [u32; 3] = [0, 30, 60];
/// How much a change changes, in percent.
pub(super) const STRENGTHS: [u32; 3] = [30, 50, 70];
/// The most pictures that one order may ask for in the chat.
pub(super) const COUNT_MOST: u32 = 4;
/// The most steps that a chat may ask for.
pub(super) const STEPS_MOST: u32 = 200;

/// A picture in the making.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// Distinguishes its buttons from those of older drafts.
    pub number: u32,
    /// What it becomes.
    pub mode: Mode,
    /// What the next message is.
    #[serde(default)]
    pub awaits: Option<Awaited>,
    /// Whether the user has seen its card: then it does not begin by itself.
    #[serde(default)]
    pub has_card: bool,
    /// The message that asked; the result answers it.
    #[serde(default)]
    pub reply_to: Option<i32>,
    /// The description.
    #[serde(default)]
    pub prompt: String,
    /// The pictures.
    #[serde(default)]
    pub pictures: Vec<GivenPicture>,
    /// The album that its pictures came in.
    #[serde(default)]
    pub album: Option<String>,
    /// Whether more of the album is awaited, and where: a restart must not forget to ask again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arriving: Option<Arriving>,
    /// How many pictures more came than a mix takes.
    #[serde(default)]
    pub left_out: u32,
    /// The style.
    #[serde(default)]
    pub style: Style,
    /// The proportions.
    #[serde(default)]
    pub ratio: Ratio,
    /// What shall not be in the picture.
    #[serde(default)]
    pub negative: Option<String>,
    /// How many pictures.
    #[serde(default)]
    pub count: u32,
    /// The seed, if it was chosen.
    #[serde(default)]
    pub seed: Option<u64>,
    /// English texts of the recipe that it began with; those of texts that it still has count.
    #[serde(default, skip_serializing_if = "Translation::is_empty")]
    pub translation: Translation,
    /// What another English text is awaited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correction: Option<Box<Correction>>,
    /// Denoising steps, if they were chosen.
    #[serde(default)]
    pub steps: Option<u32>,
    /// Flags that were given, until it is known whether they can do anything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
    /// The share of all pictures together in a mix with a text, in percent, if a flag said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture_share: Option<u32>,
    /// Shares of the parts of a mix in percent, if they were chosen one by one: pictures first, then the text.
    #[serde(default)]
    pub weights: Vec<u32>,
    /// The part whose share the slider changes.
    #[serde(default)]
    pub focus: usize,
    /// How much changes, in percent.
    #[serde(default)]
    pub strength: u32,
    /// How close variations stay, in percent.
    #[serde(default)]
    pub closeness: u32,
    /// What is drawn anew.
    #[serde(default)]
    pub marking: Option<Marking>,
    /// Everything but what was marked.
    #[serde(default)]
    pub inverted: bool,
    /// How often the mask was made wider.
    #[serde(default)]
    pub wider: u32,
    /// How far it is continued.
    #[serde(default)]
    pub extension: Option<Extension>,
    /// How many times as large it is drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<u32>,
}

/// What a draft still lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lacking {
    /// A picture.
    Picture,
    /// A description.
    Prompt,
    /// A second thing to mix.
    Part,
    /// What is to be drawn anew.
    Mask,
    /// How far it is to be continued.
    Extension,
    /// How many times as large it is to be, or it would be too large.
    Scale,
}

impl Draft {
    /// An empty draft with the chat's settings.
    #[must_use]
    pub fn new(state: &ChatState, mode: Mode, number: u32) -> Self {
        Self {
            number,
            mode,
            awaits: None,
            has_card: false,
            reply_to: None,
            prompt: String::new(),
            pictures: Vec::new(),
            album: None,
            arriving: None,
            left_out: 0,
            style: state.style,
            ratio: state.ratio,
            negative: state.negative.clone(),
            count: state.count,
            seed: state.seed,
            translation: Translation::default(),
            correction: None,
            steps: None,
            flags: Vec::new(),
            picture_share: None,
            weights: Vec::new(),
            focus: 0,
            strength: STRENGTHS[1],
            closeness: CLOSENESSES[0],
            marking: None,
            inverted: false,
            wider: 0,
            extension: None,
            scale: None,
        }
    }

    /// Takes over what a recipe says beside its task and its seed. The recipe may be from a file that anybody wrote, so what
    /// is out of bounds stays behind.
    pub(super) fn take_parameters(&mut self, recipe: &Recipe) {
        self.style = recipe.style;
        self.negative = recipe.negative.as_deref().and_then(|negative| check_prompt(negative).ok());
        self.count = recipe.count.clamp(1, COUNT_MOST);
        self.steps = recipe.settings.steps.filter(|steps| (1..=STEPS_MOST).contains(steps));
        self.ratio = recipe.settings.size.map_or(Ratio::SQUARE, Ratio::nearest);
        self.translation = recipe.with_translation(recipe.translation.clone()).translation;
        self.translation.texts.retain(|_, english| check_prompt(english).is_ok());
    }

    /// How many things are mixed: the pictures, and the text if there is one.
    #[must_use]
    pub fn parts(&self) -> usize {
        self.pictures.len() + usize::from(!self.prompt.is_empty())
    }

    /// The first thing that it lacks; `None` if it can be drawn.
    #[must_use]
    pub fn lacks(&self) -> Option<Lacking> {
        let no_picture = self.pictures.is_empty().then_some(Lacking::Picture);
        let no_prompt = self.prompt.is_empty().then_some(Lacking::Prompt);
        match self.mode {
            Mode::Draw | Mode::Settings => no_prompt,
            Mode::Mix => no_picture.or((self.parts() < 2).then_some(Lacking::Part)),
            Mode::Vary | Mode::Describe => no_picture,
            Mode::Change => no_picture.or(no_prompt),
            Mode::Inpaint => no_picture.or(self.marking.is_none().then_some(Lacking::Mask)),
            Mode::Outpaint => no_picture.or(self.extension.is_none().then_some(Lacking::Extension)),
            Mode::Upscale => no_picture.or((!self.has_scale()).then_some(Lacking::Scale)),
        }
    }

    /// Whether it is known how many times as large the picture is to be, and that is possible.
    fn has_scale(&self) -> bool {
        let Some(picture) = self.pictures.first() else { return false };
        possible(picture.width, picture.height).any(|(scale, _)| Some(scale) == self.scale)
    }

    /// The shares of a mix, one for each part, equal where they were not chosen for these parts.
    #[must_use]
    pub fn shares(&self) -> Vec<u32> {
        let parts = self.parts();
        if self.weights.len() == parts {
            return self.weights.clone();
        }
        match self.picture_share {
            Some(share) if !self.pictures.is_empty() && parts > self.pictures.len() => {
                let mut shares = equal_shares(share, self.pictures.len());
                shares.push(100 - share);
                shares
            }
            _ => equal_shares(100, parts),
        }
    }

    /// Gives the part in focus ten percent more or less; the others share the rest as before.
    pub fn shift_weight(&mut self, up: bool) {
        let mut shares = self.shares();
        let focus = self.focus.min(shares.len().saturating_sub(1));
        let Some(&old) = shares.get(focus) else { return };
        // To the next multiple of ten: 34 becomes 40, then 50.
        let new = if up { (old / 10 + 1) * 10 } else { old.div_ceil(10).saturating_sub(1) * 10 };
        let new = new.clamp(10, 90);
        let (rest, others) = (100 - new, 100 - old);
        let mut left = rest;
        let last = (0..shares.len()).rfind(|index| *index != focus);
        for (index, share) in shares.iter_mut().enumerate() {
            *share = match index {
                index if index == focus => new,
                index if Some(index) == last => left,
                _ => (f64::from(*share) * f64::from(rest) / f64::from(others.max(1))).round() as u32,
            };
            if index != focus {
                left = left.saturating_sub(*share);
            }
        }
        self.weights = shares;
    }

    /// How the mask is made; `None` as long as nothing was marked.
    #[must_use]
    pub fn mask_plan(&self) -> Option<MaskPlan> {
        let picture = self.pictures.first()?.source.clone();
        let marking = self.marking.clone()?;
        Some(MaskPlan { picture, marking, inverted: self.inverted, wider: self.wider })
    }

    /// The recipe and its pictures. `native` is the model's own side in pixels, `seed` counts where none was chosen.
    ///
    /// # Errors
    /// [`RecipeError`], for instance a prompt that is too long.
    pub fn order(&self, native: u32, seed: u64) -> Result<(Recipe, JobInputs), RecipeError> {
        if matches!(self.mode, Mode::Upscale | Mode::Describe) {
            // Nothing else of a draft is about it.
            return Ok((Recipe::new(self.task()?, self.seed.unwrap_or(seed)), self.inputs()));
        }
        let size = (!self.ratio.is_square() && self.mode.takes_size()).then(|| self.ratio.size(native));
        let recipe = Recipe {
            style: self.style,
            negative: self.negative.clone(),
            count: self.count.clamp(1, COUNT_MOST),
            settings: Settings { size, steps: self.steps, ..Settings::default() },
            ..Recipe::new(self.task()?, self.seed.unwrap_or(seed))
        };
        Ok((recipe.with_translation(self.translation.clone()), self.inputs()))
    }

    fn task(&self) -> Result<Task, RecipeError> {
        match self.mode {
            Mode::Draw | Mode::Settings => Task::text_to_image(&self.prompt),
            Mode::Mix => {
                let mut contents = vec![PartContent::Picture; self.pictures.len()];
                if !self.prompt.is_empty() {
                    contents.push(PartContent::Text { prompt: self.prompt.clone() });
                }
                let weights: Vec<f64> = self.shares().into_iter().map(f64::from).collect();
                Task::mix(contents, Some(&weights))
            }
            Mode::Vary => Task::variation(f64::from(self.closeness) / 100.0),
            Mode::Change => Task::change(&self.prompt, f64::from(self.strength) / 100.0),
            Mode::Inpaint => Task::inpaint(&self.prompt),
            Mode::Outpaint => Task::outpaint(&self.prompt, self.margins()),
            Mode::Upscale => Task::upscale(self.scale.unwrap_or_default()),
            Mode::Describe => Ok(Task::Describe),
        }
    }

    fn margins(&self) -> Margins {
        match (self.extension, self.pictures.first()) {
            (Some(extension), Some(picture)) => extension.margins(picture.width, picture.height),
            _ => Margins::default(),
        }
    }

    fn inputs(&self) -> JobInputs {
        let mut inputs: Vec<Input> =
            self.pictures.iter().map(|picture| Input::Picture(picture.source.clone())).collect();
        if self.mode == Mode::Inpaint {
            inputs.extend(self.mask_plan().map(Input::Mask));
        }
        if inputs.is_empty() { JobInputs::None } else { JobInputs::Pending(inputs) }
    }
}

/// The whole divided by so many parts; the first gets what is left over.
fn equal_shares(whole: u32, parts: usize) -> Vec<u32> {
    let each = whole / parts.max(1) as u32;
    let mut shares = vec![each; parts];
    if let Some(first) = shares.first_mut() {
        *first += whole - each * parts as u32;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(mode: Mode, pictures: usize, prompt: &str) -> Draft {
        let picture = |n: usize| GivenPicture {
            source: Source::File(format!("file-{n}")),
            width: 200,
            height: 100,
            message_id: n as i32,
        };
        Draft {
            pictures: (0..pictures).map(picture).collect(),
            prompt: prompt.to_owned(),
            ..Draft::new(&ChatState::default(), mode, 1)
        }
    }

    #[test]
    fn the_slider_moves_by_tens_and_the_sum_stays() {
        let mut two = draft(Mode::Mix, 2, "");
        assert_eq!(two.shares(), [50, 50]);
        two.shift_weight(true);
        assert_eq!(two.shares(), [60, 40]);
        (0..9).for_each(|_| two.shift_weight(true));
        assert_eq!(two.shares(), [90, 10]);
        let mut three = draft(Mode::Mix, 2, "кот");
        assert_eq!(three.shares(), [34, 33, 33]);
        three.shift_weight(true);
        assert_eq!(three.shares(), [40, 30, 30]);
        three.focus = 2;
        three.shift_weight(false);
        assert_eq!(three.shares()[2], 20);
        assert_eq!(three.shares().iter().sum::<u32>(), 100);
    }

    #[test]
    fn a_draft_knows_what_it_lacks() {
        assert_eq!(draft(Mode::Draw, 0, "").lacks(), Some(Lacking::Prompt));
        assert_eq!(draft(Mode::Mix, 1, "").lacks(), Some(Lacking::Part));
        assert_eq!(draft(Mode::Mix, 1, "кот").lacks(), None);
        assert_eq!(draft(Mode::Change, 0, "кот").lacks(), Some(Lacking::Picture));
        assert_eq!(draft(Mode::Inpaint, 1, "").lacks(), Some(Lacking::Mask));
        assert_eq!(draft(Mode::Outpaint, 1, "").lacks(), Some(Lacking::Extension));
        assert_eq!(draft(Mode::Describe, 0, "кот").lacks(), Some(Lacking::Picture));
        assert_eq!(draft(Mode::Describe, 1, "").lacks(), None);
    }

    #[test]
    fn an_order_names_its_pictures_in_the_order_of_the_recipe() {
        let mut inpaint = draft(Mode::Inpaint, 1, "");
        inpaint.marking = Some(Marking::Painted(Source::File("painted".to_owned())));
        let (recipe, inputs) = inpaint.order(768, 7).unwrap();
        assert_eq!((recipe.seed, recipe.task.inputs()), (7, 2));
        let JobInputs::Pending(inputs) = inputs else { panic!("{inputs:?}") };
        assert!(matches!(inputs.as_slice(), [Input::Picture(_), Input::Mask(_)]), "{inputs:?}");
        let wide = Draft { ratio: "16:9".parse().unwrap(), ..draft(Mode::Draw, 0, "кот") };
        assert_eq!(wide.order(768, 1).unwrap().0.settings.size.unwrap().to_string(), "1024×576");
    }

    #[test]
    fn a_draft_is_stored_and_read_back() {
        let mut draft = draft(Mode::Outpaint, 1, "море");
        draft.extension = Some(Extension::To(Ratio::SQUARE));
        let text = serde_json::to_string(&draft).unwrap();
        assert_eq!(serde_json::from_str::<Draft>(&text).unwrap(), draft);
    }
}
