//! Runs a case from recorded noise, whatever its mode, and compares everything on the way.

use candle_core::Tensor;
use kandinsky_bot::kandinsky::{Beginning, DecoderSampling, EncodedPrompt, Kandinsky21, PriorSamplerKind, SamplerKind};

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
            let zero = model.zero_image_embedding().unwrap();
            zero.repeat((case.parameters.count, 1)).unwrap()
        }
    };
    let image = match case.parameters.picture_weight {
        Some(weight) => {
            let picture = model.image_embedding(case.input("clip_image.pixels")).unwrap();
            picture.affine(weight, 0.).unwrap().broadcast_add(&image.affine(1. - weight, 0.).unwrap()).unwrap()
        }
        None => image,
    };
    comparison.relative("image_embeds", &image, ONE_PASS);
    comparison.relative("negative_image_embeds", &negative_image, ONE_PASS);
    let decoder_prompt = case.parameters.decoder_prompt.as_deref().unwrap_or(&case.parameters.prompt);
    let prompt = model.encode_text(decoder_prompt).unwrap();
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
    comparison.relative("clip_image.zero", model.zero_image_embedding().unwrap(), ONE_PASS);
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
    let mut sampling =
        model.prior_sampling(text, against, PriorSamplerKind::Ancestral, steps, guidance, initial).unwrap();
    if let Some(comparison) = comparison {
        let first = sampling.evaluate(&model.prior().unwrap()).unwrap();
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
    let sampling = DecoderSampling {
        kind: parameters.sampler,
        steps: parameters.steps,
        strength: parameters.strength,
        rules: parameters.rules,
    };
    let inpaints = parameters.task == "inpaint";
    let unet = if inpaints { model.inpaint_unet() } else { model.unet() }.unwrap();
    let conditional = model.condition(&unet, prompt, image).unwrap();
    let unconditional = model.condition(&unet, against, negative_image).unwrap();
    let latents = encode_picture(case, model, comparison);
    let beginning = Beginning { picture: latents.as_ref().filter(|_| !inpaints), ..Beginning::noise(initial) };
    let mut denoising =
        model.denoising(&sampling, conditional, unconditional, parameters.guidance, &beginning).unwrap();
    if inpaints {
        denoising = denoising.with_known(case.input("decoder.known").clone());
    }
    let first = denoising.evaluate(&unet).unwrap();
    comparison.relative("unet.first", &first, ONE_PASS);
    let (mut evaluation, noise) =
        (0, (parameters.sampler == SamplerKind::PSampler).then(|| case.input("decoder.noise")));
    while !denoising.is_finished() {
        if denoising.needs_noise() {
            denoising.give_noise(&noise.unwrap().get(evaluation).unwrap()).unwrap();
        }
        denoising.step(&unet).unwrap();
        evaluation += 1;
    }
    comparison.relative("latents", denoising.latents(), ALL_STEPS);
    let pixels = model.decode(denoising.latents()).unwrap();
    let pixels = pixels.narrow(2, 0, parameters.height).unwrap().narrow(3, 0, parameters.width).unwrap();
    comparison.largest("pixels", &pixels, PIXELS);
}

/// Latents of the picture that is changed or repainted.
fn encode_picture(case: &Case, model: &Kandinsky21, comparison: &mut Comparison<'_>) -> Option<Tensor> {
    if case.parameters.task == "text_to_image" {
        return None;
    }
    let latents = model.encode(case.input("picture.pixels")).unwrap();
    comparison.relative("encoded", &latents, ONE_PASS);
    Some(latents)
}
