//! The kernels' own sources, run as C++: what a GPU would compute, and not only what their twin does.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use half::{bf16, f16};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tempfile::TempDir;

use super::launch_plan::LaunchPlan;
use super::reference::{Maps, SpatialModulation};

/// A kernel's code for a number format, the rounding of that format, and its epsilon at 1.
type Format = (u32, fn(f32) -> f32, f32);

const FORMATS: [Format; 3] = [
    (0, |x| x, f32::EPSILON),
    (1, |x| f16::from_f32(x).to_f32(), 1. / 1024.),
    (2, |x| bf16::from_f32(x).to_f32(), 1. / 128.),
];

/// The program that the sources become.
struct Program(TempDir);

impl Program {
    fn build() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ops/cuda/on_a_cpu/main.cpp");
        let arguments = ["-std=c++20", "-O1", "-pthread", "-ffp-contract=off", "-o"];
        let compiled = Command::new("c++").args(arguments).arg(folder.path().join("kernels")).arg(source).status();
        assert!(compiled.expect("a C++ compiler").success());
        Self(folder)
    }

    fn run(&self, words: &[u32]) -> Vec<f32> {
        let mut command = Command::new(self.0.path().join("kernels"));
        let mut running = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
        running.stdin.take().unwrap().write_all(&bytes).unwrap();
        let output = running.wait_with_output().unwrap();
        assert!(output.status.success());
        output.stdout.chunks_exact(4).map(|bytes| f32::from_ne_bytes(bytes.try_into().unwrap())).collect()
    }
}

fn random(count: usize, mean: f32, round: fn(f32) -> f32, seed: u64) -> Vec<f32> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    (0..count).map(|_| round(mean + generator.random_range(-1f32..1.))).collect()
}

fn bits(numbers: &[f32]) -> impl Iterator<Item = u32> {
    numbers.iter().map(|number| number.to_bits())
}

/// The program's input for a normalisation.
fn words(maps: &Maps<'_>, format: u32) -> Vec<u32> {
    let (height, width) = maps.size;
    let n = maps.x.len() / (height * width * maps.channels);
    let runs = LaunchPlan::new(height * width, maps.channels);
    let small = maps.small.unwrap_or(SpatialModulation { gain: &[], offset: &[], size: (0, 0) });
    let (scale, shift) = maps.film.unwrap_or_default();
    let sizes = [n, height, width, maps.channels, maps.groups];
    let flags = [usize::from(maps.silu), usize::from(maps.film.is_some()), small.size.0, small.size.1];
    let geometry = [runs.run, runs.count, runs.lanes, runs.threads, runs.shared_bytes()];
    let head = sizes.into_iter().chain(flags).chain(geometry).map(|size| size as u32);
    let head = [0, format].into_iter().chain(head).chain([maps.eps.to_bits()]);
    let numbers = [maps.x, maps.weight, maps.bias, scale, shift, small.gain, small.offset];
    head.chain(numbers.into_iter().flat_map(bits)).collect()
}

#[test]
#[ignore = "needs a C++ compiler"]
fn cuda_group_norms_give_what_their_twin_gives() {
    let program = Program::build();
    let shapes = [
        (1, (1, 1), 4, 2, None),
        (2, (3, 5), 38, 2, Some((2, 3))),
        (2, (7, 9), 33, 33, None),
        (1, (40, 61), 6, 3, Some((5, 61))),
        (2, (6, 6), 1536, 32, None),
        (1, (5, 4), 700, 7, Some((5, 2))),
    ];
    for (n, size, channels, groups, small_size) in shapes {
        for (format, round, step) in FORMATS {
            let count = |(height, width): (usize, usize)| n * height * width * channels;
            let x = random(count(size), 3., round, 1);
            let (weight, bias) = (random(channels, 1., |x| x, 2), random(channels, 0., |x| x, 3));
            let (scale, shift) = (random(n * channels, 0., |x| x, 6), random(n * channels, 0., |x| x, 7));
            let small =
                small_size.map(|size| (random(count(size), 1., round, 4), random(count(size), 0., round, 5), size));
            let small = small.as_ref().map(|(gain, offset, size)| SpatialModulation { gain, offset, size: *size });
            let film = (n == 2).then_some((&scale[..], &shift[..]));
            let (weight, bias, silu) = (&weight[..], &bias[..], channels > 4);
            let maps = Maps { x: &x, size, channels, groups, eps: 1e-5, weight, bias, film, small, silu };
            let computed = program.run(&words(&maps, format));
            let expected = maps.normalise();
            assert_eq!(computed.len(), expected.len());
            for (computed, expected) in computed.iter().zip(&expected) {
                // One step for the rounding to the format and a little for another `exp`.
                let within = expected.abs() * step + 1e-6;
                assert!((computed - expected).abs() <= within, "{size:?} × {channels}: {computed}, not {expected}");
            }
        }
    }
}

#[test]
#[ignore = "needs a C++ compiler"]
fn cuda_sums_are_rounded_once_and_as_they_should_be() {
    let program = Program::build();
    let (channels, rows) = (37, 90);
    for (format, round, _) in FORMATS {
        for has_map in [false, true] {
            let mut y = random(channels * rows, 0., round, 6);
            // What a rounding may get wrong: the largest and smallest numbers, ties and what is none.
            let odd = [65504., 6e-8, -6e-5, 1e-7, 3e38, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, -0., 2048.];
            y.iter_mut().zip(odd).for_each(|(y, odd)| *y = round(odd));
            let bias: Vec<f32> = random(channels, 0., round, 7).iter().map(|x| round(x * 1e-3)).collect();
            let map = random(if has_map { y.len() } else { 0 }, 0., round, 8);
            let head = [1, format, y.len() as u32, channels as u32, u32::from(has_map)];
            let words: Vec<u32> = head.into_iter().chain(bits(&y)).chain(bits(&bias)).chain(bits(&map)).collect();
            let computed = program.run(&words);
            assert_eq!(computed.len(), y.len());
            for (index, (computed, y)) in computed.into_iter().zip(&y).enumerate() {
                let sum = y + bias[index % channels] + map.get(index).copied().unwrap_or(-0.);
                let expected = round(sum);
                let same = computed.to_bits() == expected.to_bits() || computed.is_nan() && expected.is_nan();
                assert!(same, "{sum} became {computed}, not {expected}, in format {format}");
            }
        }
    }
}
