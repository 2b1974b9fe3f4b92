//! From an event to an answer.

mod cards;
mod corrections;
mod descriptions;
mod drafts;
mod offers;
mod pictures;
mod queue;
mod results;
mod settings;
mod texts;

use crate::conversation::draft::Draft;
use crate::conversation::mode::Mode;
use crate::conversation::setting_words::is_off;
use crate::conversation::style_names::style_by_name;
use crate::conversation::style_picker::{self, name as style_name};
use crate::conversation::{
    Action, Button, ChatState, Command, Context, Drawing, EDITOR_LINK, Event, Message, Press, Response, StatusMessage,
    Under, UnsupportedMessage, menu, privacy, queue_list,
};
use crate::i18n::Language;
use crate::jobs::{JobId, JobInputs, JobSummary};
use crate::recipe::Recipe;
use crate::styles::Style;

/// The bot's answer to an event: the chat's new state and what to do.
#[must_use]
pub fn respond(state: &ChatState, event: &Event, context: &Context) -> Response {
    let language = state.language_or(context.client_language);
    let mut turn = Turn { state: state.clone(), language, context, in_place: false, actions: Vec::new() };
    match event {
        Event::Text(text) => turn.text(text),
        Event::Command { name, argument, addressed } => turn.command(name, argument, *addressed),
        Event::Press(data) => turn.press(data),
        Event::Picture { picture, caption, album, addressed, recipe } => {
            if *addressed || turn.expects_picture(album.as_deref()) {
                let caption = turn.command_below(caption, *addressed);
                turn.picture(picture, caption, album.as_deref(), recipe.as_deref());
            }
        }
        Event::File { album, addressed, .. } => {
            if *addressed || turn.expects_picture(album.as_deref()) {
                turn.actions.push(Action::Open);
            }
        }
        Event::AlbumEnded(album) => turn.album_ended(album),
        Event::BadPicture(reason) => turn.bad_picture(*reason),
        Event::BadMask(reason) => turn.bad_mask(*reason),
        Event::Edited(prompt) => turn.edited(prompt.as_deref()),
        Event::UnsupportedMessage(kind) => turn.unsupported(*kind),
    }
    Response { state: turn.state, language: turn.language, actions: turn.actions }
}

/// Whether a job was asked for in this chat.
fn is_from(job: &JobSummary, chat_id: i64) -> bool {
    job.chat().is_some_and(|chat| chat.chat_id == chat_id)
}

/// An answer in the making.
struct Turn<'a> {
    state: ChatState,
    language: Language,
    context: &'a Context<'a>,
    /// The answer takes the place of the message whose button was pressed.
    in_place: bool,
    actions: Vec<Action>,
}

impl<'a> Turn<'a> {
    fn command(&mut self, name: &str, argument: &str, addressed: bool) {
        match Command::parse(name) {
            Some(Command::Start) => self.start(argument),
            Some(Command::Help) => self.say(self.help()),
            Some(Command::Imagine) => self.imagine(argument),
            Some(Command::Mix) => self.begin(Mode::Mix, argument),
            Some(Command::Variations) => self.begin(Mode::Vary, argument),
            Some(Command::Change) => self.begin(Mode::Change, argument),
            Some(Command::Inpaint) => self.begin(Mode::Inpaint, argument),
            Some(Command::Outpaint) => self.begin(Mode::Outpaint, argument),
            Some(Command::Upscale) => self.begin(Mode::Upscale, argument),
            Some(Command::Describe) => self.begin(Mode::Describe, argument),
            Some(Command::Style) => self.style(argument),
            Some(Command::Settings) => self.show_settings(),
            Some(Command::Size) => self.size(argument),
            Some(Command::Negative) => self.negative(argument),
            Some(Command::Seed) => self.seed(argument),
            Some(Command::Queue) => self.say(queue_list::list(self.language, &self.jobs())),
            Some(Command::Cancel) => self.cancel(),
            Some(Command::History) => self.history(),
            Some(Command::Lang) => self.lang(argument),
            Some(Command::Editor) => self.actions.push(Action::OpenEditor(None)),
            Some(Command::Privacy) => self.actions.push(Action::SayPrivacy),
            Some(Command::Forget) if self.context.is_private() => self.say(privacy::ask(self.language)),
            // In a group anybody could press the button, and lose what is theirs.
            Some(Command::Forget) => self.say_key("forget-in-private"),
            // In a group it may be meant for another bot.
            None if addressed => self.unknown_command(name, argument),
            None => {}
        }
    }

    fn press(&mut self, data: &str) {
        let Some(press) = Press::decode(data) else { return self.stale() };
        match press {
            Press::Example(key) => self.example(key),
            Press::Begin(mode) => self.begin_anew(mode),
            Press::Help => self.say(self.help()),
            Press::Styles => self.say(style_picker::for_chat(self.language, self.state.style)),
            Press::StylePage(page) => self.edit(style_picker::for_chat_page(self.language, self.state.style, page)),
            Press::Style(style) => self.choose_style(style),
            Press::Settings(press) => self.settings_press(press),
            Press::Card(number, press) => self.card_press(number, press),
            Press::Language { language, under } => self.choose_language(language, under),
            Press::Again(job) => self.again(job),
            Press::Reprompt(job) => self.reprompt(job),
            Press::Restyles(job) => self.restyles(job),
            Press::RestylePage(job, page) => self.restyle_page(job, page),
            Press::Restyle(job, style) => self.restyle(job, style),
            Press::Picture(job, index, press) => self.picture_press(job, index, press),
            Press::File(job) => self.with_known(job, |turn, job| turn.actions.push(Action::SendFiles(job.id))),
            Press::Info(job) => self.with_known(job, Self::info),
            Press::English(job) => self.with_known(job, Self::ask_for_english),
            Press::ToCard(job) => self.with_known(job, Self::open_card),
            Press::Share(job) => self.with_known(job, |turn, job| turn.actions.push(Action::Share(job.id))),
            Press::Delete(job) => self.actions.push(Action::Delete(job)),
            Press::Resend(job) => self.with_known(job, |turn, job| turn.actions.push(Action::SendPictures(job.id))),
            Press::Described(job, press) => self.with_known(job, |turn, job| turn.described_press(job, press)),
            Press::History(_) => self.history_page(),
            Press::Cancel(job) => self.actions.push(Action::Cancel(vec![job])),
            Press::CancelListed(job) => self.cancel_listed(job),
            Press::CancelAll => self.cancel_all(),
            Press::Queue => self.edit(queue_list::list(self.language, &self.jobs())),
            Press::Forget if self.context.is_private() => self.actions.push(Action::Forget),
            Press::ForgetNot => self.edit(Message::plain(self.language.text("forget-not-done"))),
            Press::Meant(number) => self.accept_offer(number),
            Press::Idle => {}
            // The owner's buttons never come here, and those of keys only from users who may have none any more.
            Press::Forget | Press::Broadcast(_) | Press::BroadcastNot(_) | Press::RemoveKey(_) => self.stale(),
            // A link, which never comes here.
            Press::Editor(_) => self.stale(),
        }
    }

    /// The greeting, or the recipe that a link names.
    fn start(&mut self, argument: &str) {
        if argument.starts_with(super::event::RECIPE_LINK) {
            match self.context.linked {
                Some(job) => self.open_card(job),
                None => self.say_key("link-stale"),
            }
            return;
        }
        if let Some(picture) = argument.strip_prefix(EDITOR_LINK) {
            self.actions.push(Action::OpenEditor(picture_of_link(picture)));
            return;
        }
        self.forget_draft();
        self.say(self.greeting());
    }

    fn enqueue(&mut self, recipe: Recipe, inputs: JobInputs, reply_to: Option<i32>, status: StatusMessage) {
        let recipe = recipe.with_translation(recipe.translation.clone());
        let recipe = if self.state.translate { recipe } else { recipe.as_written() };
        // A group bears few edits.
        let previews = self.state.previews && self.context.is_private();
        self.actions.push(Action::Draw(Drawing { recipe, inputs, previews, reply_to, status }));
    }

    fn choose_style(&mut self, style: Style) {
        self.state.style = style;
        self.toast(self.language.text_with("style-chosen", [("style", style_name(self.language, style))]));
        self.edit(style_picker::for_chat(self.language, style));
    }

    fn style(&mut self, argument: &str) {
        let style = if is_off(argument) { Some(Style::default()) } else { style_by_name(argument) };
        match (argument, style) {
            ("", _) => self.say(style_picker::for_chat(self.language, self.state.style)),
            (_, Some(style)) => {
                self.state.style = style;
                self.say(style_picker::for_chat(self.language, style));
            }
            (_, None) => {
                self.say_key("style-unknown");
                self.say(style_picker::for_chat(self.language, self.state.style));
            }
        }
    }

    fn lang(&mut self, argument: &str) {
        match menu::language_asked(argument, self.language) {
            Some(language) => {
                self.set_language(language);
                self.say(menu::language_changed(language));
            }
            None => self.say_key("language-unknown"),
        }
    }

    fn choose_language(&mut self, language: Language, under: Under) {
        self.set_language(language);
        self.toast(language.text("language-changed"));
        let message = match under {
            Under::Greeting => self.greeting(),
            Under::Help => self.help(),
            Under::Notice => menu::language_changed(language),
            Under::Settings => self.settings(),
        };
        self.edit(message);
    }

    fn help(&self) -> Message {
        menu::help(self.language, self.context.translates)
    }

    fn greeting(&self) -> Message {
        menu::greeting(self.language, self.context.is_private(), self.context.examples)
    }

    fn set_language(&mut self, language: Language) {
        self.state.language = Some(language);
        self.language = language;
    }

    fn unsupported(&mut self, kind: UnsupportedMessage) {
        self.say_key(match kind {
            UnsupportedMessage::Sticker => "unsupported-sticker",
            UnsupportedMessage::Voice => "unsupported-voice",
            UnsupportedMessage::Video => "unsupported-video",
            UnsupportedMessage::File => "unsupported-file",
            UnsupportedMessage::Other => "unsupported-other",
        });
    }

    /// The job of the pressed button. Callback data can be forged, so a job is known only where it was asked for, and to the
    /// user who asked in the private chat: what is private does not come into a group.
    fn known(&self, id: JobId) -> Option<&'a JobSummary> {
        let context = self.context;
        let job = context.job.filter(|job| job.id == id)?;
        let is_own = context.is_private() && job.requester == context.user;
        (is_from(job, context.chat_id) || is_own).then_some(job)
    }

    /// Does something with the job of the pressed button, if it is known.
    fn with_known(&mut self, id: JobId, action: impl FnOnce(&mut Self, &'a JobSummary)) {
        match self.known(id) {
            Some(job) => action(self, job),
            None => self.stale(),
        }
    }

    /// What this user is putting together here.
    fn draft(&self) -> Option<&Draft> {
        self.state.drafts.get(&self.context.user.0)
    }

    fn keep(&mut self, draft: Draft) {
        self.state.keep(self.context.user.0, draft);
    }

    fn forget_draft(&mut self) -> Option<Draft> {
        self.state.drafts.remove(&self.context.user.0)
    }

    fn stale(&mut self) {
        self.toast(self.language.text("button-stale"));
    }

    /// In the place of the message whose button was pressed, or as a new one.
    fn show(&mut self, message: Message) {
        if self.in_place { self.edit(message) } else { self.say(message) }
    }

    fn say(&mut self, message: Message) {
        self.actions.push(Action::Say(message));
    }

    fn say_text(&mut self, text: String) {
        self.say(Message::plain(text));
    }

    fn say_key(&mut self, key: &str) {
        self.say_text(self.language.text(key));
    }

    fn edit(&mut self, message: Message) {
        self.actions.push(Action::Edit(message));
    }

    fn edit_buttons(&mut self, buttons: Vec<Vec<Button>>) {
        self.actions.push(Action::EditButtons(buttons));
    }

    fn toast(&mut self, text: String) {
        self.actions.push(Action::Toast(text));
    }
}

/// The picture in a link to the editor: the job's number and the picture's place, as in `12-0`.
fn picture_of_link(text: &str) -> Option<(JobId, u32)> {
    let (job, index) = text.split_once('-')?;
    Some((JobId(job.parse().ok()?), index.parse().ok()?))
}
