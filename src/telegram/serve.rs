//! Starting and ending the bot.

use teloxide::Bot;

use super::bot::connect;
use super::error::TelegramError;
use super::options::TelegramOptions;
use super::service::Service;

/// Serves until `shutdown` ends. While the server can not be reached, it is tried again, for ever.
///
/// # Errors
/// [`TelegramError::WrongToken`], and [`TelegramError::TaskEnded`] after a defect.
pub async fn serve(
    bot: Bot,
    options: TelegramOptions,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), TelegramError> {
    tokio::pin!(shutdown);
    let me = tokio::select! {
        connected = connect(&bot) => connected?,
        () = &mut shutdown => return Ok(()),
    };
    let mut service = tokio::select! {
        service = Service::start(&bot, &me, &options) => service,
        () = &mut shutdown => return Ok(()),
    };
    let outcome = tokio::select! {
        name = service.task_ended() => Err(TelegramError::TaskEnded { name }),
        () = &mut shutdown => Ok(()),
    };
    service.stop().await;
    outcome
}
