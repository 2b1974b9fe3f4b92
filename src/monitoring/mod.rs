//! Whether the program is well, for whoever looks after it: figures for Prometheus and answers for a load balancer ([`Monitor`]), a
//! heartbeat in the data folder ([`heartbeat`], which `kandinsky-bot health` reads), and systemd's notifications ([`service_manager`]).
//!
//! No figure has a user, a chat or a prompt as a label.

mod figures;
pub mod heartbeat;
mod monitor;
mod readiness;
pub mod service_manager;

pub use monitor::{Monitor, MonitorError};
pub use readiness::Readiness;
