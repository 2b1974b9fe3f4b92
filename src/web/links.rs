//! Links to pictures that open without a key, for clients that want an address. They are kept in memory: they end after two hours,
//! and with the program.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rand::Rng;
use rand::distr::Alphanumeric;
use tokio::time::Instant;

use super::output::OutputFormat;
use crate::jobs::JobId;

/// How long a link opens something.
const LIFETIME: Duration = Duration::from_secs(2 * 3600);
/// Letters and digits: nobody guesses 190 bits.
const TOKEN_LENGTH: usize = 32;
/// More links than this push out the oldest.
const MAX_LINKS: usize = 10_000;

/// What a link opens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct LinkTarget {
    pub(super) job: JobId,
    pub(super) index: u32,
    pub(super) format: OutputFormat,
}

/// The links of the last two hours.
#[derive(Debug, Default)]
pub(super) struct Links(Mutex<VecDeque<Link>>);

#[derive(Debug)]
struct Link {
    token: String,
    target: LinkTarget,
    made_at: Instant,
}

impl Links {
    /// Makes a link: the last part of its address.
    pub(super) fn add(&self, target: LinkTarget) -> String {
        let token: String = rand::rng().sample_iter(Alphanumeric).take(TOKEN_LENGTH).map(char::from).collect();
        let mut links = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while links.front().is_some_and(|link| link.made_at.elapsed() > LIFETIME) || links.len() >= MAX_LINKS {
            links.pop_front();
        }
        links.push_back(Link { token: token.clone(), target, made_at: Instant::now() });
        token
    }

    /// What a link opens, while it does.
    pub(super) fn find(&self, token: &str) -> Option<LinkTarget> {
        let links = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let link = links.iter().find(|link| link.token == token)?;
        (link.made_at.elapsed() <= LIFETIME).then_some(link.target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_link_opens_for_two_hours_and_old_ones_go() {
        let links = Links::default();
        let target = LinkTarget { job: JobId(1), index: 0, format: OutputFormat::Png };
        let token = links.add(target);
        assert_eq!(links.find(&token), Some(target));
        assert_eq!(links.find("guessed"), None);
        tokio::time::advance(LIFETIME + Duration::from_secs(1)).await;
        assert_eq!(links.find(&token), None);
        for _ in 0..MAX_LINKS + 5 {
            links.add(target);
        }
        assert_eq!(links.0.lock().unwrap().len(), MAX_LINKS);
    }
}
