//! `/sdapi/v1`: the dialect of AUTOMATIC1111's web interface, for the clients that speak it.

mod catalogue;
mod draw;
mod progress;

pub(super) use catalogue::{
    empty_list, models, options, samplers, schedulers, scripts, set_options, styles, upscalers,
};
pub(super) use draw::{image_to_image, text_to_image};
pub(super) use progress::{interrupt, progress};
