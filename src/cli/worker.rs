//! `kandinsky-bot worker`: draws jobs of a database that another process serves.

use std::sync::Arc;

use anyhow::Result;

use super::serve::{loading, review, stop_signal};
use super::store::OpenStore;
use crate::config::WorkerArgs;
use crate::engine::EngineOptions;
use crate::jobs::Pace;
use crate::monitoring::{Monitor, Readiness, heartbeat, service_manager};
use crate::policy::Policy;
use crate::telemetry;
use crate::worker::Worker;

/// Draws until Ctrl-C or SIGTERM.
pub(super) fn run(args: WorkerArgs) -> Result<()> {
    telemetry::start(args.log.as_deref().unwrap_or(telemetry::SERVICE_FILTER))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(draw(args))
}

async fn draw(args: WorkerArgs) -> Result<()> {
    let policy = Arc::new(Policy::new(&args.owner)?);
    let mut stop = stop_signal()?;
    let store = OpenStore::open(&args.data, Some(&args.database)).await?;
    let (batch, safety_checker) = (args.batch, policy.moderator.is_on());
    let upscaler = args.upscaler.upscaler.clone();
    let readiness = Readiness::default();
    let load = loading(EngineOptions { batch, safety_checker, upscaler, ..(&args.model).into() }, readiness.clone());
    let mut worker = Worker::start(Arc::clone(&store.work), Pace::TELEGRAM, review(&policy), load)?;
    let monitor = match args.metrics {
        Some(address) => Some(Monitor::start(address, Arc::clone(&store.jobs.queue), readiness.clone()).await?),
        None => None,
    };
    let heart = tokio::spawn(heartbeat::beat(args.data.clone(), readiness));
    service_manager::started();
    tracing::info!("drawing the jobs of the database; another process serves the chat");
    let outcome = tokio::select! {
        _ = stop.wait_for(|stop| *stop) => Ok(()),
        error = worker.ended() => Err(error.into()),
    };
    heart.abort();
    drop(monitor);
    worker.stop().await;
    store.close().await;
    outcome
}
