//! Why an order is refused.

use crate::limits::OverLimit;
use crate::moderation::Kind;

/// Why an order does not become a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is about something that is not drawn.
    Moderated(Kind),
    /// It is one too many.
    OverLimit(OverLimit),
    /// The pictures that it takes are not there any more.
    InputsGone,
}
