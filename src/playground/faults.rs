//! Faults put in the way of the bot on purpose, so that tests can see it survive them.

/// What goes wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Refused with 429 and `retry_after` seconds; nothing happens.
    RetryAfter(u32),
    /// Refused with 500; nothing happens.
    ServerError,
    /// The connection breaks and nothing has happened.
    CutBefore,
    /// The connection breaks though the call has taken effect; of a file, the first half has come.
    CutAfter,
    /// Refused with 400 and these words after `Bad Request: `; nothing happens.
    Refused(&'static str),
    /// For `getUpdates`: what this call gives is given once more by the next one, though it was confirmed, as a server
    /// does that lost its memory of it.
    Twice,
    /// For `getUpdates`: what this call gives comes in the opposite order, as the items of an album may.
    Backwards,
    /// For `getUpdates`: this call gives only the first of what there is; the others come so many milliseconds later.
    Late(u64),
}

/// Faults that wait for their calls.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<(String, Fault)>);

impl Faults {
    /// The next call of `method` (in any case; `file` is the download of one) meets this fault; several wait in line.
    #[cfg(any(debug_assertions, feature = "faults"))]
    pub(crate) fn add(&mut self, method: &str, fault: Fault) {
        self.0.push((method.to_lowercase(), fault));
    }

    /// Takes the first fault that waits for `method`, in lower case.
    pub(crate) fn take(&mut self, method: &str) -> Option<Fault> {
        let at = self.0.iter().position(|(name, _)| name == method)?;
        Some(self.0.remove(at).1)
    }
}
