//! The HTTP API, which serves the model to other programs; and the web editor ([`editor`]).
//!
//! One listener ([`WebServer`]) speaks the dialects that clients know: OpenAI's images API (`/v1/images/…`), jobs that are asked for
//! and looked at later (`/v1/jobs`), and A1111's (`/sdapi/v1/…`). Every request needs a key ([`crate::keys`]); a key is a user of the
//! fair queue. A request becomes a job through [`crate::orders`], as a message in a chat does: by the same moderation, limits and
//! pause. Nothing here knows Telegram, SQL or the model.
//!
//! The way of a request: `connections` bounds how many there are; `front` gives it an id and checks the server's name; `auth` finds its key; `body` reads its fields into
//! `params`; `draw_options` and `edit_tasks` make a recipe of them; `submit` finds its job or makes one; `watch` waits for the end;
//! `answer` writes the pictures down. A client that leaves while it waits ends its `presence`, and the job is cancelled.

mod answer;
mod auth;
mod body;
mod catalogue;
mod connections;
mod cors;
mod draw_options;
mod edit_tasks;
pub mod editor;
mod error;
mod event_stream;
mod files;
mod front;
mod images;
mod jobs;
mod links;
mod openapi;
mod output;
mod params;
mod picture_data;
mod presence;
mod rate_limit;
mod request_metrics;
mod routes;
mod sdapi;
mod server;
mod state;
mod streams;
mod submit;
mod uploads;
mod watch;

pub use connections::WebBounds;
pub use server::{WebError, WebOptions, WebServer};
pub use state::{WebModel, WebServices, WebTiming};
