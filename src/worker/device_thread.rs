//! The device thread, and the handle of the worker.

use std::any::Any;
use std::convert::identity;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::sync::oneshot::error::TryRecvError;
use tokio_util::sync::CancellationToken;

use super::in_flight::{InFlight, RunningJob};
use super::prefetch::{PrefetchEnded, Prefetcher, PreparedJob};
use super::reporter::Outcome;
use super::{Backend, DrawError, Review};
use crate::jobs::{Pace, Warnings, WorkQueue};

/// A running worker. Stop it with [`Worker::stop`]; dropping it stops it as well, without waiting.
#[derive(Debug)]
pub struct Worker<E> {
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
    /// Resolves when the backend is made; `None` once that is known.
    loaded: Option<oneshot::Receiver<()>>,
    /// Why the thread ended; `None` once that was returned.
    ended: Option<oneshot::Receiver<WorkerError<E>>>,
}

/// Why a worker does not run.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError<E> {
    /// The backend could not be made: usually, the model could not be loaded.
    #[error(transparent)]
    Load(E),
    /// The system gave no thread.
    #[error("the device thread can not be started: {0}")]
    Thread(std::io::Error),
    /// The device thread, or the task that claims jobs for it, panicked. Its jobs are back in the queue.
    #[error("the worker panicked and draws no more: {0}")]
    Panicked(String),
    /// The device thread ended without a panic and without being stopped.
    #[error("the worker ended and draws no more")]
    Ended,
}

impl<E: Send + 'static> Worker<E> {
    /// Starts the thread, which makes its backend first and then draws, with previews at this pace; until then the queue reports that
    /// the model is being loaded. Each job is reviewed once its texts are in English, before its first denoising step. Must be called
    /// within a runtime.
    ///
    /// # Errors
    /// [`WorkerError::Thread`].
    pub fn start<B: Backend + 'static>(
        queue: Arc<dyn WorkQueue>,
        pace: Pace,
        review: Review,
        make_backend: impl FnOnce() -> Result<B, E> + Send + 'static,
    ) -> Result<Self, WorkerError<E>> {
        let stop = CancellationToken::new();
        let ((has_loaded, loaded), (has_ended, ended)) = (oneshot::channel(), oneshot::channel());
        let (runtime, stopped) = (Handle::current(), stop.clone());
        queue.set_loading(true);
        let work = move || {
            let outcome = catch_panic(make_backend).and_then(|made| {
                let backend = made.map_err(WorkerError::Load)?;
                queue.set_translates(catch_panic(|| backend.translates())?);
                queue.set_loading(false);
                let _ = has_loaded.send(());
                draw_jobs(queue, backend, (pace, review), &runtime, &stopped)
            });
            if !stopped.is_cancelled() {
                let _ = has_ended.send(outcome.err().unwrap_or(WorkerError::Ended));
            }
        };
        let thread = std::thread::Builder::new().name("worker".to_owned()).spawn(work).map_err(WorkerError::Thread)?;
        Ok(Self { stop, thread: Some(thread), loaded: Some(loaded), ended: Some(ended) })
    }

    /// Waits until the backend is made.
    ///
    /// # Errors
    /// What [`Worker::ended`] returns, if the worker ends before.
    pub async fn ready(&mut self) -> Result<(), WorkerError<E>> {
        let Some(loaded) = &mut self.loaded else { return Ok(()) };
        match loaded.await {
            Ok(()) => {
                self.loaded = None;
                Ok(())
            }
            Err(_) => Err(self.ended().await),
        }
    }

    /// Waits until the worker ends without being stopped, which is always an error: the backend could not be made, or
    /// something panicked. By then the jobs that it had in flight are back in the queue. A second call returns
    /// [`WorkerError::Ended`]. Cancel safe.
    pub async fn ended(&mut self) -> WorkerError<E> {
        let Some(ended) = &mut self.ended else { return WorkerError::Ended };
        let reason = ended.await.unwrap_or(WorkerError::Ended);
        self.ended = None;
        reason
    }

    /// Stops the thread after the current step and waits for it. Unfinished jobs go back to the queue. A thread that is still
    /// making its backend is not waited for: it has no job.
    pub async fn stop(mut self) {
        self.stop.cancel();
        let is_loading =
            self.loaded.as_mut().is_some_and(|loaded| matches!(loaded.try_recv(), Err(TryRecvError::Empty)));
        if let Some(thread) = self.thread.take().filter(|_| !is_loading) {
            let _ = tokio::task::spawn_blocking(|| thread.join()).await;
        }
    }
}

impl<E> Drop for Worker<E> {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Draws jobs until the worker is stopped or something panics; then all jobs are back in the queue.
fn draw_jobs<B: Backend, E>(
    queue: Arc<dyn WorkQueue>,
    backend: B,
    (pace, review): (Pace, Review),
    runtime: &Handle,
    stop: &CancellationToken,
) -> Result<(), WorkerError<E>> {
    let prepare = catch_panic(|| backend.prepare())?;
    let mut prefetcher = Prefetcher::start(runtime, queue, prepare, stop.clone());
    let device_loop =
        DeviceLoop { backend, in_flight: InFlight::new(), prefetcher: &mut prefetcher, pace, review, stop };
    let drawn = catch_panic(|| device_loop.run());
    let claimed = prefetcher.close(runtime).map_err(WorkerError::Panicked);
    drawn.and(claimed)
}

/// Steps the jobs in flight.
struct DeviceLoop<'a, B: Backend> {
    backend: B,
    in_flight: InFlight<B::Generation, B::BatchKey>,
    prefetcher: &'a mut Prefetcher<B::Generation>,
    pace: Pace,
    review: Review,
    stop: &'a CancellationToken,
}

/// A job of a [`DeviceLoop`].
type Running<B> = RunningJob<<B as Backend>::Generation, <B as Backend>::BatchKey>;

impl<B: Backend> DeviceLoop<'_, B> {
    /// Draws until the worker is stopped or the prefetcher has ended. The jobs in flight go back to the queue when `self` is
    /// dropped.
    fn run(mut self) {
        while !self.stop.is_cancelled() && self.admit_jobs().is_ok() {
            if !self.in_flight.is_empty() {
                self.step_next_batch();
            }
        }
    }

    /// Admits prepared jobs up to the capacity, requests more, and waits for one if there is nothing to draw.
    fn admit_jobs(&mut self) -> Result<(), PrefetchEnded> {
        self.in_flight.drop_cancelled();
        let capacity = self.backend.capacity();
        while self.in_flight.len() < capacity
            && let Some(prepared) = self.prefetcher.try_receive()?
        {
            self.admit(prepared);
        }
        self.prefetcher.request(capacity.saturating_sub(self.in_flight.outlasting_prefetch(Instant::now())));
        if self.in_flight.is_empty() {
            let prepared = self.prefetcher.receive()?;
            self.admit(prepared);
        }
        Ok(())
    }

    fn admit(&mut self, prepared: PreparedJob<B::Generation>) {
        match attempt(|| Ok(self.backend.batch_key(&prepared.generation))) {
            Ok(key) => self.in_flight.push(RunningJob::start(prepared, key, self.pace, Instant::now())),
            Err(error) => prepared.reporter.end(Outcome::Failed(error)),
        }
    }

    fn step_next_batch(&mut self) {
        let mut batch = self.in_flight.next_batch(self.backend.capacity());
        let results = step(&mut self.backend, &mut batch);
        metrics::counter!("kandinsky_steps_total").increment(batch.len() as u64);
        metrics::gauge!("kandinsky_batch_jobs").set(batch.len() as f64);
        for (mut job, result) in batch.into_iter().zip(results) {
            let result = result.and_then(|()| self.review(&mut job));
            match result.and_then(|()| attempt(|| Ok(self.backend.is_finished(&job.generation)))) {
                Ok(true) => self.finish(job),
                Ok(false) => self.keep(job),
                Err(error) => job.reporter.end(Outcome::Failed(error)),
            }
        }
    }

    /// Asks whether a job may be drawn by its English texts, as soon as they are there.
    fn review(&self, job: &mut Running<B>) -> Result<(), DrawError> {
        if job.is_reviewed {
            return Ok(());
        }
        if let Some(recipe) = attempt(|| Ok(self.backend.drawn_recipe(&job.generation)))? {
            attempt(|| (self.review)(&recipe).map_err(DrawError::refused))?;
            job.is_reviewed = true;
        }
        Ok(())
    }

    /// Reports the progress of an unfinished job and puts it back.
    fn keep(&mut self, mut job: Running<B>) {
        let state = attempt(|| Ok((self.backend.progress(&job.generation), self.backend.batch_key(&job.generation))));
        match state {
            Ok((progress, key)) => (job.progress, job.batch_key) = (progress, key),
            Err(error) => return job.reporter.end(Outcome::Failed(error)),
        }
        let preview = match job.previews.is_due(job.progress, Instant::now()) {
            true => attempt(|| Ok(self.backend.preview(&job.generation))).unwrap_or_else(|error| {
                tracing::warn!(%error, "no preview can be made");
                None
            }),
            false => None,
        };
        if preview.is_some() {
            job.previews.made(Instant::now());
        }
        job.reporter.report(job.progress, preview);
        self.in_flight.push(job);
    }

    fn finish(&mut self, job: Running<B>) {
        // Pictures that can not be checked are sent without warnings.
        let warnings = attempt(|| self.backend.warnings(&job.generation)).unwrap_or_else(|error| {
            tracing::error!(%error, "the pictures can not be checked");
            Warnings::default()
        });
        let RunningJob { generation, reporter, .. } = job;
        let recipe = attempt(|| Ok(self.backend.drawn_recipe(&generation))).unwrap_or_default();
        reporter.end(match attempt(|| Ok(self.backend.finalize(generation))) {
            Ok(finalize) => Outcome::Drawn(finalize, warnings, recipe.map(Box::new)),
            Err(error) => Outcome::Failed(error),
        });
    }
}

/// Takes a step of a batch. If that fails, each job takes it alone, so that a job fails only by its own fault.
fn step<B: Backend>(backend: &mut B, batch: &mut [Running<B>]) -> Vec<Result<(), DrawError>> {
    let mut step = |batch: &mut [Running<B>]| {
        let mut generations: Vec<&mut B::Generation> = batch.iter_mut().map(|job| &mut job.generation).collect();
        attempt(|| backend.step(&mut generations))
    };
    let error = match step(batch) {
        Ok(()) => return batch.iter().map(|_| Ok(())).collect(),
        Err(error) if batch.len() == 1 => return vec![Err(error)],
        Err(error) => error,
    };
    tracing::warn!(%error, jobs = batch.len(), "a shared step failed; each job takes it alone");
    let results: Vec<_> = batch.chunks_mut(1).map(step).collect();
    if results.iter().all(Result::is_ok) {
        backend.shrink_capacity(batch.len());
    }
    results
}

/// A panic becomes an error of one job. Its message goes to the panic hook alone: it might quote a prompt.
fn attempt<T>(call: impl FnOnce() -> Result<T, DrawError>) -> Result<T, DrawError> {
    catch_unwind(AssertUnwindSafe(call)).map_or_else(|_| Err(DrawError::engine("the engine panicked")), identity)
}

/// A panic becomes an error of the worker.
fn catch_panic<T, E>(call: impl FnOnce() -> T) -> Result<T, WorkerError<E>> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|payload| WorkerError::Panicked(panic_message(&*payload)))
}

fn panic_message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}

#[cfg(test)]
mod tests;
