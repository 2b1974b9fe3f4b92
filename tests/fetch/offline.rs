//! Without a connection.

use crate::desk::{Desk, UNET, refusal, weights};

#[test]
fn offline_only_what_is_there_is_used() {
    let desk = Desk::new();
    let refused = desk.fails(&["--offline"]);
    for words in ["prior/config.json", "kandinsky-2-1-prior", "neither in kandinsky nor in the cache", "--offline"] {
        assert!(refused.contains(words), "{refused}");
    }
    desk.fetches(&[]);
    assert!(!desk.hub.seen().is_empty());

    desk.fetches(&["--offline"]);
    std::fs::remove_dir_all(desk.path("kandinsky")).unwrap();
    desk.fetches(&["--offline"]);
    let unet = desk.path("kandinsky/kandinsky-2-1").join(UNET);
    assert!(std::fs::read(&unet).unwrap() == weights(10, 100_000));
    std::fs::remove_dir_all(desk.path("hf")).unwrap();
    let output = desk.command(&[]).env("HF_HUB_OFFLINE", "1").output().unwrap();
    assert!(output.status.success(), "the model folder is enough");

    std::fs::remove_file(&unet).unwrap();
    let refused = refusal(&desk.command(&[]).env("HF_HUB_OFFLINE", "1").output().unwrap());
    assert!(refused.contains(UNET), "{refused}");
    assert_eq!(desk.hub.seen(), [], "nobody was asked");
    for online in ["0", ""] {
        let output = desk.command(&[]).env("HF_HUB_OFFLINE", online).output().unwrap();
        assert!(output.status.success() && !desk.hub.seen().is_empty(), "{online:?} means online");
    }
}

#[cfg(unix)]
#[test]
fn offline_a_damaged_file_is_noticed_by_its_name_in_the_cache() {
    let desk = Desk::new();
    desk.fetches(&[]);
    let unet = desk.path("kandinsky/kandinsky-2-1").join(UNET);
    let mut bytes = weights(10, 100_000);
    bytes[0] ^= 1;
    std::fs::write(&unet, &bytes).unwrap();
    let refused = desk.fails(&["--offline"]);
    assert!(refused.contains(UNET), "{refused}");
}
