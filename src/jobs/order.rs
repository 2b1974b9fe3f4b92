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

/// The time until each job is ready, if `at_once` are drawn at a time and the first is done to `progress` (0 to 1). `paces` says how
/// long each takes, in the order in which they are served: of a job of which that is not known, nothing can be said, and it counts
/// nothing for those behind it.
pub fn estimates(paces: &[Option<Duration>], at_once: usize, progress: f64) -> Vec<Option<Duration>> {
    let first = paces.first().copied().flatten().unwrap_or_default();
    let (done, mut before) = (first.mul_f64(progress.clamp(0.0, 1.0)), Duration::ZERO);
    let mut estimates = Vec::with_capacity(paces.len());
    for together in paces.chunks(at_once.max(1)) {
        estimates.extend(together.iter().map(|pace| Some((before + (*pace)?).saturating_sub(done))));
        before += together.iter().flatten().max().copied().unwrap_or_default();
    }
    estimates
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
        let estimates = estimates(&[Some(Duration::from_secs(10)); 9], 4, 0.5);
        assert_eq!([1, 4, 5, 8, 9].map(|position| estimates[position - 1].unwrap().as_secs()), [5, 5, 15, 15, 25]);
    }

    #[test]
    fn the_estimate_counts_what_is_already_done() {
        let pace = Duration::from_secs(10);
        assert_eq!(estimates(&[Some(pace); 3], 1, 0.5)[2], Some(Duration::from_secs(25)));
        assert_eq!(estimates(&[Some(pace)], 0, 1.0), [Some(Duration::ZERO)]);
    }

    #[test]
    fn each_kind_of_work_has_its_own_pace() {
        let (drawing, larger) = (Some(Duration::from_secs(60)), Some(Duration::from_secs(5)));
        let seconds = |paces: &[Option<Duration>], progress| -> Vec<Option<u64>> {
            estimates(paces, 1, progress).into_iter().map(|estimate| estimate.map(|it| it.as_secs())).collect()
        };
        assert_eq!(seconds(&[larger, drawing, larger], 0.0), [Some(5), Some(65), Some(70)]);
        assert_eq!(seconds(&[drawing, larger], 0.5), [Some(30), Some(35)]);
        assert_eq!(seconds(&[None, drawing], 0.9), [None, Some(60)], "what is not known is not made up");
    }
}
