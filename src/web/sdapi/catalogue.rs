//! Lists that A1111's clients ask for before they draw. Most of what they could choose from does not exist here.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::i18n::Language;
use crate::styles::Style;
use crate::web::auth::Caller;
use crate::web::draw_options::style_name;
use crate::web::state::Api;

/// Samplers under the names that clients know.
pub(super) const SAMPLERS: [(&str, &str); 4] =
    [("DPM++ 2M", "dpm++"), ("DDIM", "ddim"), ("PLMS", "plms"), ("DDPM", "p_sampler")];

pub(in crate::web) async fn models(State(api): State<Arc<Api>>, _caller: Caller) -> Json<Value> {
    let name = &api.model.name;
    Json(json!([{
        "title": name, "model_name": name, "hash": null, "sha256": null, "filename": name, "config": null,
    }]))
}

pub(in crate::web) async fn options(State(api): State<Arc<Api>>, _caller: Caller) -> Json<Value> {
    Json(json!({ "sd_model_checkpoint": api.model.name, "samples_format": "png", "sd_vae": "Automatic" }))
}

/// Clients choose a model before they draw; there is one.
pub(in crate::web) async fn set_options(_caller: Caller) -> Json<Value> {
    Json(json!({}))
}

pub(in crate::web) async fn samplers(_caller: Caller) -> Json<Value> {
    let sampler = |(name, alias): &(&str, &str)| json!({ "name": name, "aliases": [alias], "options": {} });
    Json(SAMPLERS.iter().map(sampler).collect())
}

pub(in crate::web) async fn schedulers(_caller: Caller) -> Json<Value> {
    Json(json!([{
        "name": "automatic", "label": "Automatic", "aliases": null, "default_rho": -1, "need_inner_model": false,
    }]))
}

pub(in crate::web) async fn upscalers(_caller: Caller) -> Json<Value> {
    Json(json!([{ "name": "None", "model_name": null, "model_path": null, "model_url": null, "scale": 4 }]))
}

pub(in crate::web) async fn scripts(_caller: Caller) -> Json<Value> {
    Json(json!({ "txt2img": [], "img2img": [] }))
}

pub(in crate::web) async fn styles(_caller: Caller) -> Json<Value> {
    let style = |style: Style| json!({ "name": style_name(style, Language::En), "prompt": style.suffix(), "negative_prompt": "" });
    Json(Style::all().map(style).collect())
}

/// Of what there is none: LoRAs, VAEs, latent upscalers, embeddings.
pub(in crate::web) async fn empty_list(_caller: Caller) -> Json<Value> {
    Json(json!([]))
}
