//! Pictures that are elsewhere: files on the platform, results of earlier jobs, masks that are made of them.

use std::sync::Arc;

use bytes::Bytes;

use crate::conversation::{BadMask, BadPicture};
use crate::jobs::{Archive, Failure, Input, Marking, MaskPlan, Source, StoreError};
use crate::pictures::{Mask, MaskError, MaskShape, MaskSpec, Picture, PictureError, encode_plain_png, mask_preview};
use crate::telegram::outbox::api::Api;
use crate::telegram::outbox::fault::Fault;
use crate::telegram::outbox::retries::Patience;

/// Fetches pictures. Cheap to clone.
#[derive(Clone)]
pub(in crate::telegram) struct PictureFetcher {
    pub(in crate::telegram) api: Api,
    pub(in crate::telegram) archive: Arc<dyn Archive>,
}

/// Why a picture can not be fetched.
#[derive(Debug, thiserror::Error)]
pub(in crate::telegram) enum PictureFetchError {
    /// It can not be used; another time will not help.
    #[error("the picture can not be used: {0:?}")]
    Picture(BadPicture),
    /// The mask can not be made.
    #[error("the mask can not be used: {0:?}")]
    Mask(BadMask),
    /// Another time may help.
    #[error("{0}")]
    Passing(String),
}

impl PictureFetcher {
    /// The encoded picture.
    pub(in crate::telegram) async fn picture(&self, source: &Source) -> Result<Bytes, PictureFetchError> {
        match source {
            Source::File(file) => match Patience::SHORT.call(0, |_| self.api.download(file)).await {
                Ok(bytes) => Ok(bytes.into()),
                Err(Fault::Refused(reason)) if reason.contains("too big") => Err(BadPicture::TooHeavy.into()),
                Err(Fault::Refused(_) | Fault::Gone(_) | Fault::Forbidden(_)) => Err(BadPicture::Gone.into()),
                Err(Fault::Wait(wait)) => {
                    Err(PictureFetchError::Passing(format!("has to wait for {} s", wait.as_secs())))
                }
                Err(fault) => Err(PictureFetchError::Passing(format!("{fault:?}"))),
            },
            Source::Result(job, index) => {
                self.archive.picture(*job, *index).await?.ok_or_else(|| BadPicture::Gone.into())
            }
        }
    }

    /// The encoded input of a job.
    pub(in crate::telegram) async fn input(&self, input: &Input) -> Result<Bytes, PictureFetchError> {
        match input {
            Input::Picture(source) => self.picture(source).await,
            Input::Mask(plan) => Ok(self.with_mask(plan, |_, mask| encode(&mask.picture())).await?.into()),
        }
    }

    /// A mask in red over its picture, encoded.
    pub(in crate::telegram) async fn preview(&self, plan: &MaskPlan) -> Result<Vec<u8>, PictureFetchError> {
        self.with_mask(plan, |picture, mask| encode(&mask_preview(&picture.rgb, mask))).await
    }

    /// Fetches what a mask needs, makes it on a thread for blocking work, and does something with both.
    async fn with_mask(
        &self,
        plan: &MaskPlan,
        then: impl FnOnce(&Picture, &Mask) -> Result<Vec<u8>, PictureFetchError> + Send + 'static,
    ) -> Result<Vec<u8>, PictureFetchError> {
        let picture = self.picture(&plan.picture).await?;
        let marked = match &plan.marking {
            Marking::Painted(source) | Marking::File(source) => Some(self.picture(source).await?),
            Marking::Area(_) => None,
        };
        let plan = plan.clone();
        let made = tokio::task::spawn_blocking(move || {
            let picture = decode(&picture)?;
            let mask = mask(&plan, &picture, marked.as_deref())?;
            then(&picture, &mask)
        });
        made.await.map_err(|error| PictureFetchError::Passing(error.to_string()))?
    }
}

fn decode(bytes: &[u8]) -> Result<Picture, PictureFetchError> {
    Picture::decode(bytes).map_err(|error| reason(&error).into())
}

/// Why a file can not be used.
pub(in crate::telegram) fn reason(error: &PictureError) -> BadPicture {
    match *error {
        PictureError::Format => BadPicture::Unreadable,
        PictureError::Bytes { .. } => BadPicture::TooHeavy,
        PictureError::Pixels { width, height } => BadPicture::TooManyPixels { width, height },
        PictureError::Damaged { .. } => BadPicture::Damaged,
    }
}

fn encode(picture: &image::RgbImage) -> Result<Vec<u8>, PictureFetchError> {
    encode_plain_png(picture).map_err(|error| PictureFetchError::Passing(error.to_string()))
}

fn mask(plan: &MaskPlan, picture: &Picture, marked: Option<&[u8]>) -> Result<Mask, PictureFetchError> {
    let marked = marked.map(decode).transpose()?;
    let shape = match (&plan.marking, &marked) {
        (Marking::Painted(_), Some(copy)) => MaskShape::Painted(&copy.rgb),
        (Marking::File(_), Some(file)) => MaskShape::File(file),
        (Marking::Area(area), _) => MaskShape::Area(*area),
        (_, None) => return Err(BadPicture::Gone.into()),
    };
    Ok(MaskSpec { shape, inverted: plan.inverted, widenings: plan.wider }.mask(&picture.rgb)?)
}

impl PictureFetchError {
    /// What the user is notified of about a job that can not be drawn for this reason; `None` if another time may help.
    pub(in crate::telegram) fn failure(&self) -> Option<Failure> {
        match self {
            Self::Picture(BadPicture::Gone) | Self::Mask(BadMask::Picture(BadPicture::Gone)) => {
                Some(Failure::PictureGone)
            }
            Self::Picture(_) | Self::Mask(BadMask::Picture(_)) => Some(Failure::BadPicture),
            Self::Mask(_) => Some(Failure::BadMask),
            Self::Passing(_) => None,
        }
    }

    /// The same as something wrong with a mask.
    pub(in crate::telegram) fn bad_mask(&self) -> BadMask {
        match self {
            Self::Mask(reason) => *reason,
            Self::Picture(reason) => BadMask::Picture(*reason),
            Self::Passing(_) => BadMask::Picture(BadPicture::Gone),
        }
    }

    /// The same as something wrong with a picture.
    pub(in crate::telegram) fn bad_picture(&self) -> BadPicture {
        match self {
            Self::Picture(reason) | Self::Mask(BadMask::Picture(reason)) => *reason,
            Self::Mask(_) | Self::Passing(_) => BadPicture::Gone,
        }
    }
}

impl From<BadPicture> for PictureFetchError {
    fn from(reason: BadPicture) -> Self {
        Self::Picture(reason)
    }
}

impl From<MaskError> for PictureFetchError {
    fn from(error: MaskError) -> Self {
        Self::Mask(match error {
            MaskError::Size { .. } => BadMask::Shape,
            MaskError::Empty | MaskError::TooSmall => BadMask::Nothing,
            MaskError::TooLarge => BadMask::Everything,
            MaskError::Unclear => BadMask::Unclear,
        })
    }
}

impl From<StoreError> for PictureFetchError {
    fn from(error: StoreError) -> Self {
        Self::Passing(error.to_string())
    }
}
