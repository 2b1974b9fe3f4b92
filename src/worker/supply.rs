//! Claims jobs ahead of the moment that the device thread needs them.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{broadcast, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use super::DrawError;
use super::artist::Beginner;
use super::courier::{Courier, Ending, Line};
use crate::database::now_ms;
use crate::jobs::{ClaimedJob, JobEvent, JobQueue};

/// A step at full size takes seconds; a worker that is silent for so long is gone.
pub(super) const LEASE: Duration = Duration::from_secs(300);
/// How long to wait when the queue can not be asked, or when no news came.
const PAUSE: Duration = Duration::from_secs(2);

/// A job that was claimed and begun.
pub(super) struct Arrival<W> {
    pub(super) work: W,
    pub(super) line: Line,
    /// Whether somebody looks at previews.
    pub(super) previews: bool,
}

/// Where the thread orders jobs. What was claimed for it and not [received](Supply::received) goes back to the queue.
pub(super) struct Supply<W> {
    orders: UnboundedSender<()>,
    arrivals: UnboundedReceiver<Arrival<W>>,
    /// Ordered and not received.
    open: usize,
    task: JoinHandle<()>,
}

impl<W: Send + 'static> Supply<W> {
    /// Opens the supply; it ends when `stop` becomes true, or its sender is gone.
    pub(super) fn open(
        runtime: &Handle,
        queue: Arc<dyn JobQueue>,
        begin: Beginner<W>,
        stop: watch::Receiver<bool>,
    ) -> Self {
        let ((orders, ordered), (sender, arrivals)) = (unbounded_channel(), unbounded_channel());
        let news = queue.events();
        let supplier = Supplier { queue, begin, stop, news, name: name(), couriers: JoinSet::new() };
        let task = runtime.spawn(supplier.run(ordered, sender));
        Self { orders, arrivals, open: 0, task }
    }

    /// Orders so many that this number is on its way.
    pub(super) fn order(&mut self, wanted: usize) {
        while self.open < wanted {
            self.open += 1;
            let _ = self.orders.send(());
        }
    }

    /// The next job, if it is there.
    pub(super) fn received(&mut self) -> Option<Arrival<W>> {
        let arrival = self.arrivals.try_recv().ok()?;
        self.open -= 1;
        Some(arrival)
    }

    /// Waits for the next job; `None` when it is time to stop.
    pub(super) fn wait(&mut self) -> Option<Arrival<W>> {
        let arrival = self.arrivals.blocking_recv()?;
        self.open -= 1;
        Some(arrival)
    }

    /// Gives back what was not received, and waits until the endings of all jobs are stored.
    pub(super) fn close(self, runtime: &Handle) {
        let Self { orders, arrivals, task, .. } = self;
        drop((orders, arrivals));
        let _ = runtime.block_on(task);
    }
}

/// A name that no former process had: claims of the dead must not look like ours.
fn name() -> String {
    format!("{}-{}", std::process::id(), now_ms())
}

struct Supplier<W> {
    queue: Arc<dyn JobQueue>,
    begin: Beginner<W>,
    stop: watch::Receiver<bool>,
    news: broadcast::Receiver<JobEvent>,
    name: String,
    couriers: JoinSet<()>,
}

impl<W: Send + 'static> Supplier<W> {
    async fn run(mut self, mut orders: UnboundedReceiver<()>, arrivals: UnboundedSender<Arrival<W>>) {
        let mut stop = self.stop.clone();
        loop {
            tokio::select! {
                order = orders.recv() => if order.is_none() { break },
                () = stopped(&mut stop) => break,
            }
            let Some(arrival) = self.next().await else { break };
            if arrivals.send(arrival).is_err() {
                break;
            }
        }
        drop(arrivals);
        while self.couriers.join_next().await.is_some() {}
    }

    /// Claims until there is a job; `None` when it is time to stop.
    async fn next(&mut self) -> Option<Arrival<W>> {
        let mut stop = self.stop.clone();
        while !*stop.borrow() {
            // Never left half-way: what is claimed must arrive, or go back.
            let pause = match self.queue.claim(&self.name, LEASE).await {
                Ok(Some(job)) => match self.take_up(job).await {
                    Some(arrival) => return Some(arrival),
                    None => continue,
                },
                Ok(None) => futures::future::Either::Left(wait_for_news(&mut self.news)),
                Err(error) => {
                    tracing::error!(%error, "no job can be claimed");
                    futures::future::Either::Right(tokio::time::sleep(PAUSE))
                }
            };
            tokio::select! {
                () = pause => {}
                () = stopped(&mut stop) => {}
            }
        }
        None
    }

    /// Begins a job, away from the thread; `None` if that is not possible.
    async fn take_up(&mut self, job: ClaimedJob) -> Option<Arrival<W>> {
        while self.couriers.try_join_next().is_some() {}
        let (courier, line) = Courier::new(Arc::clone(&self.queue), job.claim);
        self.couriers.spawn(courier.run());
        let begin = Arc::clone(&self.begin);
        let begun = tokio::task::spawn_blocking(move || begin(&job.recipe, &job.inputs)).await;
        match begun.unwrap_or_else(|_| Err(DrawError::engine("beginning the job panicked"))) {
            Ok(work) => Some(Arrival { work, line, previews: job.previews }),
            Err(error) => {
                line.end(Ending::Failed(error));
                None
            }
        }
    }
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Until the queue moves, or a little while.
async fn wait_for_news(news: &mut broadcast::Receiver<JobEvent>) {
    let _ = timeout(PAUSE, async {
        loop {
            match news.recv().await {
                Ok(JobEvent::QueueMoved | JobEvent::Requeued(_)) | Err(broadcast::error::RecvError::Lagged(_)) => break,
                Ok(_) => {}
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    })
    .await;
}
