//! At which size the network draws what size is asked for.

use crate::recipe::Size;

/// The size the network works at: the asked one, or, where that is larger than the model can draw, or the model knows only
/// one scale, the same shape with the long side `largest`.
pub(super) fn working_size(asked: Size, largest: Option<u32>) -> Size {
    let Some(largest) = largest else {
        return asked;
    };
    let long = asked.width.max(asked.height);
    let scaled = |side: u32| (u64::from(side) * u64::from(largest)).div_ceil(u64::from(long)) as u32;
    Size { width: scaled(asked.width), height: scaled(asked.height) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_full_model_draws_what_is_asked() {
        let asked = Size { width: 1024, height: 576 };
        assert_eq!(working_size(asked, None), asked);
    }

    #[test]
    fn the_miniature_keeps_the_shape_at_its_own_scale() {
        let working = |width, height| {
            let size = working_size(Size { width, height }, Some(128));
            (size.width, size.height)
        };
        assert_eq!(working(512, 512), (128, 128));
        assert_eq!(working(768, 512), (128, 86));
        assert_eq!(working(64, 1024), (8, 128));
    }
}
