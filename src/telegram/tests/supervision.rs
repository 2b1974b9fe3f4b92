//! A task that has to run as long as the bot serves, and does not, ends the bot with its name.

use async_trait::async_trait;

use super::*;
use crate::jobs::{InputFetch, Inputs, StoreError};

/// Input pictures whose store has a defect.
struct Defect;

#[async_trait]
impl Inputs for Defect {
    async fn due_fetches(&self, _limit: u32) -> Result<Vec<InputFetch>, StoreError> {
        panic!("on purpose");
    }

    async fn store_inputs(&self, _job: JobId, _pictures: Vec<EncodedPicture>) -> Result<(), StoreError> {
        Ok(())
    }

    async fn postpone_fetch(&self, _job: JobId, _delay: Duration) -> Result<(), StoreError> {
        Ok(())
    }

    async fn fail_fetch(&self, _job: JobId, _failure: Failure) -> Result<(), StoreError> {
        Ok(())
    }
}

#[tokio::test]
async fn a_task_that_panics_ends_the_bot_with_its_name() {
    let mut bot = Bot::asleep().await;
    let mut options = bot.options();
    options.store.inputs = Arc::new(Defect);
    bot.wake_with(options);
    let Running { stop: _stop, task } = bot.running.take().unwrap();
    let outcome = task.await.unwrap();
    assert!(matches!(outcome, Err(TelegramError::TaskEnded { name: "input downloads" })), "{outcome:?}");
}
