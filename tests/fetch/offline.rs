//! Without a connection.

use crate::work_folder::{UNET, WorkFolder, refusal, weights};

#[test]
fn offline_only_what_is_there_is_used() {
    let work = WorkFolder::new();
    let refused = work.fails(&["--offline"]);
    for words in ["prior/config.json", "kandinsky-2-1-prior", "neither in kandinsky nor in the cache", "--offline"] {
        assert!(refused.contains(words), "{refused}");
    }
    work.fetches(&[]);
    assert!(!work.hub.seen().is_empty());

    work.fetches(&["--offline"]);
    std::fs::remove_dir_all(work.path("kandinsky")).unwrap();
    work.fetches(&["--offline"]);
    let unet = work.path("kandinsky/kandinsky-2-1").join(UNET);
    assert!(std::fs::read(&unet).unwrap() == weights(10, 100_000));
    std::fs::remove_dir_all(work.path("hf")).unwrap();
    let output = work.command(&[]).env("HF_HUB_OFFLINE", "1").output().unwrap();
    assert!(output.status.success(), "the model folder is enough");

    std::fs::remove_file(&unet).unwrap();
    let refused = refusal(&work.command(&[]).env("HF_HUB_OFFLINE", "1").output().unwrap());
    assert!(refused.contains(UNET), "{refused}");
    assert_eq!(work.hub.seen(), [], "nobody was asked");
    for online in ["0", ""] {
        let output = work.command(&[]).env("HF_HUB_OFFLINE", online).output().unwrap();
        assert!(output.status.success() && !work.hub.seen().is_empty(), "{online:?} means online");
    }
}

#[cfg(unix)]
#[test]
fn offline_a_damaged_file_is_noticed_by_its_name_in_the_cache() {
    let work = WorkFolder::new();
    work.fetches(&[]);
    let unet = work.path("kandinsky/kandinsky-2-1").join(UNET);
    let mut bytes = weights(10, 100_000);
    bytes[0] ^= 1;
    std::fs::write(&unet, &bytes).unwrap();
    let refused = work.fails(&["--offline"]);
    assert!(refused.contains(UNET), "{refused}");
}
