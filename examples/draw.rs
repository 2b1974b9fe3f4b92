//! Draws a picture with the embedded miniature model: `cargo run --release --example draw -- "a cat on a blue background"`.

use std::error::Error;
use std::ops::ControlFlow;

use kandinsky_bot::engine::{Engine, EngineOptions};
use kandinsky_bot::pictures::encode_png;
use kandinsky_bot::recipe::Recipe;

fn main() -> Result<(), Box<dyn Error>> {
    let prompt = std::env::args().nth(1).unwrap_or_else(|| "a red apple on a blue background".to_owned());
    let engine = Engine::load(&EngineOptions::default())?;
    let recipe = Recipe::text_to_image(&prompt, 7)?;
    let picture = engine.draw(&recipe, &[], &mut |progress| {
        println!("{:3.0} %", progress.fraction * 100.0);
        ControlFlow::Continue(())
    })?;
    std::fs::write("draw.png", encode_png(&picture, &recipe)?)?;
    println!("draw.png: {} × {} pixels", picture.width(), picture.height());
    Ok(())
}
