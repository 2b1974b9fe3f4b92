//! Messages about a job while it waits, runs and ends.

use std::time::Duration;

use crate::conversation::moderated::moderated;
use crate::conversation::{Button, Event, Message, Press};
use crate::i18n::Language;
use crate::jobs::{CancelOutcome, Failure, JobId, QueuePosition, Work};

/// The job was queued or moved up.
#[must_use]
pub fn queued(language: Language, job: JobId, work: Work, position: Option<QueuePosition>) -> Message {
    let queued = language.text(match work {
        Work::Draw => "job-queued",
        Work::Upscale => "job-queued-larger",
        Work::Describe => "job-queued-describe",
    });
    let text = match position_line(language, position) {
        Some(line) => format!("{queued} {line}"),
        None => queued,
    };
    Message::plain(text).row([cancel_button(language, job)])
}

/// The program ended while the job waited or ran, and began anew.
#[must_use]
pub fn requeued(language: Language, job: JobId, position: Option<QueuePosition>) -> Message {
    let text = match position_line(language, position) {
        Some(line) => format!("{} {line}", language.text("job-requeued")),
        None => language.text("job-requeued"),
    };
    Message::plain(text).row([cancel_button(language, job)])
}

/// The job is being done; `progress` is the share that is done, 0 to 1.
#[must_use]
pub fn running(language: Language, job: JobId, work: Work, progress: f64) -> Message {
    Message::plain(progress_line(language, work, progress)).row([cancel_button(language, job)])
}

/// The job was cancelled.
#[must_use]
pub fn cancelled(language: Language, job: JobId, work: Work) -> Message {
    let again = match work {
        Work::Draw => "button-draw-after-all",
        Work::Upscale => "button-upscale-after-all",
        Work::Describe => "button-describe-after-all",
    };
    Message::plain(language.text("job-cancelled")).row([Button::named(language, again, Press::Again(job))])
}

/// The job could not be done.
#[must_use]
pub fn failed(language: Language, job: JobId, work: Work, failure: Failure) -> Message {
    let key = match failure {
        Failure::Engine | Failure::Crashed if work == Work::Describe => "job-failed-describe",
        Failure::Engine => "job-failed-engine",
        Failure::Crashed => "job-failed-crashed",
        Failure::Unreadable => "job-failed-unreadable",
        Failure::PictureGone => "job-failed-picture-gone",
        Failure::BadPicture => "job-failed-bad-picture",
        Failure::TooLarge => "job-failed-too-large",
        Failure::BadMask => "job-failed-bad-mask",
        // As a wish that is refused at once; the same again would not be drawn either.
        Failure::Moderated(kind) => return Message::plain(moderated(language, kind)),
    };
    let message = Message::plain(language.text(key));
    match failure {
        // Another time it would be as large.
        Failure::TooLarge => message,
        _ => message.row([Button::named(language, "button-again", Press::Again(job))]),
    }
}

/// The pictures are there, but the chat does not allow the bot to send any.
#[must_use]
pub fn pictures_forbidden(language: Language, job: JobId) -> Message {
    let again = Button::named(language, "button-resend", Press::Resend(job));
    Message::plain(language.text("result-forbidden")).row([again])
}

/// The store failed: nothing was written, the user may try again.
#[must_use]
pub fn trouble(language: Language) -> Message {
    Message::plain(language.text("trouble"))
}

/// The same in answer to an event: it need not have been about a drawing.
#[must_use]
pub fn trouble_with(language: Language, event: &Event) -> Message {
    match event {
        Event::Press(data) if Press::decode(data) == Some(Press::Forget) => {
            Message::plain(language.text("forget-trouble"))
        }
        _ => trouble(language),
    }
}

/// What became of a request to cancel one job, in a line.
#[must_use]
pub fn cancel_outcome(language: Language, outcome: CancelOutcome) -> String {
    language.text(match outcome {
        CancelOutcome::Cancelled => "cancel-done",
        CancelOutcome::Stopping => "cancel-stopping",
        CancelOutcome::TooLate => "cancel-too-late",
        CancelOutcome::NotYours => "cancel-not-yours",
    })
}

/// How many of a user's jobs were cancelled.
#[must_use]
pub fn cancelled_jobs(language: Language, count: usize) -> String {
    language.text_with("cancel-done-all", [("count", count.into())])
}

/// «Рисую… 42 %».
#[must_use]
pub fn progress_line(language: Language, work: Work, progress: f64) -> String {
    let (begun, partly) = match work {
        Work::Draw => ("job-drawing", "job-drawing-percent"),
        Work::Upscale => ("job-enlarging", "job-enlarging-percent"),
        Work::Describe => ("job-describing", "job-describing-percent"),
    };
    match percent(progress) {
        0 => language.text(begun),
        percent => language.text_with(partly, [("percent", percent.into())]),
    }
}

/// Position and estimate in a sentence; `None` if the position is not known.
#[must_use]
pub fn position_line(language: Language, position: Option<QueuePosition>) -> Option<String> {
    let position = position?;
    if position.is_paused {
        return Some(language.text("place-paused"));
    }
    if position.is_loading {
        return Some(language.text("place-loading"));
    }
    Some(match (position.number, position.estimate) {
        (0 | 1, None) => language.text("place-first"),
        (0 | 1, Some(estimate)) => {
            language.text_with("place-first-estimate", [("duration", duration(language, estimate).into())])
        }
        (_, None) => language.text_with("place-later", [("position", position.number.into())]),
        (_, Some(estimate)) => language.text_with(
            "place-later-estimate",
            [("position", position.number.into()), ("duration", duration(language, estimate).into())],
        ),
    })
}

/// A time that nobody will check with a watch: steps of 5 seconds, then minutes, then hours.
#[must_use]
pub fn duration(language: Language, duration: Duration) -> String {
    let seconds = duration.as_secs_f64().ceil() as u64;
    let (key, count) = match seconds {
        0..=5 => return language.text("duration-moment"),
        6..=90 => ("duration-seconds", seconds.div_ceil(5) * 5),
        91..=5400 => ("duration-minutes", seconds.div_ceil(60)),
        _ => ("duration-hours", seconds.div_ceil(3600)),
    };
    language.text_with(key, [("count", count.into())])
}

fn percent(progress: f64) -> u32 {
    // Rounded down, and never "100 %" before the picture is there.
    ((progress * 100.0).floor() as u32).min(99)
}

fn cancel_button(language: Language, job: JobId) -> Button {
    Button::named(language, "button-cancel", Press::Cancel(job))
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOB: JobId = JobId(7);

    fn place(number: usize, seconds: u64) -> Option<QueuePosition> {
        let estimate = (seconds > 0).then(|| Duration::from_secs(seconds));
        Some(QueuePosition { number, estimate, is_paused: false, is_loading: false })
    }

    #[test]
    fn the_queue_message_tells_place_and_time() {
        let text = |place| queued(Language::Ru, JOB, Work::Draw, place).text;
        assert_eq!(text(place(3, 38)), "Добавил в очередь. Ваше место в очереди — 3-е. Осталось: 40 секунд.");
        assert_eq!(text(place(1, 0)), "Добавил в очередь. Начинаю.");
        assert_eq!(text(None), "Добавил в очередь.");
        assert_eq!(
            text(Some(QueuePosition { number: 1, estimate: None, is_paused: true, is_loading: true })),
            "Добавил в очередь. Бот на паузе, запрос сохранён: нарисую, как только она закончится."
        );
        assert_eq!(
            text(Some(QueuePosition { number: 2, estimate: None, is_paused: false, is_loading: true })),
            "Добавил в очередь. Модель загружается… Начну, как только она будет готова."
        );
        let english = queued(Language::En, JOB, Work::Draw, place(3, 61)).text;
        assert_eq!(english, "Added to the queue. You’re number 3 in line. Time left: 65 seconds.");
    }

    #[test]
    fn times_are_rounded_and_inflected() {
        let russian = |seconds| duration(Language::Ru, Duration::from_secs(seconds));
        assert_eq!(russian(2), "несколько секунд");
        assert_eq!(russian(6), "10 секунд");
        assert_eq!(russian(91), "2 минуты");
        assert_eq!(russian(61 * 60 - 30), "61 минута");
        assert_eq!(russian(25 * 60), "25 минут");
        assert_eq!(russian(3 * 3600), "3 часа");
        assert_eq!(duration(Language::En, Duration::from_secs(90)), "90 seconds");
        assert_eq!(duration(Language::En, Duration::from_secs(21 * 60)), "21 minutes");
    }

    #[test]
    fn progress_never_promises_the_whole() {
        let (russian, english) = (
            |work, progress| progress_line(Language::Ru, work, progress),
            |work, progress| progress_line(Language::En, work, progress),
        );
        assert_eq!(russian(Work::Draw, 0.0), "Рисую…");
        assert_eq!(russian(Work::Draw, 0.429), "Рисую… 42\u{a0}%");
        assert_eq!(english(Work::Draw, 1.0), "Drawing… 99%");
        assert_eq!(english(Work::Draw, f64::NAN), "Drawing…");
        assert_eq!(russian(Work::Upscale, 0.5), "Увеличиваю… 50\u{a0}%");
        assert_eq!(english(Work::Upscale, 0.0), "Enlarging…");
        assert_eq!(russian(Work::Describe, 0.5), "Рассматриваю картинку… 50\u{a0}%");
    }
}
