//! Small pictures of what is not finished look like what becomes of them.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use clap::Parser;
use image::RgbImage;
use kandinsky_bot::config::ModelArgs;
use kandinsky_bot::engine::{Engine, resized};
use kandinsky_bot::recipe::{Recipe, Size};

#[derive(Parser)]
struct Args {
    #[command(flatten)]
    model: ModelArgs,
}

/// The previews of a drawing with the time that each took, and the picture.
fn draw(engine: &Engine, prompt: &str) -> (Vec<(RgbImage, Duration)>, RgbImage) {
    let mut recipe = Recipe::text_to_image(prompt, 3).unwrap();
    recipe.settings.steps = Some(8);
    let mut previews = Vec::new();
    let picture = engine.draw(&recipe, &[], &mut |progress| {
        let started = Instant::now();
        if let Some(preview) = progress.preview() {
            previews.push((preview, started.elapsed()));
        }
        ControlFlow::Continue(())
    });
    (previews, picture.unwrap())
}

/// The average difference of a colour value, 0 to 255, at the scale of the latents.
fn difference(a: &RgbImage, b: &RgbImage) -> f64 {
    let small = |picture: &RgbImage| resized(picture, Size { width: 16, height: 16 });
    let (a, b) = (small(a), small(b));
    let sum: f64 = a.iter().zip(b.iter()).map(|(&a, &b)| f64::from(a.abs_diff(b))).sum();
    sum / (16.0 * 16.0 * 3.0)
}

#[test]
fn a_preview_comes_to_look_like_its_picture() {
    let engine = Engine::load(&(&Args::parse_from(["test"]).model).into()).unwrap();
    let prompts = ["a lemon on a green background", "красное яблоко на синем фоне"];
    let drawn = prompts.map(|prompt| draw(&engine, prompt));
    for (index, (previews, picture)) in drawn.iter().enumerate() {
        let (first, last) = (previews.first().unwrap(), previews.last().unwrap());
        let other = &drawn[1 - index].1;
        let (near, far) = (difference(&last.0, picture), difference(&last.0, other));
        println!(
            "{}: {near:.1}, at first {:.1}; to another picture {far:.1}",
            prompts[index],
            difference(&first.0, picture)
        );
        if let Ok(folder) = std::env::var("PREVIEWS") {
            for (number, (preview, _)) in previews.iter().enumerate() {
                preview.save(format!("{folder}/{index}-{number}.png")).unwrap();
            }
            picture.save(format!("{folder}/{index}-picture.png")).unwrap();
        }
        assert_eq!(previews.len(), 7, "one after each step but the last");
        assert_eq!(last.0.dimensions(), (384, 384));
        assert!(near < 20.0 && near * 3.0 < far, "{near} {far}");
    }
    let times: Vec<Duration> = drawn.iter().flat_map(|(previews, _)| previews).map(|(_, time)| *time).collect();
    println!("the first with the fit {:?}, then up to {:?}", times[0], times[1..].iter().max().unwrap());
}
