//! What a fetch makes, and that it makes nothing twice.

use indicatif::DecimalBytes;

use crate::hub::COMMIT;
use crate::work_folder::{DECODER, INPAINT, PRIOR, TRANSLATOR, UNET, UPSCALER, WorkFolder, files, weights};

/// Bytes of the weights and tokenizers that both decoders have alike.
const SHARED: u64 = 5_000 + 5_000 + 2_000;

const PRIOR_FILES: [&str; 9] = [
    "image_encoder/config.json",
    "image_encoder/model.safetensors",
    "prior/config.json",
    "prior/diffusion_pytorch_model.safetensors",
    "scheduler/scheduler_config.json",
    "text_encoder/config.json",
    "text_encoder/model.safetensors",
    "tokenizer/merges.txt",
    "tokenizer/vocab.json",
];

const DECODER_FILES: [&str; 8] = [
    "movq/config.json",
    "movq/diffusion_pytorch_model.safetensors",
    "scheduler/scheduler_config.json",
    "text_encoder/config.json",
    "text_encoder/pytorch_model.bin",
    "tokenizer/tokenizer.json",
    "unet/config.json",
    UNET,
];

const TRANSLATOR_FILES: [&str; 6] =
    ["config.json", "generation_config.json", "pytorch_model.bin", "source.spm", "target.spm", "vocab.json"];

#[test]
fn three_repositories_stand_side_by_side_with_what_is_needed_of_them() {
    let work = WorkFolder::new();
    let output = work.command(&[]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "kandinsky\n");
    assert_eq!(files(&work.path("kandinsky/kandinsky-2-1-prior")), PRIOR_FILES);
    for repository in ["kandinsky-2-1", "kandinsky-2-1-inpaint"] {
        assert_eq!(files(&work.path("kandinsky").join(repository)), DECODER_FILES);
    }
    assert_eq!(files(&work.path("kandinsky/opus-mt-ru-en")), TRANSLATOR_FILES);
    assert_eq!(files(&work.path("kandinsky/Real-ESRGAN")), ["RealESRGAN_x2.pth", "RealESRGAN_x4.pth"]);
    assert!(said.contains(&format!("{UPSCALER}: {} in 2 files", DecimalBytes(8_000))), "{said}");
    let unet = work.path("kandinsky/kandinsky-2-1-inpaint").join(UNET);
    assert_eq!(std::fs::read(unet).unwrap(), weights(20, 100_000));

    let size = |folder: &str| {
        let folder = work.path("kandinsky").join(folder);
        files(&folder).iter().map(|file| folder.join(file).metadata().unwrap().len()).sum::<u64>()
    };
    let first = said.lines().next().unwrap();
    let prior = DecimalBytes(size("kandinsky-2-1-prior"));
    assert_eq!(first, format!("{PRIOR}: {prior} in 9 files"), "the sizes come first");
    let all = size("");
    let needed = DecimalBytes(all - SHARED);
    let sum =
        format!("in all {}, of which {needed} to fetch into {}", DecimalBytes(all), work.path("hf/hub").display());
    assert!(said.contains(&sum) && said.contains("free)"), "{said}");
    assert!(said.lines().last().unwrap().contains("KANDINSKY_MODEL=kandinsky"), "{said}");
}

#[test]
fn what_is_there_is_not_fetched_again() {
    let work = WorkFolder::new();
    work.fetches(&[]);
    assert!(!work.sent().is_empty());
    let said = work.fetches(&[]);
    assert_eq!(work.sent(), []);
    assert!(said.contains("of which 0 B to fetch") && said.contains("all 33 files were there"), "{said}");

    std::fs::remove_dir_all(work.path("kandinsky")).unwrap();
    work.fetches(&[]);
    assert_eq!(work.sent(), [], "the cache has everything");

    std::fs::remove_dir_all(work.path("hf")).unwrap();
    work.fetches(&[]);
    assert_eq!(work.sent(), [], "the model folder has everything");
    assert_eq!(std::fs::read(work.path("kandinsky/kandinsky-2-1").join(UNET)).unwrap(), weights(10, 100_000));
}

#[test]
fn the_same_weights_in_two_repositories_are_fetched_once() {
    let work = WorkFolder::new();
    work.fetches(&[]);
    let movq = "movq/diffusion_pytorch_model.safetensors";
    let sent: Vec<_> = work.sent().into_iter().map(|request| request.what).collect();
    assert_eq!(sent.iter().filter(|what| what.ends_with(movq) && !what.contains("prior")).count(), 1, "{sent:?}");
    assert_eq!(std::fs::read(work.path("kandinsky/kandinsky-2-1-inpaint").join(movq)).unwrap(), weights(11, 5_000));
}

#[test]
fn flags_leave_repositories_out() {
    let work = WorkFolder::new();
    work.fetches(&["--no-inpaint", "--model", "some where"]);
    assert!(work.path("some where/kandinsky-2-1").join(UNET).exists());
    assert!(!work.path("some where/kandinsky-2-1-inpaint").exists());
    let lists = work.hub.seen().into_iter().filter(|request| request.kind == "list").map(|request| request.what);
    assert_eq!(lists.collect::<Vec<_>>(), [PRIOR, DECODER, TRANSLATOR, UPSCALER]);
    work.fetches(&["--no-translator", "--no-upscaler", "--model", "without"]);
    assert!(work.path("without/kandinsky-2-1-prior").exists());
    assert!(!work.path("without/opus-mt-ru-en").exists() && !work.path("without/Real-ESRGAN").exists());
    work.fetches(&["--repo", "kandinsky-2-1-inpaint", "--model", "other"]);
    assert_eq!(files(&work.path("other")), DECODER_FILES.map(|file| format!("kandinsky-2-1-inpaint/{file}")));
}

#[test]
fn original_checkpoints_come_with_clip() {
    let work = WorkFolder::new();
    let (original, clip) = ("ai-forever/Kandinsky_2.1", "openai/clip-vit-large-patch14");
    let checkpoints = ["decoder_fp16.ckpt", "inpainting_fp16.ckpt", "movq_final.ckpt", "prior_fp16.ckpt"];
    for (name, seed) in checkpoints.into_iter().zip(30..) {
        work.hub.add(original, name, weights(seed, 3000));
    }
    work.hub.add(original, "decoder.ckpt", weights(40, 9000));
    work.hub.add(original, "ViT-L-14_stats.th", weights(41, 700));
    for name in ["config.json", "pytorch_model.bin", "tokenizer.json", "sentencepiece.bpe.model"] {
        work.hub.add(original, &format!("text_encoder/{name}"), name);
    }
    for name in ["config.json", "model.safetensors", "pytorch_model.bin", "vocab.json", "merges.txt", "tf_model.h5"] {
        work.hub.add(clip, name, name);
    }
    work.fetches(&["--original"]);
    let mut expected = ["config.json", "merges.txt", "model.safetensors", "vocab.json"]
        .map(|name| format!("clip-vit-large-patch14/{name}"))
        .to_vec();
    expected.extend(TRANSLATOR_FILES.map(|name| format!("opus-mt-ru-en/{name}")));
    expected.extend(checkpoints.map(str::to_owned));
    expected.push("ViT-L-14_stats.th".to_owned());
    expected.extend(["x2", "x4"].map(|scale| format!("Real-ESRGAN/RealESRGAN_{scale}.pth")));
    expected.extend(["config.json", "pytorch_model.bin", "tokenizer.json"].map(|name| format!("text_encoder/{name}")));
    expected.sort();
    assert_eq!(files(&work.path("kandinsky-original")), expected);

    let refused = work.fails(&["--model", "kandinsky-original"]);
    assert!(refused.contains("kandinsky-original holds the original checkpoints"), "{refused}");
    work.fetches(&[]);
    let refused = work.fails(&["--original", "--no-inpaint", "--model", "kandinsky"]);
    assert!(refused.contains("kandinsky holds the Hugging Face repositories"), "{refused}");
}

#[test]
fn the_cache_is_laid_out_as_others_expect_it() {
    let work = WorkFolder::new();
    work.fetches(&["--no-inpaint"]);
    assert_eq!(std::fs::read_to_string(work.cached(DECODER, "refs/main")).unwrap(), COMMIT);
    let snapshot = work.cached(DECODER, "snapshots").join(COMMIT);
    assert_eq!(std::fs::read(snapshot.join(UNET)).unwrap(), weights(10, 100_000));
    let blob = work.cached(DECODER, "blobs").join(crate::hub::digest(&weights(10, 100_000)));
    assert_eq!(snapshot.join(UNET).canonicalize().unwrap(), blob.canonicalize().unwrap());
    let left: Vec<_> = files(&work.cached(DECODER, "blobs"));
    assert!(left.iter().all(|name| !name.contains('.')), "nothing half-done is left: {left:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let target = work.path("kandinsky/kandinsky-2-1").join(UNET);
        assert_eq!(target.metadata().unwrap().ino(), blob.metadata().unwrap().ino(), "not on the disk twice");
    }
}

#[test]
fn a_token_goes_to_the_hub_and_not_to_its_storage() {
    let work = WorkFolder::new();
    let status = work.command(&["--repo", "kandinsky-2-1-inpaint"]).env("HF_TOKEN", "hf_secret").output().unwrap();
    assert!(status.status.success());
    let seen = work.hub.seen();
    let with = |kind: &str, path: &str| {
        let found = seen.iter().find(|request| request.kind == kind && request.what == format!("{INPAINT}{path}"));
        found.unwrap().token.clone()
    };
    assert_eq!(with("list", "").as_deref(), Some("Bearer hf_secret"));
    assert_eq!(with("resolve", &format!("/{UNET}")).as_deref(), Some("Bearer hf_secret"));
    assert_eq!(with("file", &format!("/{UNET}")), None);
}
