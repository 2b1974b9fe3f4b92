//! Pictures that users send.

use super::Turn;
use crate::conversation::draft::{Arriving, Awaited, Draft, GivenPicture};
use crate::conversation::flags::Flagged;
use crate::conversation::mode::{Mode, PICTURES_MOST};
use crate::conversation::{
    Action, BadMask, BadPicture, ChatState, Command, Message, Replied, StatusMessage, card, flag_use, split_command,
};
use crate::i18n::Language;
use crate::jobs::{JobInputs, JobSummary, Marking};
use crate::pictures::{PIXELS_LIMIT, SIDE_LIMIT};
use crate::recipe::{Recipe, Size, Task};

/// A picture may be at most so many times as long as it is wide.
const LONGEST: u32 = 20;

impl Turn<'_> {
    pub(super) fn picture(
        &mut self,
        picture: &GivenPicture,
        caption: &str,
        album: Option<&str>,
        recipe: Option<&Recipe>,
    ) {
        if let Some(key) = unusable(picture).filter(|_| !self.takes_any_size(caption)) {
            return self.say_text(self.language.text_with(key, [("least", Size::MIN.into())]));
        }
        if let Some((mode, argument)) = mode_of(caption) {
            return self.begin_with(mode, argument, picture, album);
        }
        let awaits = self.draft().and_then(|draft| draft.awaits);
        match (awaits, self.draft().cloned()) {
            (Some(Awaited::Painted), Some(draft)) => {
                return self.marked(draft, Marking::Painted(picture.source.clone()));
            }
            (Some(Awaited::MaskFile), Some(draft)) => {
                return self.marked(draft, Marking::File(picture.source.clone()));
            }
            (Some(Awaited::Picture), Some(draft)) => return self.awaited_picture(draft, picture, caption, album),
            (_, Some(draft)) if album.is_some() && draft.album.as_deref() == album => {
                return self.collect(draft, picture, caption, album);
            }
            _ => {}
        }
        if let Some(replied) = self.context.replied {
            return self.mixed_with(replied, picture, caption);
        }
        match (album, recipe) {
            (Some(_), _) => {
                let draft = self.new_draft_for_picture(Mode::Mix);
                self.collect(draft, picture, caption, album);
            }
            (None, Some(recipe)) if caption.is_empty() => self.restore(recipe, Some(picture)),
            _ if caption.is_empty() => self.offer(vec![picture.clone()]),
            _ => self.captioned(vec![picture.clone()], caption),
        }
    }

    /// Whether nothing is drawn from the picture that comes with this caption: then it may be small.
    fn takes_any_size(&self, caption: &str) -> bool {
        match mode_of(caption) {
            Some((mode, _)) => mode.takes_any_size(),
            None => {
                self.draft().is_some_and(|draft| draft.mode.takes_any_size() && draft.awaits == Some(Awaited::Picture))
            }
        }
    }

    /// Carries out a command below a picture that is none of a mode, and returns the words that are left for the picture: it is
    /// kept, and what shall become of it is asked. A command that is not for this bot is nobody's words.
    pub(super) fn command_below<'c>(&mut self, caption: &'c str, addressed: bool) -> &'c str {
        let Some((name, _, argument)) = split_command(caption).filter(|_| mode_of(caption).is_none()) else {
            return caption;
        };
        let before = self.state.clone();
        self.command(name, argument, addressed);
        self.settings_into_draft(&before);
        ""
    }

    /// What a command changed counts for the picture that the user is putting together as well.
    fn settings_into_draft(&mut self, before: &ChatState) {
        let (style, ratio, negative, seed) =
            (self.state.style, self.state.ratio, self.state.negative.clone(), self.state.seed);
        let Some(draft) = self.state.drafts.get_mut(&self.context.user.0) else { return };
        if style != before.style {
            draft.style = style;
        }
        if ratio != before.ratio {
            draft.ratio = ratio;
        }
        if negative != before.negative {
            draft.negative = negative;
        }
        if seed != before.seed {
            draft.seed = seed;
        }
    }

    /// Whether this user was asked for a picture here, or is sending an album.
    pub(super) fn expects_picture(&self, album: Option<&str>) -> bool {
        self.draft().is_some_and(|draft| {
            let is_asked = matches!(draft.awaits, Some(Awaited::Picture | Awaited::Painted | Awaited::MaskFile));
            is_asked || (album.is_some() && draft.album.as_deref() == album)
        })
    }

    fn new_draft_for_picture(&self, mode: Mode) -> Draft {
        Draft { reply_to: Some(self.context.message_id), ..self.state.new_draft(mode) }
    }

    /// A picture with a command below it.
    fn begin_with(&mut self, mode: Mode, argument: &str, picture: &GivenPicture, album: Option<&str>) {
        let mut draft = self.new_draft_for_picture(mode);
        if mode.pictures() > 1 {
            draft.pictures.extend(self.context.replied.map(|replied| replied.picture().clone()));
        }
        if !argument.is_empty() && !self.read_words(argument, &mut draft) {
            return;
        }
        if album.is_some() {
            return self.collect(draft, picture, "", album);
        }
        add(&mut draft, picture);
        self.advance(draft);
    }

    /// The picture that was asked for.
    fn awaited_picture(&mut self, mut draft: Draft, picture: &GivenPicture, caption: &str, album: Option<&str>) {
        draft.reply_to = Some(self.context.message_id);
        if album.is_some() {
            return self.collect(draft, picture, caption, album);
        }
        add(&mut draft, picture);
        if caption.is_empty() || self.read_words(caption, &mut draft) {
            self.advance(draft);
        }
    }

    /// One of the pictures of an album; they are many messages, and nobody says which is the last.
    fn collect(&mut self, mut draft: Draft, picture: &GivenPicture, caption: &str, album: Option<&str>) {
        add(&mut draft, picture);
        if !caption.is_empty() && !self.read_words(caption, &mut draft) {
            return;
        }
        draft.album = album.map(str::to_owned);
        draft.arriving = Some(Arriving {
            thread_id: self.context.thread_id,
            client_language: self.context.client_language.map(str::to_owned),
        });
        // A new number: a late picture makes a new card.
        draft.number = self.state.next_number();
        self.keep(draft);
        self.actions.extend(album.map(|album| Action::AwaitAlbum(album.to_owned())));
    }

    pub(super) fn album_ended(&mut self, album: &str) {
        let arriving = self.draft().filter(|draft| draft.album.as_deref() == Some(album) && draft.arriving.is_some());
        let Some(mut draft) = arriving.cloned() else { return };
        draft.arriving = None;
        if draft.mode == Mode::Mix && draft.pictures.len() == 1 && draft.awaits.is_none() {
            return self.lone_picture(draft);
        }
        self.advance(draft);
    }

    /// An album of which one picture has come: it may stay the only one, but a late one still joins it.
    fn lone_picture(&mut self, draft: Draft) {
        let Draft { pictures, prompt, album, .. } = draft;
        if prompt.is_empty() {
            self.offer(pictures)
        } else {
            self.captioned(pictures, &prompt)
        }
        if let Some(draft) = self.state.drafts.get_mut(&self.context.user.0) {
            draft.album = album;
        }
    }

    /// A picture in answer to another: both are mixed.
    fn mixed_with(&mut self, replied: &Replied, picture: &GivenPicture, caption: &str) {
        let mut draft = self.new_draft_for_picture(Mode::Mix);
        draft.pictures = vec![replied.picture().clone(), picture.clone()];
        if caption.is_empty() || self.read_prompt(caption, &mut draft) {
            self.advance(draft);
        }
    }

    /// A picture with a text: mixed with it or changed by it, as the user once chose.
    pub(super) fn captioned(&mut self, pictures: Vec<GivenPicture>, text: &str) {
        let mut draft = self.new_draft_for_picture(self.state.captions.unwrap_or(Mode::Mix));
        draft.pictures = pictures;
        if !self.read_prompt(text, &mut draft) {
            return;
        }
        if draft.prompt.is_empty() {
            return self.offer_draft(Draft { mode: Mode::Mix, ..draft });
        }
        if self.state.captions.is_some() {
            return self.advance(draft);
        }
        let question = card::caption_uses(self.language, &draft);
        self.keep(draft);
        self.say(question);
    }

    /// A picture without a word.
    fn offer(&mut self, pictures: Vec<GivenPicture>) {
        self.offer_draft(Draft { pictures, ..self.new_draft_for_picture(Mode::Mix) });
    }

    /// Asks what shall become of the pictures.
    fn offer_draft(&mut self, draft: Draft) {
        let question = card::uses(self.language, &draft);
        self.keep(draft);
        self.say(question);
    }

    /// A picture of ours came back: the card that it was made with.
    pub(super) fn restore(&mut self, recipe: &Recipe, picture: Option<&GivenPicture>) {
        let Some(draft) = self.draft_of(recipe) else {
            // Its own pictures are not in it, so it is a picture like any other.
            return match picture {
                Some(picture) => self.offer(vec![picture.clone()]),
                None => self.say_key("recipe-needs-pictures"),
            };
        };
        self.say_key(if picture.is_some() { "recipe-restored" } else { "recipe-shown" });
        self.show_card(draft);
    }

    /// A draft that says the same as a recipe, of a larger picture as that of the one it comes from; `None` if it takes pictures.
    fn draft_of(&mut self, recipe: &Recipe) -> Option<Draft> {
        let recipe = recipe.origin();
        let Task::TextToImage { prompt } = &recipe.task else { return None };
        let mut draft = self.state.new_draft(Mode::Draw);
        draft.reply_to = Some(self.context.message_id);
        draft.prompt.clone_from(prompt);
        draft.take_parameters(recipe);
        draft.seed = Some(recipe.seed);
        Some(draft)
    }

    /// A new text for a picture of ours, or flags, or both: the same recipe with them.
    pub(super) fn remix(&mut self, job: &JobSummary, text: &str) {
        let Some(flagged) = self.read_flags(text) else { return };
        let has_text = !flagged.prompt.is_empty();
        match (&job.recipe.task, self.context.replied) {
            // There is no text that could be another: the picture is changed by it.
            (Task::Variation { .. }, Some(Replied::Result { picture, .. })) if has_text => {
                return self.change_by(flagged, picture);
            }
            (Task::Upscale { .. }, Some(Replied::Result { picture, .. })) => {
                return self.draw_anew(job, flagged, picture);
            }
            _ => {}
        }
        let recipe = match flagged.flags().as_slice() {
            [_, ..] if !has_text => Ok(job.recipe.clone()),
            _ => job.recipe.with_prompt(&flagged.prompt),
        };
        match recipe {
            Ok(recipe) => self.draw_changed(job, recipe, &flagged),
            Err(error) => self.prompt_error(&error),
        }
    }

    /// The picture changed by a text, as a card.
    fn change_by(&mut self, flagged: Flagged, picture: &GivenPicture) {
        let mut draft = self.new_draft_for_picture(Mode::Change);
        draft.pictures = vec![picture.clone()];
        if self.take_flagged(flagged, &mut draft) {
            self.advance(draft);
        }
    }

    /// A new text, or flags, for a larger picture: what it comes from is drawn with them. Where that is not known or took
    /// pictures, the larger one is changed. Its recipe may be from a file that anybody wrote, so it goes through a draft.
    fn draw_anew(&mut self, job: &JobSummary, flagged: Flagged, picture: &GivenPicture) {
        let Some(mut draft) = self.draft_of(&job.recipe) else { return self.change_by(flagged, picture) };
        draft.seed = None;
        if self.take_flagged(flagged, &mut draft) {
            self.start_draft(draft, StatusMessage::New);
        }
    }

    /// Queues the recipe of a picture of ours, changed by flags.
    fn draw_changed(&mut self, job: &JobSummary, recipe: Recipe, flagged: &Flagged) {
        let mut recipe = recipe.with_seed(flagged.seed.unwrap_or(self.context.seed));
        let unused = flag_use::apply(flagged, &mut recipe, self.context.native);
        self.tell(&self.unused_lines(&unused));
        let inputs = if recipe.task.inputs() == 0 { JobInputs::None } else { JobInputs::SameAs(job.id) };
        self.enqueue(recipe, inputs, Some(self.context.message_id), StatusMessage::New);
    }

    pub(super) fn bad_picture(&mut self, reason: BadPicture) {
        self.say_text(bad_picture_text(self.language, reason));
    }

    /// The mask can not be made: the user marks once more.
    pub(super) fn bad_mask(&mut self, reason: BadMask) {
        let text = match reason {
            BadMask::Nothing => self.language.text("mask-nothing"),
            BadMask::Everything => self.language.text("mask-everything"),
            BadMask::Shape => self.language.text("mask-shape"),
            BadMask::Unclear => self.language.text("mask-unclear"),
            BadMask::Picture(reason) => bad_picture_text(self.language, reason),
        };
        let Some(mut draft) = self.draft().filter(|draft| draft.mode == Mode::Inpaint).cloned() else {
            return self.say_text(text);
        };
        let marking = draft.marking.take();
        (draft.inverted, draft.wider) = (false, 0);
        // What was tried can be tried again at once.
        draft.awaits = marking.and_then(|marking| match marking {
            Marking::Painted(_) => Some(Awaited::Painted),
            Marking::File(_) => Some(Awaited::MaskFile),
            Marking::Area(_) => None,
        });
        let marks = card::marks(self.language, &draft);
        self.keep(draft);
        self.say(Message { text, ..marks });
    }
}

/// Why a picture can not be used, and what helps.
fn bad_picture_text(language: Language, reason: BadPicture) -> String {
    match reason {
        BadPicture::TooHeavy => language.text("picture-too-heavy"),
        BadPicture::TooManyPixels { width, height } => {
            let values = [
                ("size", format!("{width}×{height}").into()),
                ("limit", (PIXELS_LIMIT / 1_000_000).into()),
                ("side", SIDE_LIMIT.to_string().into()),
            ];
            language.text_with("picture-too-many-pixels", values)
        }
        BadPicture::Damaged => language.text("picture-damaged"),
        BadPicture::Unreadable => language.text("picture-unreadable"),
        BadPicture::Gone => language.text("picture-gone"),
    }
}

/// What is said about a picture that is too small or too thin.
fn unusable(picture: &GivenPicture) -> Option<&'static str> {
    let (short, long) = (picture.width.min(picture.height), picture.width.max(picture.height));
    if short < Size::MIN {
        return Some("picture-too-small");
    }
    (long > short.saturating_mul(LONGEST)).then_some("picture-too-thin")
}

/// The mode of a command below a picture, and the words behind it.
fn mode_of(caption: &str) -> Option<(Mode, &str)> {
    let (name, _, argument) = split_command(caption)?;
    let mode = match Command::parse(name)? {
        Command::Mix => Mode::Mix,
        Command::Variations => Mode::Vary,
        Command::Change | Command::Imagine => Mode::Change,
        Command::Inpaint => Mode::Inpaint,
        Command::Outpaint => Mode::Outpaint,
        Command::Upscale => Mode::Upscale,
        Command::Describe => Mode::Describe,
        _ => return None,
    };
    Some((mode, argument))
}

/// Adds a picture in the order of the messages; more than the mode takes are left out.
fn add(draft: &mut Draft, picture: &GivenPicture) {
    if draft.pictures.contains(picture) {
        // The same message once more.
        return;
    }
    draft.pictures.push(picture.clone());
    draft.pictures.sort_by_key(|picture| picture.message_id);
    let most = draft.mode.pictures().min(PICTURES_MOST);
    draft.left_out += draft.pictures.len().saturating_sub(most) as u32;
    draft.pictures.truncate(most);
}
