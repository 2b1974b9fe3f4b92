//! `POST /v1/images/generations`: a picture from a text.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;

use super::ImageRequest;
use crate::recipe::Task;
use crate::web::answer::AnswerOptions;
use crate::web::auth::Caller;
use crate::web::body::{SMALL_BODY, read_params};
use crate::web::draw_options::DrawOptions;
use crate::web::error::{ApiError, ApiResult};
use crate::web::state::Api;
use crate::web::submit::{Drawing, RequestIdentity};

pub(in crate::web) const GENERATIONS: &str = "/v1/images/generations";

pub(in crate::web) async fn generate(
    State(api): State<Arc<Api>>,
    caller: Caller,
    request: Request,
) -> ApiResult<Response> {
    let headers = request.headers().clone();
    let mut params = read_params(&api, request, SMALL_BODY).await?;
    let identity = RequestIdentity::new(&caller, GENERATIONS, &headers, &params);
    let prompt = params.text(&["prompt"])?.ok_or_else(|| ApiError::missing("prompt"))?;
    let draw = DrawOptions::from_params(&mut params)?;
    let options = AnswerOptions::from_params(&mut params, &draw.quality)?;
    let drawing = Drawing { recipe: draw.recipe(Task::text_to_image(&prompt)?)?, inputs: Vec::new() };
    let request = ImageRequest { identity, drawing, options, ignored: params.ignored(), events: "image_generation" };
    drop(params);
    request.answer(api, caller).await
}
