//! The order in which waiting jobs are served, and how long that takes.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::time::Duration;

use super::JobId;

/// A job that waits, as far as the order is concerned.
#[derive(Debug, Clone, Copy)]
pub struct Waiting {
    /// The job.
    pub id: JobId,
    /// Who asked for it.
    pub user: i64,
    /// When the user was served last, as a count of claims; `None` if never.
    pub last_served: Option<i64>,
}

/// The jobs in the order in which [`super::WorkQueue::claim`] will hand them out: the user who was served longest ago
/// first, then the oldest job. `jobs` are in the order of their age.
pub fn fair_order(jobs: &[Waiting]) -> Vec<JobId> {
    let mut own: HashMap<i64, VecDeque<JobId>> = HashMap::new();
    for job in jobs {
        own.entry(job.user).or_default().push_back(job.id);
    }
    let firsts = jobs.iter().filter(|job| own.get(&job.user).and_then(VecDeque::front) == Some(&job.id));
    // Of each user the last service and the oldest job: the smallest of them is next.
    let mut next: BinaryHeap<_> = firsts.map(|job| Reverse((job.last_served, job.id, job.user))).collect();
    let mut turn = jobs.iter().filter_map(|job| job.last_served).max().unwrap_or(0);
    let mut order = Vec::with_capacity(jobs.len());
    while let Some(Reverse((_, id, user))) = next.pop() {
        order.push(id);
        turn += 1;
        let left = own.get_mut(&user).and_then(|own| {
            own.pop_front();
            own.front().copied()
        });
        next.extend(left.map(|id| Reverse((Some(turn), id, user))));
    }
    order
}

/// The time until the job at `position` (from 1) is ready, if `at_once` are drawn at a time, each takes `pace` and the first is
/// done to `progress` (0 to 1).
pub fn estimate(position: usize, at_once: usize, pace: Duration, progress: f64) -> Duration {
    let whole = pace.mul_f64(position.div_ceil(at_once.max(1)) as f64);
    whole.saturating_sub(pace.mul_f64(progress.clamp(0.0, 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(id: i64, user: i64, last_served: Option<i64>) -> Waiting {
        Waiting { id: JobId(id), user, last_served }
    }

    fn order(jobs: &[Waiting]) -> Vec<i64> {
        fair_order(jobs).into_iter().map(|id| id.0).collect()
    }

    #[test]
    fn users_take_turns_however_much_they_ask_for() {
        let jobs =
            [waiting(1, 1, None), waiting(2, 1, None), waiting(3, 1, None), waiting(4, 2, None), waiting(5, 3, None)];
        assert_eq!(order(&jobs), [1, 4, 5, 2, 3]);
    }

    #[test]
    fn the_user_who_was_served_longest_ago_is_first() {
        let jobs = [waiting(1, 1, Some(9)), waiting(2, 2, Some(3)), waiting(3, 3, None)];
        assert_eq!(order(&jobs), [3, 2, 1]);
    }

    #[test]
    fn a_hundred_thousand_jobs_are_put_in_order_at_once() {
        let jobs: Vec<Waiting> = (0..100_000).map(|id| waiting(id, id % 1000, Some(id % 1000))).collect();
        let order = fair_order(&jobs);
        assert!(order.iter().zip(0..).all(|(id, place)| id.0 == place));
        assert_eq!(order.len(), 100_000);
    }

    #[test]
    fn jobs_that_are_drawn_together_are_ready_together() {
        let at = |position| estimate(position, 4, Duration::from_secs(10), 0.5).as_secs();
        assert_eq!([1, 4, 5, 8, 9].map(at), [5, 5, 15, 15, 25]);
    }

    #[test]
    fn the_estimate_counts_what_is_already_done() {
        let pace = Duration::from_secs(10);
        assert_eq!(estimate(3, 1, pace, 0.5), Duration::from_secs(25));
        assert_eq!(estimate(1, 0, pace, 1.0), Duration::ZERO);
    }
}
