//! The thread itself.

use std::convert::identity;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};

use super::courier::Ending;
use super::hands::{Hands, InHand};
use super::supply::Supply;
use super::{Artist, DrawError};
use crate::jobs::{JobQueue, Remarks};

/// A running worker. Stop it with [`Worker::stop`]; dropping it stops it as well, without waiting.
#[derive(Debug)]
pub struct Worker {
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

/// The worker could not begin.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError<E> {
    /// The artist could not be made.
    #[error(transparent)]
    Artist(E),
    /// The system gave no thread, or it ended at once.
    #[error("the worker's thread did not start")]
    Thread,
}

impl Worker {
    /// Starts the thread and waits until it has made its artist there.
    ///
    /// # Errors
    /// What `make_artist` says.
    pub async fn start<A, E>(
        queue: Arc<dyn JobQueue>,
        make_artist: impl FnOnce() -> Result<A, E> + Send + 'static,
    ) -> Result<Self, WorkerError<E>>
    where
        A: Artist + 'static,
        E: Send + 'static,
    {
        let (stop, stopped) = watch::channel(false);
        let (ready, is_ready) = oneshot::channel();
        let runtime = Handle::current();
        let work = move || match make_artist() {
            Ok(artist) => {
                let _ = ready.send(Ok(()));
                Loop::open(queue, artist, runtime, stopped).run();
            }
            Err(error) => drop(ready.send(Err(error))),
        };
        let thread =
            std::thread::Builder::new().name("worker".to_owned()).spawn(work).map_err(|_| WorkerError::Thread)?;
        is_ready.await.map_err(|_| WorkerError::Thread)?.map_err(WorkerError::Artist)?;
        Ok(Self { stop, thread: Some(thread) })
    }

    /// Asks the thread to stop after the current step and waits for it. Unfinished jobs go back to the queue.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            let _ = tokio::task::spawn_blocking(|| thread.join()).await;
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

struct Loop<A: Artist> {
    artist: A,
    hands: Hands<A::Work>,
    supply: Supply<A::Work>,
    runtime: Handle,
    stop: watch::Receiver<bool>,
}

impl<A: Artist> Loop<A> {
    fn open(queue: Arc<dyn JobQueue>, artist: A, runtime: Handle, stop: watch::Receiver<bool>) -> Self {
        let supply = Supply::open(&runtime, queue, artist.beginner(), stop.clone());
        Self { artist, hands: Hands::new(), supply, runtime, stop }
    }

    fn run(mut self) {
        while self.has_work() {
            self.take_turn();
        }
        // What is in hand goes back to the queue.
        drop(self.hands);
        self.supply.close(&self.runtime);
    }

    /// Orders and receives jobs, and waits for one if there is nothing to do; false when it is time to stop.
    fn has_work(&mut self) -> bool {
        self.hands.drop_called_off();
        let room = self.artist.room();
        while self.hands.len() < room
            && let Some(arrival) = self.supply.received()
        {
            self.hands.take(arrival);
        }
        self.supply.order(room.saturating_sub(self.hands.lasting(Instant::now())));
        if self.hands.is_empty()
            && let Some(arrival) = self.supply.wait()
        {
            self.hands.take(arrival);
        }
        !self.hands.is_empty() && !*self.stop.borrow()
    }

    fn take_turn(&mut self) {
        let artist = &self.artist;
        let mut turn = self.hands.next_turn(|work| artist.kind(work));
        let outcomes = step(&mut self.artist, &mut turn);
        for (one, outcome) in turn.into_iter().zip(outcomes) {
            match outcome {
                Err(error) => one.line.end(Ending::Failed(error)),
                Ok(()) if self.artist.is_finished(&one.work) => self.finish(one),
                Ok(()) => self.tell(one),
            }
        }
    }

    /// Tells how far a work is, and goes on with it.
    fn tell(&mut self, mut one: InHand<A::Work>) {
        one.share = self.artist.share(&one.work);
        let preview = match one.previews.is_due(one.share, Instant::now()) {
            true => attempt(|| Ok(self.artist.preview(&one.work))).unwrap_or_else(|error| {
                tracing::warn!(%error, "a preview can not be made");
                None
            }),
            false => None,
        };
        if preview.is_some() {
            one.previews.made(Instant::now());
        }
        one.line.tell(one.share, preview);
        self.hands.put_back(one);
    }

    /// Hands a finished work over.
    fn finish(&mut self, one: InHand<A::Work>) {
        // That the pictures can not be looked at is no reason to withhold them.
        let remarks = attempt(|| self.artist.remarks(&one.work)).unwrap_or_else(|error| {
            tracing::error!(%error, "the pictures can not be looked at");
            Remarks::default()
        });
        let finishing = self.artist.finish(one.work);
        one.line.end(Ending::Drawn(finishing, remarks));
    }
}

/// Takes a step of all. If that fails, each takes it alone, so that none fails for another's sake.
fn step<A: Artist>(artist: &mut A, turn: &mut [InHand<A::Work>]) -> Vec<Result<(), DrawError>> {
    let mut step = |turn: &mut [InHand<A::Work>]| {
        let mut works: Vec<&mut A::Work> = turn.iter_mut().map(|one| &mut one.work).collect();
        attempt(|| artist.step(&mut works))
    };
    match step(turn) {
        Err(error) if turn.len() > 1 => {
            tracing::warn!(%error, works = turn.len(), "a shared step failed; each takes it alone");
            turn.chunks_mut(1).map(step).collect()
        }
        Err(error) => vec![Err(error)],
        Ok(()) => turn.iter().map(|_| Ok(())).collect(),
    }
}

/// A panic is an error.
fn attempt<T>(what: impl FnOnce() -> Result<T, DrawError>) -> Result<T, DrawError> {
    catch_unwind(AssertUnwindSafe(what)).map_or_else(|_| Err(DrawError::engine("the engine panicked")), identity)
}

#[cfg(test)]
mod tests;
