//! What a picture shall be about: encoders, the prior from recorded noise, mixes.

use candle_core::Tensor;
use kandinsky_bot::engine::clip_pixels;
use kandinsky_bot::kandinsky::{EncodedPrompt, Kandinsky21, Mode, PriorOptions};

use super::case::{Case, Part};
use super::comparison::{Comparison, ONE_PASS, PREPARED};

/// What the decoder is guided away from, and both image embeddings, `[count, embedding]`.
pub(crate) struct Embeds {
    pub(crate) opposite: EncodedPrompt,
    pub(crate) image: Tensor,
    pub(crate) negative_image: Tensor,
}

/// Runs encoders and prior, and compares everything on the way.
pub(crate) fn embeds(case: &Case, model: &Kandinsky21, comparison: &mut Comparison<'_>) -> Embeds {
    let parameters = &case.parameters;
    let negative = parameters.negative.as_deref();
    let prompt = encode(case, model, "", &parameters.prompt, comparison);
    let used = parameters.rules.negative(mode(&parameters.task));
    let nothing = model.encode_text_as("", parameters.rules).unwrap();
    let negative = negative.map(|text| encode(case, model, "negative.", text, comparison));
    let chosen = |is_used: bool| negative.as_ref().filter(|_| is_used).unwrap_or(&nothing).clone();
    let (against, opposite) = (chosen(used.by_prior), chosen(used.as_text));
    encode_image(case, model, comparison);
    let image = run_prior(case, model, &prompt, &against, Some(comparison));
    let image = parameters.parts.as_ref().map_or(image, |parts| mix(case, model, parts, &against));
    let negative_image = match negative.filter(|_| used.as_image) {
        Some(negative) => run_prior(case, model, &negative, &against, None),
        None => model.zero_image_embedding().unwrap().repeat((parameters.count, 1)).unwrap(),
    };
    comparison.relative("image_embeds", &image, ONE_PASS);
    comparison.relative("negative_image_embeds", &negative_image, ONE_PASS);
    Embeds { opposite, image, negative_image }
}

fn mode(task: &str) -> Mode {
    match task {
        "change" => Mode::Change,
        "inpaint" => Mode::Inpaint,
        _ => Mode::Draw,
    }
}

fn encode(case: &Case, model: &Kandinsky21, which: &str, text: &str, comparison: &mut Comparison<'_>) -> EncodedPrompt {
    let rules = case.parameters.rules;
    let clip = model.clip_tokenizer().encode(text, rules).unwrap();
    comparison.tokens(&format!("clip_text.{which}tokens"), &clip);
    let multilingual = model.multilingual_tokenizer().encode(text).unwrap();
    comparison.tokens(&format!("xlmr.{which}tokens"), &multilingual);
    let encoded = model.encode_text_as(text, rules).unwrap();
    for (tensor, value) in [
        (format!("clip_text.{which}hidden"), &encoded.clip.hidden),
        (format!("clip_text.{which}embeds"), &encoded.clip.embeds),
        (format!("xlmr.{which}hidden"), &encoded.hidden),
        (format!("xlmr.{which}pooled"), &encoded.pooled),
    ] {
        comparison.relative(&tensor, value, ONE_PASS);
    }
    encoded
}

/// The vision tower's pixels of `part-INDEX.png`.
fn part_pixels(case: &Case, model: &Kandinsky21, index: usize) -> Tensor {
    let picture = case.picture(&format!("part-{index}")).rgb;
    clip_pixels(&picture, model.clip_image_size() as u32, case.parameters.rules).unwrap()
}

fn encode_image(case: &Case, model: &Kandinsky21, comparison: &mut Comparison<'_>) {
    let pixels = part_pixels(case, model, 0);
    comparison.largest("clip_image.pixels", &pixels, PREPARED);
    comparison.relative("clip_image.embeds", &model.image_embedding(&pixels).unwrap(), ONE_PASS);
    comparison.relative("clip_image.zero", model.zero_image_embedding().unwrap(), ONE_PASS);
}

/// The weighted sum of texts and pictures.
fn mix(case: &Case, model: &Kandinsky21, parts: &[Part], against: &EncodedPrompt) -> Tensor {
    let embeddings = parts.iter().map(|part| match part {
        Part::Text { text, weight } => {
            let text = model.encode_text_as(text, case.parameters.rules).unwrap();
            run_prior(case, model, &text, against, None).affine(*weight, 0.).unwrap()
        }
        Part::Picture { picture, weight } => {
            let embedding = model.image_embedding(&part_pixels(case, model, *picture)).unwrap();
            embedding.repeat((case.parameters.count, 1)).unwrap().affine(*weight, 0.).unwrap()
        }
    });
    embeddings.reduce(|sum, embedding| (sum + embedding).unwrap()).unwrap()
}

/// The prior from recorded noise; its first output is compared where a comparison is given.
fn run_prior(
    case: &Case,
    model: &Kandinsky21,
    text: &EncodedPrompt,
    against: &EncodedPrompt,
    comparison: Option<&mut Comparison<'_>>,
) -> Tensor {
    let parameters = &case.parameters;
    let options = PriorOptions {
        kind: parameters.prior_sampler,
        steps: parameters.prior_steps,
        guidance: parameters.prior_guidance,
        rules: parameters.rules,
    };
    let mut sampling = model.prior_sampling(text, against, &options, case.input("prior.initial")).unwrap();
    let prior = model.prior().unwrap();
    if let Some(comparison) = comparison {
        let first = sampling.evaluate(&prior).unwrap();
        comparison.relative("prior.first", &first, ONE_PASS);
    }
    while !sampling.is_finished() {
        let noise = sampling.needs_noise().then(|| case.input("prior.noise").get(sampling.done()).unwrap());
        sampling.step(&prior, noise.as_ref()).unwrap();
    }
    sampling.embeddings(&prior).unwrap()
}
