//! How large what users send may be.

/// The largest file, in megabytes and bytes.
pub(super) const FILE_MEGABYTES: u64 = 32;
pub(super) const FILE_BYTES: usize = 32 * 1024 * 1024;
/// The largest mask.
pub(super) const MASK_BYTES: usize = 4 * 1024 * 1024;
/// The largest body of an upload: the file and what a form is made of.
pub(super) const UPLOAD_BODY: usize = FILE_BYTES + 1024 * 1024;
