//! Downloads that are cut in the middle.

use std::process::{Command, Stdio};

use indicatif::DecimalBytes;

use crate::desk::{DECODER, Desk, UNET, files, refusal, weights};
use crate::hub::{Cut, End, digest};

const ARGUMENTS: [&str; 2] = ["--repo", "kandinsky-2-1"];

fn unet() -> String {
    format!("{DECODER}/{UNET}")
}

/// From which bytes on the UNet was sent.
fn starts(desk: &Desk) -> Vec<u64> {
    desk.sent().into_iter().filter(|request| request.what == unet()).map(|request| request.start).collect()
}

fn assert_whole(desk: &Desk) {
    assert!(std::fs::read(desk.path("kandinsky/kandinsky-2-1").join(UNET)).unwrap() == weights(10, 100_000));
}

#[test]
fn a_cut_connection_is_made_again_where_it_ended() {
    let desk = Desk::new();
    desk.hub.cut(&unet(), Cut { after: 30_000, times: 2, end: End::Breaks });
    desk.fetches(&ARGUMENTS);
    assert_eq!(starts(&desk), [0, 30_000, 60_000]);
    assert_whole(&desk);
}

#[test]
fn after_a_failure_the_next_run_goes_on_from_there() {
    let desk = Desk::new();
    desk.hub.cut(&unet(), Cut { after: 70_000, times: 1, end: End::BreaksForGood });
    let refused = desk.fails(&ARGUMENTS);
    assert!(refused.contains(UNET) && refused.contains("status 503") && refused.contains("run the same"), "{refused}");
    assert_eq!(starts(&desk), [0, 70_000, 70_000, 70_000], "it was tried again");
    assert!(!desk.path("kandinsky/kandinsky-2-1").join(UNET).exists(), "nothing half-done is in the model folder");

    desk.hub.repair();
    let said = desk.fetches(&ARGUMENTS);
    let folder = desk.path("kandinsky/kandinsky-2-1");
    let all: u64 = files(&folder).iter().map(|file| folder.join(file).metadata().unwrap().len()).sum();
    let config = folder.join("unet/config.json").metadata().unwrap().len();
    let rest = format!("of which {} to fetch", DecimalBytes(all - 70_000 - config));
    assert!(said.contains(&rest), "{rest}: {said}");
    assert_eq!(starts(&desk), [70_000]);
    assert_whole(&desk);
}

#[test]
fn a_server_that_knows_no_ranges_sends_it_all_again() {
    let desk = Desk::new();
    desk.hub.ignore_ranges();
    desk.hub.cut(&unet(), Cut { after: 30_000, times: 1, end: End::Breaks });
    desk.fetches(&ARGUMENTS);
    assert_whole(&desk);
}

#[test]
fn a_bad_part_from_before_is_thrown_away() {
    let desk = Desk::new();
    let part = desk.cached(DECODER, "blobs").join(format!("{}.incomplete", digest(&weights(10, 100_000))));
    for (length, starts_at) in [(50_000, vec![50_000, 0]), (100_000, vec![0]), (200_000, vec![0])] {
        std::fs::create_dir_all(part.parent().unwrap()).unwrap();
        std::fs::write(&part, vec![7; length]).unwrap();
        desk.fetches(&ARGUMENTS);
        assert_eq!(starts(&desk), starts_at, "a part of {length} bytes");
        assert_whole(&desk);
        std::fs::remove_dir_all(desk.path("kandinsky")).unwrap();
        std::fs::remove_dir_all(desk.path("hf")).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_says_how_to_go_on_and_two_do_not_write_into_one_file() {
    let desk = Desk::new();
    desk.hub.cut(&unet(), Cut { after: 40_000, times: 1, end: End::Hangs });
    let mut command = desk.command(&ARGUMENTS);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    desk.hub.wait_for(&unet());
    let refused = desk.fails(&ARGUMENTS);
    assert!(refused.contains("another program is fetching it"), "{refused}");
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let refused = refusal(&child.wait_with_output().unwrap());
    assert!(refused.contains("stopped; run the same command again"), "{refused}");

    desk.hub.repair();
    desk.hub.seen();
    desk.fetches(&ARGUMENTS);
    assert_eq!(starts(&desk), [40_000]);
    assert_whole(&desk);
}
