//! The task of a recipe: one of the modes of the model.

use serde::{Deserialize, Serialize};

use super::{PARTS_LIMIT, Recipe, RecipeError, Window, check_prompt};

/// How many times as large a picture can be drawn.
pub const SCALES: [u32; 2] = [2, 4];

/// A mode with its parameters. Input pictures are no part of it: they are the job's inputs, in the order given here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Task {
    /// A picture from a description.
    TextToImage {
        /// The prompt as the user wrote it, without the style's suffix.
        prompt: String,
    },
    /// One picture from several pictures and texts. Inputs: the pictures, in the order of their parts.
    Mix {
        /// The parts; the sum of their weights is 1.
        parts: Vec<Part>,
    },
    /// Another picture of what a picture shows. Input: the picture.
    Variation {
        /// Share of the picture that stays, 0 ≤ c < 1: 0 keeps only what it is about.
        closeness: f64,
    },
    /// A picture changed by a text. Input: the picture.
    Change {
        /// The prompt for the changed picture.
        prompt: String,
        /// Share that changes, 0 < s ≤ 1.
        strength: f64,
    },
    /// A part of a picture drawn anew. Inputs: the picture and the mask, whose white is drawn anew.
    Inpaint {
        /// The prompt for the masked part; empty: the rest of the picture decides.
        prompt: String,
        /// Where the model looks: only there something is drawn, in the masked part and where there is no picture. Without it, it
        /// looks at the whole picture.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        window: Option<Window>,
    },
    /// A picture continued beyond its edges. Input: the picture.
    Outpaint {
        /// The prompt for the whole picture; empty: the given part decides.
        prompt: String,
        /// How far, in the picture's own pixels.
        margins: Margins,
    },
    /// A picture drawn larger. Input: the picture.
    Upscale {
        /// How many times as large, one of [`SCALES`].
        scale: u32,
        /// The recipe of the picture, where it has one inside.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source: Option<Box<Recipe>>,
    },
    /// Nothing is drawn: it is said what a picture shows. Input: the picture.
    Describe,
}

/// One of the things that are mixed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// A text or a picture.
    #[serde(flatten)]
    pub content: PartContent,
    /// Its share of the whole.
    pub weight: f64,
}

/// The content of a part of a mix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "part")]
pub enum PartContent {
    /// A description.
    Text {
        /// As the user wrote it.
        prompt: String,
    },
    /// The next of the input pictures.
    Picture,
}

/// How far a picture is continued on each side, in pixels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Margins {
    /// To the left.
    pub left: u32,
    /// To the right.
    pub right: u32,
    /// Upwards.
    pub top: u32,
    /// Downwards.
    pub bottom: u32,
}

impl Task {
    /// A picture from a description.
    ///
    /// # Errors
    /// [`RecipeError::EmptyPrompt`] and [`RecipeError::LongPrompt`].
    pub fn text_to_image(prompt: &str) -> Result<Self, RecipeError> {
        Ok(Self::TextToImage { prompt: check_prompt(prompt)? })
    }

    /// A mix; without weights all parts count alike, otherwise the weights are divided by their sum.
    ///
    /// # Errors
    /// [`RecipeError`] that says what is wrong with the parts or weights.
    pub fn mix(contents: Vec<PartContent>, weights: Option<&[f64]>) -> Result<Self, RecipeError> {
        let count = contents.len();
        if !(1..=PARTS_LIMIT).contains(&count) {
            return Err(RecipeError::BadParts { parts: count });
        }
        let weights = weights.map_or_else(|| vec![1.0; count], <[f64]>::to_vec);
        if weights.len() != count {
            return Err(RecipeError::WeightCount { weights: weights.len(), parts: count });
        }
        let sum: f64 = weights.iter().sum();
        if !weights.iter().all(|weight| weight.is_finite() && *weight >= 0.0) || sum <= 0.0 || !sum.is_finite() {
            return Err(RecipeError::BadWeight);
        }
        let parts = contents.into_iter().zip(weights).map(|(content, weight)| {
            let content = match content {
                PartContent::Text { prompt } => PartContent::Text { prompt: check_prompt(&prompt)? },
                PartContent::Picture => PartContent::Picture,
            };
            Ok(Part { content, weight: weight / sum })
        });
        Ok(Self::Mix { parts: parts.collect::<Result<_, _>>()? })
    }

    /// A variation.
    ///
    /// # Errors
    /// [`RecipeError::BadCloseness`].
    pub fn variation(closeness: f64) -> Result<Self, RecipeError> {
        if (0.0..1.0).contains(&closeness) {
            return Ok(Self::Variation { closeness });
        }
        Err(RecipeError::BadCloseness { closeness })
    }

    /// A change by text.
    ///
    /// # Errors
    /// Those of [`check_prompt`], and [`RecipeError::BadStrength`].
    pub fn change(prompt: &str, strength: f64) -> Result<Self, RecipeError> {
        if !(strength > 0.0 && strength <= 1.0) {
            return Err(RecipeError::BadStrength { strength });
        }
        Ok(Self::Change { prompt: check_prompt(prompt)?, strength })
    }

    /// A part drawn anew.
    ///
    /// # Errors
    /// [`RecipeError::LongPrompt`].
    pub fn inpaint(prompt: &str) -> Result<Self, RecipeError> {
        Ok(Self::Inpaint { prompt: check_optional(prompt)?, window: None })
    }

    /// What is masked or missing in a window drawn anew.
    ///
    /// # Errors
    /// [`RecipeError::LongPrompt`] and [`RecipeError::BadWindow`].
    pub fn inpaint_window(prompt: &str, window: Window) -> Result<Self, RecipeError> {
        Ok(Self::Inpaint { prompt: check_optional(prompt)?, window: Some(window.checked()?) })
    }

    /// A picture continued.
    ///
    /// # Errors
    /// [`RecipeError::LongPrompt`] and [`RecipeError::NoMargins`].
    pub fn outpaint(prompt: &str, margins: Margins) -> Result<Self, RecipeError> {
        if margins == Margins::default() {
            return Err(RecipeError::NoMargins);
        }
        Ok(Self::Outpaint { prompt: check_optional(prompt)?, margins })
    }

    /// A picture drawn larger.
    ///
    /// # Errors
    /// [`RecipeError::BadScale`].
    pub fn upscale(scale: u32) -> Result<Self, RecipeError> {
        match SCALES.contains(&scale) {
            true => Ok(Self::Upscale { scale, source: None }),
            false => Err(RecipeError::BadScale { scale }),
        }
    }

    /// Whether a picture is drawn larger.
    #[must_use]
    pub fn is_upscale(&self) -> bool {
        matches!(self, Self::Upscale { .. })
    }

    /// Whether it is said what a picture shows, and nothing is drawn.
    #[must_use]
    pub fn is_description(&self) -> bool {
        matches!(self, Self::Describe)
    }

    /// The prompt as the user wrote it; of a mix its first text, of an upscaled picture that of its source; empty where there is
    /// none.
    #[must_use]
    pub fn prompt(&self) -> &str {
        match self {
            Self::TextToImage { prompt }
            | Self::Change { prompt, .. }
            | Self::Inpaint { prompt, .. }
            | Self::Outpaint { prompt, .. } => prompt,
            Self::Variation { .. } | Self::Describe => "",
            Self::Upscale { source, .. } => source.as_ref().map_or("", |source| source.prompt()),
            Self::Mix { parts } => parts.iter().find_map(Part::text).unwrap_or_default(),
        }
    }

    /// The same with another description: of a mix, another first text. A variation becomes a change of middle strength, and an
    /// upscaled or described picture one that is drawn from the text.
    ///
    /// # Errors
    /// Those of [`check_prompt`].
    pub fn with_prompt(&self, prompt: &str) -> Result<Self, RecipeError> {
        let prompt = check_prompt(prompt)?;
        Ok(match self.clone() {
            Self::TextToImage { .. } | Self::Upscale { .. } | Self::Describe => Self::TextToImage { prompt },
            Self::Change { strength, .. } => Self::Change { prompt, strength },
            Self::Inpaint { window, .. } => Self::Inpaint { prompt, window },
            Self::Outpaint { margins, .. } => Self::Outpaint { prompt, margins },
            Self::Variation { .. } => Self::Change { prompt, strength: 0.5 },
            Self::Mix { mut parts } => {
                let content = PartContent::Text { prompt };
                match parts.iter_mut().find(|part| part.text().is_some()) {
                    Some(part) => part.content = content,
                    None => {
                        let weight = 1.0 / (parts.len() + 1) as f64;
                        parts.iter_mut().for_each(|part| part.weight *= 1.0 - weight);
                        parts.push(Part { content, weight });
                    }
                }
                Self::Mix { parts }
            }
        })
    }

    /// Gives all pictures of a mix together this weight, and its texts the rest, 0 to 1; false where it does not mix pictures with
    /// texts.
    pub fn set_pictures_weight(&mut self, weight: f64) -> bool {
        let Self::Mix { parts } = self else { return false };
        let sum = |is_text: bool| -> f64 {
            parts.iter().filter(|part| part.text().is_some() == is_text).map(|part| part.weight).sum()
        };
        let (texts, pictures) = (sum(true), sum(false));
        if texts <= 0.0 || pictures <= 0.0 {
            return false;
        }
        for part in parts {
            part.weight *= if part.text().is_some() { (1.0 - weight) / texts } else { weight / pictures };
        }
        true
    }

    /// Checks a task that somebody else wrote, as the ways to make one do.
    ///
    /// # Errors
    /// [`RecipeError`] for the first thing that is wrong.
    pub fn check(&self) -> Result<(), RecipeError> {
        match self {
            Self::TextToImage { prompt } => check_prompt(prompt).map(drop),
            Self::Mix { parts } => {
                let contents = parts.iter().map(|part| part.content.clone()).collect();
                let weights: Vec<f64> = parts.iter().map(|part| part.weight).collect();
                Self::mix(contents, Some(&weights)).map(drop)
            }
            Self::Variation { closeness } => Self::variation(*closeness).map(drop),
            Self::Change { prompt, strength } => Self::change(prompt, *strength).map(drop),
            Self::Inpaint { prompt, window } => {
                window.map_or(Ok(()), |window| window.checked().map(drop))?;
                check_optional(prompt).map(drop)
            }
            Self::Outpaint { prompt, margins } => Self::outpaint(prompt, *margins).map(drop),
            Self::Upscale { scale, source } => {
                Self::upscale(*scale)?;
                source.as_ref().map_or(Ok(()), |source| source.check())
            }
            Self::Describe => Ok(()),
        }
    }

    /// Every text that the user wrote, in order; of a mix all its texts. An upscaled picture has none of its own.
    #[must_use]
    pub fn texts(&self) -> Vec<&str> {
        match self {
            Self::Mix { parts } => parts.iter().filter_map(Part::text).collect(),
            Self::Upscale { .. } | Self::Describe => Vec::new(),
            task => Some(task.prompt()).filter(|prompt| !prompt.is_empty()).into_iter().collect(),
        }
    }

    /// How many input pictures it takes.
    #[must_use]
    pub fn inputs(&self) -> usize {
        match self {
            Self::TextToImage { .. } => 0,
            Self::Mix { parts } => parts.iter().filter(|part| part.text().is_none()).count(),
            Self::Variation { .. }
            | Self::Change { .. }
            | Self::Outpaint { .. }
            | Self::Upscale { .. }
            | Self::Describe => 1,
            Self::Inpaint { .. } => 2,
        }
    }
}

impl Part {
    /// The description, where it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            PartContent::Text { prompt } => Some(prompt),
            PartContent::Picture => None,
        }
    }
}

/// A prompt that may be empty.
fn check_optional(prompt: &str) -> Result<String, RecipeError> {
    match check_prompt(prompt) {
        Err(RecipeError::EmptyPrompt) => Ok(String::new()),
        checked => checked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(prompt: &str) -> PartContent {
        PartContent::Text { prompt: prompt.to_owned() }
    }

    #[test]
    fn weights_are_divided_by_their_sum() {
        let weights = |weights: Option<&[f64]>| match Task::mix(vec![PartContent::Picture, text("кот")], weights) {
            Ok(Task::Mix { parts }) => Ok(parts.iter().map(|part| part.weight).collect::<Vec<_>>()),
            Ok(task) => panic!("{task:?}"),
            Err(error) => Err(error),
        };
        assert_eq!(weights(None), Ok(vec![0.5, 0.5]));
        assert_eq!(weights(Some(&[3.0, 1.0])), Ok(vec![0.75, 0.25]));
        assert_eq!(weights(Some(&[1.0])), Err(RecipeError::WeightCount { weights: 1, parts: 2 }));
        for bad in [[0.0, 0.0], [-1.0, 2.0], [f64::NAN, 1.0], [f64::INFINITY, 1.0]] {
            assert_eq!(weights(Some(&bad)), Err(RecipeError::BadWeight), "{bad:?}");
        }
        assert_eq!(Task::mix(vec![], None), Err(RecipeError::BadParts { parts: 0 }));
    }

    #[test]
    fn strength_and_closeness_have_their_ranges() {
        assert!(Task::change("кот", 1.0).is_ok() && Task::change("кот", 0.01).is_ok());
        for strength in [0.0, -0.1, 1.1, f64::NAN] {
            assert!(matches!(Task::change("кот", strength), Err(RecipeError::BadStrength { .. })), "{strength}");
        }
        assert!(Task::variation(0.0).is_ok());
        assert!(Task::variation(1.0).is_err());
    }

    #[test]
    fn pictures_and_texts_of_a_mix_share_the_whole() {
        let mut mix = Task::mix(vec![PartContent::Picture, PartContent::Picture, text("кот")], None).unwrap();
        assert!(mix.set_pictures_weight(0.8));
        let Task::Mix { parts } = &mix else { panic!("{mix:?}") };
        let percents: Vec<f64> = parts.iter().map(|part| (part.weight * 100.0).round()).collect();
        assert_eq!(percents, [40.0, 40.0, 20.0]);
        let mut pictures = Task::mix(vec![PartContent::Picture; 2], None).unwrap();
        assert!(!pictures.set_pictures_weight(0.8) && !Task::variation(0.0).unwrap().set_pictures_weight(0.8));
    }

    #[test]
    fn an_upscaled_picture_remembers_what_it_came_from() {
        assert_eq!(Task::upscale(3), Err(RecipeError::BadScale { scale: 3 }));
        let recipe = Recipe::new(Task::upscale(2).unwrap(), 0);
        assert_eq!((recipe.prompt(), recipe.task.inputs()), ("", 1));
        let recipe = recipe.with_source(Recipe::text_to_image("кот", 3).unwrap());
        assert_eq!((recipe.prompt(), recipe.origin().seed), ("кот", 3));
        let larger = Recipe::new(Task::upscale(2).unwrap(), 9).with_source(recipe.clone());
        assert_eq!((larger.prompt(), larger.origin().seed), ("кот", 3), "also after a second time");
        assert_eq!(Recipe::new(Task::upscale(2).unwrap(), 9).origin().seed, 9, "nothing is known of it");
        assert!(recipe.task.texts().is_empty(), "it was read when the source was drawn");
        assert_eq!(Recipe::text_to_image("кот", 3).unwrap().with_source(recipe.clone()).prompt(), "кот");
    }

    #[test]
    fn inputs_are_counted() {
        let mix = Task::mix(vec![PartContent::Picture, text("кот"), PartContent::Picture], None).unwrap();
        assert_eq!(mix.inputs(), 2);
        assert_eq!(mix.prompt(), "кот");
        assert_eq!(Task::inpaint(" ").unwrap().inputs(), 2);
        assert_eq!(Task::outpaint("", Margins::default()), Err(RecipeError::NoMargins));
    }

    #[test]
    fn every_task_is_stored_and_read_back() {
        let margins = Margins { left: 3, ..Margins::default() };
        for task in [
            Task::mix(vec![PartContent::Picture, text("кот")], None).unwrap(),
            Task::variation(0.25).unwrap(),
            Task::change("кот", 0.5).unwrap(),
            Task::inpaint("").unwrap(),
            Task::inpaint_window("лес", Window { x: -5, y: 3, width: 64, height: 32 }).unwrap(),
            Task::outpaint("море", margins).unwrap(),
            Task::upscale(2).unwrap(),
            Task::Describe,
            Recipe::new(Task::upscale(4).unwrap(), 0).with_source(Recipe::text_to_image("кот", 3).unwrap()).task,
        ] {
            let text = serde_json::to_string(&task).unwrap();
            assert_eq!(serde_json::from_str::<Task>(&text).unwrap(), task, "{text}");
        }
        let old = r#"{"kind":"inpaint","prompt":"лес"}"#;
        assert_eq!(serde_json::from_str::<Task>(old).unwrap(), Task::inpaint("лес").unwrap());
        assert_eq!(serde_json::to_string(&Task::inpaint("лес").unwrap()).unwrap(), old);
    }
}
