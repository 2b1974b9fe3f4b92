//! How large what users send may be.

/// The largest file, in megabytes and bytes.
pub(super) const FILE_MEGABYTES: u64 = 32;
pub(super) const FILE_BYTES: usize = 32 * 1024 * 1024;
/// The largest mask.
pub(super) const MASK_BYTES: usize = 4 * 1024 * 1024;
/// The largest body of an upload that is read to its end; of a file that is too large nothing is kept.
pub(super) const UPLOAD_BODY: usize = 3 * FILE_BYTES;
