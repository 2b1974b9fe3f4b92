//! Fetches a published model from the Hugging Face hub into a folder.
//!
//! Fetched files are stored in the hub's cache, which other programs share (`HF_HOME`); the model folder links to it, so that
//! nothing is on the disk twice. The hub's list of a repository gives each file's size and, for weights, its SHA-256: a file
//! that has both already is not fetched again, and one that has not is not kept.
//!
//! The crate `hf-hub` knows the hub's addresses, the account's token and the cache's layout. Its download does neither try
//! again nor check what came, so that is in `download.rs`.

mod checksum;
mod download;
mod error;
mod hub;
mod link;
mod listing;
mod model_folder;
mod plan;
mod progress;
mod repository;
mod space;

pub use error::FetchError;
pub use hub::HubSettings;
pub use model_folder::{Fetched, fetch};
pub use plan::{Plan, RepositorySize};
pub use progress::{FetchProgress, Work};
pub use repository::{
    CLIP, DECODER, INPAINT, ORIGINAL, ORIGINAL_WITHOUT_INPAINTING, PRIOR, Repository, TRANSLATOR, UPSCALER,
};
