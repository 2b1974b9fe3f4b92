//! `kandinsky-bot draw`.

use kandinsky_bot::pictures::read_recipe;

use crate::support::program::{complaint, run};

#[test]
fn a_picture_is_drawn_twice_alike_and_carries_its_recipe() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join("new").join(name).to_str().unwrap().to_owned();
    let draw = |name: &str| {
        let output = run(&["draw", "красное яблоко на синем фоне", "-o", &path(name), "--seed", "7", "--steps", "5"]);
        assert!(output.status.success(), "{}", complaint(&output));
        assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{}\n", path(name)));
        std::fs::read(path(name)).unwrap()
    };
    let bytes = draw("a.png");
    assert_eq!(bytes, draw("b.png"));
    assert_eq!(read_recipe(&bytes).unwrap().seed, 7);
}

#[test]
fn each_picture_of_a_batch_equals_its_seed_drawn_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let draw = |arguments: &[&str]| {
        let output = run(&[&["draw", "a lemon", "--steps", "3"], arguments].concat());
        assert!(output.status.success(), "{}", complaint(&output));
    };
    draw(&["--seed", "7", "--count", "3", "-o", &path("batch.png")]);
    draw(&["--seed", "9", "-o", &path("alone.png")]);
    assert_eq!(std::fs::read(path("batch-3.png")).unwrap(), std::fs::read(path("alone.png")).unwrap());
}

#[test]
fn a_larger_size_is_enlarged_and_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    let output = run(&["draw", "a lemon", "--steps", "2", "--size", "300x200", "-o", path.to_str().unwrap()]);
    assert!(complaint(&output).contains("enlarged"), "{}", complaint(&output));
    assert_eq!(image::image_dimensions(path).unwrap(), (300, 200));
}

#[test]
fn bad_input_gets_one_clear_line() {
    for (arguments, words) in [
        (&["draw", "  "][..], "prompt is empty"),
        (&["draw", "cat", "--count", "0"], "pictures"),
        (&["draw", "cat", "--model", "/nowhere"], "/nowhere"),
        (&["draw", "cat", "--steps", "1", "-o", "/dev/null/a.png"], "/dev/null"),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(complaint(&output).lines().last().unwrap().contains(words), "{}", complaint(&output));
    }
    for arguments in [["draw", "cat", "--size", "10x10"], ["draw", "cat", "--style", "gothic"]] {
        assert_eq!(run(&arguments).status.code(), Some(2), "{arguments:?}");
    }
}
