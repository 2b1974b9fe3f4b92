//! The queue in figures.

use super::prelude::*;

pub(super) async fn jobs_and_users_are_counted(fixture: Fixture) {
    for (user, prompt) in [(1, "a"), (1, "b"), (2, "c"), (2, "d")] {
        fixture.ask(user, prompt).await;
    }
    let drawn = fixture.next().await.unwrap().claim;
    fixture.finish(&drawn, &[]).await;
    let failed = fixture.next().await.unwrap().claim;
    fixture.store.fail(&failed, Failure::Engine).await.unwrap();
    fixture.next().await.unwrap();
    let long_ago = format!("UPDATE jobs SET created_at = 0, finished_at = 0 WHERE id = {}", failed.job);
    fixture.store.execute(long_ago).await;
    let stats = fixture.store.stats().await.unwrap();
    assert_eq!((stats.users, stats.users_today), (2, 2));
    assert_eq!((stats.jobs, stats.jobs_today), (4, 3));
    assert_eq!((stats.waiting, stats.running, stats.failed, stats.failed_today), (1, 1, 1, 0));
    assert!(stats.median.is_some() && stats.disk_bytes > 4096 && !stats.is_paused);
}

pub(super) async fn failures_in_a_row_are_counted_until_a_picture_succeeds(fixture: Fixture) {
    for (prompt, failure) in [("a", Failure::Engine), ("b", Failure::Unreadable), ("c", Failure::Crashed)] {
        fixture.ask(1, prompt).await;
        let claim = fixture.next().await.unwrap().claim;
        fixture.store.fail(&claim, failure).await.unwrap();
    }
    assert_eq!(fixture.store.failures_in_a_row().await.unwrap(), 2);
    tokio::time::sleep(std::time::Duration::from_millis(3)).await;
    fixture.ask(1, "d").await;
    let claim = fixture.next().await.unwrap().claim;
    fixture.finish(&claim, &[]).await;
    assert_eq!(fixture.store.failures_in_a_row().await.unwrap(), 0);
}
