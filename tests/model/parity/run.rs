//! Runs a case from recorded noise, whatever its mode, and compares everything on the way.

use kandinsky_bot::kandinsky::{DecoderSampling, DenoisingStart, Kandinsky21};

use super::case::Case;
use super::comparison::{ALL_STEPS, Comparison, ONE_PASS, PIXELS};
use super::embeds::{Embeds, embeds};
use super::given::Given;

/// Runs a case and compares everything on the way.
pub(crate) fn run(case: &Case, model: &Kandinsky21, comparison: &mut Comparison<'_>) {
    let embeds = embeds(case, model, comparison);
    run_decoder(case, model, &embeds, comparison);
}

fn run_decoder(case: &Case, model: &Kandinsky21, embeds: &Embeds, comparison: &mut Comparison<'_>) {
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
    let prompt = parameters.decoder_prompt.as_deref().unwrap_or(&parameters.prompt);
    let prompt = model.encode_text_as(prompt, parameters.rules).unwrap();
    let conditional = model.condition(&unet, &prompt, &embeds.image).unwrap();
    let unconditional = model.condition(&unet, &embeds.opposite, &embeds.negative_image).unwrap();
    let given = Given::read(case, model, comparison);
    let known = given.as_ref().and_then(|given| given.known(parameters.count, comparison));
    let start = DenoisingStart {
        noise: initial,
        init_latents: given.as_ref().filter(|_| !inpaints).map(|given| &given.latents),
        known: known.as_ref(),
    };
    let mut denoising = model.denoising(&sampling, conditional, unconditional, parameters.guidance, &start).unwrap();
    let first = denoising.evaluate(&unet).unwrap();
    comparison.relative("unet.first", &first, ONE_PASS);
    while !denoising.is_finished() {
        if denoising.needs_noise() {
            denoising.give_noise(&case.input("decoder.noise").get(denoising.done()).unwrap()).unwrap();
        }
        denoising.step(&unet).unwrap();
    }
    comparison.relative("latents", denoising.latents(), ALL_STEPS);
    let pixels = model.decode(denoising.latents()).unwrap();
    let pixels = pixels.narrow(2, 0, parameters.height).unwrap().narrow(3, 0, parameters.width).unwrap();
    comparison.largest("pixels", &pixels, PIXELS);
}
