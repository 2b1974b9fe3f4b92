//! Files that are not what was published.

use crate::desk::{DECODER, Desk, UNET, weights};

const ARGUMENTS: [&str; 2] = ["--repo", "kandinsky-2-1"];

#[test]
fn what_comes_damaged_is_refused_and_fetched_anew() {
    let desk = Desk::new();
    desk.hub.damage(&format!("{DECODER}/{UNET}"));
    let refused = desk.fails(&ARGUMENTS);
    assert!(refused.contains(&format!("{UNET} of {DECODER} came damaged")), "{refused}");
    assert!(!desk.path("kandinsky/kandinsky-2-1").join(UNET).exists());
    let blobs = crate::desk::files(&desk.cached(DECODER, "blobs"));
    let of_that_size =
        blobs.iter().filter(|name| desk.cached(DECODER, "blobs").join(name).metadata().unwrap().len() == 100_000);
    assert_eq!(of_that_size.count(), 0, "it is not kept: {blobs:?}");

    desk.hub.repair();
    desk.hub.seen();
    desk.fetches(&ARGUMENTS);
    let start = desk.sent().into_iter().find(|request| request.what.ends_with(UNET)).unwrap().start;
    assert_eq!(start, 0);
}

#[test]
fn what_was_damaged_on_the_disk_is_fetched_anew() {
    let desk = Desk::new();
    desk.fetches(&ARGUMENTS);
    desk.sent();
    let target = desk.path("kandinsky/kandinsky-2-1").join(UNET);
    let mut bytes = weights(10, 100_000);
    bytes[50_000] ^= 1;
    // In place, so that the cache is hit as well.
    std::fs::write(&target, &bytes).unwrap();
    desk.fetches(&ARGUMENTS);
    assert_eq!(desk.sent().len(), 1, "that file alone");
    assert!(std::fs::read(&target).unwrap() == weights(10, 100_000));

    let config = desk.path("kandinsky/kandinsky-2-1/unet/config.json");
    std::fs::write(&config, "{}").unwrap();
    desk.fetches(&ARGUMENTS);
    assert_eq!(desk.sent(), [], "the cache has it still");
    assert_eq!(std::fs::read_to_string(&config).unwrap(), r#"{"of": "unet/config.json"}"#);
}
