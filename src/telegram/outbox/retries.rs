//! Requests that are repeated while their failure may pass.

use std::time::Duration;

use super::fault::Fault;

/// How often a request is tried, and how long a pause may be, before it is given up.
#[derive(Debug, Clone, Copy)]
pub(in crate::telegram) struct Patience {
    /// Attempts while the server or the network fails.
    attempts: u32,
    /// The longest pause that the platform may ask for.
    longest_wait: Duration,
}

/// The longest pause between two attempts.
const LONGEST_DELAY: Duration = Duration::from_secs(60);
/// Pauses that the platform asks for are no failures, but they do not go on for ever.
const WAITS: u32 = 50;

impl Patience {
    /// For answers that are of no use later.
    pub(in crate::telegram) const SHORT: Self = Self { attempts: 5, longest_wait: Duration::from_secs(120) };
    /// For stored messages: about a quarter of an hour while the server fails, and every pause that it asks for.
    pub(in crate::telegram) const LONG: Self = Self { attempts: 20, longest_wait: Duration::MAX };

    /// Makes a request until it succeeds or is refused for good. It gets the chat's number, which changes when a group moves.
    pub(in crate::telegram) async fn call<T, F>(self, mut chat_id: i64, request: impl Fn(i64) -> F) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        let (mut attempt, mut waits) = (1, 0);
        loop {
            let fault = match request(chat_id).await {
                Ok(answer) => return Ok(answer),
                Err(fault) => fault,
            };
            match &fault {
                Fault::Wait(wait) if *wait <= self.longest_wait && waits < WAITS => {
                    waits += 1;
                    tokio::time::sleep(*wait).await;
                }
                Fault::Passing(_) if attempt < self.attempts => {
                    tokio::time::sleep(delay_after(attempt)).await;
                    attempt += 1;
                }
                Fault::Moved(to) if attempt < self.attempts => {
                    chat_id = *to;
                    attempt += 1;
                }
                _ => return Err(fault),
            }
        }
    }
}

fn delay_after(attempt: u32) -> Duration {
    Duration::from_secs(1_u64 << attempt.min(6)).min(LONGEST_DELAY)
}

/// Logs a message that could not be sent: no reason to stop.
pub(in crate::telegram) fn log_fault<T>(what: &str, outcome: Result<T, Fault>) -> Option<T> {
    outcome.inspect_err(|fault| tracing::warn!(?fault, "{what}")).ok()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_pause_counts_as_no_attempt_and_a_move_is_followed() {
        let calls = Cell::new(0);
        let outcome = Patience::SHORT
            .call(1, |chat_id| {
                calls.set(calls.get() + 1);
                let outcome = match calls.get() {
                    1..=10 => Err(Fault::Wait(Duration::from_secs(60))),
                    11 => Err(Fault::Moved(2)),
                    _ => Ok(chat_id),
                };
                async move { outcome }
            })
            .await;
        assert_eq!((outcome, calls.get()), (Ok(2), 12));
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_goes_on_failing_is_given_up() {
        let calls = Cell::new(0);
        let outcome: Result<(), Fault> = Patience::SHORT
            .call(1, |_| {
                calls.set(calls.get() + 1);
                async { Err(Fault::Passing("x".to_owned())) }
            })
            .await;
        assert!(outcome.is_err());
        assert_eq!(calls.get(), 5);
        let refused = Patience::LONG.call(1, |_| async { Err::<(), _>(Fault::Refused("x".to_owned())) }).await;
        assert_eq!(refused, Err(Fault::Refused("x".to_owned())));
    }
}
