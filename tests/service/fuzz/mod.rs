//! Random input from every side, for as long as asked. No panic, no chat that falls silent, no answer that Telegram refuses:
//!
//! ```sh
//! FUZZ_SEED=7 FUZZ_SECONDS=60 cargo test --test service fuzz -- --ignored --nocapture
//! ```
//!
//! `FUZZ_SECONDS` (60) is the time of all parts together. A failure names the seed and the input; the same seed makes the same
//! inputs. Without `FUZZ_SEED` each run has another one.

mod chat;
mod model_files;
mod mutation;
mod pictures;
mod recipes;
mod texts;

use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Parts that share the time.
const PARTS: u32 = 4;

/// Chance and time of one part.
struct Fuzz {
    random: ChaCha8Rng,
    until: Instant,
    seed: u64,
    inputs: u64,
}

impl Fuzz {
    fn begin() -> Self {
        let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
        let seed = number("FUZZ_SEED").unwrap_or_else(rand::random);
        let seconds = number("FUZZ_SECONDS").unwrap_or(60);
        let until = Instant::now() + Duration::from_secs(seconds) / PARTS;
        Self { random: ChaCha8Rng::seed_from_u64(seed), until, seed, inputs: 0 }
    }

    /// Whether there is time for another input.
    fn goes_on(&mut self) -> bool {
        self.inputs += 1;
        Instant::now() < self.until
    }

    #[allow(clippy::print_stderr, reason = "says how much was tried")]
    fn end(self, what: &str) {
        eprintln!("{what}: {} inputs, seed {}", self.inputs - 1, self.seed);
    }
}
