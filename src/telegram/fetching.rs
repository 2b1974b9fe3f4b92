//! Pictures that are still elsewhere: files on the platform, results of earlier jobs, masks that are made of them.

use std::sync::Arc;

use super::api::{Api, patiently};
use super::fault::Fault;
use crate::conversation::{BadMask, BadPicture};
use crate::jobs::{Failure, Input, JobQueue, Marking, MaskPlan, QueueError, Source};
use crate::pictures::{Mask, MaskError, MaskShape, MaskSpec, Picture, encode_plain_png, mask_preview};

/// Fetches pictures. Cheap to clone.
#[derive(Clone)]
pub(super) struct Fetcher {
    pub(super) api: Api,
    pub(super) queue: Arc<dyn JobQueue>,
}

/// Why a picture can not be fetched.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
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

impl Fetcher {
    /// The encoded picture.
    pub(super) async fn picture(&self, source: &Source) -> Result<Vec<u8>, FetchError> {
        match source {
            Source::File(file) => match patiently(0, |_| self.api.download(file)).await {
                Ok(bytes) => Ok(bytes),
                Err(Fault::Refused(reason)) if reason.contains("too big") => Err(BadPicture::TooHeavy.into()),
                Err(Fault::Refused(_) | Fault::Gone(_)) => Err(BadPicture::Gone.into()),
                Err(Fault::Wait(wait)) => Err(FetchError::Passing(format!("has to wait for {} s", wait.as_secs()))),
                Err(fault) => Err(FetchError::Passing(format!("{fault:?}"))),
            },
            Source::Result(job, index) => {
                let pictures = self.queue.pictures(*job).await?;
                pictures.into_iter().nth(*index as usize).ok_or_else(|| BadPicture::Gone.into())
            }
        }
    }

    /// The encoded input of a job.
    pub(super) async fn input(&self, input: &Input) -> Result<Vec<u8>, FetchError> {
        match input {
            Input::Picture(source) => self.picture(source).await,
            Input::Mask(plan) => self.with_mask(plan, |_, mask| encode(&mask.picture())).await,
        }
    }

    /// A mask in red over its picture, encoded.
    pub(super) async fn preview(&self, plan: &MaskPlan) -> Result<Vec<u8>, FetchError> {
        self.with_mask(plan, |picture, mask| encode(&mask_preview(&picture.rgb, mask))).await
    }

    /// Fetches what a mask needs, makes it beside the runtime, and does something with both.
    async fn with_mask(
        &self,
        plan: &MaskPlan,
        then: impl FnOnce(&Picture, &Mask) -> Result<Vec<u8>, FetchError> + Send + 'static,
    ) -> Result<Vec<u8>, FetchError> {
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
        made.await.map_err(|error| FetchError::Passing(error.to_string()))?
    }
}

fn decode(bytes: &[u8]) -> Result<Picture, FetchError> {
    Picture::decode(bytes).map_err(|_| BadPicture::Unreadable.into())
}

fn encode(picture: &image::RgbImage) -> Result<Vec<u8>, FetchError> {
    encode_plain_png(picture).map_err(|error| FetchError::Passing(error.to_string()))
}

fn mask(plan: &MaskPlan, picture: &Picture, marked: Option<&[u8]>) -> Result<Mask, FetchError> {
    let marked = marked.map(decode).transpose()?;
    let shape = match (&plan.marking, &marked) {
        (Marking::Painted(_), Some(copy)) => MaskShape::Painted(&copy.rgb),
        (Marking::File(_), Some(file)) => MaskShape::File(file),
        (Marking::Area(area), _) => MaskShape::Area(*area),
        (_, None) => return Err(BadPicture::Gone.into()),
    };
    Ok(MaskSpec { shape, inverted: plan.inverted, widenings: plan.wider }.mask(&picture.rgb)?)
}

impl FetchError {
    /// What to tell the person about a job that can not be drawn for this reason; `None` if another time may help.
    pub(super) fn failure(&self) -> Option<Failure> {
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
    pub(super) fn bad_mask(&self) -> BadMask {
        match self {
            Self::Mask(reason) => *reason,
            Self::Picture(reason) => BadMask::Picture(*reason),
            Self::Passing(_) => BadMask::Picture(BadPicture::Gone),
        }
    }

    /// The same as something wrong with a picture.
    pub(super) fn bad_picture(&self) -> BadPicture {
        match self {
            Self::Picture(reason) | Self::Mask(BadMask::Picture(reason)) => *reason,
            Self::Mask(_) | Self::Passing(_) => BadPicture::Gone,
        }
    }
}

impl From<BadPicture> for FetchError {
    fn from(reason: BadPicture) -> Self {
        Self::Picture(reason)
    }
}

impl From<MaskError> for FetchError {
    fn from(error: MaskError) -> Self {
        Self::Mask(match error {
            MaskError::Size { .. } => BadMask::Shape,
            MaskError::Empty | MaskError::TooSmall => BadMask::Nothing,
            MaskError::TooLarge => BadMask::Everything,
        })
    }
}

impl From<QueueError> for FetchError {
    fn from(error: QueueError) -> Self {
        Self::Passing(error.to_string())
    }
}
