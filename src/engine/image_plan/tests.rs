//! What a window changes and what it leaves alone: no network is run for this.

use image::Rgb;

use super::*;

/// A miniature's scale: drawn pictures are small.
fn defaults() -> Defaults {
    Defaults { size: 128, largest: Some(128), ..Defaults::default() }
}

fn photo(width: u32, height: u32) -> Picture {
    RgbImage::from_fn(width, height, |x, y| Rgb([(x % 251) as u8, (y % 241) as u8, 77])).into()
}

fn mask(width: u32, height: u32, is_drawn: impl Fn(u32, u32) -> bool) -> Picture {
    Mask::from_fn(width, height, is_drawn).picture().into()
}

fn plan(window: Option<Window>, picture: &Picture, mask: &Picture) -> Result<ImagePlan, EngineError> {
    let task = Task::Inpaint { prompt: "лес".to_owned(), window };
    let inputs = [picture.clone(), mask.clone()];
    ImagePlan::new(&Recipe::new(task, 1), &inputs, &defaults(), Rules::Sound)
}

/// What a network might have drawn.
fn drawn(plan: &ImagePlan) -> RgbImage {
    let Size { width, height } = plan.working_size;
    RgbImage::from_fn(width, height, |x, y| Rgb([200, (x * 2 % 256) as u8, (y * 3 % 256) as u8]))
}

#[test]
fn every_pixel_outside_of_the_window_stays_as_it_is() {
    let (picture, everything) = (photo(300, 200), mask(300, 200, |_, _| true));
    let window = Window { x: 60, y: 30, width: 100, height: 90 };
    // The whole picture is marked, but only the window is drawn: nothing around it is known to be wrong.
    let plan = plan(Some(window), &picture, &everything).unwrap();
    let finished = plan.finish(&drawn(&plan));
    assert_eq!(finished.dimensions(), (300, 200));
    let is_inside = |x: u32, y: u32| (60..160).contains(&x) && (30..120).contains(&y);
    let changed = finished.enumerate_pixels().filter(|(x, y, pixel)| *pixel != picture.rgb.get_pixel(*x, *y));
    assert!(changed.clone().all(|(x, y, _)| is_inside(x, y)));
    assert!(changed.count() > 8000, "and the window is drawn");
}

#[test]
fn the_soft_edge_ends_at_the_window() {
    let picture = photo(4000, 300);
    // The mask ends where the window does.
    let window = Window { x: 1000, y: 0, width: 200, height: 300 };
    let plan = plan(Some(window), &picture, &mask(4000, 300, |x, _| (1000..1200).contains(&x))).unwrap();
    let finished = plan.finish(&drawn(&plan));
    let is_kept = |x: u32| (0..300).all(|y| finished.get_pixel(x, y) == picture.rgb.get_pixel(x, y));
    assert!(is_kept(999) && is_kept(1200) && !is_kept(1000) && !is_kept(1199));
}

#[test]
fn a_window_as_large_as_the_picture_is_like_no_window() {
    let (picture, mask) = (photo(300, 200), mask(300, 200, |x, y| x > 100 && y < 150));
    let whole = Window { x: 0, y: 0, width: 300, height: 200 };
    let (with, without) = (plan(Some(whole), &picture, &mask).unwrap(), plan(None, &picture, &mask).unwrap());
    assert_eq!(with.working_size, without.working_size);
    assert_eq!((&with.init_image, &with.mask, &with.unmasked), (&without.init_image, &without.mask, &without.unmasked));
    let drawn = drawn(&with);
    assert_eq!(with.finish(&drawn), without.finish(&drawn));
    assert!(with.finish_transparent(&drawn).is_none() && with.mode() == without.mode());
    assert_eq!(with.composited(&drawn), without.composited(&drawn));
}

#[test]
fn a_window_beyond_the_edge_makes_the_picture_larger_and_leaves_the_corners_empty() {
    let (picture, nothing) = (photo(300, 200), mask(300, 200, |_, _| false));
    let window = Window { x: -100, y: -50, width: 200, height: 150 };
    let plan = plan(Some(window), &picture, &nothing).unwrap();
    assert_eq!(plan.size(), Size { width: 400, height: 250 });
    assert!(plan.is_inpainting());
    let drawn = drawn(&plan);
    let finished = plan.finish_transparent(&drawn).unwrap();
    assert_eq!(finished.dimensions(), (400, 250));
    for (x, y, pixel) in finished.enumerate_pixels() {
        let is_in_window = x < 200 && y < 150;
        let is_in_picture = x >= 100 && y >= 50;
        assert_eq!(pixel.0[3], if is_in_window || is_in_picture { 255 } else { 0 }, "{x} {y}");
        if is_in_picture && !is_in_window {
            assert_eq!(pixel.0[..3], picture.rgb.get_pixel(x - 100, y - 50).0, "bit for bit");
        }
    }
    // What of the picture lies in the window is known, and changes at its soft edge alone.
    let kept = finished.get_pixel(190, 140).0;
    assert_eq!(kept[..3], picture.rgb.get_pixel(90, 90).0);
    let on_white = plan.finish(&drawn);
    assert_eq!(
        (on_white.get_pixel(399, 0), on_white.get_pixel(399, 249)),
        (&Rgb([255; 3]), picture.rgb.get_pixel(299, 199))
    );
}

#[test]
fn a_window_on_nothing_is_a_picture_of_its_own() {
    let (picture, nothing) = (photo(300, 200), mask(300, 200, |_, _| false));
    let window = Window { x: 300, y: 0, width: 128, height: 64 };
    let plan = plan(Some(window), &picture, &nothing).unwrap();
    assert_eq!((plan.mode(), plan.working_size), (Mode::Draw, Size { width: 128, height: 64 }));
    assert!(plan.unmasked.is_none());
    let finished = plan.finish_transparent(&drawn(&plan)).unwrap();
    assert_eq!(finished.get_pixel(310, 20).0[0], 200);
    assert_eq!(finished.get_pixel(310, 150).0[3], 0);
}

#[test]
fn a_window_in_which_nothing_is_to_be_drawn_is_refused() {
    let (picture, nothing) = (photo(300, 200), mask(300, 200, |x, _| x > 250));
    let window = Window { x: 0, y: 0, width: 100, height: 100 };
    assert!(matches!(plan(Some(window), &picture, &nothing), Err(EngineError::Mask(MaskError::Empty))));
}

#[test]
fn a_small_mask_in_a_large_photo_is_drawn_in_detail() {
    let picture = photo(4000, 3000);
    let spot = mask(4000, 3000, |x, y| (1000..1050).contains(&x) && (1000..1050).contains(&y));
    let window = Window { x: 960, y: 960, width: 128, height: 128 };
    let defaults = Defaults { size: 128, largest: None, ..Defaults::default() };
    let task = Task::Inpaint { prompt: String::new(), window: Some(window) };
    let inputs = [picture, spot];
    let plan = ImagePlan::new(&Recipe::new(task, 1), &inputs, &defaults, Rules::Sound).unwrap();
    assert_eq!(plan.working_size, Size { width: 128, height: 128 }, "a pixel for a pixel");
}
