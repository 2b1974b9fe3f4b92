//! The thread itself.

use std::convert::identity;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use tokio::runtime::Handle;
use tokio::sync::oneshot::error::TryRecvError;
use tokio::sync::{oneshot, watch};

use super::courier::Ending;
use super::hands::{Hands, InHand};
use super::supply::Supply;
use super::{Artist, DrawError};
use crate::jobs::{JobQueue, Remarks};

/// A running worker. Stop it with [`Worker::stop`]; dropping it stops it as well, without waiting.
#[derive(Debug)]
pub struct Worker<E> {
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
    /// What came of making the artist, until that is known and was asked for.
    making: Option<oneshot::Receiver<Result<(), E>>>,
}

/// The worker could not begin.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError<E> {
    /// The artist could not be made.
    #[error(transparent)]
    Artist(E),
    /// The system gave no thread, or making the artist panicked.
    #[error("the worker's thread did not start")]
    Thread,
}

impl<E: Send + 'static> Worker<E> {
    /// Starts the thread, which makes its artist first; until then the queue says that the model is being loaded. Must be
    /// called within a runtime.
    ///
    /// # Errors
    /// [`WorkerError::Thread`].
    pub fn start<A: Artist + 'static>(
        queue: Arc<dyn JobQueue>,
        make_artist: impl FnOnce() -> Result<A, E> + Send + 'static,
    ) -> Result<Self, WorkerError<E>> {
        let (stop, stopped) = watch::channel(false);
        let (made, making) = oneshot::channel();
        let runtime = Handle::current();
        queue.set_loading(true);
        let work = move || match make_artist() {
            Ok(artist) => {
                queue.set_loading(false);
                let _ = made.send(Ok(()));
                Loop::open(queue, artist, runtime, stopped).run();
            }
            Err(error) => drop(made.send(Err(error))),
        };
        let thread =
            std::thread::Builder::new().name("worker".to_owned()).spawn(work).map_err(|_| WorkerError::Thread)?;
        Ok(Self { stop, thread: Some(thread), making: Some(making) })
    }

    /// Waits until the artist is made. An error is told once.
    ///
    /// # Errors
    /// What `make_artist` says, or [`WorkerError::Thread`] if it panicked.
    pub async fn ready(&mut self) -> Result<(), WorkerError<E>> {
        let Some(making) = &mut self.making else { return Ok(()) };
        let made = making.await;
        self.making = None;
        made.map_err(|_| WorkerError::Thread)?.map_err(WorkerError::Artist)
    }

    /// Asks the thread to stop after the current step and waits for it. Unfinished jobs go back to the queue. A thread that is
    /// still making its artist is not waited for: nothing is lost with it.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        let is_made = self.making.as_mut().is_none_or(|making| !matches!(making.try_recv(), Err(TryRecvError::Empty)));
        if let Some(thread) = self.thread.take().filter(|_| is_made) {
            let _ = tokio::task::spawn_blocking(|| thread.join()).await;
        }
    }
}

impl<E> Drop for Worker<E> {
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
        let mut turn = self.hands.next_turn(artist.room(), |work| artist.kind(work));
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
    let error = match step(turn) {
        Ok(()) => return turn.iter().map(|_| Ok(())).collect(),
        Err(error) if turn.len() == 1 => return vec![Err(error)],
        Err(error) => error,
    };
    tracing::warn!(%error, works = turn.len(), "a shared step failed; each takes it alone");
    let outcomes: Vec<_> = turn.chunks_mut(1).map(step).collect();
    if outcomes.iter().all(Result::is_ok) {
        artist.were_too_many(turn.len());
    }
    outcomes
}

/// A panic is an error.
fn attempt<T>(what: impl FnOnce() -> Result<T, DrawError>) -> Result<T, DrawError> {
    catch_unwind(AssertUnwindSafe(what)).map_or_else(|_| Err(DrawError::engine("the engine panicked")), identity)
}

#[cfg(test)]
mod tests;
