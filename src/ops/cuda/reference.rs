//! `group_norm.cu` in Rust: the same blocks, threads and orders of sums, one after another, so that what the kernels
//! compute can be tested without a GPU. A change of the kernels has to be made here as well.

use super::launch_plan::LaunchPlan;

/// Pictures `[n, height, width, channels]` and the parameters of their normalisation.
pub(super) struct Maps<'a> {
    pub(super) x: &'a [f32],
    pub(super) size: (usize, usize),
    pub(super) channels: usize,
    pub(super) groups: usize,
    pub(super) eps: f32,
    /// `[channels]`.
    pub(super) weight: &'a [f32],
    /// `[channels]`.
    pub(super) bias: &'a [f32],
    /// Scale and shift, `[n, channels]`.
    pub(super) film: Option<(&'a [f32], &'a [f32])>,
    pub(super) small: Option<SpatialModulation<'a>>,
    pub(super) silu: bool,
}

/// A gain and an offset for each place, `[n, height, width, channels]`.
#[derive(Clone, Copy)]
pub(super) struct SpatialModulation<'a> {
    pub(super) gain: &'a [f32],
    pub(super) offset: &'a [f32],
    pub(super) size: (usize, usize),
}

/// Numbers of a run of `count` pixels that a lane sees.
fn seen(count: usize, lane: usize, lanes: usize) -> usize {
    if lane < count { (count - lane).div_ceil(lanes) } else { 0 }
}

impl Maps<'_> {
    pub(super) fn normalise(&self) -> Vec<f32> {
        let (pixels, size) = (self.pixels(), self.pixels() * self.channels);
        let runs = LaunchPlan::new(pixels, self.channels);
        let mut y = vec![f32::NAN; self.x.len()];
        for picture in 0..self.x.len() / size {
            let moments: Vec<_> = (0..runs.count).flat_map(|block| self.run_moments(&runs, picture, block)).collect();
            let statistics: Vec<_> = (0..self.groups).map(|group| self.statistics(&runs, &moments, group)).collect();
            for block in 0..runs.count {
                self.modulate(&runs, &statistics, (picture, block), &mut y[picture * size..][..size]);
            }
        }
        y
    }

    fn pixels(&self) -> usize {
        self.size.0 * self.size.1
    }

    fn width(&self) -> usize {
        self.channels / self.groups
    }

    fn columns(&self, runs: &LaunchPlan) -> impl Iterator<Item = usize> {
        let (columns, threads) = (runs.lanes * self.channels, runs.threads);
        (0..threads).flat_map(move |thread| (thread..columns).step_by(threads))
    }

    /// First pixel and the one after the last.
    fn span(&self, runs: &LaunchPlan, block: usize) -> (usize, usize) {
        (block * runs.run, ((block + 1) * runs.run).min(self.pixels()))
    }

    fn run_moments(&self, runs: &LaunchPlan, picture: usize, block: usize) -> Vec<[f32; 2]> {
        let (channels, lanes) = (self.channels, runs.lanes);
        let (first, last) = self.span(runs, block);
        let x = &self.x[picture * self.pixels() * channels..];
        let mut shared = vec![[f32::NAN; 2]; lanes * channels];
        for column in self.columns(runs) {
            let (lane, channel) = (column / channels, column % channels);
            let numbers = seen(last - first, lane, lanes);
            let origin = if numbers > 0 { x[(first + lane) * channels + channel] } else { 0. };
            let (mut sum, mut square) = (0f32, 0f32);
            for pixel in (first + lane..last).step_by(lanes) {
                let distance = x[pixel * channels + channel] - origin;
                sum += distance;
                square = distance.mul_add(distance, square);
            }
            let share = if numbers > 0 { sum / numbers as f32 } else { 0. };
            shared[column] = [origin + share, (square - sum * share).max(0.)];
        }
        (0..self.groups).map(|group| self.gather(&shared, group, last - first, lanes)).collect()
    }

    /// The columns of a group to its mean and the sum of squares around it.
    fn gather(&self, shared: &[[f32; 2]], group: usize, count: usize, lanes: usize) -> [f32; 2] {
        let (channels, width) = (self.channels, self.width());
        let columns = || {
            let of_lane = move |lane| (group * width..(group + 1) * width).map(move |channel| (lane, channel));
            let columns = (0..lanes).flat_map(of_lane);
            columns.map(move |(lane, channel)| (seen(count, lane, lanes) as f32, shared[lane * channels + channel]))
        };
        let origin = shared[group * width][0];
        let (mut sum, mut square) = (0f32, 0f32);
        for (numbers, [mean, _]) in columns() {
            sum += numbers * (mean - origin);
        }
        let mean = origin + sum / (count as f32 * width as f32);
        for (numbers, [column_mean, column_square]) in columns() {
            let distance = column_mean - mean;
            square += column_square + numbers * distance * distance;
        }
        [mean, square]
    }

    fn statistics(&self, runs: &LaunchPlan, moments: &[[f32; 2]], group: usize) -> [f32; 2] {
        let (pixels, width) = (self.pixels(), self.width() as f32);
        let moments = &moments[group..];
        let origin = moments[0][0];
        let count = |index: usize| runs.run.min(pixels - index * runs.run) as f32;
        let of_lanes = |term: &dyn Fn(usize) -> f32| {
            let lane = |lane: usize| (lane..runs.count).step_by(32).fold(0f32, |sum, index| sum + term(index));
            warp_sum(std::array::from_fn(lane))
        };
        let sum = of_lanes(&|index| count(index) * (moments[index * self.groups][0] - origin));
        let mean = origin + sum / pixels as f32;
        let square = of_lanes(&|index| {
            let [run_mean, square] = moments[index * self.groups];
            let distance = run_mean - mean;
            square + count(index) * width * distance * distance
        });
        [mean, 1. / (square / (pixels as f32 * width) + self.eps).sqrt()]
    }

    fn modulate(&self, runs: &LaunchPlan, statistics: &[[f32; 2]], (picture, block): (usize, usize), y: &mut [f32]) {
        let channels = self.channels;
        let (height, width) = self.size;
        let (first, last) = self.span(runs, block);
        let x = &self.x[picture * self.pixels() * channels..];
        for column in self.columns(runs) {
            let (lane, channel) = (column / channels, column % channels);
            let [mean, inverse] = statistics[channel / self.width()];
            let own = picture * channels + channel;
            let (mut factor, mut term) = (inverse * self.weight[channel], self.bias[channel]);
            if let Some((scale, shift)) = self.film {
                factor *= 1. + scale[own];
                term = term.mul_add(1. + scale[own], shift[own]);
            }
            for pixel in (first + lane..last).step_by(runs.lanes) {
                let index = pixel * channels + channel;
                let mut value = (x[index] - mean).mul_add(factor, term);
                if let Some(small) = self.small {
                    let (rows, across) = small.size;
                    let row = (pixel / width) * rows / height;
                    let column = (pixel % width) * across / width;
                    let at = (picture * rows * across + row * across + column) * channels + channel;
                    value = value.mul_add(small.gain[at], small.offset[at]);
                }
                if self.silu {
                    value /= 1. + (-value).exp();
                }
                y[index] = value;
            }
        }
    }
}

/// Each of 32 lanes adds what the lane at a distance of 16, 8, 4, 2 and 1 holds; all end with the same.
fn warp_sum(mut lanes: [f32; 32]) -> f32 {
    for distance in [16, 8, 4, 2, 1] {
        lanes = std::array::from_fn(|lane| lanes[lane] + lanes[lane ^ distance]);
    }
    lanes[0]
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::ops::cpu;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// Around `mean`, a deviation of about 0.6.
    fn random(count: usize, mean: f32, seed: u64) -> Vec<f32> {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        (0..count).map(|_| mean + generator.random_range(-1f32..1.)).collect()
    }

    fn on_a_cpu(maps: &Maps<'_>) -> Vec<f32> {
        let spatial = maps.small.map(|SpatialModulation { gain, offset, size }| cpu::Spatial {
            gain,
            offset,
            size,
            map: maps.size,
        });
        let &Maps { x, channels, groups, weight, bias, silu, .. } = maps;
        let pictures = x.len() / maps.pixels() / channels;
        let film = |own: usize| maps.film.map_or((0., 0.), |(scale, shift)| (scale[own], shift[own]));
        let own = (0..pictures * channels).map(|own| (weight[own % channels], bias[own % channels], film(own)));
        let (gain, offset): (Vec<_>, Vec<_>) =
            own.map(|(weight, bias, (scale, shift))| (weight * (1. + scale), bias * (1. + scale) + shift)).unzip();
        let maps = cpu::Maps { channels, pixels: maps.pixels(), groups, eps: f64::from(maps.eps) };
        let mut result = vec![0f32; x.len()];
        maps.normalise(Some(x), cpu::Modulation { gain: &gain, offset: &offset, spatial, silu }, &mut result);
        result
    }

    /// The largest difference; NaN if there is one anywhere.
    fn worst(a: &[f32], b: &[f32]) -> f32 {
        let differences = a.iter().zip(b).map(|(a, b)| (a - b).abs());
        differences.fold(0., |worst, next| if next > worst || next.is_nan() { next } else { worst })
    }

    #[test]
    fn the_kernels_give_what_a_cpu_gives() {
        // One pixel, runs that end early, lanes that see nothing, more channels than threads, groups of one channel.
        let shapes = [
            (1, (1, 1), 4, 2),
            (2, (3, 5), 38, 2),
            (3, (7, 9), 33, 33),
            (1, (70, 61), 6, 3),
            (2, (12, 12), 1536, 32),
            (1, (5, 4), 700, 7),
            (1, (37, 129), 128, 32),
        ];
        for (n, size, channels, groups) in shapes {
            let (weight, bias) = (random(channels, 1., 2), random(channels, 0., 3));
            let (scale, shift) = (random(n * channels, 0., 4), random(n * channels, 0., 5));
            for (mean, within) in [(0., 4e-5), (1000., 6e-3)] {
                for (film, silu) in [(None, false), (None, true), (Some((&scale[..], &shift[..])), true)] {
                    let x = random(n * size.0 * size.1 * channels, mean, 1);
                    let (weight, bias, small) = (&weight[..], &bias[..], None);
                    let maps = Maps { x: &x, size, channels, groups, eps: 1e-5, weight, bias, film, small, silu };
                    let error = worst(&maps.normalise(), &on_a_cpu(&maps));
                    assert!(error < within, "{n} × {size:?} × {channels} around {mean}: {error}");
                }
            }
        }
    }

    #[test]
    fn small_maps_modulate_large_ones() {
        for (size, small_size) in [((14, 10), (7, 5)), ((9, 16), (3, 2)), ((5, 7), (2, 3)), ((4, 4), (4, 4))] {
            let (n, channels) = (2, 12);
            let numbers = small_size.0 * small_size.1 * n * channels;
            let (gain, offset) = (random(numbers, 1., 4), random(numbers, 0., 5));
            let small = Some(SpatialModulation { gain: &gain, offset: &offset, size: small_size });
            let x = random(n * size.0 * size.1 * channels, 0.3, 6);
            let (weight, bias) = (random(channels, 1., 7), random(channels, 0., 8));
            let (weight, bias, film) = (&weight[..], &bias[..], None);
            let maps = Maps { x: &x, size, channels, groups: 4, eps: 1e-6, weight, bias, film, small, silu: true };
            let error = worst(&maps.normalise(), &on_a_cpu(&maps));
            assert!(error < 2e-5, "{small_size:?} to {size:?}: {error}");
        }
    }
}
