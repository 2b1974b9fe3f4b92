//! `POST /v1/images/variations`: another picture of the same.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;

use super::ImageRequest;
use crate::web::answer::AnswerOptions;
use crate::web::auth::Caller;
use crate::web::body::{PICTURES_BODY, read_params};
use crate::web::draw_options::DrawOptions;
use crate::web::edit_tasks::variation_of;
use crate::web::error::ApiResult;
use crate::web::state::Api;
use crate::web::submit::{Drawing, RequestIdentity};

pub(in crate::web) const VARIATIONS: &str = "/v1/images/variations";

pub(in crate::web) async fn vary(State(api): State<Arc<Api>>, caller: Caller, request: Request) -> ApiResult<Response> {
    let headers = request.headers().clone();
    let mut params = read_params(&api, request, PICTURES_BODY).await?;
    let identity = RequestIdentity::new(&caller, VARIATIONS, &headers, &params);
    let (task, inputs) = variation_of(&api, &mut params).await?;
    let draw = DrawOptions::from_params(&mut params)?;
    let options = AnswerOptions::from_params(&mut params, &draw.quality)?;
    let drawing = Drawing { recipe: draw.recipe(task)?, inputs };
    let request = ImageRequest { identity, drawing, options, ignored: params.ignored(), events: "image_edit" };
    drop(params);
    request.answer(api, caller).await
}
