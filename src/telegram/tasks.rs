//! The tasks of the bot: the long-running ones are supervised, the short ones are tracked, and all of them end at the shutdown.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

/// Short tasks. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct Tasks {
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl Tasks {
    /// Runs a task to its end, also during the shutdown while the patience lasts. A panic costs this task alone.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tracker.spawn(guarded(task).in_current_span());
    }

    /// Runs a task to its end or until the shutdown. A panic costs this task alone.
    pub(super) fn spawn_until_stop(&self, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.spawn(async move {
            stop.run_until_cancelled(task).await;
        });
    }

    /// Cancelled when the shutdown begins.
    pub(super) fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// Ends the tasks that run until the shutdown and waits for the others, but not for longer than this.
    pub(super) async fn close(&self, patience: Duration) {
        self.stop.cancel();
        self.tracker.close();
        let _ = tokio::time::timeout(patience, self.tracker.wait()).await;
    }
}

/// A task whose panic is logged and goes no further. Returns whether it ended without one.
pub(super) async fn guarded(task: impl Future<Output = ()>) -> bool {
    let is_whole = AssertUnwindSafe(task).catch_unwind().await.is_ok();
    if !is_whole {
        tracing::error!("a task panicked");
    }
    is_whole
}

/// Long-running tasks: each of them has to run as long as the bot serves.
#[derive(Debug, Default)]
pub(super) struct Supervisor(JoinSet<&'static str>);

impl Supervisor {
    /// Begins a task.
    pub(super) fn spawn(&mut self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        self.0.spawn(async move {
            guarded(task).await;
            name
        });
    }

    /// Waits until a task ends or panics. Returns its name.
    pub(super) async fn ended(&mut self) -> &'static str {
        match self.0.join_next().await {
            Some(Ok(name)) => name,
            // Nobody aborts them, and panics are caught.
            Some(Err(_)) => "unknown",
            None => std::future::pending().await,
        }
    }

    /// Waits for all tasks, but not for longer than this; then they are aborted.
    pub(super) async fn close(mut self, patience: Duration) {
        let _ = tokio::time::timeout(patience, async { while self.0.join_next().await.is_some() {} }).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_long_running_task_that_panics_or_ends_is_named() {
        let mut supervisor = Supervisor::default();
        supervisor.spawn("delivery", std::future::pending());
        supervisor.spawn("progress", async { panic!("on purpose") });
        assert_eq!(supervisor.ended().await, "progress");
        supervisor.spawn("listener", async {});
        assert_eq!(supervisor.ended().await, "listener");
    }

    #[tokio::test(start_paused = true)]
    async fn the_shutdown_ends_those_that_wait_and_finishes_the_others() {
        let (tasks, (done, mut finished)) = (Tasks::default(), tokio::sync::mpsc::unbounded_channel());
        tasks.spawn_until_stop(std::future::pending());
        tasks.spawn(async { panic!("on purpose") });
        tasks.spawn(async move {
            tokio::time::sleep(Duration::from_secs(3)).await;
            done.send(()).unwrap();
        });
        let begun = tokio::time::Instant::now();
        tasks.close(Duration::from_secs(5)).await;
        assert_eq!((begun.elapsed(), finished.recv().await), (Duration::from_secs(3), Some(())));
    }
}
