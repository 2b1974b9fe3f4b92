//! `model info`, `verify` and `convert`, and model folders that are not as they should be.

use std::path::Path;

use candle_core::{DType, Device, Tensor, safetensors};

use crate::support::model_folder::ModelFolder;
use crate::support::program::{complaint, run};

const PICKLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/pickles");
const UNET: &str = "kandinsky-2-1/unet/diffusion_pytorch_model.safetensors";

#[test]
fn original_checkpoints_draw_the_same_as_their_converted_twin() {
    let original = ModelFolder::copy_of("original");
    let twin = ModelFolder::empty();
    let output = run(&["model", "convert", original.name(), twin.name()]);
    assert!(output.status.success(), "{}", complaint(&output));
    assert!(
        twin.path("kandinsky-2-1-inpaint/model_index.json").is_file()
            && twin.path("kandinsky-2-1-prior/tokenizer/vocab.json").is_file()
    );
    let (report, sound) = twin.verified();
    assert!(sound, "{report}");
    assert_eq!(original.draws(), twin.draws());
}

#[test]
fn a_conversion_can_change_the_number_format() {
    let original = ModelFolder::copy_of("original");
    let twin = ModelFolder::empty();
    let unet = "kandinsky-2-1-inpaint/unet/diffusion_pytorch_model.safetensors";
    for (name, dtype) in [("f16", DType::F16), ("f32", DType::F32)] {
        run(&["model", "convert", original.name(), twin.name(), "--dtype", name]);
        let tensors = safetensors::load(twin.path(unet), &Device::Cpu).unwrap();
        assert!(tensors.len() > 100 && tensors.values().all(|tensor| tensor.dtype() == dtype), "{name}");
    }
}

#[test]
fn a_folder_is_not_converted_into_itself() {
    let original = ModelFolder::copy_of("original");
    let output = run(&["model", "convert", original.name(), original.name()]);
    assert!(!output.status.success() && complaint(&output).contains("name another folder"));
}

#[test]
fn info_tells_layout_counts_and_files() {
    let output = run(&["model", "info", "--model", ModelFolder::copy_of("original").name()]);
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(report.contains("original checkpoints") && report.contains("inpainting_fp16.ckpt"), "{report}");
    assert!(report.contains("f16 and f32"), "{report}");
    let embedded = String::from_utf8(run(&["model", "info"]).stdout).unwrap();
    assert!(embedded.contains("the embedded model: Hugging Face folders"), "{embedded}");
}

#[test]
fn upscalers_in_the_folder_are_told_and_checked() {
    let model = ModelFolder::copy_of("noise");
    std::fs::create_dir(model.path("Real-ESRGAN")).unwrap();
    let upscaler = model.path("Real-ESRGAN/RealESRGAN_x4.pth");
    std::fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/upscaling/rrdb-x4/upscaler.pth"), &upscaler)
        .unwrap();
    let report = String::from_utf8(run(&["model", "info", "--model", model.name()]).stdout).unwrap();
    assert!(report.contains("RRDBNet ×4, 1 blocks of 16") && report.contains("RealESRGAN_x4.pth"), "{report}");
    let (report, is_sound) = model.verified();
    assert!(is_sound && report.contains("RRDBNet ×4, 1 blocks of 16: sound"), "{report}");
    let whole = std::fs::read(&upscaler).unwrap();
    std::fs::write(&upscaler, &whole[..whole.len() / 2]).unwrap();
    let (report, is_sound) = model.verified();
    assert!(
        !is_sound && report.contains("NOT SOUND") && report.contains("RealESRGAN_x4.pth can not be used"),
        "{report}"
    );
}

#[test]
fn a_bot_whose_model_is_damaged_ends_and_names_the_file() {
    let model = ModelFolder::copy_of("noise");
    model.change(UNET, |tensors| drop(tensors.remove("conv_in.bias").unwrap()));
    let data = tempfile::tempdir().unwrap();
    let output = run(&["--port", "0", "--data", data.path().to_str().unwrap(), "--model", model.name()]);
    let complaint = complaint(&output);
    assert_eq!(output.status.code(), Some(1), "{complaint}");
    let last = complaint.lines().last().unwrap();
    assert!(last.contains(UNET) && last.contains("conv_in.bias"), "{complaint}");
}

#[test]
fn every_flaw_is_named_and_none_is_drawn_with() {
    let model = ModelFolder::copy_of("noise");
    assert!(model.verified().1);
    model.change(UNET, |tensors| {
        let bias = tensors.remove("conv_in.bias").unwrap();
        tensors.insert("conv_in.offset".to_string(), bias);
        let narrow = tensors["conv_norm_out.weight"].narrow(0, 0, 1).unwrap();
        tensors.insert("conv_norm_out.weight".to_string(), narrow);
        let nothing = (tensors["conv_out.bias"].zeros_like().unwrap() / 0.).unwrap();
        tensors.insert("conv_out.bias".to_string(), nothing);
    });
    let (report, sound) = model.verified();
    assert!(!sound);
    for flaw in [
        "conv_in.bias [16] is missing",
        "note: nothing reads conv_in.offset [16]",
        "conv_norm_out.weight is [1], and should be [16]",
        "conv_out.bias: 8 of 8 numbers are not finite",
    ] {
        assert!(report.contains(flaw), "{flaw} is not in:\n{report}");
    }
    let refusal = model.does_not_draw();
    assert!(refusal.contains("conv_in.bias") && refusal.contains("diffusion_pytorch_model.safetensors"), "{refusal}");
}

#[test]
fn one_number_that_is_not_finite_is_refused_by_name() {
    let model = ModelFolder::copy_of("noise");
    model.change(UNET, |tensors| {
        let mut numbers = tensors["conv_out.bias"].to_dtype(DType::F32).unwrap().to_vec1::<f32>().unwrap();
        numbers[3] = f32::NAN;
        tensors.insert("conv_out.bias".to_string(), Tensor::new(numbers, &Device::Cpu).unwrap());
    });
    let refusal = model.does_not_draw();
    assert!(refusal.contains("conv_out.bias: 1 of 8 numbers are not finite"), "{refusal}");
}

#[test]
fn a_file_cut_short_is_refused_by_name() {
    for (model, file) in [("noise", UNET), ("original", "prior_fp16.ckpt"), ("original", "ViT-L-14_stats.th")] {
        let model = ModelFolder::copy_of(model);
        let bytes = std::fs::read(model.path(file)).unwrap();
        std::fs::write(model.path(file), &bytes[..bytes.len() / 2]).unwrap();
        let refusal = model.does_not_draw();
        assert!(refusal.contains(file) && refusal.contains("fetch it again"), "{refusal}");
    }
}

#[test]
fn a_checkpoint_that_would_run_code_is_refused() {
    let model = ModelFolder::copy_of("original");
    std::fs::copy(Path::new(PICKLES).join("malicious.bin"), model.path("inpainting_fp16.ckpt")).unwrap();
    let refusal = model.does_not_draw();
    assert!(refusal.contains("inpainting_fp16.ckpt") && refusal.contains("posix.system"), "{refusal}");
    assert!(!Path::new("/tmp/it-was-executed").exists());
}

#[test]
fn what_is_missing_among_original_files_is_named() {
    for (gone, told) in [
        ("clip-vit-large-patch14", "openai/clip-vit-large-patch14"),
        ("ViT-L-14_stats.th", "ViT-L-14_stats.th is missing"),
        ("movq_final.ckpt", "movq_final.ckpt; fetch it"),
        ("text_encoder", "text_encoder; fetch it"),
        ("prior_fp16.ckpt", "prior_fp16.ckpt; fetch it"),
    ] {
        let model = ModelFolder::copy_of("original");
        let path = model.path(gone);
        if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }.unwrap();
        let refusal = model.does_not_draw();
        assert!(refusal.contains(told), "{gone}: {refusal}");
    }
}
