//! Settings: flags first, then the environment (and `.env`), then defaults. Every flag `--x-y` of the server has its variable
//! `KANDINSKY_X_Y`; an empty variable counts as absent.

mod owner;
mod value_names;
mod web;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use url::Url;

pub use owner::{Ids, IdsError, KeyMakers, OwnerArgs, SHARED_ACCOUNTS};
pub use web::{Origin, WebArgs, WebUrlError, web_url};

use crate::engine::{BatchSize, DeviceKind, EngineOptions, MemoryPlan, Translate};
use crate::kandinsky::Precision;

/// Which model runs, and where.
#[derive(Debug, Clone, Args)]
pub struct ModelArgs {
    /// Folder of a Kandinsky 2.1 model; without it the small embedded model draws
    #[arg(long, value_name = "DIR", env = "KANDINSKY_MODEL")]
    pub model: Option<PathBuf>,
    /// Where to compute
    #[arg(long, value_name = "DEVICE", env = "KANDINSKY_DEVICE", default_value = "auto")]
    pub device: DeviceKind,
    /// Number format of the weights: auto (f32 on a CPU, bf16 on a GPU), f32, bf16 or f16; also for single parts, as in
    /// bf16,movq=f32. The parts are encoders, prior, unet and movq; encoders and prior can be q8_0 on a CPU
    #[arg(long, value_name = "TYPE", env = "KANDINSKY_DTYPE", default_value = "auto")]
    pub dtype: Precision,
    /// Which parts of the model stay in memory
    #[arg(long, value_name = "PLAN", env = "KANDINSKY_MEMORY", default_value = "auto")]
    pub memory: MemoryPlan,
    /// CPU threads; 0 uses all cores
    #[arg(long, value_name = "N", env = "KANDINSKY_THREADS", default_value_t = 0)]
    pub threads: usize,
    /// Russian texts for a model that reads no Russian: auto translates them, prior only for the prior, off leaves them
    #[arg(long, value_name = "WHEN", env = "KANDINSKY_TRANSLATE", default_value = "auto")]
    pub translate: Translate,
    /// Folder of the translator from Russian; by default opus-mt-ru-en in the model folder
    #[arg(long, value_name = "DIR", env = "KANDINSKY_TRANSLATOR")]
    pub translator: Option<PathBuf>,
}

/// Which upscaler draws pictures larger.
#[derive(Debug, Clone, Args)]
pub struct UpscalerArgs {
    /// File of the upscaler: RRDBNet or SRVGGNetCompact of Real-ESRGAN, .pth or .safetensors. By default one in the folder
    /// Real-ESRGAN of the model; without any, pictures are enlarged by plain resampling
    #[arg(long, value_name = "FILE", env = "KANDINSKY_UPSCALER")]
    pub upscaler: Option<PathBuf>,
}

impl From<&ModelArgs> for EngineOptions {
    /// One picture at a time, without the safety checker.
    fn from(args: &ModelArgs) -> Self {
        Self {
            model: args.model.clone(),
            device: args.device,
            precision: args.dtype,
            memory: args.memory,
            threads: args.threads,
            translate: args.translate,
            translator: args.translator.clone(),
            ..Self::default()
        }
    }
}

/// Settings of the server.
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// Data folder: the database with jobs, pictures and settings
    #[arg(long, value_name = "DIR", env = "KANDINSKY_DATA", default_value = "data")]
    pub data: PathBuf,
    /// Address of a PostgreSQL database for jobs, pictures and settings, in the place of the one in the data folder, such as
    /// postgres://user:password@host/database; needs a program that was built with the feature postgres
    #[arg(long, value_name = "URL", env = "KANDINSKY_DATABASE_URL", hide_env_values = true)]
    pub database: Option<String>,
    /// Port of the chat page on 127.0.0.1, which is served if TELOXIDE_TOKEN is not set; 0 uses any free port
    #[arg(long, value_name = "PORT", env = "KANDINSKY_PORT", default_value_t = 8080)]
    pub port: u16,
    /// Log filter: a level (error, warn, info, debug), or TARGET=LEVEL,…; by default info for Telegram and warn for the chat page
    #[arg(long, value_name = "FILTER", env = "KANDINSKY_LOG")]
    pub log: Option<String>,
    /// Address on which /healthz, /readyz and /metrics (for Prometheus) answer, such as 127.0.0.1:9464; without it they do not
    #[arg(long, value_name = "ADDRESS", env = "KANDINSKY_METRICS")]
    pub metrics: Option<SocketAddr>,
    /// Jobs that are drawn at the same time: auto (one on a CPU, as many as fit into memory on a GPU), or at most N. Jobs of one
    /// size share steps: more jobs start earlier, and each takes longer
    #[arg(long, value_name = "N", env = "KANDINSKY_BATCH", default_value = "auto")]
    pub batch: BatchSize,
    /// The HTTP API
    #[command(flatten)]
    pub web: WebArgs,
    /// What the owner decides
    #[command(flatten)]
    pub owner: OwnerArgs,
    /// The model
    #[command(flatten)]
    pub model: ModelArgs,
    /// The upscaler
    #[command(flatten)]
    pub upscaler: UpscalerArgs,
}

/// Settings of a process that only draws.
#[cfg(feature = "postgres")]
#[derive(Debug, Clone, Args)]
pub struct WorkerArgs {
    /// Address of the PostgreSQL database of the bot
    #[arg(long, value_name = "URL", env = "KANDINSKY_DATABASE_URL", hide_env_values = true)]
    pub database: String,
    /// Data folder of this process: its lock and its heartbeat
    #[arg(long, value_name = "DIR", env = "KANDINSKY_DATA", default_value = "data")]
    pub data: PathBuf,
    /// Log filter: a level (error, warn, info, debug), or TARGET=LEVEL,…; by default info
    #[arg(long, value_name = "FILTER", env = "KANDINSKY_LOG")]
    pub log: Option<String>,
    /// Address on which /healthz, /readyz and /metrics (for Prometheus) answer; without it they do not
    #[arg(long, value_name = "ADDRESS", env = "KANDINSKY_METRICS")]
    pub metrics: Option<SocketAddr>,
    /// Jobs that are drawn at the same time: auto, or at most N
    #[arg(long, value_name = "N", env = "KANDINSKY_BATCH", default_value = "auto")]
    pub batch: BatchSize,
    /// What the owner decides; here only moderation counts
    #[command(flatten)]
    pub owner: OwnerArgs,
    /// The model
    #[command(flatten)]
    pub model: ModelArgs,
    /// The upscaler
    #[command(flatten)]
    pub upscaler: UpscalerArgs,
}

/// The Telegram account to serve. Secrets come from the environment alone, so that no list of processes shows them.
#[derive(Clone)]
pub struct TelegramAccount {
    /// The bot's token.
    pub token: String,
    /// Another Bot API server than Telegram's.
    pub api_url: Option<Url>,
}

/// An environment variable that can not be used. What it holds is not shown: it may be a password, or the token by mistake.
#[derive(Debug, thiserror::Error)]
#[error("the value of {name} is no address: {reason}; write, for example, http://127.0.0.1:8081")]
pub struct AddressError {
    name: &'static str,
    reason: url::ParseError,
}

impl TelegramAccount {
    /// From `TELOXIDE_TOKEN` and `TELOXIDE_API_URL`; `None` without a token.
    ///
    /// # Errors
    /// [`AddressError`] if the second is no URL.
    pub fn from_environment() -> Result<Option<Self>, AddressError> {
        let Some(token) = variable("TELOXIDE_TOKEN") else {
            return Ok(None);
        };
        let name = "TELOXIDE_API_URL";
        let api_url = variable(name)
            .map(|value| Url::parse(&value).map_err(|reason| AddressError { name, reason }))
            .transpose()?;
        Ok(Some(Self { token, api_url }))
    }
}

impl std::fmt::Debug for TelegramAccount {
    /// Without the token, and without the address, which may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TelegramAccount").finish_non_exhaustive()
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}
