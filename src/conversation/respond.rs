//! From an event to an answer.

use crate::conversation::style_picker::{self, name as style_name};
use crate::conversation::{
    Action, ChatState, Command, Drawing, Event, ExampleKey, Message, OwnJob, Press, Response, StatusMessage,
    Surroundings, Under, Wordless, menu, privacy, queue_list,
};
use crate::i18n::Language;
use crate::jobs::{JobId, JobState, JobSummary};
use crate::recipe::{PROMPT_LIMIT, Recipe, RecipeError};
use crate::styles::Style;

/// The bot's answer to an event: the chat's new memory and what to do.
#[must_use]
pub fn respond(state: &ChatState, event: &Event, around: &Surroundings) -> Response {
    let language = state.language_or(around.client_language);
    let mut turn = Turn { state: state.clone(), language, around, actions: Vec::new() };
    match event {
        Event::Text(text) => turn.draw(text, Some(around.message_id)),
        Event::Command { name, argument, addressed } => turn.command(name, argument, *addressed),
        Event::Press(data) => turn.press(data),
        Event::Photo { album } => turn.photo(album.as_deref()),
        Event::Wordless(kind) => turn.wordless(*kind),
    }
    Response { state: turn.state, language: turn.language, actions: turn.actions }
}

/// An answer in the making.
struct Turn<'a> {
    state: ChatState,
    language: Language,
    around: &'a Surroundings<'a>,
    actions: Vec<Action>,
}

impl<'a> Turn<'a> {
    fn command(&mut self, name: &str, argument: &str, addressed: bool) {
        match Command::parse(name) {
            Some(Command::Start) => self.say(self.greeting()),
            Some(Command::Help) => self.say(menu::help(self.language)),
            Some(Command::Imagine) => self.draw(argument, Some(self.around.message_id)),
            Some(Command::Style) => self.say(style_picker::for_chat(self.language, self.state.style)),
            Some(Command::Queue) => self.say(queue_list::list(self.language, &self.jobs())),
            Some(Command::Cancel) => self.cancel(),
            Some(Command::Lang) => self.lang(argument),
            Some(Command::Privacy) => self.actions.push(Action::TellPrivacy),
            Some(Command::Forget) if self.around.is_private() => self.say(privacy::ask(self.language)),
            // In a group anybody could press the button, and lose what is theirs.
            Some(Command::Forget) => self.say_text(self.language.text("forget-in-private")),
            // In a group it may be meant for another bot.
            None if addressed => self.unknown_command(name),
            None => {}
        }
    }

    fn press(&mut self, data: &str) {
        match Press::decode(data) {
            Some(Press::Example(key)) => self.example(key),
            Some(Press::Help) => self.say(menu::help(self.language)),
            Some(Press::Styles) => self.say(style_picker::for_chat(self.language, self.state.style)),
            Some(Press::StylePage(page)) => {
                self.edit(style_picker::for_chat_page(self.language, self.state.style, page));
            }
            Some(Press::Style(style)) => self.choose_style(style),
            Some(Press::Language { language, under }) => self.choose_language(language, under),
            Some(Press::Again(job)) => self.again(job),
            Some(Press::Restyles(job)) => self.restyles(job),
            Some(Press::RestylePage(job, page)) => self.restyle_page(job, page),
            Some(Press::Restyle(job, style)) => self.restyle(job, style),
            Some(Press::File(job)) => self.file(job),
            Some(Press::Cancel(job)) => self.actions.push(Action::Cancel(vec![job])),
            Some(Press::CancelListed(job)) => self.cancel_listed(job),
            Some(Press::CancelAll) => self.cancel_all(),
            Some(Press::Queue) => self.edit(queue_list::list(self.language, &self.jobs())),
            Some(Press::Forget) if self.around.is_private() => self.actions.push(Action::Forget),
            Some(Press::ForgetNot) => self.edit(Message::plain(self.language.text("forget-not-done"))),
            Some(Press::Idle) => {}
            // The owner's buttons never come here.
            Some(Press::Forget | Press::Broadcast(_) | Press::BroadcastNot(_)) | None => self.stale(),
        }
    }

    /// Queues a prompt with the chat's style.
    fn draw(&mut self, prompt: &str, reply_to: Option<i32>) {
        match Recipe::text_to_image(prompt, self.around.seed) {
            Ok(recipe) => {
                let recipe = Recipe { style: self.state.style, ..recipe };
                self.enqueue(recipe, reply_to, StatusMessage::New);
            }
            Err(RecipeError::LongPrompt { length }) => self.say_text(
                self.language.text_with("prompt-too-long", [("length", length.into()), ("limit", PROMPT_LIMIT.into())]),
            ),
            Err(_) => self.ask_for_prompt(),
        }
    }

    fn enqueue(&mut self, recipe: Recipe, reply_to: Option<i32>, status: StatusMessage) {
        self.actions.push(Action::Draw(Drawing { recipe, reply_to, status }));
    }

    fn ask_for_prompt(&mut self) {
        let example = self.around.examples.first().map(|example| example.prompt(self.language).to_owned());
        let example = example.unwrap_or_else(|| self.language.text("prompt-example"));
        self.say_text(self.language.text_with("prompt-empty", [("example", example.into())]));
    }

    fn example(&mut self, key: ExampleKey) {
        let prompt = self.around.examples.get(key.index).map(|example| example.prompt(key.language));
        match prompt {
            Some(prompt) if ExampleKey::new(key.index, key.language, prompt) == key => self.draw(prompt, None),
            _ => self.stale(),
        }
    }

    /// The same recipe with another seed: another picture.
    fn again(&mut self, job: JobId) {
        let Some(job) = self.known(job) else { return self.stale() };
        // A picture stays as it is; the line that tells of a cancellation or a failure has served its turn.
        let status = match job.state {
            JobState::Cancelled | JobState::Failed => StatusMessage::Pressed,
            _ => StatusMessage::New,
        };
        let (recipe, reply_to) = (job.recipe.with_seed(self.around.seed), self.request_of(job));
        self.enqueue(recipe, reply_to, status);
    }

    fn restyles(&mut self, job: JobId) {
        let Some(job) = self.known(job) else { return self.stale() };
        self.say(style_picker::for_job(self.language, job.id, job.recipe.prompt(), job.recipe.style));
    }

    fn restyle_page(&mut self, job: JobId, page: usize) {
        let Some(job) = self.known(job) else { return self.stale() };
        self.edit(style_picker::for_job_page(self.language, job.id, job.recipe.prompt(), job.recipe.style, page));
    }

    fn restyle(&mut self, job: JobId, style: Style) {
        let Some(job) = self.known(job) else { return self.stale() };
        let recipe = Recipe { style, ..job.recipe.with_seed(self.around.seed) };
        let reply_to = self.request_of(job);
        self.enqueue(recipe, reply_to, StatusMessage::Pressed);
    }

    fn file(&mut self, job: JobId) {
        match self.known(job) {
            Some(job) => self.actions.push(Action::SendFiles(job.id)),
            None => self.stale(),
        }
    }

    fn choose_style(&mut self, style: Style) {
        self.state.style = style;
        self.toast(self.language.text_with("style-chosen", [("style", style_name(self.language, style))]));
        self.edit(style_picker::for_chat(self.language, style));
    }

    fn lang(&mut self, argument: &str) {
        match menu::language_asked(argument, self.language) {
            Some(language) => {
                self.set_language(language);
                self.say(menu::language_changed(language));
            }
            None => self.say_text(self.language.text("language-unknown")),
        }
    }

    fn choose_language(&mut self, language: Language, under: Under) {
        self.set_language(language);
        self.toast(language.text("language-changed"));
        self.edit(match under {
            Under::Greeting => self.greeting(),
            Under::Help => menu::help(language),
            Under::Notice => menu::language_changed(language),
        });
    }

    fn greeting(&self) -> Message {
        menu::greeting(self.language, self.around.is_private(), self.around.examples)
    }

    fn set_language(&mut self, language: Language) {
        self.state.language = Some(language);
        self.language = language;
    }

    fn cancel(&mut self) {
        let jobs = self.jobs();
        match jobs.as_slice() {
            [] => self.say_text(self.language.text("cancel-nothing")),
            [own] => self.actions.push(Action::Cancel(vec![own.job.id])),
            several => self.say(queue_list::choice(self.language, several)),
        }
    }

    fn cancel_listed(&mut self, job: JobId) {
        let others: Vec<&OwnJob> = self.jobs().into_iter().filter(|own| own.job.id != job).collect();
        self.actions.push(Action::Cancel(vec![job]));
        self.edit(queue_list::list(self.language, &others));
    }

    fn cancel_all(&mut self) {
        self.actions.push(Action::Cancel(self.jobs().iter().map(|own| own.job.id).collect()));
        self.edit(queue_list::list(self.language, &[]));
    }

    fn unknown_command(&mut self, name: &str) {
        self.say_text(match Command::nearest(name) {
            Some(command) => self.language.text_with("command-misspelt", [("command", command.name().into())]),
            None => self.language.text("command-unknown"),
        });
    }

    fn photo(&mut self, album: Option<&str>) {
        if album.is_some() && self.state.answered_album.as_deref() == album {
            return;
        }
        self.state.answered_album = album.map(str::to_owned);
        self.say_text(self.language.text("wordless-photo"));
    }

    fn wordless(&mut self, kind: Wordless) {
        self.say_text(self.language.text(match kind {
            Wordless::Sticker => "wordless-sticker",
            Wordless::Voice => "wordless-voice",
            Wordless::Video => "wordless-video",
            Wordless::File => "wordless-file",
            Wordless::Other => "wordless-other",
        }));
    }

    /// The person's jobs, in a group only those of the group: what somebody asks in private stays there.
    fn jobs(&self) -> Vec<&'a OwnJob> {
        let around = self.around;
        let shown = |own: &&OwnJob| around.is_private() || own.job.address.chat_id == around.chat_id;
        around.jobs.iter().filter(shown).collect()
    }

    /// The job of the pressed button. Callback data can be forged, so a job is known only where it was asked for and to the
    /// person who asked.
    fn known(&self, id: JobId) -> Option<&'a JobSummary> {
        let around = self.around;
        let job = around.job.filter(|job| job.id == id)?;
        (job.address.chat_id == around.chat_id || job.requester == around.person).then_some(job)
    }

    /// The message that the pictures of this job answer, as seen from this chat.
    fn request_of(&self, job: &JobSummary) -> Option<i32> {
        let here = job.address.chat_id == self.around.chat_id;
        job.address.request_message_id.filter(|_| here)
    }

    fn stale(&mut self) {
        self.toast(self.language.text("button-stale"));
    }

    fn say(&mut self, message: Message) {
        self.actions.push(Action::Say(message));
    }

    fn say_text(&mut self, text: String) {
        self.say(Message::plain(text));
    }

    fn edit(&mut self, message: Message) {
        self.actions.push(Action::Edit(message));
    }

    fn toast(&mut self, text: String) {
        self.actions.push(Action::Toast(text));
    }
}
