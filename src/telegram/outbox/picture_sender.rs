//! Sends one picture in the best form that its chat takes.

use super::api::Api;
use super::fault::Fault;
use super::forms::{Form, jpeg};
use super::message::{Destination, Picture, SentMessage};
use crate::conversation::{Button, warnings};
use crate::i18n::Language;
use crate::jobs::PictureInfo;

/// What goes with a picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Accompaniment<'a> {
    /// What stands below it.
    pub(super) caption: &'a str,
    /// The description in the caption, which gives way to a remark.
    pub(super) prompt: &'a str,
    /// The buttons below it.
    pub(super) buttons: &'a [Vec<Button>],
    /// The language of remarks.
    pub(super) language: Language,
    /// Whether a file is expected: then it needs no remark.
    pub(super) wants_file: bool,
}

/// What is known of a chat while a picture is on its way.
#[derive(Debug, Default)]
struct Rights {
    no_photos: bool,
    no_files: bool,
}

impl Rights {
    fn allow(&self, form: Form) -> bool {
        if form.is_photo() { !self.no_photos } else { !self.no_files }
    }

    fn forbid(&mut self, form: Form) {
        if form.is_photo() { self.no_photos = true } else { self.no_files = true }
    }

    /// Why a form is not what the user would expect.
    fn remark(&self, form: Form, is_covered: bool, wants_file: bool) -> Option<&'static str> {
        match form {
            Form::Photo if is_covered && wants_file => Some("result-covered"),
            Form::JpegPhoto if is_covered => Some("result-covered"),
            Form::Photo => None,
            Form::File if wants_file => None,
            Form::File if self.no_photos => Some("result-photos-forbidden"),
            Form::File => Some("result-as-file"),
            Form::JpegFile => Some("result-as-jpeg"),
            Form::JpegPhoto => Some("result-as-small-photo"),
        }
    }
}

/// Sends a picture in the first of these forms that is taken, and says in the caption why, where it is not a photo.
///
/// # Errors
/// [`Fault::Forbidden`] if the chat allows none of them; else the last fault.
pub(super) async fn send(
    api: &Api,
    to: Destination,
    picture: &Picture,
    forms: Vec<Form>,
    with: Accompaniment<'_>,
) -> Result<Option<SentMessage>, Fault> {
    let mut rights = Rights::default();
    let mut last = Fault::Refused("no form is left".to_owned());
    for form in forms {
        if !rights.allow(form) {
            continue;
        }
        let caption = match rights.remark(form, picture.is_covered, with.wants_file) {
            Some(key) => warnings::with_remark(with.caption, with.prompt, &with.language.text(key)),
            None => with.caption.to_owned(),
        };
        match send_as(api, to, picture, form, &caption, with.buttons).await {
            Err(Fault::Forbidden(reason)) => {
                rights.forbid(form);
                last = Fault::Forbidden(reason);
            }
            Err(fault @ Fault::Refused(_)) => {
                tracing::info!(?form, ?fault, "a picture is refused in one form");
                if !matches!(last, Fault::Forbidden(_)) {
                    last = fault;
                }
            }
            outcome => return outcome,
        }
    }
    Err(last)
}

async fn send_as(
    api: &Api,
    to: Destination,
    picture: &Picture,
    form: Form,
    caption: &str,
    buttons: &[Vec<Button>],
) -> Result<Option<SentMessage>, Fault> {
    let encoded;
    let picture = match form {
        Form::Photo | Form::File => picture,
        Form::JpegFile | Form::JpegPhoto => {
            let Some(bytes) = jpeg(picture.bytes.clone(), form.is_photo()).await else {
                return Err(Fault::Refused("the picture can not be opened".to_owned()));
            };
            encoded = Picture { bytes, file_name: picture.file_name.replace(".png", ".jpg"), ..picture.clone() };
            &encoded
        }
    };
    match form.is_photo() {
        true => api.send_photo(to, picture, caption, buttons).await,
        false => api.send_file(to, picture, Some(caption).filter(|caption| !caption.is_empty()), buttons).await,
    }
}

/// The forms for a picture that is wanted as a file.
pub(super) fn as_file(info: &PictureInfo) -> Vec<Form> {
    Form::of(info).into_iter().filter(|form| *form != Form::Photo).collect()
}
