//! Pictures that a user sees in the editor: those that were drawn, and those that were brought there.

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;

use crate::jobs::{EncodedPicture, Failure, JobId, JobSummary, PictureInfo, Requester, StoreError};

/// A picture that is to be kept.
#[derive(Debug, Clone)]
pub struct NewGalleryPicture {
    /// Its name, which nobody can guess.
    pub id: String,
    /// Whose it is.
    pub user: Requester,
    /// The file.
    pub picture: EncodedPicture,
    /// The picture that it was cut out of.
    pub parent: Option<String>,
    /// Width and height as the user sees it: upright.
    pub size: (u32, u32),
    /// Whether some of it is transparent.
    pub has_alpha: bool,
}

/// A picture that a user brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GalleryPicture {
    /// Its name.
    pub id: String,
    /// Width and height as the user sees it: upright.
    pub size: (u32, u32),
    /// Whether some of it is transparent.
    pub has_alpha: bool,
    /// The picture that it was cut out of.
    pub parent: Option<String>,
    /// When it was brought.
    pub created_at: SystemTime,
}

/// A job of a user, as the editor shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct GalleryJob {
    /// The job.
    pub job: JobSummary,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// The picture in the editor that it was made from.
    pub parent: Option<String>,
    /// When it was asked for.
    pub created_at: SystemTime,
    /// Its pictures; none before it is drawn and once they were deleted.
    pub pictures: Vec<PictureInfo>,
    /// Whether its pictures may be transparent in part.
    pub has_alpha: bool,
}

/// One entry of the list of a user's pictures.
#[derive(Debug, Clone, PartialEq)]
pub enum GalleryEntry {
    /// The pictures of a job.
    Job(Box<GalleryJob>),
    /// A picture that was brought.
    Picture(GalleryPicture),
}

/// Pictures of users in the editor.
#[async_trait]
pub trait Gallery: Send + Sync {
    /// Keeps a picture.
    async fn add_picture(&self, picture: NewGalleryPicture) -> Result<GalleryPicture, StoreError>;

    /// A picture that this user brought.
    async fn own_picture(&self, user: Requester, id: &str) -> Result<Option<GalleryPicture>, StoreError>;

    /// The file of a picture, whoever brought it.
    async fn own_bytes(&self, id: &str) -> Result<Option<Bytes>, StoreError>;

    /// Deletes a picture of this user. Returns whether there was one.
    async fn remove_own_picture(&self, user: Requester, id: &str) -> Result<bool, StoreError>;

    /// A job that this user asked for, in a chat or in the editor.
    async fn job_of(&self, user: Requester, job: JobId) -> Result<Option<GalleryJob>, StoreError>;

    /// The entries of a user, newest first, from before a place on; and the place where the list goes on.
    async fn entries(
        &self,
        user: Requester,
        before: Option<&str>,
        limit: u32,
    ) -> Result<(Vec<GalleryEntry>, Option<String>), StoreError>;

    /// Keeps the result of a job from the chat for this time, because somebody looks at it in the editor.
    async fn hold(&self, user: Requester, job: JobId, time: Duration) -> Result<(), StoreError>;

    /// The user has seen the end of a job in the editor: the chat is not notified.
    async fn mark_seen(&self, user: Requester, job: JobId) -> Result<(), StoreError>;

    /// Sends the pictures of a job to its chat as files, byte for byte. Returns whether there are any.
    async fn send_files(&self, user: Requester, job: JobId) -> Result<bool, StoreError>;

    /// Sends the result of a job to the chat, if it is not there. Returns whether there is such a result.
    async fn send_to_chat(&self, user: Requester, job: JobId) -> Result<bool, StoreError>;
}
