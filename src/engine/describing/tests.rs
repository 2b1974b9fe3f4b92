//! The miniature looks at pictures.

use std::ops::ControlFlow;

use candle_core::IndexOp;
use image::imageops::crop_imm;
use image::{Rgb, RgbImage};
use serde::Deserialize;

use super::*;
use crate::engine::{DeviceKind, EngineOptions, MemoryPlan};
use crate::kandinsky::Rules;
use crate::recipe::Recognized;

#[derive(Deserialize)]
struct Question {
    object: String,
    background: String,
}

#[derive(Deserialize)]
struct Objects {
    objects: Vec<Known>,
    backgrounds: Vec<Known>,
}

#[derive(Deserialize)]
struct Known {
    id: String,
    en: String,
}

fn engine(memory: MemoryPlan) -> Engine {
    Engine::load(&EngineOptions { device: DeviceKind::Cpu, memory, ..EngineOptions::default() }).unwrap()
}

fn describe(engine: &Engine, picture: RgbImage) -> Description {
    engine.describe(&Picture { rgb: picture, alpha: None }, &mut |_| ControlFlow::Continue(())).unwrap()
}

fn json<T: for<'de> Deserialize<'de>>(name: &str) -> T {
    let path = format!("{}/models/mini/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Pictures that the miniature drew, from its contact sheet: ten in a row, each of 96 pixels with a label of 14 below.
fn samples(count: u32) -> impl Iterator<Item = RgbImage> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/models/mini/samples.png");
    let sheet = image::open(path).unwrap().into_rgb8();
    (0..count).map(move |number| crop_imm(&sheet, number % 10 * 96, number / 10 * 110, 96, 96).to_image())
}

#[test]
fn what_the_miniature_draws_it_describes() {
    let engine = engine(MemoryPlan::High);
    let (known, questions) = (json::<Objects>("objects.json"), json::<Vec<Question>>("prompts.json"));
    let name = |known: &[Known], id: &str| known.iter().find(|known| known.id == id).unwrap().en.clone();
    let (mut objects, mut backgrounds) = (0, 0);
    for (picture, question) in samples(32).zip(&questions) {
        let description = describe(&engine, picture);
        let object = name(&known.objects, &question.object);
        let background = format!(" {} background", name(&known.backgrounds, &question.background));
        let is =
            |found: Option<&Recognized>, end: &str| usize::from(found.is_some_and(|found| found.en.ends_with(end)));
        objects += is(description.objects.first(), &object);
        backgrounds += is(description.background.as_ref(), &background);
    }
    assert!(objects >= 28 && backgrounds >= 31, "of 32: {objects} objects, {backgrounds} backgrounds");
}

#[test]
fn a_drawn_lemon_on_blue_is_a_lemon_on_blue() {
    // Parts of the model are loaded and released on the way.
    let engine = engine(MemoryPlan::Low);
    let lemon = Recipe::text_to_image("a lemon on a blue background", 7).unwrap();
    let drawn = engine.draw(&lemon, &[], &mut |_| ControlFlow::Continue(())).unwrap();
    let picture = Picture { rgb: drawn, alpha: None };
    let watched = || {
        let mut reported = Vec::new();
        let description = engine.describe(&picture, &mut |progress| {
            reported.push(progress.fraction);
            ControlFlow::Continue(())
        });
        (description.unwrap(), reported)
    };
    let (description, reported) = watched();
    assert_eq!(description.objects[0].en, "a lemon");
    assert_eq!(description.prompt(|name| &name.ru).unwrap(), "лимон на синем фоне");
    assert!(reported.len() > 50 && reported.is_sorted(), "{reported:?}");
    assert!(reported.iter().all(|done| (0.0..1.0).contains(done)));
    assert_eq!(watched(), (description, vec![0.0]), "the names are kept");
}

#[test]
fn it_can_be_stopped_while_names_are_encoded() {
    let (engine, picture) = (engine(MemoryPlan::High), Picture { rgb: RgbImage::new(20, 20), alpha: None });
    let stopped = engine.describe(&picture, &mut |progress| match progress.fraction {
        0.0 => ControlFlow::Continue(()),
        _ => ControlFlow::Break(()),
    });
    assert!(matches!(stopped, Err(EngineError::Stopped)), "{stopped:?}");
}

#[test]
fn descriptions_and_drawings_take_turns() {
    let engine = engine(MemoryPlan::High);
    let picture = Picture { rgb: RgbImage::from_pixel(64, 64, Rgb([35, 75, 200])), alpha: None };
    let mut drawing = Recipe::text_to_image("a lemon", 7).unwrap();
    (drawing.settings.steps, drawing.settings.prior_steps) = (Some(2), Some(2));
    let mut generations = [
        engine.begin(&Recipe::new(Task::Describe, 0), std::slice::from_ref(&picture)).unwrap(),
        engine.begin(&drawing, &[]).unwrap(),
    ];
    let keys: Vec<_> = generations.iter().map(Generation::batch_key).collect();
    assert_ne!(keys[0], keys[1]);
    while !generations[1].is_finished() {
        let [describing, drawing] = &mut generations;
        engine.step(&mut [describing, drawing]).unwrap();
    }
    let [describing, drawing] = &mut generations;
    assert!((0.001..0.5).contains(&describing.progress()) && describing.description().is_none());
    assert!(drawing.description().is_none() && drawing.take_drawn().len() == 1);
}

#[test]
fn a_text_without_its_padding_has_the_same_embedding() {
    let engine = engine(MemoryPlan::High);
    for text in ["", "a lemon on a blue background", &"лимон ".repeat(100)] {
        let short: Vec<f32> = engine.model().text_embedding(text).unwrap().i(0).unwrap().to_vec1().unwrap();
        let padded = engine.model().encode_text_as(text, Rules::Sound).unwrap().clip.embeds;
        let padded: Vec<f32> = padded.to_dtype(candle_core::DType::F32).unwrap().i(0).unwrap().to_vec1().unwrap();
        let difference = short.iter().zip(&padded).map(|(one, other)| (one - other).abs()).fold(0.0, f32::max);
        assert!(difference < 1e-3, "{text:?}: {difference}");
    }
}
