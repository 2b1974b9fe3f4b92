use std::ops::ControlFlow;

use image::{Rgb, RgbImage};

use super::super::DrawnPicture;
use super::*;
use crate::engine::{DeviceKind, EngineOptions, MemoryPlan};
use crate::kandinsky::SamplerKind;
use crate::recipe::{Size, Task};

fn engine(memory: MemoryPlan) -> Engine {
    Engine::load(&EngineOptions { device: DeviceKind::Cpu, memory, ..EngineOptions::default() }).unwrap()
}

fn picture() -> Picture {
    let rgb = RgbImage::from_fn(96, 96, |x, y| Rgb([x as u8 * 2, y as u8 * 2, 90]));
    Picture { rgb, alpha: None }
}

/// White is drawn anew.
fn mask() -> Picture {
    let rgb = RgbImage::from_fn(96, 96, |x, _| Rgb([if x > 40 { 255 } else { 0 }; 3]));
    Picture { rgb, alpha: None }
}

fn recipe(task: Task, seed: u64, steps: u32, sampler: SamplerKind) -> Recipe {
    let mut recipe = Recipe::text_to_image("x", seed).unwrap();
    recipe.task = task;
    recipe.settings.steps = Some(steps);
    recipe.settings.prior_steps = Some(4);
    recipe.settings.sampler = Some(sampler);
    recipe
}

fn text(prompt: &str, seed: u64, steps: u32, sampler: SamplerKind) -> Recipe {
    recipe(Task::text_to_image(prompt).unwrap(), seed, steps, sampler)
}

/// Different in everything but the size: text, seed, steps, sampler, guidance, task, number of pictures.
fn different_jobs() -> Vec<(Recipe, Vec<Picture>)> {
    let mut guided = text("красное яблоко на синем фоне", 2, 8, SamplerKind::PSampler);
    guided.settings.guidance = Some(4.0);
    let mut against = text("a lemon on a green background", 3, 4, SamplerKind::DpmSolver).with_count(2).unwrap();
    against.negative = Some("red".to_owned());
    against.settings.guidance = Some(3.0);
    let change = recipe(Task::change("a cat on a blue background", 0.6).unwrap(), 4, 9, SamplerKind::Ddim);
    let inpaint = recipe(Task::inpaint("a yellow star").unwrap(), 5, 6, SamplerKind::Plms);
    vec![
        (text("a cat on a red background", 1, 9, SamplerKind::Ddim), vec![]),
        (guided, vec![]),
        (against, vec![]),
        (change, vec![picture()]),
        (inpaint, vec![picture(), mask()]),
        (Recipe::new(Task::upscale(2).unwrap(), 0), vec![RgbImage::from_pixel(9, 7, Rgb([9, 90, 200])).into()]),
    ]
}

/// Draws all, each of which comes two turns after the one before and leaves when it is finished: in a turn, all that are there
/// take a step, those that can together. How many shared each step of the prior, and of the UNet, too.
fn draw_together(engine: &Engine, recipes: &[(Recipe, Vec<Picture>)]) -> (Vec<Vec<RgbImage>>, [Vec<usize>; 2]) {
    let mut generations: Vec<Generation> = Vec::new();
    let mut shared = [Vec::new(), Vec::new()];
    for turn in 0.. {
        if let Some((recipe, inputs)) = recipes.get(turn / 2).filter(|_| turn % 2 == 0) {
            generations.push(engine.begin(recipe, inputs).unwrap());
        }
        let (mut at_prior, mut at_denoising) = (Vec::new(), Vec::new());
        for generation in generations.iter_mut().filter(|generation| !generation.is_finished()) {
            match generation.batch_key() {
                Some(BatchKey::Prior) => at_prior.push(generation),
                Some(BatchKey::UNet(_)) => at_denoising.push(generation),
                Some(BatchKey::Upscale | BatchKey::Describe) | None => engine.step(&mut [generation]).unwrap(),
            }
        }
        for (group, shared) in [&mut at_prior, &mut at_denoising].into_iter().zip(&mut shared) {
            shared.push(group.len());
            engine.step(group).unwrap();
        }
        if generations.iter().all(Generation::is_finished) {
            break;
        }
    }
    let finished = |generation: &mut Generation| generation.take_drawn().iter().map(DrawnPicture::finish).collect();
    (generations.iter_mut().map(finished).collect(), shared)
}

fn difference(one: &RgbImage, other: &RgbImage) -> u8 {
    assert_eq!(one.dimensions(), other.dimensions());
    one.iter().zip(other.iter()).map(|(one, other)| one.abs_diff(*other)).max().unwrap()
}

#[test]
fn a_picture_drawn_in_a_batch_is_the_picture_drawn_alone() {
    let engine = engine(MemoryPlan::High);
    let jobs = different_jobs();
    let (together, [at_prior, at_denoising]) = draw_together(&engine, &jobs);
    assert!(at_prior.iter().any(|generations| *generations >= 2), "{at_prior:?}");
    assert!(at_denoising.iter().any(|generations| *generations >= 4), "{at_denoising:?}");
    for ((recipe, inputs), pictures) in jobs.iter().zip(&together) {
        assert_eq!(pictures.len(), recipe.count as usize);
        for (index, picture) in (0..).zip(pictures) {
            let alone = engine.draw(&recipe.single(index), inputs, &mut |_| ControlFlow::Continue(())).unwrap();
            let difference = difference(picture, &alone);
            assert!(difference <= 1, "{difference} of 255 in picture {index} of {:?}", recipe.task);
        }
    }
}

#[test]
fn a_step_in_a_batch_is_the_step_alone() {
    let engine = engine(MemoryPlan::High);
    let begun = || -> Vec<Generation> {
        // A picture that is only drawn larger is never at denoising.
        let denoised = different_jobs().into_iter().filter(|(recipe, _)| !matches!(recipe.task, Task::Upscale { .. }));
        let generations = (0..).zip(denoised).map(|(done, (recipe, inputs))| {
            let mut generation = engine.begin(&recipe, &inputs).unwrap();
            while !is_denoising(&generation) {
                engine.step(&mut [&mut generation]).unwrap();
            }
            // Each at another step of its own.
            (0..done % 3).for_each(|_| engine.step(&mut [&mut generation]).unwrap());
            generation
        });
        generations.collect()
    };
    let (mut together, mut alone) = (begun(), begun());
    engine.step(&mut together.iter_mut().collect::<Vec<_>>()).unwrap();
    for (one, other) in together.iter().zip(&mut alone) {
        engine.step(&mut [other]).unwrap();
        let (one, other) = (latents(one), latents(other));
        let norm = |values: &[f32]| values.iter().map(|value| value * value).sum::<f32>().sqrt();
        let apart: Vec<f32> = one.iter().zip(&other).map(|(one, other)| one - other).collect();
        let error = norm(&apart) / norm(&other);
        assert!(error <= 1e-5, "{error:e}");
    }
}

fn is_denoising(generation: &Generation) -> bool {
    matches!(generation.stage, Stage::Denoise(_))
}

fn latents(generation: &Generation) -> Vec<f32> {
    let Stage::Denoise(run) = &generation.stage else { panic!("it is not at denoising") };
    run.denoising.latents().flatten_all().unwrap().to_vec1().unwrap()
}

#[test]
fn other_sizes_take_their_own_steps() {
    let engine = engine(MemoryPlan::High);
    let mut wide = text("a cat", 1, 2, SamplerKind::Ddim);
    wide.settings.size = Some(Size { width: 128, height: 64 });
    let square = text("a cat", 1, 2, SamplerKind::Ddim);
    let mut generations = [engine.begin(&wide, &[]).unwrap(), engine.begin(&square, &[]).unwrap()];
    let mut both: Vec<&mut Generation> = generations.iter_mut().collect();
    while !is_denoising(both[0]) {
        engine.step(&mut both).unwrap();
    }
    assert_ne!(both[0].batch_key(), both[1].batch_key());
    while both.iter().any(|generation| !generation.is_finished()) {
        engine.step(&mut both).unwrap();
    }
    assert_eq!(generations.each_mut().map(|generation| generation.take_drawn().len()), [1, 1]);
}

#[test]
fn short_of_memory_the_same_picture_is_drawn() {
    let recipe = text("a cat on a red background", 1, 3, SamplerKind::Ddim).with_count(2).unwrap();
    let draw = |memory| {
        let mut pictures = Vec::new();
        engine(memory)
            .draw_each(&recipe, &[], &mut |_| ControlFlow::Continue(()), &mut |_, picture| pictures.push(picture))
            .unwrap();
        pictures
    };
    assert_eq!(draw(MemoryPlan::Low), draw(MemoryPlan::High));
}

#[test]
fn progress_only_grows() {
    let engine = engine(MemoryPlan::High);
    for (recipe, inputs) in different_jobs() {
        let mut generation = engine.begin(&recipe, &inputs).unwrap();
        let mut progress = 0.0;
        while !generation.is_finished() {
            engine.step(&mut [&mut generation]).unwrap();
            assert!(generation.progress() >= progress, "{} after {progress}", generation.progress());
            progress = generation.progress();
        }
        assert!((progress - 1.0).abs() < 1e-9);
    }
}
