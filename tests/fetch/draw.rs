//! A model that was fetched draws.

use std::path::Path;

use crate::hub::FakeHub;
use crate::program::complaint;
use crate::work_folder::{INPAINT, PRIOR, WorkFolder, files};

#[test]
fn a_fetched_model_draws() {
    let hub = FakeHub::start();
    let miniature = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/mini");
    for repository in [PRIOR, INPAINT] {
        let folder = miniature.join(repository.rsplit('/').next().unwrap());
        for file in files(&folder) {
            hub.add(repository, &file, std::fs::read(folder.join(&file)).unwrap());
        }
    }
    let work = WorkFolder::beside(hub);
    work.fetches(&["--repo", "kandinsky-2-1-prior", "--repo", "kandinsky-2-1-inpaint"]);
    let mut draw = work.elsewhere("http://127.0.0.1:1");
    draw.env("KANDINSKY_MODEL", "kandinsky").args(["draw", "a lemon on a green background", "--size", "128x128"]);
    let output = draw.args(["--steps", "3", "--prior-steps", "3", "-o", "lemon.png"]).output().unwrap();
    assert!(output.status.success(), "{}", complaint(&output));
    assert_eq!(image::image_dimensions(work.path("lemon.png")).unwrap(), (128, 128));
}
