//! `kandinsky-bot bench`: speed and memory, one JSON line a part.

use std::io::Write;
use std::time::Duration;

use anyhow::Result;
use clap::{Args, ValueEnum};
use serde_json::json;

use crate::config::ModelArgs;
use crate::engine::{Bench, BenchPart, Measurement, Workload};

/// Arguments of `bench`.
#[derive(Debug, Args)]
pub(super) struct BenchArgs {
    /// What to measure; one JSON line for each
    #[arg(required = true, value_name = "PART")]
    parts: Vec<PartName>,
    /// Side of the square picture in pixels, 64 to 1024
    #[arg(long, value_name = "N", default_value_t = 768, value_parser = clap::value_parser!(u32).range(64..=1024))]
    size: u32,
    /// Rows in a tensor; a picture with guidance has two
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=64))]
    batch: u32,
    /// Number of measurements of each part
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// Denoising steps of a whole picture; by default the model's own number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    steps: Option<u32>,
    #[command(flatten)]
    model: ModelArgs,
}

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PartName {
    /// One evaluation of the UNet
    Unet,
    /// Whole pictures from text, with guidance (two rows each)
    Picture,
    /// MoVQ: latents to pixels
    Movq,
    /// One evaluation of the prior
    Prior,
    /// Both text encoders
    Text,
    /// A text of 15 tokens from Russian to English, always at the published size with random weights
    Translate,
    /// RRDBNet: a picture drawn twice as large
    Rrdb,
    /// SRVGGNetCompact: a picture drawn twice as large
    Compact,
}

impl From<PartName> for BenchPart {
    fn from(name: PartName) -> Self {
        match name {
            PartName::Unet => Self::Unet,
            PartName::Picture => Self::Picture,
            PartName::Movq => Self::Movq,
            PartName::Prior => Self::Prior,
            PartName::Text => Self::Text,
            PartName::Translate => Self::Translate,
            PartName::Rrdb => Self::Rrdb,
            PartName::Compact => Self::Compact,
        }
    }
}

pub(super) fn run(args: &BenchArgs) -> Result<()> {
    let bench = Bench::open(&(&args.model).into())?;
    let workload = Workload { size: args.size, batch: args.batch, runs: args.runs, steps: args.steps };
    for &part in &args.parts {
        let line = line(part, &workload, &bench.measure(part.into(), &workload)?);
        writeln!(std::io::stdout(), "{line}")?;
    }
    Ok(())
}

fn line(part: PartName, workload: &Workload, measurement: &Measurement) -> serde_json::Value {
    let name = part.to_possible_value().map_or_else(String::new, |value| value.get_name().to_string());
    let (median, least) = median_and_least(&measurement.times);
    let mut line = json!({
        "part": name,
        "size": workload.size,
        "batch": workload.batch,
        "dtype": measurement.dtype,
        "device": measurement.device,
        "runs": workload.runs,
        "median_s": median,
        "min_s": least,
        "peak_bytes": measurement.peak_bytes,
    });
    if let (PartName::Picture, Some(steps)) = (part, workload.steps) {
        line["steps"] = steps.into();
    }
    line
}

/// In seconds; of an even number of runs, the mean of the two in the middle.
fn median_and_least(times: &[Duration]) -> (f64, f64) {
    let mut seconds: Vec<f64> = times.iter().map(Duration::as_secs_f64).collect();
    seconds.sort_by(f64::total_cmp);
    let middle = seconds.len() / 2;
    let median = match seconds.as_slice() {
        [] => 0.,
        seconds if seconds.len() % 2 == 1 => seconds[middle],
        seconds => f64::midpoint(seconds[middle - 1], seconds[middle]),
    };
    (median, seconds.first().copied().unwrap_or(0.))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        let of =
            |seconds: &[u64]| median_and_least(&seconds.iter().copied().map(Duration::from_secs).collect::<Vec<_>>());
        assert_eq!(of(&[9, 1, 2]), (2., 1.));
        assert_eq!(of(&[9, 1, 2, 4]), (3., 1.));
    }
}
