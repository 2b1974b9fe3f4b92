//! Whether the embedded miniature draws what it is asked for.
//!
//! The whole measure takes minutes and is run by hand:
//!
//! ```sh
//! cargo test --release --test model miniature:: -- --ignored --nocapture
//! ```

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use candle_core::{DType, Device};
use clap::Parser;
use image::RgbImage;
use kandinsky_bot::config::ModelArgs;
use kandinsky_bot::engine::Engine;
use kandinsky_bot::recipe::{Recipe, SamplerKind};
use serde::Deserialize;

/// Pixels at the edge that count as background.
const BORDER: u32 = 4;

#[derive(Deserialize)]
struct Objects {
    objects: Vec<Named>,
    backgrounds: Vec<Background>,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

#[derive(Deserialize)]
struct Background {
    id: String,
    rgb: [u8; 3],
}

#[derive(Deserialize)]
struct Question {
    prompt: String,
    object: String,
    background: String,
    seen: bool,
}

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    model: ModelArgs,
}

struct Jury {
    engine: Engine,
    objects: Objects,
    /// The direction from the middle of all objects to the mean embedding of each one's real pictures.
    references: Vec<Vec<f32>>,
    middle: Vec<f32>,
}

/// Sampler and steps; the model's own without them.
type Way = Option<(SamplerKind, u32)>;

#[derive(Clone, Copy)]
struct Judgement {
    background: bool,
    first: bool,
    among_five: bool,
}

fn mini() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models/mini")
}

fn json<T: for<'de> Deserialize<'de>>(name: &str) -> T {
    serde_json::from_slice(&std::fs::read(mini().join(name)).unwrap()).unwrap()
}

impl Jury {
    fn new() -> Self {
        let engine = Engine::load(&(&Arguments::parse_from(["miniature"]).model).into()).unwrap();
        let tensors = candle_core::safetensors::load(mini().join("references.safetensors"), &Device::Cpu).unwrap();
        let references = tensors["objects"].to_dtype(DType::F32).unwrap();
        let middle: Vec<f32> = references.mean(0).unwrap().to_vec1().unwrap();
        let references: Vec<Vec<f32>> = references.to_vec2().unwrap();
        let references = references.iter().map(|row| direction(row, &middle)).collect();
        Self { engine, objects: json("objects.json"), references, middle }
    }

    fn judge(&self, question: &Question, seed: u64, way: Way) -> Judgement {
        let mut recipe = Recipe::text_to_image(&question.prompt, seed).unwrap();
        if let Some((sampler, steps)) = way {
            recipe.settings.sampler = Some(sampler);
            recipe.settings.steps = Some(steps);
        }
        let picture = self.engine.draw(&recipe, &[], &mut |_| ControlFlow::Continue(())).unwrap();
        let rank = self.rank(&picture, &question.object);
        Judgement {
            background: self.background(&picture) == question.background,
            first: rank == 0,
            among_five: rank < 5,
        }
    }

    /// What comes of all questions.
    fn judge_all(&self, questions: &[Question], way: Way) -> Vec<Judgement> {
        (0..).zip(questions).map(|(seed, question)| self.judge(question, seed, way)).collect()
    }

    /// How many other objects are nearer to the picture than the one asked for.
    fn rank(&self, picture: &RgbImage, object: &str) -> usize {
        let embedding = direction(&self.engine.image_embedding(picture).unwrap(), &self.middle);
        let near = |row: &Vec<f32>| row.iter().zip(&embedding).map(|(a, b)| a * b).sum::<f32>();
        let asked = self.objects.objects.iter().position(|other| other.id == object).unwrap();
        let asked = near(&self.references[asked]);
        self.references.iter().filter(|row| near(row) > asked).count()
    }

    /// The known background that is nearest to the mean colour of the picture's border.
    fn background(&self, picture: &RgbImage) -> &str {
        let colour = border_colour(picture);
        let distance = |background: &&Background| -> f32 {
            background.rgb.iter().zip(colour).map(|(&a, b)| (f32::from(a) - b).powi(2)).sum()
        };
        let backgrounds = &self.objects.backgrounds;
        &backgrounds.iter().min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap().id
    }
}

fn border_colour(picture: &RgbImage) -> [f32; 3] {
    let (width, height) = picture.dimensions();
    let inside = |at: u32, length: u32| (BORDER..length - BORDER).contains(&at);
    let edge: Vec<_> =
        picture.enumerate_pixels().filter(|(x, y, _)| !(inside(*x, width) && inside(*y, height))).collect();
    [0, 1, 2].map(|channel| edge.iter().map(|(_, _, pixel)| f32::from(pixel[channel])).sum::<f32>() / edge.len() as f32)
}

fn direction(embedding: &[f32], middle: &[f32]) -> Vec<f32> {
    let from_middle: Vec<f32> = embedding.iter().zip(middle).map(|(a, b)| a - b).collect();
    let length = from_middle.iter().map(|value| value * value).sum::<f32>().sqrt();
    from_middle.iter().map(|value| value / length).collect()
}

fn share(judgements: &[&Judgement], holds: impl Fn(&Judgement) -> bool) -> f64 {
    judgements.iter().filter(|judgement| holds(judgement)).count() as f64 / judgements.len() as f64
}

fn report(group: &str, judgements: &[&Judgement]) {
    println!(
        "{group:<24} {:>4} prompts  background {:.3}  object first {:.3}  object among five {:.3}",
        judgements.len(),
        share(judgements, |judgement| judgement.background),
        share(judgements, |judgement| judgement.first),
        share(judgements, |judgement| judgement.among_five),
    );
}

#[test]
#[ignore = "takes minutes; see the top of this file"]
fn it_draws_what_200_prompts_ask_for() {
    let jury = Jury::new();
    let questions: Vec<Question> = json("prompts.json");
    let judgements = jury.judge_all(&questions, None);
    let group = |belongs: &dyn Fn(&Question) -> bool| -> Vec<&Judgement> {
        judgements
            .iter()
            .zip(&questions)
            .filter(|(_, question)| belongs(question))
            .map(|(judgement, _)| judgement)
            .collect()
    };
    let all = group(&|_| true);
    report("all", &all);
    report("seen", &group(&|question| question.seen));
    report("unseen", &group(&|question| !question.seen));
    report("Russian", &group(&|question| !question.prompt.is_ascii()));
    report("English", &group(&|question| question.prompt.is_ascii()));
    assert!(share(&all, |judgement| judgement.background) >= 0.95);
    assert!(share(&all, |judgement| judgement.among_five) >= 0.70);
}

#[test]
#[ignore = "takes many minutes; see the top of this file"]
fn few_steps_draw_what_many_draw() {
    let jury = Jury::new();
    let questions: Vec<Question> = json("prompts.json");
    let of = |name: &str, sampler, steps| {
        let judgements = jury.judge_all(&questions, Some((sampler, steps)));
        let judgements: Vec<_> = judgements.iter().collect();
        report(&format!("{name} {steps}"), &judgements);
        let share = |holds: fn(&Judgement) -> bool| share(&judgements, holds);
        (share(|judgement| judgement.background), share(|judgement| judgement.among_five))
    };
    let published = of("ddim", SamplerKind::Ddim, 100);
    for (name, sampler) in [("ddim", SamplerKind::Ddim), ("dpm++", SamplerKind::DpmSolver)] {
        let few = of(name, sampler, 25);
        // One prompt of the 200 more or less is chance.
        let holds = few.0 >= published.0 - 0.005 && few.1 >= published.1 - 0.005;
        assert!(holds, "{name}: {few:?}, published {published:?}");
    }
}

#[test]
fn the_first_prompts_get_their_background() {
    let jury = Jury::new();
    let questions: Vec<Question> = json("prompts.json");
    let judgements = jury.judge_all(&questions[..6], None);
    let judgements: Vec<_> = judgements.iter().collect();
    assert!(share(&judgements, |judgement| judgement.background) >= 0.8);
}
