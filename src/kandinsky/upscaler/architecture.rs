//! Which network a file holds, and how large: its tensors say it.

use std::collections::BTreeMap;
use std::fmt;

use crate::kandinsky::weights::Stored;

/// Where the tensors may be inside of a file, the best first: Real-ESRGAN stores averaged weights beside the raw ones.
const PREFIXES: [&str; 3] = ["params_ema", "params", ""];
/// The largest sizes that are read; those of published files are 64, 32, 23 and 34.
const MOST_FEATURES: usize = 256;
const MOST_GROWTH: usize = 128;
const MOST_BLOCKS: usize = 64;
const MOST_LAYERS: usize = 100;
/// Dense blocks of an RRDB, and convolutions of one of them.
pub(super) const DENSE_BLOCKS: usize = 3;
pub(super) const DENSE_CONVS: usize = 5;
/// Colours.
pub(super) const COLOURS: usize = 3;
const EXPECTED: &str = "expected is RRDBNet or SRVGGNetCompact of Real-ESRGAN, ×2 or ×4";

/// Names of tensors by which other networks are known.
const OTHERS: [(&str, &str); 7] = [
    ("model.1.sub.0.", "an ESRGAN file with the names of its first version"),
    ("RRDB_trunk.0.", "an RRDBNet with the names of BSRGAN"),
    ("layers.0.residual_group.", "a transformer such as SwinIR or HAT"),
    ("block_1.c1_r.", "SPAN"),
    ("body.0.body.0.", "EDSR or RCAN"),
    ("decoder.conv_in.", "an autoencoder"),
    ("up_blocks.0.", "a UNet"),
];

/// The network of an upscaler, with its sizes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UpscalerShape {
    /// RRDBNet.
    Rrdb(RrdbShape),
    /// SRVGGNetCompact.
    Compact(CompactShape),
}

/// RRDBNet: residual blocks of dense blocks at the size of the picture, or at half of it for ×2, then two steps of doubling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RrdbShape {
    /// 2 or 4.
    pub scale: usize,
    /// Channels.
    pub features: usize,
    /// Channels that each convolution of a dense block adds.
    pub growth: usize,
    /// Residual blocks.
    pub blocks: usize,
}

/// SRVGGNetCompact: convolutions at the size of the picture, then one pixel shuffle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompactShape {
    /// 2 or 4.
    pub scale: usize,
    /// Channels.
    pub features: usize,
    /// Convolutions between the first and the last.
    pub layers: usize,
}

impl fmt::Display for UpscalerShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rrdb(shape) => write!(f, "RRDBNet ×{}, {} blocks of {}", shape.scale, shape.blocks, shape.features),
            Self::Compact(shape) => {
                write!(f, "SRVGGNetCompact ×{}, {} layers of {}", shape.scale, shape.layers, shape.features)
            }
        }
    }
}

impl UpscalerShape {
    /// RRDBNet as it is published.
    #[must_use]
    pub fn published_rrdb(scale: usize) -> Self {
        Self::Rrdb(RrdbShape { scale, features: 64, growth: 32, blocks: 23 })
    }

    /// SRVGGNetCompact as it is published for drawings.
    #[must_use]
    pub fn published_compact(scale: usize) -> Self {
        Self::Compact(CompactShape { scale, features: 64, layers: 16 })
    }

    /// How many times as large it draws.
    #[must_use]
    pub fn scale(&self) -> usize {
        match self {
            Self::Rrdb(shape) => shape.scale,
            Self::Compact(shape) => shape.scale,
        }
    }

    /// The shape of the network in a file, and the prefix of its names there.
    ///
    /// # Errors
    /// Half a line: what the file is instead, or which tensor is wrong.
    pub(super) fn find(tensors: &[(String, Stored)]) -> Result<(Self, &'static str), String> {
        let shapes: BTreeMap<&str, &[usize]> =
            tensors.iter().map(|(name, stored)| (name.as_str(), stored.shape.as_slice())).collect();
        for prefix in PREFIXES {
            let start = if prefix.is_empty() { String::new() } else { format!("{prefix}.") };
            let inside = shapes.iter().filter_map(|(name, shape)| Some((name.strip_prefix(&*start)?, *shape)));
            let inside: Table<'_> = inside.collect();
            if let Some(shape) = rrdb(&inside).or_else(|| compact(&inside)) {
                let shape = shape?;
                return shape.check(&inside).map(|()| (shape, prefix));
            }
        }
        Err(what_it_is(&shapes))
    }

    /// All tensors, with their shapes.
    pub(super) fn expected(&self) -> Vec<(String, Vec<usize>)> {
        let mut tensors = Vec::new();
        let mut conv = |name: String, inputs: usize, outputs: usize| {
            tensors.push((format!("{name}.weight"), vec![outputs, inputs, 3, 3]));
            tensors.push((format!("{name}.bias"), vec![outputs]));
        };
        match *self {
            Self::Rrdb(RrdbShape { scale, features, growth, blocks }) => {
                conv("conv_first".to_owned(), COLOURS * 16 / (scale * scale), features);
                for block in 0..blocks {
                    for dense in 1..=DENSE_BLOCKS {
                        for index in 1..=DENSE_CONVS {
                            let outputs = if index == DENSE_CONVS { features } else { growth };
                            let name = format!("body.{block}.rdb{dense}.conv{index}");
                            conv(name, features + (index - 1) * growth, outputs);
                        }
                    }
                }
                for name in ["conv_body", "conv_up1", "conv_up2", "conv_hr"] {
                    conv(name.to_owned(), features, features);
                }
                conv("conv_last".to_owned(), features, COLOURS);
            }
            Self::Compact(CompactShape { scale, features, layers }) => {
                conv("body.0".to_owned(), COLOURS, features);
                (1..=layers).for_each(|layer| conv(format!("body.{}", 2 * layer), features, features));
                conv(format!("body.{}", 2 * layers + 2), features, COLOURS * scale * scale);
                tensors.extend((0..=layers).map(|layer| (format!("body.{}.weight", 2 * layer + 1), vec![features])));
            }
        }
        tensors
    }

    /// Compares a file's table with what the network reads.
    fn check(&self, found: &Table<'_>) -> Result<(), String> {
        let not_whole = |what: String| format!("it is {self}, but {what}; fetch it again");
        for (name, expected) in self.expected() {
            match found.get(&*name) {
                None => return Err(not_whole(format!("{name} is missing"))),
                Some(shape) if *shape != expected => {
                    return Err(not_whole(format!("{name} is {shape:?} and should be {expected:?}")));
                }
                Some(_) => {}
            }
        }
        let surplus = self.expected().len() != found.len();
        if let Some(name) = surplus.then(|| self.surplus(found)).flatten() {
            return Err(format!("it is {self} with something more ({name}); {EXPECTED}"));
        }
        Ok(())
    }

    fn surplus(&self, found: &Table<'_>) -> Option<String> {
        let expected: BTreeMap<String, Vec<usize>> = self.expected().into_iter().collect();
        found.keys().find(|name| !expected.contains_key(**name)).map(|name| (*name).to_owned())
    }
}

type Table<'a> = BTreeMap<&'a str, &'a [usize]>;

/// RRDBNet, if it is one. Its sizes are those of single tensors, and [`UpscalerShape::check`] compares the others.
fn rrdb(table: &Table<'_>) -> Option<Result<UpscalerShape, String>> {
    let &[features, inputs, ..] = *table.get("conv_first.weight")? else { return None };
    let &[growth, ..] = *table.get("body.0.rdb1.conv1.weight")? else { return None };
    let blocks = table.keys().filter_map(|name| name.strip_prefix("body.")?.split('.').next()?.parse::<usize>().ok());
    let blocks = blocks.max().map_or(0, |last| last.saturating_add(1));
    let scale = match inputs {
        COLOURS if table.contains_key("conv_up3.weight") => 8,
        COLOURS => 4,
        inputs if inputs == COLOURS * 4 => 2,
        _ => 1,
    };
    if ![2, 4].contains(&scale) {
        return Some(Err(format!("it is an RRDBNet ×{scale}; {EXPECTED}")));
    }
    if features > MOST_FEATURES || growth > MOST_GROWTH || blocks > MOST_BLOCKS {
        return Some(Err(format!("it is an RRDBNet that is too large: {blocks} blocks of {features} and {growth}")));
    }
    Some(Ok(UpscalerShape::Rrdb(RrdbShape { scale, features, growth, blocks })))
}

/// SRVGGNetCompact, if it is one.
fn compact(table: &Table<'_>) -> Option<Result<UpscalerShape, String>> {
    let &[features, COLOURS, 3, 3] = *table.get("body.0.weight")? else { return None };
    let &[_] = *table.get("body.1.weight")? else { return None };
    let last = table.keys().filter_map(|name| name.strip_prefix("body.")?.split('.').next()?.parse::<usize>().ok());
    let last = last.max()?;
    let outputs = table.get(&*format!("body.{last}.weight")).and_then(|shape| shape.first()).copied().unwrap_or(0);
    let scale = [1, 2, 3, 4, 8].into_iter().find(|scale| COLOURS * scale * scale == outputs);
    let even = last.is_multiple_of(2).then_some(last / 2).and_then(|half| half.checked_sub(1));
    Some(match (scale, even) {
        (Some(scale @ (2 | 4)), Some(layers)) if features <= MOST_FEATURES && layers <= MOST_LAYERS => {
            Ok(UpscalerShape::Compact(CompactShape { scale, features, layers }))
        }
        (Some(2 | 4), Some(layers)) => {
            Err(format!("it is an SRVGGNetCompact that is too large: {layers} layers of {features}"))
        }
        (Some(scale), Some(_)) => Err(format!("it is an SRVGGNetCompact ×{scale}; {EXPECTED}")),
        _ => Err(format!(
            "it begins like an SRVGGNetCompact, but its last tensors are missing (body.{last}); fetch it again"
        )),
    })
}

/// What a file is that is no upscaler of ours.
fn what_it_is(table: &Table<'_>) -> String {
    let known = OTHERS.iter().find(|(part, _)| table.keys().any(|name| name.contains(part)));
    match (known, table.keys().next()) {
        (Some((_, what)), _) => format!("it is {what}; {EXPECTED}"),
        (None, Some(name)) => {
            let name: String = name.chars().take(60).collect();
            format!("it holds {} tensors such as {name}; {EXPECTED}", table.len())
        }
        (None, None) => format!("it holds no tensors; {EXPECTED}"),
    }
}
