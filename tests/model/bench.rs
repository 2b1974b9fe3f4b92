//! `kandinsky-bot bench` on the miniature.

use std::process::Command;

use serde_json::Value;

fn bench(arguments: &[&str]) -> Vec<Value> {
    let mini = concat!(env!("CARGO_MANIFEST_DIR"), "/models/mini");
    let mut command = Command::new(env!("CARGO_BIN_EXE_kandinsky-bot"));
    let folder = tempfile::tempdir().unwrap();
    let command = command.current_dir(&folder).args(["bench", "--model", mini, "--device", "cpu"]).args(arguments);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let stdout = String::from_utf8(output.stdout).unwrap();
    stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn each_part_gets_a_line() {
    let parts = ["unet", "movq", "prior", "text", "picture", "compact"];
    let mut arguments = parts.to_vec();
    arguments.extend(["--size", "128", "--batch", "2", "--runs", "2", "--steps", "2", "--dtype", "f32,movq=bf16"]);
    let lines = bench(&arguments);
    assert_eq!(lines.len(), parts.len());
    for (line, part) in lines.iter().zip(parts) {
        assert_eq!(line["part"], part);
        assert_eq!(line["size"], 128);
        assert_eq!(line["batch"], 2);
        assert_eq!(line["runs"], 2);
        assert_eq!(line["device"], "cpu");
        let (median, least) = (line["median_s"].as_f64().unwrap(), line["min_s"].as_f64().unwrap());
        assert!(0. < least && least <= median, "{line}");
        if cfg!(target_os = "linux") {
            // The weights alone are 50 MB in f32, but only the part in question is loaded.
            assert!(line["peak_bytes"].as_u64().unwrap() > 10_000_000, "{line}");
        }
    }
    assert_eq!(lines[0]["dtype"], "f32");
    assert_eq!(lines[1]["dtype"], "bf16");
    assert_eq!(lines[4]["dtype"], "encoders=f32,prior=f32,unet=f32,movq=bf16");
}

#[test]
fn more_rows_take_longer() {
    let time = |batch: &str| bench(&["unet", "--size", "128", "--runs", "3", "--batch", batch])[0]["min_s"].as_f64();
    assert!(time("8").unwrap() > time("1").unwrap());
}
