//! What the rules decide between a recipe and the networks.

use candle_core::Tensor;
use image::{Rgb, RgbImage};

use super::*;
use crate::engine::{DeviceKind, EngineOptions};
use crate::kandinsky::{Rules, SamplerKind};
use crate::recipe::Task;

fn engine(rules: Rules) -> Engine {
    Engine::load(&EngineOptions { device: DeviceKind::Cpu, rules, ..EngineOptions::default() }).unwrap()
}

fn picture() -> Picture {
    Picture { rgb: RgbImage::from_fn(96, 96, |x, y| Rgb([x as u8 * 2, y as u8 * 2, 90])), alpha: None }
}

/// White is drawn anew.
fn mask() -> Picture {
    Picture { rgb: RgbImage::from_fn(96, 96, |x, _| Rgb([if x > 40 { 255 } else { 0 }; 3])), alpha: None }
}

fn recipe(task: Task, sampler: SamplerKind) -> Recipe {
    let mut recipe = Recipe::text_to_image("x", 7).unwrap();
    recipe.task = task;
    // Not 3: the original's list would begin at 1000, past the last training step.
    recipe.settings.steps = Some(4);
    recipe.settings.prior_steps = Some(3);
    recipe.settings.sampler = Some(sampler);
    recipe
}

fn tasks() -> [(Task, Vec<Picture>); 3] {
    [
        (Task::text_to_image("a red apple").unwrap(), vec![]),
        (Task::change("a red apple", 0.6).unwrap(), vec![picture()]),
        (Task::inpaint("a yellow star").unwrap(), vec![picture(), mask()]),
    ]
}

/// A generation that is about to be decoded.
fn denoised(engine: &Engine, recipe: &Recipe, inputs: &[Picture]) -> Box<DenoisingRun> {
    let mut generation = engine.begin(recipe, inputs).unwrap();
    loop {
        engine.step(&mut [&mut generation]).unwrap();
        if matches!(generation.stage, Stage::Decode(_)) {
            break;
        }
    }
    let Stage::Decode(run) = generation.stage else { panic!("it is not about to be decoded") };
    run
}

fn largest_difference(one: &Tensor, other: &Tensor) -> f32 {
    (one - other).unwrap().abs().unwrap().max_all().unwrap().to_scalar().unwrap()
}

#[test]
fn the_originals_decoder_reads_no_negative_text() {
    for rules in [Rules::Sound, Rules::Original] {
        let engine = engine(rules);
        let [empty, red] = ["", "red"].map(|text| engine.model().encode_text_as(text, rules).unwrap().pooled);
        for (task, inputs) in tasks() {
            let mut recipe = recipe(task, SamplerKind::Ddim);
            recipe.negative = Some("red".to_owned());
            let run = denoised(&engine, &recipe, &inputs);
            let read = &run.inputs.embeds.opposite.pooled;
            let expected = if rules == Rules::Original { &empty } else { &red };
            assert_eq!(largest_difference(read, expected), 0., "{rules:?} {:?}", recipe.task);
        }
    }
}

#[test]
fn the_original_ignores_the_negative_picture_where_a_picture_is_given() {
    for rules in [Rules::Sound, Rules::Original] {
        let engine = engine(rules);
        for (task, inputs) in tasks() {
            let mut recipe = recipe(task, SamplerKind::Ddim);
            recipe.negative = Some("red".to_owned());
            let run = denoised(&engine, &recipe, &inputs);
            let opposite = &run.inputs.embeds.images[0].negative;
            let is_zero = largest_difference(opposite, engine.model().zero_image_embedding().unwrap()) == 0.;
            assert_eq!(is_zero, rules == Rules::Original && !inputs.is_empty(), "{rules:?} {:?}", recipe.task);
        }
    }
}

#[test]
fn where_a_picture_is_changed_the_original_knows_no_negative_prompt() {
    let latents = |rules, negative: Option<&str>| {
        let mut recipe = recipe(Task::change("a red apple", 0.6).unwrap(), SamplerKind::Ddim);
        recipe.negative = negative.map(str::to_owned);
        denoised(&engine(rules), &recipe, &[picture()]).denoising.latents().clone()
    };
    let apart = |rules| largest_difference(&latents(rules, None), &latents(rules, Some("red")));
    assert_eq!(apart(Rules::Original), 0.);
    assert!(apart(Rules::Sound) > 1e-3);
}

#[test]
fn p_sampler_leaves_the_known_part_of_a_picture_as_it_is() {
    for (rules, is_kept) in [(Rules::Sound, true), (Rules::Original, true), (Rules::Diffusers, false)] {
        let recipe = recipe(Task::inpaint("a yellow star").unwrap(), SamplerKind::PSampler);
        let run = denoised(&engine(rules), &recipe, &[picture(), mask()]);
        let latents = run.denoising.latents();
        let channels = latents.dim(1).unwrap();
        let input = run.inputs.inpaint_input.as_ref().unwrap();
        let (known, kept) = (input.narrow(1, 0, channels).unwrap(), input.narrow(1, channels, 1).unwrap());
        assert!(kept.sum_all().unwrap().to_scalar::<f32>().unwrap() > 10.);
        let apart = largest_difference(&latents.broadcast_mul(&kept).unwrap(), &known);
        assert_eq!(apart < 1e-5, is_kept, "{rules:?}: {apart}");
    }
}

#[test]
fn every_text_of_a_mix_has_its_own_noise_in_the_original() {
    let mix = |rules| {
        let text = |prompt: &str| crate::recipe::PartContent::Text { prompt: prompt.to_owned() };
        let task = Task::mix(vec![text("a red apple"), text("a red apple")], None).unwrap();
        denoised(&engine(rules), &recipe(task, SamplerKind::Ddim), &[]).inputs.embeds.images[0].positive.clone()
    };
    let single = |rules| {
        let task = Task::text_to_image("a red apple").unwrap();
        denoised(&engine(rules), &recipe(task, SamplerKind::Ddim), &[]).inputs.embeds.images[0].positive.clone()
    };
    assert!(largest_difference(&mix(Rules::Sound), &single(Rules::Sound)) < 1e-5);
    assert!(largest_difference(&mix(Rules::Original), &single(Rules::Original)) > 1e-4);
}
