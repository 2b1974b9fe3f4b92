//! Compares the model with the reference implementation, tensor by tensor.
//!
//! Runs every case folder in `tests/reference/cases`, or in the folder that `KANDINSKY_CASES` names, in f32 on the CPU.
//! What a case folder holds, and how to make more of them, is told in `tests/reference/README.md`.

mod case;
mod comparison;
mod embeds;
mod given;
mod run;

use std::collections::HashMap;
use std::path::PathBuf;

use candle_core::Device;
use kandinsky_bot::kandinsky::{Kandinsky21, ModelFiles, NumberFormat};

use case::Case;
use comparison::Comparison;

#[test]
fn every_reference_case_is_reproduced() {
    let root = cases_folder();
    let cases = Case::find(&root);
    assert!(!cases.is_empty(), "no case folder in {}", root.display());
    let mut models = HashMap::new();
    let mut failures = Vec::new();
    for case in &cases {
        let folder = case.model_folder();
        let model = models.entry(folder.clone()).or_insert_with(|| load(&folder));
        let mut comparison = Comparison::new(case);
        match case.parameters.task.as_str() {
            "text_to_image" | "change" | "inpaint" => run::run(case, model, &mut comparison),
            task => panic!("case {}: no test knows the task {task:?}", case.name),
        }
        println!("{comparison}");
        failures.extend(comparison.failures());
    }
    println!("{} cases in {}", cases.len(), root.display());
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

fn cases_folder() -> PathBuf {
    std::env::var_os("KANDINSKY_CASES")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reference/cases"), PathBuf::from)
}

fn load(folder: &std::path::Path) -> Kandinsky21 {
    let files = ModelFiles::folder(folder).unwrap();
    Kandinsky21::load(&files, &Device::Cpu, NumberFormat::F32, |_| ()).unwrap()
}
