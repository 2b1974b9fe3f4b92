//! The fields that every kind of drawing has, under the names that vLLM, diffusers, A1111 and OpenAI have for them.

use super::error::{ApiError, ApiResult};
use super::params::Params;
use crate::i18n::Language;
use crate::recipe::{Recipe, STEPS_LIMIT, Settings, Size, Task, check_prompt};
use crate::styles::Style;

/// Most pictures of one request, as at OpenAI.
pub(super) const MAX_COUNT: u64 = 10;
/// The strongest guidance; beyond it nothing is left of a picture.
const MAX_GUIDANCE: f64 = 100.0;
/// A side that is asked for, at most: it is fitted into what can be drawn.
const MAX_SIDE: u64 = 100_000;

/// How something is drawn, whatever it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DrawOptions {
    style: Style,
    negative: Option<String>,
    seed: u64,
    count: u32,
    settings: Settings,
    /// `quality` as it was asked for.
    pub(super) quality: String,
}

impl DrawOptions {
    pub(super) fn from_params(params: &mut Params) -> ApiResult<Self> {
        let quality = params.text(&["quality"])?.unwrap_or_else(|| "auto".to_owned());
        let steps = count(params, &["num_inference_steps", "steps"])?;
        let negative = params.text(&["negative_prompt"])?.filter(|text| !text.trim().is_empty());
        let negative = negative.map(|text| check_prompt(&text));
        let negative = negative.transpose().map_err(|error| ApiError::invalid("negative_prompt", error.to_string()))?;
        let settings = Settings {
            size: size(params)?,
            steps: steps.map_or_else(|| steps_of(&quality), |steps| Ok(Some(steps)))?,
            guidance: params.number(&["guidance_scale", "cfg_scale"], 0.0..=MAX_GUIDANCE)?,
            prior_steps: count(params, &["prior_num_inference_steps", "prior_steps"])?,
            prior_guidance: params.number(&["prior_guidance_scale"], 0.0..=MAX_GUIDANCE)?,
            sampler: named(params, "sampler")?,
            prior_sampler: named(params, "prior_sampler")?,
        };
        Ok(Self {
            style: style(params)?,
            negative,
            // Small enough to be exact in JavaScript.
            seed: params.integer(&["seed"], 0..=u64::MAX)?.unwrap_or_else(|| u64::from(rand::random::<u32>())),
            count: params.integer(&["n", "num_images_per_prompt"], 1..=MAX_COUNT)?.unwrap_or(1) as u32,
            settings,
            quality,
        })
    }

    /// The recipe for a task.
    pub(super) fn recipe(&self, task: Task) -> ApiResult<Recipe> {
        let settings = Settings { size: self.settings.size.filter(|_| has_size(&task)), ..self.settings.clone() };
        let recipe = Recipe {
            style: self.style,
            negative: self.negative.clone(),
            settings,
            ..Recipe::new(task, self.seed).with_count(self.count)?
        };
        recipe.check()?;
        Ok(recipe)
    }
}

/// Whether a size can be chosen; the results of the other tasks have that of their picture.
pub(super) fn has_size(task: &Task) -> bool {
    matches!(task, Task::TextToImage { .. } | Task::Mix { .. } | Task::Variation { .. })
}

fn count(params: &mut Params, names: &[&str]) -> ApiResult<Option<u32>> {
    Ok(params.integer(names, 1..=u64::from(STEPS_LIMIT))?.map(|count| count as u32))
}

/// A sampler by its name.
fn named<T>(params: &mut Params, name: &'static str) -> ApiResult<Option<T>>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    let text = params.text(&[name])?;
    let parsed = text.map(|text| text.parse().map_err(|error: T::Err| ApiError::invalid(name, error.to_string())));
    parsed.transpose()
}

/// `quality` as a number of steps; `None` is that of the model.
fn steps_of(quality: &str) -> ApiResult<Option<u32>> {
    Ok(match quality {
        "auto" | "standard" | "medium" => None,
        "low" => Some(15),
        "high" | "hd" => Some(50),
        "xhigh" | "max" => Some(100),
        other => {
            let words =
                format!("{other:?} is no quality; there is low, medium, high, xhigh, max, auto, standard and hd");
            return Err(ApiError::invalid("quality", words));
        }
    })
}

/// `size`, or `width` and `height`. What can not be drawn is fitted in: clients ask for sizes of other models by themselves.
fn size(params: &mut Params) -> ApiResult<Option<Size>> {
    let text = params.text(&["size"])?.filter(|text| text != "auto");
    let (width, height) = (params.integer(&["width"], 1..=MAX_SIDE)?, params.integer(&["height"], 1..=MAX_SIDE)?);
    if let Some(text) = text {
        let sides = text.split_once(['x', 'X', '×']);
        let side = |side: &str| side.trim().parse::<u64>().ok().filter(|side| (1..=MAX_SIDE).contains(side));
        let sides = sides.and_then(|(width, height)| Some((side(width)?, side(height)?)));
        let words =
            || ApiError::invalid("size", format!("{text:?} is no size; write auto, or WIDTHxHEIGHT such as 768x512"));
        return sides.map(|(width, height)| Some(fitted(width, height))).ok_or_else(words);
    }
    Ok(match (width, height) {
        (None, None) => None,
        (width, height) => {
            let (width, height) = (width.or(height).unwrap_or(1), height.or(width).unwrap_or(1));
            Some(fitted(width, height))
        }
    })
}

/// The same proportions with sides that can be drawn.
pub(super) fn fitted(width: u64, height: u64) -> Size {
    let shrink = (f64::from(Size::MAX) / width.max(height) as f64).min(1.0);
    let side = |side: u64| ((side as f64 * shrink).round() as u32).clamp(Size::MIN, Size::MAX);
    Size { width: side(width), height: side(height) }
}

/// A style by its code or its name in a language. OpenAI once had `vivid` and `natural` here: what is no style of ours is passed over.
fn style(params: &mut Params) -> ApiResult<Style> {
    let Some(name) = params.text(&["style"])? else { return Ok(Style::default()) };
    let found = style_by_name(&name);
    if found.is_none() {
        params.leave("style", name.into());
    }
    Ok(found.unwrap_or_default())
}

fn style_by_name(name: &str) -> Option<Style> {
    let name = name.trim().to_lowercase();
    let has_name = |style: &Style| {
        let is_called = |language: Language| style_name(*style, language).to_lowercase() == name;
        style.code() == name || Language::ALL.into_iter().any(is_called)
    };
    Style::all().find(has_name)
}

/// What a style is called.
pub(super) fn style_name(style: Style, language: Language) -> String {
    language.text(&format!("style-{}", style.code()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::recipe::SamplerKind;

    fn options(value: Value) -> ApiResult<DrawOptions> {
        DrawOptions::from_params(&mut Params::new(value.as_object().unwrap().clone(), Vec::new()))
    }

    fn size_of(value: Value) -> Option<String> {
        options(value).unwrap().settings.size.map(|size| size.to_string())
    }

    #[test]
    fn sizes_of_other_models_are_fitted_in() {
        assert_eq!(size_of(json!({ "size": "1536x1024" })).unwrap(), "1024×683");
        assert_eq!(size_of(json!({ "size": "1792x1024" })).unwrap(), "1024×585");
        assert_eq!(size_of(json!({ "width": 512, "height": "768" })).unwrap(), "512×768");
        assert_eq!(size_of(json!({ "width": 512 })).unwrap(), "512×512");
        assert_eq!(size_of(json!({ "size": "100000x1" })).unwrap(), "1024×64");
        for none in [json!({}), json!({ "size": "auto" })] {
            assert_eq!(size_of(none), None);
        }
        for bad in ["big", "0x0", "-1x5", "1e3x4", "999999x1"] {
            assert!(options(json!({ "size": bad })).is_err(), "{bad}");
        }
    }

    #[test]
    fn each_setting_has_the_names_that_clients_know() {
        let one =
            options(json!({ "num_inference_steps": 7, "guidance_scale": 5.5, "seed": "9", "style": "Аниме" })).unwrap();
        let other = options(json!({ "steps": 7, "cfg_scale": "5.5", "seed": 9, "style": "anime" })).unwrap();
        assert_eq!(one, other);
        assert_eq!((one.settings.steps, one.settings.guidance, one.style.code()), (Some(7), Some(5.5), "anime"));
        let sampler = options(json!({ "sampler": "dpm++" })).unwrap().settings.sampler;
        assert_eq!(sampler, Some(SamplerKind::DpmSolver));
    }

    #[test]
    fn quality_is_a_number_of_steps_unless_one_is_given() {
        let steps = |value| options(value).unwrap().settings.steps;
        assert_eq!(steps(json!({ "quality": "hd" })), Some(50));
        assert_eq!(steps(json!({ "quality": "hd", "steps": 3 })), Some(3));
        assert_eq!(steps(json!({ "quality": "standard" })), None);
        assert!(options(json!({ "quality": "bad" })).is_err());
    }

    #[test]
    fn a_style_of_other_models_is_passed_over_and_named() {
        let mut params = Params::new(json!({ "style": "vivid" }).as_object().unwrap().clone(), Vec::new());
        assert_eq!(DrawOptions::from_params(&mut params).unwrap().style, Style::default());
        assert_eq!(params.ignored().unwrap(), "style");
    }
}
