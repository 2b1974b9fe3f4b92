//! Brings pictures and bad news to the chats.
//!
//! The queue keeps what people still have to be told. A telling is struck out only after the chat has it, so that a crash
//! loses nothing; what can not be told now is put off, longer each time, and what can never be told is struck out.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use super::api::{ALBUM_LIMIT, Api, Destination, Picture, SentMessage, Target};
use super::fault::Fault;
use super::progress::{Progress, status_message};
use super::whereabouts::Whereabouts;
use crate::conversation::{Message, remarks, result, status};
use crate::jobs::{Delivered, Failure, JobEvent, JobQueue, JobSummary, QueueError, Telling, Tidings};
use crate::recipe::{Recipe, Size};

/// How many tellings are looked at together.
const BATCH: u32 = 16;
/// How often the queue is asked though no news came: what was put off comes due.
const TICK: Duration = Duration::from_secs(2);
/// The first delay after a failure; it doubles each time.
const FIRST_DELAY: Duration = Duration::from_secs(2);
const LONGEST_DELAY: Duration = Duration::from_secs(600);
/// A request that is refused so often will be refused for ever.
const REFUSALS: u32 = 5;

/// Delivers what the queue has for people.
pub(super) struct Delivery {
    queue: Arc<dyn JobQueue>,
    api: Api,
    progress: Arc<Progress<Api>>,
    whereabouts: Whereabouts,
    /// Chats that are being told something: one thing at a time, so that pictures come in order.
    busy: Mutex<HashSet<i64>>,
    freed: Notify,
}

impl Delivery {
    pub(super) fn new(api: Api, progress: Arc<Progress<Api>>, whereabouts: Whereabouts) -> Self {
        Self {
            queue: Arc::clone(&whereabouts.queue),
            api,
            progress,
            whereabouts,
            busy: Mutex::default(),
            freed: Notify::new(),
        }
    }

    /// Delivers until `stop` turns true, then ends what has begun.
    pub(super) async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut news = self.queue.events();
        let mut tellings = JoinSet::new();
        while !*stop.borrow() {
            while tellings.try_join_next().is_some() {}
            if let Err(error) = self.begin(&mut tellings).await {
                tracing::warn!(%error, "the queue can not be asked for results");
            }
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => {}
                () = ending(&mut news) => {}
                () = self.freed.notified() => {}
                () = tokio::time::sleep(TICK) => {}
            }
        }
        while tellings.join_next().await.is_some() {}
    }

    async fn begin(self: &Arc<Self>, tellings: &mut JoinSet<()>) -> Result<(), QueueError> {
        // A chat that is told something now may be done before the queue's answer is read, which then is out of date.
        let busy_before = self.busy().clone();
        for telling in self.queue.untold(BATCH).await? {
            let chat_id = telling.job.address.chat_id;
            if !busy_before.contains(&chat_id) && self.busy().insert(chat_id) {
                let delivery = Arc::clone(self);
                tellings.spawn(async move {
                    let leftover = {
                        // Frees the chat even if telling panics.
                        let _turn = Turn { delivery: &delivery, chat_id };
                        delivery.tell(telling).await
                    };
                    // Whatever else the chat is to be told need not wait for this.
                    if let Some(target) = leftover {
                        delivery.api.clear_away(target).await;
                    }
                });
            }
        }
        Ok(())
    }

    fn busy(&self) -> std::sync::MutexGuard<'_, HashSet<i64>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells one thing and writes down what came of it; the status message that is not needed any more.
    async fn tell(&self, telling: Telling) -> Option<Target> {
        let job = &telling.job;
        let settled = self.settle(&telling, self.send(&telling).await).await;
        settled.unwrap_or_else(|error| {
            tracing::error!(job = %job.id, %error, "a delivery can not be written down");
            None
        })
    }

    async fn settle(
        &self,
        telling: &Telling,
        outcome: Result<Vec<Delivered>, Fault>,
    ) -> Result<Option<Target>, QueueError> {
        let (job, attempts) = (telling.job.id, telling.attempts);
        let outcome = match outcome {
            Err(Fault::Refused(reason)) if attempts + 1 >= REFUSALS => {
                tracing::error!(%job, reason, "a result is refused again and again and is given up");
                self.send_failure(destination(&telling.job), &telling.job, Failure::Engine).await.map(|()| Vec::new())
            }
            outcome => outcome,
        };
        match outcome {
            Ok(messages) => return self.done(&telling.job, &messages).await,
            Err(Fault::Gone(reason)) => {
                tracing::info!(%job, reason, "nobody is there to take a result");
                self.whereabouts.gone(telling.job.address.chat_id).await;
                return self.done(&telling.job, &[]).await;
            }
            // Not even that it failed can be told.
            Err(Fault::Refused(_)) if attempts + 1 >= REFUSALS => return self.done(&telling.job, &[]).await,
            Err(Fault::Wait(wait)) => self.queue.tell_later(job, wait).await?,
            Err(fault) => {
                let delay = delay_after(attempts);
                tracing::warn!(%job, ?fault, delay_seconds = delay.as_secs(), "a result can not be delivered yet");
                self.queue.tell_later(job, delay).await?;
            }
        }
        Ok(None)
    }

    /// Strikes the telling out; the status message, which can be taken away.
    async fn done(&self, job: &JobSummary, messages: &[Delivered]) -> Result<Option<Target>, QueueError> {
        self.queue.told(job.id, messages).await?;
        // Read again: a quick job's status message may have been sent meanwhile.
        let job = self.queue.job(job.id).await?.unwrap_or_else(|| job.clone());
        let target = status_message(&job);
        if let Some(target) = target {
            self.progress.forget(job.id, target);
        }
        Ok(target)
    }

    async fn send(&self, telling: &Telling) -> Result<Vec<Delivered>, Fault> {
        let (to, mut sent) = (destination(&telling.job), telling.sent.clone());
        let outcome = self.send_to(to, telling, &mut sent).await;
        match outcome {
            Err(Fault::Moved(chat_id)) => {
                self.whereabouts.moved(to.chat_id, chat_id).await;
                // Topic and messages have other numbers there.
                self.send_to(Destination { chat_id, thread_id: None, reply_to: None }, telling, &mut sent).await
            }
            outcome => outcome,
        }
        .map(|()| sent)
    }

    async fn send_to(&self, to: Destination, telling: &Telling, sent: &mut Vec<Delivered>) -> Result<(), Fault> {
        let job = &telling.job;
        match &telling.tidings {
            Tidings::Pictures(pictures) if !pictures.is_empty() => {
                self.send_pictures(to, job, named_pictures(&job.recipe, pictures), sent).await
            }
            Tidings::Pictures(_) => self.send_failure(to, job, Failure::Unreadable).await,
            Tidings::Failure(failure) => self.send_failure(to, job, *failure).await,
        }
    }

    async fn send_failure(&self, to: Destination, job: &JobSummary, failure: Failure) -> Result<(), Fault> {
        self.api.say(to, &status::failed(job.address.language, job.id, failure)).await.map(drop)
    }

    /// Sends pictures with their caption and buttons, but not what is among `sent`; what arrives is added there, and
    /// albums are written down at once, so that after a fault only the rest has to be sent.
    pub(super) async fn send_pictures(
        &self,
        to: Destination,
        job: &JobSummary,
        mut pictures: Vec<Picture>,
        sent: &mut Vec<Delivered>,
    ) -> Result<(), Fault> {
        for index in &job.remarks.doubtful {
            pictures.get_mut(*index as usize).into_iter().for_each(|picture| picture.is_covered = true);
        }
        let size = pictures.first().and_then(|picture| size_of(&picture.bytes));
        let (language, recipe) = (job.address.language, &job.recipe);
        let caption = result::caption(language, recipe, size);
        let caption = remarks::with_remarks(language, caption, recipe.prompt(), &job.remarks);
        match pictures.as_slice() {
            [picture] => self.send_one(to, job, picture, &caption, sent).await,
            several => self.send_several(to, job, several, &caption, sent).await,
        }
    }

    async fn send_one(
        &self,
        to: Destination,
        job: &JobSummary,
        picture: &Picture,
        caption: &str,
        sent: &mut Vec<Delivered>,
    ) -> Result<(), Fault> {
        if holds(sent, Some(0)) {
            return Ok(());
        }
        let buttons = result::buttons(job.address.language, &job.recipe, job.id, 0);
        let arrived = match self.api.send_photo(to, picture, caption, &buttons).await {
            // Too narrow for a photo, or something else about the picture: as a file it still arrives.
            Err(Fault::Refused(_)) => self.api.send_file(to, picture, Some(caption), &buttons).await?,
            outcome => outcome?,
        };
        sent.extend(arrived.map(|arrived| delivered(to, arrived, Some(0))));
        Ok(())
    }

    /// Albums can not carry buttons, so these come in a message of their own.
    async fn send_several(
        &self,
        to: Destination,
        job: &JobSummary,
        pictures: &[Picture],
        caption: &str,
        sent: &mut Vec<Delivered>,
    ) -> Result<(), Fault> {
        let mut next = 0;
        for album in albums(pictures) {
            let first = next;
            next += album.len() as u32;
            if holds(sent, Some(first)) {
                continue;
            }
            let arrived: Vec<SentMessage> = match album {
                [picture] => self.api.send_photo(to, picture, caption, &[]).await?.into_iter().collect(),
                album => self.api.send_album(to, album, caption).await?,
            };
            let arrived = (first..).zip(arrived).map(|(position, arrived)| delivered(to, arrived, Some(position)));
            self.note(job, sent, arrived).await;
        }
        if holds(sent, None) {
            return Ok(());
        }
        let language = job.address.language;
        let text = language.text_with("result-picked", [("number", 1.into())]);
        let message = Message { text, buttons: result::buttons(language, &job.recipe, job.id, 0) };
        let buttons = self.api.say(to, &message).await?;
        let arrived = buttons.map(|message_id| SentMessage { message_id, file_id: None });
        sent.extend(arrived.map(|arrived| delivered(to, arrived, None)));
        Ok(())
    }

    /// Remembers an album that arrived.
    async fn note(&self, job: &JobSummary, sent: &mut Vec<Delivered>, arrived: impl IntoIterator<Item = Delivered>) {
        let before = sent.len();
        sent.extend(arrived);
        if let Err(error) = self.queue.told_partly(job.id, &sent[before..]).await {
            tracing::error!(job = %job.id, %error, "what arrived can not be written down");
        }
    }
}

/// Whether the message with this picture, or with the buttons alone, has arrived.
fn holds(sent: &[Delivered], position: Option<u32>) -> bool {
    sent.iter().any(|message| message.position == position)
}

fn delivered(to: Destination, sent: SentMessage, position: Option<u32>) -> Delivered {
    Delivered { chat_id: to.chat_id, message_id: sent.message_id, position, file_id: sent.file_id }
}

/// Waits until a job ended, or perhaps did.
async fn ending(news: &mut Receiver<JobEvent>) {
    loop {
        match news.recv().await {
            Ok(JobEvent::Ended(_)) | Err(RecvError::Lagged(_)) => return,
            Ok(_) => {}
            Err(RecvError::Closed) => return std::future::pending().await,
        }
    }
}

/// A chat's turn to be told something.
struct Turn<'a> {
    delivery: &'a Delivery,
    chat_id: i64,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.delivery.busy().remove(&self.chat_id);
        self.delivery.freed.notify_one();
    }
}

/// Where the results of a job go.
pub(super) fn destination(job: &JobSummary) -> Destination {
    let address = &job.address;
    Destination { chat_id: address.chat_id, thread_id: address.thread_id, reply_to: address.request_message_id }
}

/// The pictures of a recipe with the names of their files.
pub(super) fn named_pictures(recipe: &Recipe, pictures: &[Vec<u8>]) -> Vec<Picture> {
    let name = |index| format!("kandinsky-{}.png", recipe.seed_of(index));
    (0..)
        .zip(pictures)
        .map(|(index, bytes)| Picture { bytes: bytes.clone(), file_name: name(index), is_covered: false })
        .collect()
}

/// Pictures in albums of nearly equal size, none of one alone where that can be avoided.
fn albums(pictures: &[Picture]) -> impl Iterator<Item = &[Picture]> {
    let albums = pictures.len().div_ceil(ALBUM_LIMIT).max(1);
    pictures.chunks(pictures.len().div_ceil(albums).max(1))
}

/// Width and height from a PNG's header.
pub(super) fn size_of(png: &[u8]) -> Option<Size> {
    let reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().ok()?;
    let (width, height) = reader.info().size();
    Some(Size { width, height })
}

fn delay_after(attempts: u32) -> Duration {
    FIRST_DELAY.saturating_mul(2_u32.saturating_pow(attempts)).min(LONGEST_DELAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_ten_minutes() {
        let seconds: Vec<u64> = (0..12).map(|attempts| delay_after(attempts).as_secs()).collect();
        assert_eq!(seconds, [2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600]);
        assert_eq!(delay_after(u32::MAX), LONGEST_DELAY);
    }

    #[test]
    fn sixteen_pictures_are_two_albums() {
        let recipe = Recipe::text_to_image("кот", u64::MAX).unwrap();
        let pictures = named_pictures(&recipe, &vec![Vec::new(); 11]);
        assert_eq!(pictures[1].file_name, "kandinsky-0.png");
        assert_eq!(albums(&pictures).map(<[Picture]>::len).collect::<Vec<_>>(), [6, 5]);
    }
}
