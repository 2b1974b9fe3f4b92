//! Configuration that no original file contains: schedules and padding are in the original program's `configs.py`.

use serde_json::{Value, json};

/// Settings of CLIP's tokenizer. The prior was trained on texts padded with the id 0, "!", and not with CLIP's own padding.
pub(super) fn clip_tokenizer() -> Value {
    json!({
        "bos_token": "<|startoftext|>",
        "do_lower_case": true,
        "eos_token": "<|endoftext|>",
        "model_max_length": 77,
        "pad_token": "!",
        "tokenizer_class": "CLIPTokenizer",
        "unk_token": "<|endoftext|>",
    })
}

/// Schedule of the prior: cosine, 1000 steps, the clean embedding is predicted.
pub(super) fn prior_scheduler() -> Value {
    json!({
        "_class_name": "UnCLIPScheduler",
        "clip_sample": true,
        "clip_sample_range": 10.0,
        "num_train_timesteps": 1000,
        "prediction_type": "sample",
        "variance_type": "fixed_small_log",
    })
}

/// Schedule of the decoder: linear, 1000 steps, the noise is predicted.
pub(super) fn decoder_scheduler() -> Value {
    json!({
        "_class_name": "DDIMScheduler",
        "beta_end": 0.012,
        "beta_schedule": "linear",
        "beta_start": 0.00085,
        "clip_sample": false,
        "num_train_timesteps": 1000,
        "prediction_type": "epsilon",
        "set_alpha_to_one": false,
        "steps_offset": 1,
        "thresholding": false,
    })
}

/// `model_index.json`: which class of diffusers or transformers reads which folder.
pub(super) fn index(of_prior: bool) -> Value {
    if of_prior {
        return json!({
            "_class_name": "KandinskyPriorPipeline",
            "image_encoder": ["transformers", "CLIPVisionModelWithProjection"],
            "image_processor": ["transformers", "CLIPImageProcessor"],
            "prior": ["diffusers", "PriorTransformer"],
            "scheduler": ["diffusers", "UnCLIPScheduler"],
            "text_encoder": ["transformers", "CLIPTextModelWithProjection"],
            "tokenizer": ["transformers", "CLIPTokenizer"],
        });
    }
    json!({
        "_class_name": "KandinskyPipeline",
        "movq": ["diffusers", "VQModel"],
        "scheduler": ["diffusers", "DDIMScheduler"],
        "text_encoder": ["kandinsky", "MultilingualCLIP"],
        "tokenizer": ["transformers", "XLMRobertaTokenizerFast"],
        "unet": ["diffusers", "UNet2DConditionModel"],
    })
}
