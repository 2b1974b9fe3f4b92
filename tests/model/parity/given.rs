//! The picture that is changed or repainted, from its files to what the networks are told, by the product's own steps.

use candle_core::Tensor;
use kandinsky_bot::engine::{kept_cells_of, prepared, to_tensor};
use kandinsky_bot::kandinsky::{Kandinsky21, Rules, inpaint_input};
use kandinsky_bot::pictures::Mask;
use kandinsky_bot::recipe::Size;

use super::case::Case;
use super::comparison::{Comparison, EXACT, ONE_PASS};

/// A prepared picture.
pub(crate) struct Given {
    /// `[1, channels, h, w]`.
    pub(crate) latents: Tensor,
    /// Cells that are kept, `[1, 1, h, w]`, where a part is drawn anew.
    kept: Option<Tensor>,
}

impl Given {
    /// Reads, resizes, pads and encodes; None where nothing is given.
    pub(crate) fn read(case: &Case, model: &Kandinsky21, comparison: &mut Comparison<'_>) -> Option<Self> {
        let parameters = &case.parameters;
        if parameters.task == "text_to_image" {
            return None;
        }
        let size = Size { width: parameters.width as u32, height: parameters.height as u32 };
        let picture = prepared(&case.picture("picture").rgb, size, parameters.rules);
        let (height, width) = model.latent_size(parameters.height, parameters.width);
        let pixels = to_tensor(&picture, (height * model.scale(), width * model.scale())).unwrap();
        let latents = model.encode(&pixels).unwrap();
        comparison.relative("encoded", &latents, ONE_PASS);
        let kept = (parameters.task == "inpaint").then(|| {
            let mask = Mask::from_picture(&case.picture("mask")).unwrap();
            let mask = if parameters.rules == Rules::Original { mask } else { mask.scaled(size.width, size.height) };
            kept_cells_of(&mask, (height, width), model.scale(), parameters.rules).unwrap()
        });
        Some(Self { latents, kept })
    }

    /// What an inpainting network is told of `count` pictures, `[count, channels + 1, h, w]`.
    pub(crate) fn known(&self, count: usize, comparison: &mut Comparison<'_>) -> Option<Tensor> {
        let kept = self.kept.as_ref()?;
        let known = inpaint_input(&self.latents, kept).unwrap().repeat((count, 1, 1, 1)).unwrap();
        let channels = self.latents.dim(1).unwrap();
        comparison.relative("known.latents", &known.narrow(1, 0, channels).unwrap(), ONE_PASS);
        comparison.largest("known.mask", &known.narrow(1, channels, 1).unwrap(), EXACT);
        Some(known)
    }
}
