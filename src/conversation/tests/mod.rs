//! Whole chats, as people have them.

mod basics;
mod captions;
mod cards;
mod describing;
mod flags;
mod groups;
mod larger;
mod limits;
mod pictures;
mod results;
mod settings;
mod translations;

use std::time::Duration;

use super::card_press::CardPress;
use super::*;
use crate::i18n::Language;
use crate::jobs::{
    ChatAddress, DeliveredJob, Input, JobId, JobInputs, JobState, JobSummary, Origin, QueuePosition, Requester, Source,
    Warnings,
};
use crate::recipe::Recipe;
use crate::styles::Style;

const ANNA: Requester = Requester(7);
const BORIS: Requester = Requester(8);
const PRIVATE: i64 = 7;
const GROUP: i64 = -100;
const SEED: u64 = 42;

/// A chat with the bot, in which one event follows another.
struct Chat {
    id: i64,
    user: Requester,
    client: &'static str,
    state: ChatState,
    jobs: Vec<OwnJob>,
    finished: Vec<JobSummary>,
    recent: Vec<DeliveredJob>,
    replied: Option<Replied>,
    messages: i32,
    translates: bool,
}

impl Chat {
    fn private(client: &'static str) -> Self {
        Self {
            id: PRIVATE,
            user: ANNA,
            client,
            state: ChatState::default(),
            jobs: Vec::new(),
            finished: Vec::new(),
            recent: Vec::new(),
            replied: None,
            messages: 100,
            translates: false,
        }
    }

    fn group() -> Self {
        Self { id: GROUP, ..Self::private("ru") }
    }

    /// The bot's model reads no Russian and has a translator.
    fn translating(mut self) -> Self {
        self.translates = true;
        self
    }

    /// Anna's job waits in this chat.
    fn waiting(mut self, job: i64, prompt: &str, number: usize) -> Self {
        let job = summary(job, prompt, self.id, JobState::Queued);
        self.jobs.push(OwnJob {
            job,
            position: Some(QueuePosition {
                number,
                estimate: Some(Duration::from_secs(40)),
                is_paused: false,
                is_loading: false,
            }),
        });
        self
    }

    /// Anna's job was drawn in this chat.
    fn drawn(mut self, job: i64, prompt: &str) -> Self {
        self.finished.push(summary(job, prompt, self.id, JobState::Delivered));
        self
    }

    fn says(&mut self, text: &str) -> Answer {
        match split_command(text) {
            Some((name, bot, argument)) => self.happens(Event::Command {
                name: name.to_owned(),
                argument: argument.to_owned(),
                addressed: bot.is_some() || self.id > 0,
            }),
            None => self.happens(Event::Text(text.to_owned())),
        }
    }

    /// A photo, perhaps with words below it.
    fn sends(&mut self, name: &str, caption: &str) -> Answer {
        self.sends_in_album(name, caption, None)
    }

    fn sends_in_album(&mut self, name: &str, caption: &str, album: Option<&str>) -> Answer {
        let picture = GivenPicture { message_id: self.messages + 1, ..photo(name) };
        self.happens(Event::Picture {
            picture,
            caption: caption.to_owned(),
            album: album.map(str::to_owned),
            addressed: self.id > 0,
            recipe: None,
        })
    }

    /// A picture with a recipe inside, whoever wrote that.
    fn sends_with_recipe(&mut self, recipe: Recipe) -> Answer {
        self.happens(Event::Picture {
            picture: photo("forged"),
            caption: String::new(),
            album: None,
            addressed: true,
            recipe: Some(Box::new(recipe)),
        })
    }

    /// The next message answers this one.
    fn in_answer_to(&mut self, replied: Replied) -> &mut Self {
        self.replied = Some(replied);
        self
    }

    /// Presses a button of the latest card.
    fn taps(&mut self, press: CardPress) -> Answer {
        let number = self.state.drafts[&self.user.0].number;
        self.presses(Press::Card(number, press))
    }

    fn presses(&mut self, press: Press) -> Answer {
        self.happens(Event::Press(press.encode()))
    }

    fn happens(&mut self, event: Event) -> Answer {
        self.messages += 1;
        let examples = examples();
        let jobs = if event.concerns_queue() { self.jobs.as_slice() } else { &[] };
        let job = event.concerned_job().and_then(|id| self.finished.iter().find(|job| job.id == id));
        let replied = self.replied.take();
        let pictures: Vec<GivenPicture> =
            job.iter().flat_map(|job| (0..job.recipe.count).map(|index| result(job.id, index))).collect();
        let context = Context {
            thread_id: None,
            replied: replied.as_ref(),
            native: 768,
            answers_small_talk: true,
            translates: self.translates,
            pictures: &pictures,
            recent: &self.recent,
            linked: event.concerned_link().and_then(|_| self.finished.first()),
            chat_id: self.id,
            user: self.user,
            client_language: Some(self.client),
            message_id: self.messages,
            seed: SEED,
            examples: &examples,
            jobs,
            job,
        };
        let response = respond(&self.state, &event, &context);
        self.state = response.state;
        Answer(response.actions)
    }
}

/// What the bot did.
#[derive(Debug)]
struct Answer(Vec<Action>);

impl Answer {
    #[track_caller]
    fn said(&self) -> &Message {
        let said = self.0.iter().find_map(|action| match action {
            Action::Say(message) => Some(message),
            _ => None,
        });
        said.unwrap_or_else(|| panic!("nothing was said: {self:?}"))
    }

    #[track_caller]
    fn edited(&self) -> &Message {
        let edited = self.0.iter().find_map(|action| match action {
            Action::Edit(message) => Some(message),
            _ => None,
        });
        edited.unwrap_or_else(|| panic!("nothing was edited: {self:?}"))
    }

    #[track_caller]
    fn toasted(&self) -> &str {
        let toast = self.0.iter().find_map(|action| match action {
            Action::Toast(text) => Some(text),
            _ => None,
        });
        toast.unwrap_or_else(|| panic!("no toast: {self:?}"))
    }

    #[track_caller]
    fn draws(&self) -> &Drawing {
        match self.0.as_slice() {
            [Action::Draw(drawing)] => drawing,
            other => panic!("nothing but a drawing was expected: {other:?}"),
        }
    }

    /// A message with the buttons that are put below the pressed one.
    #[track_caller]
    fn buttons(&self) -> Message {
        match self.0.as_slice() {
            [Action::EditButtons(buttons)] => Message { text: String::new(), buttons: buttons.clone() },
            other => panic!("nothing but other buttons were expected: {other:?}"),
        }
    }

    fn is_silence(&self) -> bool {
        self.0.is_empty()
    }
}

impl Message {
    #[track_caller]
    fn button(&self, label: &str) -> Press {
        let found = self.buttons.iter().flatten().find(|button| button.label == label);
        found.unwrap_or_else(|| panic!("no button {label:?}: {:?}", self.buttons)).press
    }
}

fn examples() -> Vec<Example> {
    [("красное яблоко на синем фоне", "a red apple on a blue background"), ("кит", "a whale")]
        .map(|(ru, en)| Example { ru: ru.to_owned(), en: en.to_owned() })
        .to_vec()
}

fn summary(id: i64, prompt: &str, chat_id: i64, state: JobState) -> JobSummary {
    JobSummary {
        id: JobId(id),
        requester: ANNA,
        origin: Origin::Chat(ChatAddress {
            chat_id,
            thread_id: None,
            request_message_id: Some(11),
            status_message_id: Some(12),
            language: Language::Ru,
            previews: false,
        }),
        recipe: Recipe::text_to_image(prompt, 5).unwrap(),
        state,
        progress: 0.0,
        warnings: Warnings::default(),
    }
}

fn photo(name: &str) -> GivenPicture {
    GivenPicture { source: Source::File(name.to_owned()), width: 800, height: 600, message_id: 1 }
}

fn result(job: JobId, index: u32) -> GivenPicture {
    GivenPicture { source: Source::Result(job, index), width: 768, height: 768, message_id: 0 }
}

/// The names of the pictures that an order takes; a mask is called so.
fn inputs(drawing: &Drawing) -> Vec<String> {
    let JobInputs::Pending(inputs) = &drawing.inputs else { panic!("{drawing:?}") };
    let name = |input: &Input| match input {
        Input::Picture(Source::File(name)) => name.clone(),
        Input::Picture(Source::Result(job, index)) => format!("{job}/{index}"),
        Input::Mask(_) => "mask".to_owned(),
    };
    inputs.iter().map(name).collect()
}

fn anime() -> Style {
    "anime".parse().unwrap()
}
