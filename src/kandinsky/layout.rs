//! Which repository of a model folder each part is read from.

use super::error::ModelError;
use super::files::ModelFiles;
use super::repositories::{DECODER, INPAINT, PRIOR};

/// The three published Hugging Face repositories side by side; one of the two decoders is enough to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    has_decoder: bool,
    has_inpaint: bool,
}

impl Layout {
    /// Looks at what is there.
    ///
    /// # Errors
    /// [`ModelError::MissingFile`] that says what to do where the prior or both decoders are missing.
    pub(super) fn find(files: &ModelFiles) -> Result<Self, ModelError> {
        let layout = Self {
            has_decoder: files.has_folder(&format!("{DECODER}/unet")),
            has_inpaint: files.has_folder(&format!("{INPAINT}/unet")),
        };
        if !files.has_folder(PRIOR) {
            return Err(files.missing(PRIOR, "put the repositories kandinsky-2-1-prior and kandinsky-2-1 side by side"));
        }
        if !layout.has_decoder && !layout.has_inpaint {
            let path = format!("{DECODER}/unet");
            return Err(files.missing(&path, "put the repository kandinsky-2-1 or kandinsky-2-1-inpaint there"));
        }
        Ok(layout)
    }

    /// A part of the prior's repository.
    pub(super) fn prior(self, part: &str) -> String {
        format!("{PRIOR}/{part}")
    }

    /// A part both decoders have; also the UNet that draws from text.
    pub(super) fn decoder(self, part: &str) -> String {
        let repository = if self.has_decoder { DECODER } else { INPAINT };
        format!("{repository}/{part}")
    }

    /// Whether the UNet that draws from text is the inpainting one.
    pub(super) fn one_unet(self) -> bool {
        !self.has_decoder
    }

    /// The UNet that fills holes.
    ///
    /// # Errors
    /// [`ModelError::MissingFile`] where only `kandinsky-2-1` is there.
    pub(super) fn inpaint_unet(self, files: &ModelFiles) -> Result<String, ModelError> {
        let path = format!("{INPAINT}/unet");
        if self.has_inpaint {
            return Ok(path);
        }
        let hint = "inpainting needs the repository kandinsky-2-1-inpaint beside kandinsky-2-1";
        Err(files.missing(&path, hint))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn find(folders: &[&str]) -> (Result<Layout, ModelError>, ModelFiles, tempfile::TempDir) {
        let root = tempfile::tempdir().unwrap();
        for folder in folders {
            std::fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        let files = ModelFiles::folder(root.path()).unwrap();
        (Layout::find(&files), files, root)
    }

    #[test]
    fn the_inpainting_repository_alone_serves_both() {
        let (layout, files, _root) = find(&[PRIOR, "kandinsky-2-1-inpaint/unet"]);
        let layout = layout.unwrap();
        assert_eq!(layout.decoder("unet"), layout.inpaint_unet(&files).unwrap());
        assert!(layout.one_unet());
    }

    #[test]
    fn without_it_inpainting_says_what_is_missing() {
        let (layout, files, _root) = find(&[PRIOR, "kandinsky-2-1/unet"]);
        let error = layout.unwrap().inpaint_unet(&files).unwrap_err();
        assert!(error.to_string().contains("needs the repository kandinsky-2-1-inpaint"));
    }

    #[test]
    fn an_empty_folder_says_what_to_put_there() {
        let error = find(&[]).0.unwrap_err().to_string();
        assert!(error.contains("kandinsky-2-1-prior is missing"), "{error}");
        let error = find(&[PRIOR]).0.unwrap_err().to_string();
        assert!(error.contains("kandinsky-2-1/unet is missing"), "{error}");
    }
}
