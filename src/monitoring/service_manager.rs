//! Notifications for systemd (`Type=notify`, `WatchdogSec=`), where it started the program
//! (<https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html>). Elsewhere they go nowhere.

use sd_notify::NotifyState;

/// The chat is served.
pub fn started() {
    notify(&[NotifyState::Ready, NotifyState::Status("the chat is served, the model is loading")]);
}

/// The tasks of the program come to their turn.
pub(super) fn alive(is_ready: bool) {
    let status = if is_ready { "ready to draw" } else { "the chat is served, the model is loading" };
    notify(&[NotifyState::Watchdog, NotifyState::Status(status)]);
}

/// The program ends in order.
pub fn stopping() {
    notify(&[NotifyState::Stopping]);
}

fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "systemd can not be notified");
    }
}
