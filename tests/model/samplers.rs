//! How near the deterministic samplers come in few steps to what many steps draw, on the embedded miniature.
//!
//! A measurement, not run by default:
//!
//! ```sh
//! cargo test --release --test model samplers:: -- --ignored --nocapture
//! ```

use std::ops::ControlFlow;

use clap::Parser;
use image::RgbImage;
use kandinsky_bot::config::ModelArgs;
use kandinsky_bot::engine::Engine;
use kandinsky_bot::recipe::{Recipe, SamplerKind};

/// The yardstick: DDIM with as many steps as there are training steps.
const MANY: u32 = 1000;
const STEPS: [u32; 7] = [5, 10, 15, 20, 25, 50, 100];
const SAMPLERS: [(&str, SamplerKind); 3] =
    [("ddim", SamplerKind::Ddim), ("plms", SamplerKind::Plms), ("dpm++", SamplerKind::DpmSolver)];
const PROMPTS: [&str; 3] = ["красное яблоко на синем фоне", "a panda on a yellow background", "сова на розовом фоне"];

#[derive(clap::Parser)]
struct Arguments {
    #[command(flatten)]
    model: ModelArgs,
}

#[test]
#[ignore = "a measurement that takes minutes"]
fn distance_of_few_steps_to_many() {
    let engine = Engine::load(&(&Arguments::parse_from(["samplers"]).model).into()).unwrap();
    let draw = |prompt: &str, sampler: SamplerKind, steps: u32, guidance: f64| {
        let mut recipe = Recipe::text_to_image(prompt, 1).unwrap();
        recipe.settings.sampler = Some(sampler);
        recipe.settings.steps = Some(steps);
        recipe.settings.guidance = Some(guidance);
        engine.draw(&recipe, &[], &mut |_| ControlFlow::Continue(())).unwrap()
    };
    let guidance = engine.model().defaults().guidance;
    let aims = PROMPTS.map(|prompt| draw(prompt, SamplerKind::Ddim, MANY, guidance));
    println!("\nguidance {guidance}: root mean square distance to DDIM with {MANY} steps, of 255\n");
    println!("| steps | {} |", SAMPLERS.map(|(name, _)| name).join(" | "));
    println!("|---|---|---|---|");
    for steps in STEPS {
        let row = SAMPLERS.map(|(_, sampler)| {
            let distances = PROMPTS.iter().zip(&aims);
            let distances = distances.map(|(prompt, aim)| distance(&draw(prompt, sampler, steps, guidance), aim));
            format!("{:.2}", distances.sum::<f64>() / PROMPTS.len() as f64)
        });
        println!("| {steps} | {} |", row.join(" | "));
    }
}

fn distance(a: &RgbImage, b: &RgbImage) -> f64 {
    let squares = a.iter().zip(b.iter()).map(|(&a, &b)| f64::from(a.abs_diff(b)).powi(2));
    (squares.sum::<f64>() / f64::from(a.width() * a.height() * 3)).sqrt()
}
