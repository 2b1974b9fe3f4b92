//! Everything about a user is deleted; groups that get another number.

use super::SqliteStore;
use super::clock::{milliseconds, now_ms};
use super::rows::{JobRow, SELECT_PENDING_OF_USER};
use crate::jobs::{JobEvent, JobSummary, Requester, StoreError};
use crate::limits::DAY;

/// When a user's jobs were asked for, kept beyond the jobs.
const KEEP_USAGE: &str = "
    INSERT INTO usage (user_id, chat_id, created_at) SELECT user_id, COALESCE(chat_id, 0), created_at FROM jobs
    WHERE user_id = $1 AND created_at > $2 AND NOT (state = 'cancelled' AND started_at IS NULL)";

/// What the user was composing in groups.
const FORGET_DRAFTS: &str = "
    UPDATE chats SET state = json_remove(state, $1) WHERE json_valid(state) AND json_type(state, $1) IS NOT NULL";

impl SqliteStore {
    /// All rows of the user go in one transaction, or none. A worker that draws one of the jobs finds no row at its next
    /// heartbeat and stops.
    pub(super) async fn forget_user(&self, user: Requester, keep_usage: bool) -> Result<Vec<JobSummary>, StoreError> {
        let mut transaction = self.begin().await?;
        if keep_usage {
            sqlx::query(KEEP_USAGE)
                .bind(user.0)
                .bind(now_ms().saturating_sub(milliseconds(DAY)))
                .execute(&mut *transaction)
                .await?;
        }
        let rows: Vec<JobRow> =
            sqlx::query_as(SELECT_PENDING_OF_USER).bind(user.0).fetch_all(&mut *transaction).await?;
        for statement in [
            "DELETE FROM jobs WHERE user_id = $1",
            "DELETE FROM editor_pictures WHERE user_id = $1",
            "DELETE FROM editor_codes WHERE user_id = $1",
            // Ends the sessions: their signatures hold what goes here.
            "DELETE FROM editor_users WHERE user_id = $1",
            "DELETE FROM users WHERE user_id = $1",
            "DELETE FROM chats WHERE chat_id = $1",
            "DELETE FROM outgoing WHERE chat_id = $1",
            "DELETE FROM broadcast_chats WHERE chat_id = $1",
            "DELETE FROM api_keys WHERE COALESCE(user_id, 0) = $1 AND user_id IS NOT NULL",
        ] {
            sqlx::query(statement).bind(user.0).execute(&mut *transaction).await?;
        }
        let draft = format!("$.drafts.\"{}\"", user.0);
        sqlx::query(FORGET_DRAFTS).bind(draft).execute(&mut *transaction).await?;
        transaction.commit().await?;
        let pending: Vec<JobSummary> = rows.into_iter().filter_map(|row| row.summary().ok()).collect();
        for job in &pending {
            self.previews.remove(job.id);
            self.events.send(JobEvent::Ended(job.id));
        }
        self.queue_moved();
        if let Err(error) = self.drop_forgotten_pictures().await {
            tracing::warn!(%error, "the pictures of a deleted user can not be deleted yet; retention does it");
        }
        Ok(pending)
    }

    /// Deletes the bytes that no job has any more, a part at a time: they may be many, and other writers wait. Nobody can reach
    /// them; what is left of them goes with the next sweep.
    async fn drop_forgotten_pictures(&self) -> Result<(), StoreError> {
        self.drop_orphans().await?;
        self.shrink().await
    }

    /// Topics and messages have other numbers in the new chat.
    pub(super) async fn renumber_chat(&self, from: i64, to: i64) -> Result<u64, StoreError> {
        let mut transaction = self.begin().await?;
        let moved = sqlx::query(
            "UPDATE jobs SET chat_id = $2, thread_id = NULL, request_message_id = NULL, status_message_id = NULL
             WHERE chat_id = $1",
        )
        .bind(from)
        .bind(to)
        .execute(&mut *transaction)
        .await?;
        for statement in [
            "UPDATE usage SET chat_id = $2 WHERE chat_id = $1",
            // Administrators who stay anonymous ask in the name of the group.
            "UPDATE usage SET user_id = $2 WHERE user_id = $1",
            "UPDATE jobs SET user_id = $2 WHERE user_id = $1",
            "INSERT INTO users (user_id, last_served) SELECT $2, last_served FROM users WHERE user_id = $1
             ON CONFLICT (user_id) DO NOTHING",
            "UPDATE users SET next_job = (
                SELECT id FROM jobs WHERE user_id = $2 AND state = 'queued' AND pending_inputs IS NULL ORDER BY id LIMIT 1)
             WHERE user_id = $2 AND $1 IS NOT NULL",
            "DELETE FROM users WHERE user_id = $1 AND $2 IS NOT NULL",
            // A new chat that already has a state keeps it.
            "INSERT INTO chats (chat_id, state, updated_at) SELECT $2, state, updated_at FROM chats WHERE chat_id = $1
             ON CONFLICT (chat_id) DO NOTHING",
            "DELETE FROM chats WHERE chat_id = $1 AND $2 IS NOT NULL",
            "INSERT INTO bans (id, since) SELECT $2, since FROM bans WHERE id = $1 ON CONFLICT (id) DO NOTHING",
            "DELETE FROM bans WHERE id = $1 AND $2 IS NOT NULL",
            // The settings may still name the old number.
            "INSERT INTO settings (key, value) VALUES ('moved:' || $2, CAST($1 AS TEXT))
             ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        ] {
            sqlx::query(statement).bind(from).bind(to).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(moved.rows_affected())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::chats::ChatStore;
    use crate::jobs::{
        Archive, DeliveredMessage, EncodedPicture, Heartbeat, JobInputs, JobState, LeaseStatus, NewJob, NewOutgoing,
        Origin, Outbox, Queue, Retention, Submission, UpdateOutcome, WorkQueue,
    };
    use crate::limits::Limits;
    use crate::policy::AdminStore;
    use crate::store::sqlite::fixture::{Fixture, new_job};

    async fn rows(fixture: &Fixture, table: &str) -> i64 {
        let query = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
        sqlx::query_scalar(query).fetch_one(fixture.store.reader()).await.unwrap()
    }

    #[tokio::test]
    async fn everything_of_a_user_goes_and_nothing_of_another() {
        let fixture = Fixture::new().await;
        for (user, prompt) in [(1, "told"), (2, "kept")] {
            let inputs = JobInputs::Encoded(vec![EncodedPicture::new(&b"both have it"[..])]);
            fixture.submit(NewJob { inputs, ..new_job(user, prompt) }).await;
            let claim = fixture.next().await.unwrap().claim;
            fixture.finish(&claim, &[prompt.as_bytes()]).await;
            fixture.store.mark_delivered(claim.job, &[]).await.unwrap();
        }
        let running = fixture.ask(1, "running").await;
        let claim = fixture.next().await.unwrap().claim;
        let waiting = fixture.ask(1, "waiting").await;
        let pending = fixture.store.forget(Requester(1), false).await.unwrap();
        assert_eq!(pending.iter().map(|job| job.id).collect::<Vec<_>>(), [running, waiting]);

        assert_eq!(rows(&fixture, "jobs").await, 1);
        assert_eq!(
            (rows(&fixture, "job_pictures").await, rows(&fixture, "pictures").await),
            (2, 2),
            "the other one's pictures stay"
        );
        assert!(fixture.next().await.is_none());
        let lease = Duration::from_secs(60);
        let status = fixture.store.heartbeat(&claim, Heartbeat { progress: 0.5, preview: None }, lease).await.unwrap();
        assert_eq!(status, LeaseStatus::LeaseLost, "the worker stops at its next step");
        assert_eq!(fixture.finish(&claim, &[b"late"]).await, LeaseStatus::LeaseLost);
        assert_eq!(rows(&fixture, "pictures").await, 2, "and writes nothing");
        assert!(fixture.ask(1, "anew").await > waiting, "numbers of forgotten jobs do not come back");
    }

    #[tokio::test]
    async fn nothing_of_a_forgotten_picture_is_left_in_the_files() {
        let fixture = Fixture::new().await;
        let secret = b"nobody else may see this".repeat(500);
        let inputs = JobInputs::Encoded(vec![EncodedPicture::new(secret.clone())]);
        fixture.submit(NewJob { inputs, ..new_job(1, "a secret prompt") }).await;
        let holds = |name: &str, words: &[u8]| {
            let bytes = std::fs::read(fixture.folder.path().join(name)).unwrap_or_default();
            bytes.windows(words.len()).any(|window| window == words)
        };
        assert!(holds("kandinsky.db-wal", b"nobody else") || holds("kandinsky.db", b"nobody else"));
        fixture.store.forget(Requester(1), false).await.unwrap();
        for words in [&b"nobody else may see"[..], "a secret prompt".as_bytes()] {
            assert!(!holds("kandinsky.db", words) && !holds("kandinsky.db-wal", words));
        }
    }

    #[tokio::test]
    async fn forgetting_is_no_way_around_a_limit() {
        let fixture = Fixture::new().await;
        let limits = Limits { day: 1, ..Limits::NONE };
        let first = fixture.submit_within(new_job(1, "a"), &limits).await.1;
        assert!(matches!(first, Submission::Queued(..)));
        fixture.store.forget(Requester(1), limits.count_time()).await.unwrap();
        let second = fixture.submit_within(new_job(1, "b"), &limits).await.1;
        assert!(matches!(second, Submission::OverLimit(_)));
    }

    #[tokio::test]
    async fn a_picture_that_is_on_its_way_while_its_owner_is_forgotten_leaves_nothing_behind() {
        let fixture = Fixture::new().await;
        fixture.ask(1, "a").await;
        let claim = fixture.next().await.unwrap().claim;
        fixture.finish(&claim, &[&[1]]).await;
        fixture.store.forget(Requester(1), false).await.unwrap();
        let sent = DeliveredMessage { chat_id: 1, message_id: 5, position: Some(0), file_id: None };
        fixture.store.mark_delivered(claim.job, &[sent]).await.unwrap();
        assert_eq!((rows(&fixture, "jobs").await, rows(&fixture, "deliveries").await), (0, 0));
    }

    #[tokio::test]
    async fn a_group_that_moved_takes_its_jobs_along() {
        let fixture = Fixture::new().await;
        let mut job = new_job(1, "a");
        if let Origin::Chat(address) = &mut job.origin {
            (address.chat_id, address.thread_id) = (-5, Some(3));
        }
        let job = fixture.submit(job).await;
        fixture.store.set_status_message(job, 9, "shown").await.unwrap();
        let other = fixture.ask(2, "b").await;
        fixture.save_chat(-5, "old").await;
        fixture.store.ban(-5).await.unwrap();
        assert_eq!(fixture.store.move_chat(-5, -1005).await.unwrap(), 1);
        assert_eq!(fixture.store.chat_state(-5).await.unwrap(), None);
        assert_eq!(fixture.store.chat_state(-1005).await.unwrap().as_deref(), Some("old"));
        assert!(fixture.store.note_activity(1, -1005).await.unwrap(), "a ban moves along");
        assert_eq!(fixture.store.former_chat_id(-1005).await.unwrap(), Some(-5));
        let job = fixture.store.job(job).await.unwrap().unwrap();
        let address = job.chat().unwrap();
        assert_eq!((address.chat_id, address.thread_id), (-1005, None));
        assert_eq!((address.request_message_id, address.status_message_id), (None, None));
        assert_eq!(fixture.store.job(other).await.unwrap().unwrap().chat().unwrap().chat_id, 2);
    }

    #[tokio::test]
    async fn what_was_asked_for_in_the_name_of_a_group_that_moved_is_drawn_for_it() {
        let fixture = Fixture::new().await;
        let mut job = new_job(-5, "a");
        if let Origin::Chat(address) = &mut job.origin {
            address.chat_id = -5;
        }
        let job = fixture.submit(job).await;
        fixture.store.move_chat(-5, -1005).await.unwrap();
        assert_eq!(fixture.store.pending_of(Requester(-1005)).await.unwrap().len(), 1);
        assert_eq!(fixture.next().await.unwrap().claim.job, job);
    }

    #[tokio::test]
    async fn what_waits_for_a_chat_that_is_gone_is_not_drawn() {
        let fixture = Fixture::new().await;
        let (gone, other) = (fixture.ask(1, "a").await, fixture.ask(2, "b").await);
        assert_eq!(fixture.store.cancel_chat(1).await.unwrap(), 1);
        assert_eq!((fixture.state(gone).await, fixture.state(other).await), (JobState::Cancelled, JobState::Queued));
    }

    #[tokio::test]
    async fn a_chat_that_already_has_a_state_keeps_it_when_another_moves_there() {
        let fixture = Fixture::new().await;
        fixture.save_chat(-5, "old").await;
        fixture.save_chat(-1005, "new").await;
        fixture.store.move_chat(-5, -1005).await.unwrap();
        assert_eq!(fixture.store.chat_state(-1005).await.unwrap().as_deref(), Some("new"));
    }

    #[tokio::test]
    async fn a_forgotten_user_leaves_no_draft_in_groups() {
        let fixture = Fixture::new().await;
        for (chat, state) in [
            (7, r#"{"count":2}"#),
            (-5, r#"{"count":1,"drafts":{"7":{"prompt":"a secret"},"77":{"prompt":"kept"}},"drafts_made":2}"#),
            (-6, "damaged: \"7\""),
        ] {
            fixture.save_chat(chat, state).await;
        }
        fixture.store.forget(Requester(7), false).await.unwrap();
        assert_eq!(fixture.store.chat_state(7).await.unwrap(), None);
        let left = r#"{"count":1,"drafts":{"77":{"prompt":"kept"}},"drafts_made":2}"#;
        assert_eq!(fixture.store.chat_state(-5).await.unwrap().as_deref(), Some(left));
        assert_eq!(fixture.store.chats_containing("kept").await.unwrap(), [(-5, left.to_owned())]);
        assert!(fixture.store.chat_state(-6).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn forgetting_that_fails_half_way_changes_nothing() {
        for table in ["jobs", "users", "chats", "outgoing"] {
            let fixture = Fixture::new().await;
            let outgoing = vec![NewOutgoing { chat_id: 1, body: "hello".to_owned(), about_job: false }];
            let outcome =
                UpdateOutcome { chat_state: Some((1, "state".to_owned())), outgoing, ..UpdateOutcome::default() };
            fixture.store.submit(new_job(1, "a"), &Limits::NONE, outcome).await.unwrap();
            let all = async |fixture: &Fixture| {
                let mut counts = Vec::new();
                for table in ["jobs", "users", "chats", "outgoing", "usage"] {
                    counts.push(rows(fixture, table).await);
                }
                counts
            };
            let before = all(&fixture).await;
            assert_eq!(before, [1, 1, 1, 1, 0]);
            fixture.store.refuse_deletes_from(table).await;
            fixture.store.forget(Requester(1), true).await.unwrap_err();
            assert_eq!(all(&fixture).await, before, "{table}");
        }
    }

    #[tokio::test]
    async fn a_picture_that_can_not_be_deleted_yet_does_not_bring_its_owner_back() {
        let fixture = Fixture::new().await;
        let inputs = JobInputs::Encoded(vec![EncodedPicture::new(&b"secret"[..])]);
        fixture.submit(NewJob { inputs, ..new_job(1, "a") }).await;
        fixture.store.refuse_deletes_from("pictures").await;
        assert_eq!(fixture.store.forget(Requester(1), false).await.unwrap().len(), 1, "it is told that all is gone");
        assert_eq!((rows(&fixture, "jobs").await, rows(&fixture, "pictures").await), (0, 1));
        fixture.store.execute("DROP TRIGGER refuse").await;
        fixture.store.sweep(&Retention::default()).await.unwrap();
        assert_eq!(rows(&fixture, "pictures").await, 0);
    }
}
