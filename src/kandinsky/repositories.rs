//! Names of the published Hugging Face repositories, which are the folders of a model.

/// The prior with CLIP.
pub(super) const PRIOR: &str = "kandinsky-2-1-prior";
/// The text-to-image decoder.
pub(super) const DECODER: &str = "kandinsky-2-1";
/// The inpainting decoder.
pub(super) const INPAINT: &str = "kandinsky-2-1-inpaint";
