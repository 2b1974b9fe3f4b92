//! All paths of the server.

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::routing::{MethodRouter, get, post};
use axum::{Router, middleware};

use super::error::ApiError;
use super::state::Api;
use super::{catalogue, files, front, images, jobs, openapi, sdapi};

/// A path with its handlers.
pub(super) struct Route {
    /// As axum writes it, which is as OpenAPI does.
    pub(super) path: &'static str,
    /// Its methods, in lower case, as OpenAPI has them.
    #[cfg_attr(not(test), expect(dead_code, reason = "a test compares them with the description"))]
    pub(super) methods: &'static [&'static str],
    handler: MethodRouter<Arc<Api>>,
}

fn route(path: &'static str, methods: &'static [&'static str], handler: MethodRouter<Arc<Api>>) -> Route {
    Route { path, methods, handler }
}

/// Every path that is part of the API.
pub(super) fn routes() -> Vec<Route> {
    vec![
        route(images::GENERATIONS, &["post"], post(images::generate)),
        route(images::EDITS, &["post"], post(images::edit)),
        route(images::VARIATIONS, &["post"], post(images::vary)),
        route(jobs::JOBS, &["get", "post"], get(jobs::list).post(jobs::create)),
        route("/v1/jobs/{job}", &["get"], get(jobs::look)),
        route("/v1/jobs/{job}/events", &["get"], get(jobs::events)),
        route("/v1/jobs/{job}/cancel", &["post"], post(jobs::cancel)),
        route("/v1/jobs/{job}/pictures/{file}", &["get"], get(jobs::picture)),
        route("/v1/models", &["get"], get(catalogue::models)),
        route("/v1/models/{model}", &["get"], get(catalogue::one_model)),
        route("/v1/styles", &["get"], get(catalogue::styles)),
        route("/v1/files/{file}", &["get"], get(files::linked_file)),
        route("/v1/openapi.json", &["get"], get(openapi::openapi)),
        route("/sdapi/v1/txt2img", &["post"], post(sdapi::text_to_image)),
        route("/sdapi/v1/img2img", &["post"], post(sdapi::image_to_image)),
        route("/sdapi/v1/progress", &["get"], get(sdapi::progress)),
        route("/sdapi/v1/interrupt", &["post"], post(sdapi::interrupt)),
        route("/sdapi/v1/options", &["get", "post"], get(sdapi::options).post(sdapi::set_options)),
        route("/sdapi/v1/sd-models", &["get"], get(sdapi::models)),
        route("/sdapi/v1/samplers", &["get"], get(sdapi::samplers)),
        route("/sdapi/v1/schedulers", &["get"], get(sdapi::schedulers)),
        route("/sdapi/v1/upscalers", &["get"], get(sdapi::upscalers)),
        route("/sdapi/v1/scripts", &["get"], get(sdapi::scripts)),
        route("/sdapi/v1/prompt-styles", &["get"], get(sdapi::styles)),
        route("/sdapi/v1/latent-upscale-modes", &["get"], get(sdapi::empty_list)),
        route("/sdapi/v1/sd-vae", &["get"], get(sdapi::empty_list)),
        route("/sdapi/v1/loras", &["get"], get(sdapi::empty_list)),
        route("/healthz", &["get"], get(async || "ok\n")),
    ]
}

/// The server's service.
pub(super) fn router(api: Arc<Api>) -> Router {
    let routes = routes().into_iter();
    routes
        .fold(Router::new(), |router, route| router.route(route.path, route.handler))
        .fallback(async || ApiError::not_found("path"))
        .method_not_allowed_fallback(async || ApiError::method())
        // Bodies have bounds of their own, by what they are for.
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(Arc::clone(&api), front::front))
        .with_state(api)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_description_has_every_path_and_no_other() {
        let document: serde_json::Value = serde_json::from_str(include_str!("openapi.json")).unwrap();
        let described: BTreeSet<(String, String)> = document["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, methods)| {
                methods.as_object().unwrap().keys().map(move |method| (path.clone(), method.clone()))
            })
            .collect();
        let served: BTreeSet<(String, String)> = routes()
            .iter()
            .flat_map(|route| route.methods.iter().map(|method| (route.path.to_owned(), (*method).to_owned())))
            .collect();
        assert_eq!(described, served);
    }
}
