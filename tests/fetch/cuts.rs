//! Downloads that are cut in the middle.

use std::process::{Command, Stdio};

use indicatif::DecimalBytes;

use crate::hub::{Cut, End, digest};
use crate::work_folder::{DECODER, UNET, WorkFolder, files, refusal, weights};

const ARGUMENTS: [&str; 2] = ["--repo", "kandinsky-2-1"];

fn unet() -> String {
    format!("{DECODER}/{UNET}")
}

/// From which bytes on the UNet was sent.
fn starts(work: &WorkFolder) -> Vec<u64> {
    work.sent().into_iter().filter(|request| request.what == unet()).map(|request| request.start).collect()
}

fn assert_whole(work: &WorkFolder) {
    assert!(std::fs::read(work.path("kandinsky/kandinsky-2-1").join(UNET)).unwrap() == weights(10, 100_000));
}

#[test]
fn a_cut_connection_is_made_again_where_it_ended() {
    let work = WorkFolder::new();
    work.hub.cut(&unet(), Cut { after: 30_000, times: 2, end: End::Breaks });
    work.fetches(&ARGUMENTS);
    assert_eq!(starts(&work), [0, 30_000, 60_000]);
    assert_whole(&work);
}

#[test]
fn after_a_failure_the_next_run_goes_on_from_there() {
    let work = WorkFolder::new();
    work.hub.cut(&unet(), Cut { after: 70_000, times: 1, end: End::BreaksForGood });
    let refused = work.fails(&ARGUMENTS);
    assert!(refused.contains(UNET) && refused.contains("status 503") && refused.contains("run the same"), "{refused}");
    assert_eq!(starts(&work), [0, 70_000, 70_000, 70_000], "it was tried again");
    assert!(!work.path("kandinsky/kandinsky-2-1").join(UNET).exists(), "nothing half-done is in the model folder");

    work.hub.repair();
    let said = work.fetches(&ARGUMENTS);
    let folder = work.path("kandinsky/kandinsky-2-1");
    let all: u64 = files(&folder).iter().map(|file| folder.join(file).metadata().unwrap().len()).sum();
    let config = folder.join("unet/config.json").metadata().unwrap().len();
    let rest = format!("of which {} to fetch", DecimalBytes(all - 70_000 - config));
    assert!(said.contains(&rest), "{rest}: {said}");
    assert_eq!(starts(&work), [70_000]);
    assert_whole(&work);
}

#[test]
fn a_server_that_knows_no_ranges_sends_it_all_again() {
    let work = WorkFolder::new();
    work.hub.ignore_ranges();
    work.hub.cut(&unet(), Cut { after: 30_000, times: 1, end: End::Breaks });
    work.fetches(&ARGUMENTS);
    assert_whole(&work);
}

#[test]
fn a_bad_part_from_before_is_thrown_away() {
    let work = WorkFolder::new();
    let part = work.cached(DECODER, "blobs").join(format!("{}.incomplete", digest(&weights(10, 100_000))));
    for (length, starts_at) in [(50_000, vec![50_000, 0]), (100_000, vec![0]), (200_000, vec![0])] {
        std::fs::create_dir_all(part.parent().unwrap()).unwrap();
        std::fs::write(&part, vec![7; length]).unwrap();
        work.fetches(&ARGUMENTS);
        assert_eq!(starts(&work), starts_at, "a part of {length} bytes");
        assert_whole(&work);
        std::fs::remove_dir_all(work.path("kandinsky")).unwrap();
        std::fs::remove_dir_all(work.path("hf")).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_says_how_to_go_on_and_two_do_not_write_into_one_file() {
    let work = WorkFolder::new();
    work.hub.cut(&unet(), Cut { after: 40_000, times: 1, end: End::Hangs });
    let mut command = work.command(&ARGUMENTS);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    work.hub.wait_for(&unet());
    let refused = work.fails(&ARGUMENTS);
    assert!(refused.contains("another program is fetching it"), "{refused}");
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let refused = refusal(&child.wait_with_output().unwrap());
    assert!(refused.contains("stopped; run the same command again"), "{refused}");

    work.hub.repair();
    work.hub.seen();
    work.fetches(&ARGUMENTS);
    assert_eq!(starts(&work), [40_000]);
    assert_whole(&work);
}
