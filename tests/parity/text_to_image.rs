//! Text to image, as diffusers' `KandinskyPriorPipeline` and `KandinskyPipeline` do it.

use candle_core::Tensor;
use kandinsky_bot::kandinsky::{EncodedPrompt, Kandinsky21, SamplerKind};

use super::case::Case;
use super::comparison::{ALL_STEPS, Comparison, ONE_PASS, PIXELS};

/// Runs a case and compares everything on the way.
pub(crate) fn run(case: &Case, model: &Kandinsky21, comparison: &mut Comparison<'_>) {
    let negative = case.parameters.negative.as_deref();
    let prompt = encode(model, "", &case.parameters.prompt, comparison);
    let against = encode(model, "negative.", negative.unwrap_or(""), comparison);
    encode_image(case, model, comparison);
    let image = run_prior(case, model, &prompt, &against, Some(comparison));
    let negative_image = match negative {
        Some(_) => run_prior(case, model, &against, &against, None),
        None => {
            let zero = model.zero_image_embedding();
            zero.repeat((case.parameters.count, 1)).unwrap()
        }
    };
    comparison.relative("image_embeds", &image, ONE_PASS);
    comparison.relative("negative_image_embeds", &negative_image, ONE_PASS);
    let conditional = (&prompt, &image);
    run_decoder(case, model, conditional, (&against, &negative_image), comparison);
}

fn encode(model: &Kandinsky21, which: &str, text: &str, comparison: &mut Comparison<'_>) -> EncodedPrompt {
    let clip = model.clip_tokenizer().encode(text).unwrap();
    comparison.tokens(&format!("clip_text.{which}tokens"), &clip);
    let multilingual = model.multilingual_tokenizer().encode(text).unwrap();
    comparison.tokens(&format!("xlmr.{which}tokens"), &multilingual);
    let encoded = model.encode_text(text).unwrap();
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

fn encode_image(case: &Case, model: &Kandinsky21, comparison: &mut Comparison<'_>) {
    let embeds = model.image_embedding(case.input("clip_image.pixels"));
    comparison.relative("clip_image.embeds", &embeds.unwrap(), ONE_PASS);
    comparison.relative("clip_image.zero", model.zero_image_embedding(), ONE_PASS);
}

/// The prior from recorded noise; its first output is compared where a comparison is given.
fn run_prior(
    case: &Case,
    model: &Kandinsky21,
    text: &EncodedPrompt,
    against: &EncodedPrompt,
    comparison: Option<&mut Comparison<'_>>,
) -> Tensor {
    let (steps, guidance) = (case.parameters.prior_steps, case.parameters.prior_guidance);
    let initial = case.input("prior.initial");
    let noise = case.input("prior.noise");
    let mut sampling = model.prior_sampling(text, against, steps, guidance, initial).unwrap();
    if let Some(comparison) = comparison {
        let first = sampling.evaluate(model.prior()).unwrap();
        comparison.relative("prior.first", &first, ONE_PASS);
    }
    while !sampling.is_finished() {
        let noise = sampling.needs_noise().then(|| noise.get(sampling.done()).unwrap());
        model.prior_step(&mut sampling, noise.as_ref()).unwrap();
    }
    model.prior_embeddings(&sampling).unwrap()
}

fn run_decoder(
    case: &Case,
    model: &Kandinsky21,
    (prompt, image): (&EncodedPrompt, &Tensor),
    (against, negative_image): (&EncodedPrompt, &Tensor),
    comparison: &mut Comparison<'_>,
) {
    let parameters = &case.parameters;
    let initial = case.input("decoder.initial");
    let (height, width) = model.latent_size(parameters.height, parameters.width);
    assert_eq!(initial.dims()[2..], [height, width]);
    let sampler: SamplerKind = parameters.sampler.parse().unwrap();
    let conditional = model.condition(prompt, image).unwrap();
    let unconditional = model.condition(against, negative_image).unwrap();
    let (steps, guidance) = (parameters.steps, parameters.guidance);
    let mut denoising = model.denoising(sampler, steps, conditional, unconditional, guidance, initial).unwrap();
    let first = denoising.evaluate(model.unet()).unwrap();
    comparison.relative("unet.first", &first, ONE_PASS);
    while !denoising.is_finished() {
        model.denoise_step(&mut [&mut denoising]).unwrap();
    }
    comparison.relative("latents", denoising.latents(), ALL_STEPS);
    let pixels = model.decode(denoising.latents()).unwrap();
    comparison.largest("pixels", &pixels, PIXELS);
}
