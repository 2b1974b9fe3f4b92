//! Model folders as people have them: other names, clones, editors, and files made with ill intent.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use candle_core::{DType, Device, Tensor, safetensors};

use crate::support::model_folder::ModelFolder;
use crate::support::program::{complaint, program, run};

const UNET: &str = "kandinsky-2-1/unet";
const MOVQ: &str = "kandinsky-2-1/movq";
const WEIGHTS: &str = "diffusion_pytorch_model.safetensors";
const POINTER: &str = "version https://git-lfs.github.com/spec/v1\noid sha256:4cac19f6e0e8b1ea6b0d0b9a2b1d9f1c5f3b0c9d\nsize 4957731400\n";

/// Saves tensors as `torch.save` does.
fn torch_save(tensors: &HashMap<String, Tensor>, path: &Path) {
    let (mut pickle, mut storages) = (b"\x80\x02}".to_vec(), Vec::new());
    let text = |text: &str| [&b"X"[..], &(text.len() as u32).to_le_bytes(), text.as_bytes()].concat();
    let number = |number: usize| [&b"J"[..], &(number as u32).to_le_bytes()].concat();
    let numbers =
        |all: &[usize]| [b"(".to_vec(), all.iter().flat_map(|&n| number(n)).collect(), b"t".to_vec()].concat();
    for (index, (name, tensor)) in tensors.iter().enumerate() {
        let tensor = tensor.to_dtype(DType::F32).unwrap();
        let values: Vec<f32> = tensor.flatten_all().unwrap().to_vec1().unwrap();
        pickle.extend(text(name));
        pickle.extend(b"ctorch._utils\n_rebuild_tensor_v2\n((");
        pickle.extend([text("storage"), b"ctorch\nFloatStorage\n".to_vec(), text(&index.to_string())].concat());
        pickle.extend([text("cpu"), number(values.len()), b"tQ".to_vec(), number(0)].concat());
        pickle.extend([numbers(tensor.dims()), numbers(tensor.stride()), b"tRs".to_vec()].concat());
        storages.push(values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>());
    }
    pickle.push(b'.');
    save_pickle(&pickle, &storages, path);
}

fn save_pickle(pickle: &[u8], storages: &[Vec<u8>], path: &Path) {
    let mut archive = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    archive.start_file("archive/data.pkl", stored).unwrap();
    archive.write_all(pickle).unwrap();
    for (index, storage) in storages.iter().enumerate() {
        archive.start_file(format!("archive/data/{index}"), stored).unwrap();
        archive.write_all(storage).unwrap();
    }
    archive.finish().unwrap();
}

/// Replaces the UNet's one weight file by others. `save` is given the tensors in two halves and the folder.
fn with_unet_as(model: &ModelFolder, save: impl FnOnce([HashMap<String, Tensor>; 2], &Path)) {
    let file = model.path(&format!("{UNET}/{WEIGHTS}"));
    let mut tensors: Vec<_> = safetensors::load(&file, &Device::Cpu).unwrap().into_iter().collect();
    tensors.sort_by(|(a, _), (b, _)| a.cmp(b));
    let second = tensors.split_off(tensors.len() / 2);
    std::fs::remove_file(file).unwrap();
    save([tensors.into_iter().collect(), second.into_iter().collect()], &model.path(UNET));
}

fn index_of(halves: &[HashMap<String, Tensor>; 2], names: [&str; 2]) -> String {
    let entries =
        halves.iter().zip(names).flat_map(|(half, file)| half.keys().map(move |name| (name.clone(), file.into())));
    serde_json::json!({ "metadata": {}, "weight_map": serde_json::Map::from_iter(entries) }).to_string()
}

#[test]
fn weights_under_newer_names_are_read() {
    let expected = ModelFolder::copy_of("noise").draws();
    // As diffusers names what it saves with a variant, in several files.
    let sharded = ModelFolder::copy_of("noise");
    with_unet_as(&sharded, |halves, folder| {
        let names = [1, 2].map(|number| format!("diffusion_pytorch_model.fp16-{number:05}-of-00002.safetensors"));
        let index = index_of(&halves, [&names[0], &names[1]]);
        std::fs::write(folder.join("diffusion_pytorch_model.safetensors.index.fp16.json"), index).unwrap();
        halves.iter().zip(&names).for_each(|(half, name)| safetensors::save(half, folder.join(name)).unwrap());
        // A stray file from before is not preferred to whole shards.
        std::fs::write(folder.join("diffusion_pytorch_model.bin"), "stray").unwrap();
    });
    assert_eq!(sharded.draws(), expected);
    let pickled = ModelFolder::copy_of("noise");
    with_unet_as(&pickled, |halves, folder| {
        let whole = halves.into_iter().flatten().collect();
        torch_save(&whole, &folder.join("diffusion_pytorch_model.fp16.bin"));
    });
    assert_eq!(pickled.draws(), expected);
    let sharded_pickles = ModelFolder::copy_of("noise");
    with_unet_as(&sharded_pickles, |halves, folder| {
        let names = [1, 2].map(|number| format!("diffusion_pytorch_model-{number:05}-of-00002.bin"));
        let index = index_of(&halves, [&names[0], &names[1]]);
        std::fs::write(folder.join("diffusion_pytorch_model.bin.index.json"), index).unwrap();
        halves.iter().zip(&names).for_each(|(half, name)| torch_save(half, &folder.join(name)));
    });
    assert_eq!(sharded_pickles.draws(), expected);
    std::fs::remove_file(sharded_pickles.path(&format!("{UNET}/diffusion_pytorch_model-00002-of-00002.bin"))).unwrap();
    let refusal = sharded_pickles.does_not_draw();
    assert!(refusal.contains("diffusion_pytorch_model-00002-of-00002.bin is missing"), "{refusal}");
}

#[test]
fn what_draws_the_same_picture_is_sound() {
    let expected = ModelFolder::copy_of("noise").draws();
    let model = ModelFolder::copy_of("noise");
    model.change(&format!("{MOVQ}/{WEIGHTS}"), |tensors| {
        let renamed = [("to_q", "query"), ("to_k", "key"), ("to_v", "value"), ("to_out.0", "proj_attn")];
        for name in tensors.keys().cloned().collect::<Vec<_>>() {
            if let Some((new, old)) = renamed.iter().find(|(new, _)| name.contains(&format!(".{new}."))) {
                let tensor = tensors.remove(&name).unwrap();
                tensors.insert(name.replace(&format!(".{new}."), &format!(".{old}.")), tensor);
            }
        }
        assert!(tensors.keys().any(|name| name.contains("proj_attn")));
        let nothing = (Tensor::zeros(3, DType::F32, &Device::Cpu).unwrap() / 0.).unwrap();
        tensors.insert("loss.weight".to_string(), nothing);
    });
    let (report, is_sound) = model.verified();
    assert!(is_sound && !report.contains("NOT SOUND"), "{report}");
    assert!(report.contains("note: nothing reads loss.weight [3]"), "{report}");
    assert_eq!(model.draws(), expected);
}

#[test]
fn a_clone_without_git_lfs_is_told_what_to_do() {
    for file in [format!("{UNET}/{WEIGHTS}"), "kandinsky-2-1/tokenizer/tokenizer.json".to_owned()] {
        let model = ModelFolder::copy_of("noise");
        std::fs::write(model.path(&file), POINTER).unwrap();
        let refusal = model.does_not_draw();
        assert!(refusal.contains(&file) && refusal.contains("install git-lfs and run `git lfs pull`"), "{refusal}");
        let output = run(&["model", "verify", "--model", model.name()]);
        assert!(complaint(&output).contains("git lfs pull"), "{}", complaint(&output));
    }
    let original = ModelFolder::copy_of("original");
    std::fs::write(original.path("prior_fp16.ckpt"), POINTER).unwrap();
    assert!(original.does_not_draw().contains("prior_fp16.ckpt is only a pointer of Git LFS"));
}

#[test]
fn a_message_does_not_run_into_a_backtrace() {
    let model = ModelFolder::copy_of("noise");
    model.change(&format!("{UNET}/{WEIGHTS}"), |tensors| drop(tensors.remove("conv_in.bias").unwrap()));
    let mut command = program();
    command.env("RUST_BACKTRACE", "1").args(["draw", "a lemon", "--model", model.name(), "-o"]);
    let output = command.arg(model.path("a.png")).output().unwrap();
    let complaint = complaint(&output);
    assert!(complaint.contains("conv_in.bias") && !complaint.contains("0: "), "{complaint}");
    assert!(complaint.trim_end().lines().count() == 1 && complaint.len() < 500, "{complaint}");
}

#[test]
fn a_configuration_that_a_windows_editor_saved_is_read() {
    let model = ModelFolder::copy_of("noise");
    let expected = model.draws();
    for file in [format!("{UNET}/config.json"), "kandinsky-2-1-prior/tokenizer/vocab.json".to_owned()] {
        let text = std::fs::read_to_string(model.path(&file)).unwrap();
        std::fs::write(model.path(&file), format!("\u{feff}{text}")).unwrap();
    }
    assert_eq!(model.draws(), expected);
}

/// The one line with which `model verify` and `draw` refuse a folder, in little memory and at once.
#[cfg(target_os = "linux")]
fn refused_at_once(model: &ModelFolder) -> String {
    let refused = |arguments: &str| {
        let begun = Instant::now();
        let limited = format!("ulimit -v 1500000 && exec \"$0\" {arguments} --model \"$1\"");
        let arguments = ["-c", &limited, env!("CARGO_BIN_EXE_kandinsky-bot"), model.name()];
        let output = Command::new("sh").args(arguments).current_dir(std::env::temp_dir()).output().unwrap();
        let complaint = complaint(&output);
        assert_eq!(output.status.code(), Some(1), "{complaint}");
        assert_eq!(complaint.trim_end().lines().count(), 1, "{complaint}");
        assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
        complaint
    };
    refused("model verify");
    refused("draw 'a lemon' --threads 1 -o /dev/null")
}

#[cfg(target_os = "linux")]
#[test]
fn files_made_with_ill_intent_are_refused_in_one_line() {
    let pickle = |pickle: &[u8]| {
        let model = ModelFolder::copy_of("noise");
        with_unet_as(&model, |_, folder| save_pickle(pickle, &[], &folder.join("diffusion_pytorch_model.bin")));
        refused_at_once(&model)
    };
    let key = b"X\x0a\0\0\0state_dict";
    let circle = [&b"\x80\x02}q\0"[..], key, b"}q\x01", key, b"h\0ss."].concat();
    assert!(pickle(&circle).contains("packs its tables into each other"));
    let nested = [[&b"}"[..], key].concat().repeat(400_000), b"}".to_vec(), b"s".repeat(400_000), b".".to_vec()];
    assert!(pickle(&nested.concat()).contains("diffusion_pytorch_model.bin"));
    let shape = [&b"("[..], &b"K\x01".repeat(200_000), b"tq\x01"].concat();
    let tensor = b"ctorch._utils\n_rebuild_tensor_v2\n(h\x02K\0h\x01h\x01tR";
    let storage = b"(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK\x01tQq\x02";
    let wide = [&b"\x80\x02"[..], &shape, storage, &tensor.repeat(30_000), b"."].concat();
    assert!(pickle(&wide).contains("200000 dimensions"));

    let edited = |file: &str, from: &str, to: &str| {
        let model = ModelFolder::copy_of("noise");
        let text = std::fs::read_to_string(model.path(file)).unwrap();
        assert!(text.contains(from), "{file}: {text:.500}");
        std::fs::write(model.path(file), text.replacen(from, to, 1)).unwrap();
        refused_at_once(&model)
    };
    let scheduler = "kandinsky-2-1/scheduler/scheduler_config.json";
    let steps = edited(scheduler, "\"num_train_timesteps\": 1000", "\"num_train_timesteps\": 1000000000000");
    assert!(steps.contains("num_train_timesteps is 1000000000000"), "{steps}");
    let heads =
        edited("kandinsky-2-1-prior/prior/config.json", "\"num_attention_heads\": 3", "\"num_attention_heads\": 1000");
    assert!(heads.contains("prior"), "{heads}");
    let table = "\"normalizer\": {\"type\": \"Precompiled\", \"precompiled_charsmap\": \"/////wAAAAA=\"}, \"x\"";
    let tokenizer = edited("kandinsky-2-1/tokenizer/tokenizer.json", "\"normalizer\"", table);
    assert!(tokenizer.contains("precompiled_charsmap is damaged"), "{tokenizer}");

    let model = ModelFolder::copy_of("noise");
    let config = model.path(&format!("{UNET}/config.json"));
    std::fs::remove_file(&config).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &config).unwrap();
    assert!(refused_at_once(&model).contains("config.json"));

    let model = ModelFolder::copy_of("noise");
    with_unet_as(&model, |_, folder| {
        let index = r#"{"weight_map": {"conv_in.bias": "../../../../../../etc/passwd"}}"#;
        std::fs::write(folder.join(format!("{WEIGHTS}.index.json")), index).unwrap();
    });
    let refusal = refused_at_once(&model);
    assert!(refusal.contains("is no name of a file beside it"), "{refusal}");
}
