//! The translator compared with transformers: `tests/reference/make_translation.py` wrote what `MarianTokenizer` and
//! `MarianMTModel.generate` make of texts.
//!
//! Reads `translation` in `tests/reference/cases`, one small case, or in the folder that `KANDINSKY_CASES` names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use candle_core::Device;
use kandinsky_bot::translation::{Beams, Translator};
use serde::Deserialize;

#[derive(Deserialize)]
struct Expected {
    tokens: Vec<Tokens>,
    translations: Vec<Translation>,
}

#[derive(Deserialize)]
struct Tokens {
    text: String,
    ids: Vec<u32>,
}

#[derive(Deserialize)]
struct Translation {
    text: String,
    /// Tokens by the number of beams.
    beams: BTreeMap<usize, Vec<u32>>,
    texts: BTreeMap<usize, String>,
}

/// The case folders; none where the named folder holds cases of another kind.
fn cases() -> Vec<PathBuf> {
    let folder = std::env::var_os("KANDINSKY_CASES")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reference/cases"), PathBuf::from);
    let Ok(entries) = std::fs::read_dir(folder.join("translation")) else {
        assert!(std::env::var_os("KANDINSKY_CASES").is_some(), "the repository has a case");
        return Vec::new();
    };
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    cases
}

fn expected(case: &Path) -> Expected {
    serde_json::from_slice(&std::fs::read(case.join("expected.json")).unwrap()).unwrap()
}

/// A copy of the committed case, to break.
fn copy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/cases/translation/small");
    for entry in std::fs::read_dir(case).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    folder
}

/// Why a folder is refused, in one line.
fn refusal(folder: &Path) -> String {
    let error = Translator::load(folder, &Device::Cpu).map(|_| ()).unwrap_err().to_string();
    assert!(!error.contains('\n'), "{error}");
    error
}

#[test]
fn a_file_that_is_missing_or_broken_is_named() {
    let files =
        ["config.json", "generation_config.json", "source.spm", "target.spm", "vocab.json", "pytorch_model.bin"];
    for file in files {
        let folder = copy();
        let path = folder.path().join(file);
        let bytes = std::fs::read(&path).unwrap();
        for broken in [&b""[..], b"\xff\xff\xff", b"{}", b"null", &bytes[..bytes.len() - 3]] {
            std::fs::write(&path, broken).unwrap();
            let refused = refusal(folder.path());
            assert!(refused.contains(file), "{file}: {refused}");
        }
        std::fs::remove_file(&path).unwrap();
        if file != "generation_config.json" {
            let refused = refusal(folder.path());
            assert!(refused.contains(file) && refused.contains("missing"), "{file}: {refused}");
        }
    }
}

#[test]
fn files_of_different_models_are_refused() {
    let change = |file: &str, from: &str, to: &str| {
        let folder = copy();
        let path = folder.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        std::fs::write(&path, text.replace(from, to)).unwrap();
        refusal(folder.path())
    };
    assert!(change("config.json", "\"marian\"", "\"t5\"").contains("model_type"));
    assert!(change("config.json", "\"d_model\": 16", "\"d_model\": 32").contains("pytorch_model.bin"));
    assert!(change("config.json", "\"d_model\": 16", "\"d_model\": 0").contains("heads"));
    assert!(change("config.json", "\"encoder_layers\": 2", "\"encoder_layers\": 3").contains("pytorch_model.bin"));
    assert!(change("config.json", "\"swish\"", "\"mish\"").contains("mish"));
    assert!(change("generation_config.json", "\"eos_token_id\": 0", "\"eos_token_id\": 99999").contains("99999"));
    assert!(change("vocab.json", "\"<pad>\"", "\"<fill>\"").contains("<pad> is missing"));
    assert!(refusal(Path::new("/no/such/translator")).contains("/no/such/translator"));
}

#[test]
fn odd_texts_take_no_long_time_and_do_no_harm() {
    let folder = copy();
    let translator = Translator::load(folder.path(), &Device::Cpu).unwrap();
    for text in ["", "   ", "😀🎉", "a red apple", "#котики", "«Привет»"] {
        assert_eq!(translator.translate(text).unwrap(), text);
    }
    let started = std::time::Instant::now();
    for text in ["ы".repeat(1000), "кот ".repeat(250), "їжак під'їзд ґанок".to_owned(), "\u{0}я\u{301}".to_owned()]
    {
        translator.translate(&text).unwrap();
    }
    assert!(started.elapsed().as_secs() < 120, "{:?}", started.elapsed());
    let kept = translator.translate("вывеска «Хлеб» и #кот в стиле Van Gogh").unwrap();
    for part in ["«Хлеб»", "#кот", "Van Gogh"] {
        assert!(kept.contains(part), "{kept}");
    }
    assert!(!kept.contains("вывеска"), "{kept}");
}

/// The miniature in a folder that says it reads English alone, with a translator beside.
#[cfg(feature = "bot")]
fn english_model() -> tempfile::TempDir {
    fn copy_all(from: &Path, to: &Path) {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let target = to.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                copy_all(&entry.path(), &target);
            } else {
                std::fs::copy(entry.path(), target).unwrap();
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for part in ["kandinsky-2-1-prior", "kandinsky-2-1-inpaint"] {
        copy_all(&root.join("models/mini").join(part), &folder.path().join(part));
    }
    copy_all(&root.join("tests/reference/cases/translation/small"), &folder.path().join("opus-mt-ru-en"));
    let defaults = std::fs::read_to_string(root.join("models/mini/kandinsky.json")).unwrap();
    let english = defaults.replace("[\"ru\", \"en\"]", "[\"en\"]");
    assert_ne!(english, defaults);
    std::fs::write(folder.path().join("kandinsky.json"), english).unwrap();
    folder
}

#[cfg(feature = "bot")]
#[test]
fn a_translated_recipe_draws_the_same_with_the_translator_and_without() {
    use std::ops::ControlFlow;

    use kandinsky_bot::engine::{DeviceKind, Engine, EngineOptions, Translate};
    use kandinsky_bot::pictures::{encode_png, read_recipe};
    use kandinsky_bot::recipe::Recipe;

    let folder = english_model();
    let options = EngineOptions { device: DeviceKind::Cpu, ..EngineOptions::default() };
    let english = EngineOptions { model: Some(folder.path().to_owned()), ..options.clone() };
    let draw = |engine: &Engine, recipe: &Recipe| engine.draw(recipe, &[], &mut |_| ControlFlow::Continue(())).unwrap();
    let mut written = Recipe::text_to_image("красное яблоко на синем фоне", 5).unwrap();
    written.negative = Some("шум".to_owned());
    (written.settings.steps, written.settings.prior_steps) = (Some(2), Some(2));

    let engine = Engine::load(&english).unwrap();
    let recipe = engine.translated(&written).unwrap();
    assert_eq!(recipe.translation.texts.keys().collect::<Vec<_>>(), ["красное яблоко на синем фоне", "шум"]);
    assert_eq!(engine.translated(&recipe).unwrap(), recipe);
    let picture = draw(&engine, &written);
    assert!(draw(&engine, &recipe) == picture);
    // The generation carries the English texts, for the PNG and the job.
    let mut generation = engine.begin(&written, &[]).unwrap();
    engine.step(&mut [&mut generation]).unwrap();
    assert_eq!(*generation.recipe(), recipe);
    assert_eq!(read_recipe(&encode_png(&picture, &recipe).unwrap()).unwrap(), recipe);

    let off = Engine::load(&EngineOptions { translate: Translate::Off, ..english.clone() }).unwrap();
    assert_eq!(off.translated(&written).unwrap(), written);
    std::fs::remove_dir_all(folder.path().join("opus-mt-ru-en")).unwrap();
    let without = Engine::load(&english).unwrap();
    let miniature = Engine::load(&options).unwrap();
    for engine in [&off, &without, &miniature] {
        assert_eq!(engine.translated(&written).unwrap(), written, "it translates nothing");
        assert!(draw(engine, &recipe) == picture, "but draws what is translated");
    }
    assert!(draw(&miniature, &written) != picture);

    // A translator that is named has to be there.
    let missing = EngineOptions { translator: Some("/no/such/translator".into()), ..english };
    assert!(Engine::load(&missing).unwrap_err().to_string().contains("/no/such/translator"));
}

#[cfg(feature = "bot")]
#[test]
fn a_model_folder_is_checked_with_its_translator() {
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_kandinsky-bot"));
        command.env_remove("KANDINSKY_TRANSLATOR").args(arguments).output().unwrap()
    };
    let folder = english_model();
    let model = folder.path().display().to_string();
    let out = |output: &std::process::Output| String::from_utf8(output.stdout.clone()).unwrap();
    let info = run(&["model", "info", "--model", &model]);
    assert!(info.status.success() && out(&info).contains("translator from Russian"), "{info:?}");
    let sound = run(&["model", "verify", "--model", &model]);
    assert!(sound.status.success() && out(&sound).contains("translator from Russian: sound"), "{sound:?}");
    std::fs::write(folder.path().join("opus-mt-ru-en/vocab.json"), "{}").unwrap();
    let broken = run(&["model", "verify", "--model", &model]);
    assert!(!broken.status.success(), "{broken:?}");
    assert!(out(&broken).contains("NOT SOUND") && out(&broken).contains("vocab.json"), "{broken:?}");
    // It draws all the same, and says why texts stay Russian.
    let file = folder.path().join("picture.png").display().to_string();
    let arguments = ["draw", "кот", "--model", &model, "--steps", "1", "--prior-steps", "2", "-o", &file];
    assert!(run(&arguments).status.success());
}

#[cfg(feature = "bot")]
#[test]
fn the_command_prints_the_english_text() {
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_kandinsky-bot"));
        let folder = tempfile::tempdir().unwrap();
        command.current_dir(&folder).env_remove("KANDINSKY_MODEL").env_remove("KANDINSKY_TRANSLATOR");
        command.arg("translate").args(arguments).output().unwrap()
    };
    let folder = copy();
    let text = "рыжий кот на крыше";
    let output = run(&[text, "--translator", &folder.path().display().to_string()]);
    assert!(output.status.success(), "{output:?}");
    let translator = Translator::load(folder.path(), &Device::Cpu).unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{}\n", translator.translate(text).unwrap()));
    let output = run(&[text]);
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && complaint.lines().count() == 1, "{complaint}");
    assert!(complaint.contains("model fetch") && complaint.contains("--translator"), "{complaint}");
}

#[test]
fn texts_become_the_tokens_of_transformers() {
    for case in cases() {
        let translator = Translator::load(&case, &Device::Cpu).unwrap();
        let texts = expected(&case).tokens;
        let differs = |text: &&Tokens| translator.tokens(&text.text) != text.ids;
        let failures: Vec<String> = texts
            .iter()
            .filter(differs)
            .map(|text| format!("{:?}\n  {:?}\n  {:?}", text.text, text.ids, translator.tokens(&text.text)))
            .collect();
        println!("{}: {} texts", case.display(), texts.len());
        assert!(failures.is_empty(), "{}: {} differ:\n{}", case.display(), failures.len(), failures.join("\n"));
    }
}

#[test]
fn translations_are_those_of_transformers_token_for_token() {
    for case in cases() {
        let translator = Translator::load(&case, &Device::Cpu).unwrap();
        let (mut failures, mut count) = (Vec::new(), 0);
        for Translation { text, beams, texts } in expected(&case).translations {
            for (number, expected) in beams {
                let found = translator.generate(&translator.tokens(&text), Beams::Exactly(number)).unwrap();
                count += 1;
                if found != expected || translator.text(&found) != texts[&number] {
                    failures
                        .push(format!("{text:?}, {number} beams\n  {expected:?}\n  {found:?}\n  {:?}", texts[&number]));
                }
            }
        }
        println!("{}: {count} translations", case.display());
        assert!(failures.is_empty(), "{}: {} differ:\n{}", case.display(), failures.len(), failures.join("\n"));
    }
}
