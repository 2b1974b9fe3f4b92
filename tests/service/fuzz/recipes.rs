//! Recipes as they are stored in rows and in PNG files.

use kandinsky_bot::recipe::{COUNT_LIMIT, Margins, PartContent, Recipe, Task};
use rand::Rng;
use rand::seq::IndexedRandom;

use super::Fuzz;
use super::mutation::{change_one, damaged};

fn tasks() -> Vec<Task> {
    let parts = || vec![PartContent::Text { prompt: "кит".to_owned() }, PartContent::Picture];
    let margins = Margins { left: 64, ..Margins::default() };
    vec![
        Task::text_to_image("a cat").unwrap(),
        Task::mix(parts(), Some(&[0.3, 0.7])).unwrap(),
        Task::variation(0.7).unwrap(),
        Task::change("a cat", 0.5).unwrap(),
        Task::inpaint("a cat").unwrap(),
        Task::outpaint("a cat", margins).unwrap(),
    ]
}

#[test]
#[ignore = "random input, for as long as FUZZ_SECONDS says"]
fn fuzz_recipes() {
    let mut fuzz = Fuzz::begin();
    let tasks = tasks();
    while fuzz.goes_on() {
        let recipe = Recipe::new(tasks.choose(&mut fuzz.random).unwrap().clone(), fuzz.random.random());
        let mut document = serde_json::to_value(&recipe).unwrap();
        for _ in 0..fuzz.random.random_range(1..4) {
            change_one(&mut fuzz.random, &mut document);
        }
        let text = document.to_string();
        let bytes = match fuzz.random.random_bool(0.2) {
            true => damaged(&mut fuzz.random, text.as_bytes()),
            false => text.into_bytes(),
        };
        let read = serde_json::from_slice::<Recipe>(&bytes).ok();
        if let Some(read) = read.filter(|recipe| recipe.check().is_ok()) {
            // What passes the check can be used: these would panic or never end on a recipe that can not be.
            let _ = (read.styled_prompt(), read.task.inputs(), read.seed_of(read.count));
            assert!(
                (1..=COUNT_LIMIT).contains(&read.count),
                "count {} in {:?}",
                read.count,
                String::from_utf8_lossy(&bytes)
            );
            let again = serde_json::to_value(&read).unwrap();
            assert!(serde_json::from_value::<Recipe>(again.clone()).is_ok(), "can not be read again: {again:#}");
        }
    }
    fuzz.end("recipes");
}
