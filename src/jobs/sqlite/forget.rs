//! Everything about a person goes; chats that move or end.

use super::super::{JobEvent, JobId, JobState, JobSummary, QueueError, Requester};
use super::rows::JobRow;
use super::{SqliteQueue, milliseconds, rows};
use crate::database::now_ms;
use crate::limits::DAY;

impl SqliteQueue {
    /// Deletes all jobs of a person and pictures that nobody else needs. A worker that draws one of them finds no row at its
    /// next report and stops.
    pub(super) async fn forget_person(
        &self,
        person: Requester,
        keep_times: bool,
    ) -> Result<Vec<JobSummary>, QueueError> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        if keep_times {
            sqlx::query(
                "INSERT INTO spent (user_id, chat_id, created_at) SELECT user_id, chat_id, created_at FROM jobs
                 WHERE user_id = $1 AND created_at > $2 AND NOT (state = 'cancelled' AND started_at IS NULL)",
            )
            .bind(person.0)
            .bind(now_ms().saturating_sub(milliseconds(DAY)))
            .execute(&mut *transaction)
            .await?;
        }
        let rows: Vec<JobRow> =
            sqlx::query_as(rows::SELECT_PENDING_OF_USER).bind(person.0).fetch_all(&mut *transaction).await?;
        sqlx::query("DELETE FROM jobs WHERE user_id = $1").bind(person.0).execute(&mut *transaction).await?;
        transaction.commit().await?;
        let pending: Vec<JobSummary> = rows.into_iter().filter_map(|row| row.summary().ok()).collect();
        for job in &pending {
            self.previews.remove(job.id);
            self.events.send(JobEvent::Ended(job.id));
        }
        self.moved();
        self.drop_orphans().await?;
        self.shrink().await?;
        Ok(pending)
    }

    /// The group has another number from now on; topics and messages have other numbers there, too.
    pub(super) async fn follow_chat(&self, from: i64, to: i64) -> Result<u64, QueueError> {
        let moved = sqlx::query(
            "UPDATE jobs SET chat_id = $2, thread_id = NULL, request_message_id = NULL, status_message_id = NULL
             WHERE chat_id = $1",
        )
        .bind(from)
        .bind(to)
        .execute(&self.writer)
        .await?;
        sqlx::query("UPDATE spent SET chat_id = $2 WHERE chat_id = $1")
            .bind(from)
            .bind(to)
            .execute(&self.writer)
            .await?;
        Ok(moved.rows_affected())
    }

    /// Nobody is there any more: what waits for the chat need not be drawn.
    pub(super) async fn abandon_chat(&self, chat_id: i64) -> Result<u64, QueueError> {
        let jobs: Vec<i64> = sqlx::query_scalar(
            "UPDATE jobs SET cancel_requested = 1, state = $2, finished_at = $3
             WHERE chat_id = $1 AND state = 'queued' RETURNING id",
        )
        .bind(chat_id)
        .bind(JobState::Cancelled.name())
        .bind(now_ms())
        .fetch_all(&self.writer)
        .await?;
        for job in &jobs {
            self.events.send(JobEvent::Ended(JobId(*job)));
        }
        if !jobs.is_empty() {
            self.moved();
        }
        Ok(jobs.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use crate::jobs::Inputs;
    use std::time::Duration;

    use super::*;
    use crate::jobs::sqlite::tests::{House, wish};
    use crate::jobs::{Delivered, JobQueue, NewJob, Report, Submission, Verdict};
    use crate::limits::Limits;

    async fn rows(house: &House, table: &str) -> i64 {
        let query = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
        sqlx::query_scalar(query).fetch_one(&house.database.reader).await.unwrap()
    }

    #[tokio::test]
    async fn everything_of_a_person_goes_and_nothing_of_another() {
        let house = House::new().await;
        for (user, prompt) in [(1, "told"), (2, "kept")] {
            house
                .queue
                .submit(NewJob { inputs: Inputs::Encoded(vec![b"both have it".to_vec()]), ..wish(user, prompt) })
                .await
                .unwrap();
            let claim = house.next().await.unwrap().claim;
            house.queue.finish(&claim, vec![prompt.as_bytes().to_vec()]).await.unwrap();
            house.queue.told(claim.job, &[]).await.unwrap();
        }
        let running = house.ask(1, "running").await;
        let claim = house.next().await.unwrap().claim;
        let waiting = house.ask(1, "waiting").await;
        let pending = house.queue.forget(Requester(1), false).await.unwrap();
        assert_eq!(pending.iter().map(|job| job.id).collect::<Vec<_>>(), [running, waiting]);

        assert_eq!(rows(&house, "jobs").await, 1);
        assert_eq!(
            (rows(&house, "job_blobs").await, rows(&house, "blobs").await),
            (2, 2),
            "the other one's pictures stay"
        );
        assert!(house.next().await.is_none());
        let lease = Duration::from_secs(60);
        let verdict = house.queue.report(&claim, Report { progress: 0.5, preview: None }, lease).await.unwrap();
        assert_eq!(verdict, Verdict::LeaseLost, "the worker stops at its next step");
        assert_eq!(house.queue.finish(&claim, vec![b"late".to_vec()]).await.unwrap(), Verdict::LeaseLost);
        assert_eq!(rows(&house, "blobs").await, 2, "and writes nothing");
        assert!(house.ask(1, "anew").await > waiting, "numbers of forgotten jobs do not come back");
    }

    #[tokio::test]
    async fn nothing_of_a_forgotten_picture_is_left_in_the_files() {
        let house = House::new().await;
        let secret = b"nobody else may see this".repeat(500);
        house
            .queue
            .submit(NewJob { inputs: Inputs::Encoded(vec![secret.clone()]), ..wish(1, "a secret prompt") })
            .await
            .unwrap();
        let holds = |name: &str, words: &[u8]| {
            let bytes = std::fs::read(house.folder.path().join(name)).unwrap_or_default();
            bytes.windows(words.len()).any(|window| window == words)
        };
        assert!(holds("kandinsky.db-wal", b"nobody else") || holds("kandinsky.db", b"nobody else"));
        house.queue.forget(Requester(1), false).await.unwrap();
        for words in [&b"nobody else may see"[..], "a secret prompt".as_bytes()] {
            assert!(!holds("kandinsky.db", words) && !holds("kandinsky.db-wal", words));
        }
    }

    #[tokio::test]
    async fn forgetting_is_no_way_around_a_limit() {
        let house = House::new().await;
        let limits = Limits { day: 1, ..Limits::NONE };
        let first = house.queue.submit_within(wish(1, "a"), &limits).await.unwrap();
        assert!(matches!(first, Submission::Queued(_)));
        house.queue.forget(Requester(1), limits.count_time()).await.unwrap();
        let second = house.queue.submit_within(wish(1, "b"), &limits).await.unwrap();
        assert!(matches!(second, Submission::OverLimit(_)));
    }

    #[tokio::test]
    async fn a_picture_that_is_on_its_way_while_its_owner_is_forgotten_leaves_nothing_behind() {
        let house = House::new().await;
        house.ask(1, "a").await;
        let claim = house.next().await.unwrap().claim;
        house.queue.finish(&claim, vec![vec![1]]).await.unwrap();
        house.queue.forget(Requester(1), false).await.unwrap();
        let sent = Delivered { chat_id: 1, message_id: 5, position: Some(0), file_id: None };
        house.queue.told(claim.job, &[sent]).await.unwrap();
        assert_eq!((rows(&house, "jobs").await, rows(&house, "deliveries").await), (0, 0));
    }

    #[tokio::test]
    async fn a_group_that_moved_takes_its_jobs_along() {
        let house = House::new().await;
        let mut job = wish(1, "a");
        job.address.chat_id = -5;
        job.address.thread_id = Some(3);
        let job = house.queue.submit(job).await.unwrap();
        house.queue.set_status_message(job, 9).await.unwrap();
        let other = house.ask(2, "b").await;
        assert_eq!(house.queue.move_chat(-5, -1005).await.unwrap(), 1);
        let address = house.queue.job(job).await.unwrap().unwrap().address;
        assert_eq!((address.chat_id, address.thread_id), (-1005, None));
        assert_eq!((address.request_message_id, address.status_message_id), (None, None));
        assert_eq!(house.queue.job(other).await.unwrap().unwrap().address.chat_id, 2);
    }

    #[tokio::test]
    async fn what_waits_for_a_chat_that_is_gone_is_not_drawn() {
        let house = House::new().await;
        let (gone, other) = (house.ask(1, "a").await, house.ask(2, "b").await);
        assert_eq!(house.queue.abandon(1).await.unwrap(), 1);
        assert_eq!((house.state(gone).await, house.state(other).await), (JobState::Cancelled, JobState::Queued));
    }
}
