//! Files that are not what was published.

use crate::work_folder::{DECODER, UNET, WorkFolder, weights};

const ARGUMENTS: [&str; 2] = ["--repo", "kandinsky-2-1"];

#[test]
fn what_comes_damaged_is_refused_and_fetched_anew() {
    let work = WorkFolder::new();
    work.hub.damage(&format!("{DECODER}/{UNET}"));
    let refused = work.fails(&ARGUMENTS);
    assert!(refused.contains(&format!("{UNET} of {DECODER} came damaged")), "{refused}");
    assert!(!work.path("kandinsky/kandinsky-2-1").join(UNET).exists());
    let blobs = crate::work_folder::files(&work.cached(DECODER, "blobs"));
    let of_that_size =
        blobs.iter().filter(|name| work.cached(DECODER, "blobs").join(name).metadata().unwrap().len() == 100_000);
    assert_eq!(of_that_size.count(), 0, "it is not kept: {blobs:?}");

    work.hub.repair();
    work.hub.seen();
    work.fetches(&ARGUMENTS);
    let start = work.sent().into_iter().find(|request| request.what.ends_with(UNET)).unwrap().start;
    assert_eq!(start, 0);
}

#[test]
fn what_was_damaged_on_the_disk_is_fetched_anew() {
    let work = WorkFolder::new();
    work.fetches(&ARGUMENTS);
    work.sent();
    let target = work.path("kandinsky/kandinsky-2-1").join(UNET);
    let mut bytes = weights(10, 100_000);
    bytes[50_000] ^= 1;
    // In place, so that the cache is hit as well.
    std::fs::write(&target, &bytes).unwrap();
    work.fetches(&ARGUMENTS);
    assert_eq!(work.sent().len(), 1, "that file alone");
    assert!(std::fs::read(&target).unwrap() == weights(10, 100_000));

    let config = work.path("kandinsky/kandinsky-2-1/unet/config.json");
    std::fs::write(&config, "{}").unwrap();
    work.fetches(&ARGUMENTS);
    assert_eq!(work.sent(), [], "the cache has it still");
    assert_eq!(std::fs::read_to_string(&config).unwrap(), r#"{"of": "unet/config.json"}"#);
}
