//! The names that diffusers and transformers give to weight files, and which of a folder's files are read.
//!
//! | name | what |
//! |---|---|
//! | `BASE.safetensors`, `BASE.VARIANT.safetensors` | one file |
//! | `BASE-00001-of-00002.safetensors`, `BASE.VARIANT-00001-of-00002.safetensors` | one of several |
//! | `BASE.safetensors.index.json`, `….index.VARIANT.json`, `BASE.VARIANT.safetensors.index.json` | which of several |
//!
//! and the same with `.bin`. VARIANT is mostly `fp16`.

use std::collections::BTreeMap;

/// Names of weight files without their endings, in order of preference.
const BASES: [&str; 3] = ["diffusion_pytorch_model", "model", "pytorch_model"];
/// Variants in order of preference; others come last. The first is none.
const VARIANTS: [&str; 4] = ["", "fp16", "bf16", "fp32"];
const INDEX: &str = ".index";
/// Digits of the two numbers of a shard.
const SHARD_DIGITS: usize = 5;

/// A format of weight files, in order of preference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Format {
    Safetensors,
    Bin,
}

/// The weights of one network, in order of preference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Set {
    format: Format,
    variant: usize,
    other_variant: String,
    base: usize,
}

/// Which part of a set a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Role {
    Whole,
    Shard { number: u32, of: u32 },
    Index,
}

/// The files to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum WeightFiles {
    /// These, by their names.
    Files(Vec<String>),
    /// Those that this index lists.
    Indexed(String),
    /// Some shards are there and this one is not.
    MissingShard(String),
}

/// Chooses among the names of a folder's files: safetensors before pickles, no variant before fp16, and what is whole before what
/// is not. `None` where there are no weights.
pub(super) fn choose(names: &[String], is_whole_index: impl Fn(&str) -> bool) -> Option<WeightFiles> {
    let mut sets: BTreeMap<Set, Vec<(Role, &String)>> = BTreeMap::new();
    for name in names {
        if let Some((set, role)) = parse(name) {
            sets.entry(set).or_default().push((role, name));
        }
    }
    let mut incomplete = None;
    for files in sets.into_values() {
        let found = of_set(&files, &is_whole_index);
        match found {
            (files, true) => return Some(files),
            (files, false) => incomplete = incomplete.or(Some(files)),
        }
    }
    incomplete
}

/// The files of a set, and whether they are all there.
fn of_set(files: &[(Role, &String)], is_whole_index: impl Fn(&str) -> bool) -> (WeightFiles, bool) {
    let name_of = |wanted: &Role| files.iter().find(|(role, _)| role == wanted).map(|(_, name)| (*name).clone());
    if let Some(name) = name_of(&Role::Whole) {
        return (WeightFiles::Files(vec![name]), true);
    }
    if let Some(index) = name_of(&Role::Index) {
        let is_whole = is_whole_index(&index);
        return (WeightFiles::Indexed(index), is_whole);
    }
    // safetensors say themselves what is in them, and so do pickles: shards need no index.
    let mut shards: Vec<(u32, u32, &String)> = files
        .iter()
        .filter_map(|(role, name)| match role {
            Role::Shard { number, of } => Some((*number, *of, *name)),
            _ => None,
        })
        .collect();
    shards.sort();
    let of = shards.first().map_or(0, |shard| shard.1);
    let missing = (1..=of).zip(0..).find(|&(number, at)| shards.get(at).is_none_or(|shard| shard.0 != number));
    match (missing, shards.first()) {
        (Some((number, _)), Some((first, _, name))) => {
            let part = |number: u32| format!("-{number:0SHARD_DIGITS$}-of-");
            (WeightFiles::MissingShard(name.replace(&part(*first), &part(number))), false)
        }
        _ => (WeightFiles::Files(shards.into_iter().map(|(_, _, name)| name.clone()).collect()), true),
    }
}

fn parse(name: &str) -> Option<(Set, Role)> {
    let (rest, is_index, late_variant) = match name.strip_suffix(".json") {
        Some(rest) => {
            let (rest, variant) = rest.rsplit_once(INDEX)?;
            (rest, true, variant.strip_prefix('.').unwrap_or(variant))
        }
        None => (name, false, ""),
    };
    let (rest, format) = match (rest.strip_suffix(".safetensors"), rest.strip_suffix(".bin")) {
        (Some(rest), _) => (rest, Format::Safetensors),
        (_, Some(rest)) => (rest, Format::Bin),
        _ => return None,
    };
    let (rest, shard) = split_shard(rest);
    let (base, variant) = rest.split_once('.').unwrap_or((rest, late_variant));
    let base = BASES.iter().position(|known| *known == base)?;
    let role = match (is_index, shard) {
        (true, None) => Role::Index,
        (false, None) => Role::Whole,
        (false, Some((number, of))) => Role::Shard { number, of },
        (true, Some(_)) => return None,
    };
    let known = VARIANTS.iter().position(|known| *known == variant);
    let other_variant = if known.is_some() { String::new() } else { variant.to_owned() };
    Some((Set { format, variant: known.unwrap_or(VARIANTS.len()), other_variant, base }, role))
}

/// `NAME-00001-of-00002` as its name and its two numbers.
fn split_shard(name: &str) -> (&str, Option<(u32, u32)>) {
    let number = |digits: &str| (digits.len() == SHARD_DIGITS).then(|| digits.parse::<u32>().ok()).flatten();
    let split = || {
        let (rest, of) = name.rsplit_once("-of-")?;
        let (rest, at) = rest.rsplit_once('-')?;
        Some((rest, (number(at)?, number(of)?)))
    };
    split().map_or((name, None), |(rest, numbers)| (rest, Some(numbers)))
}

/// Whether a name in an index stays inside its folder.
pub(super) fn is_plain_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(['/', '\\', ':', '\0']) && !name.starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(names: &[&str]) -> Option<WeightFiles> {
        choose(&names.iter().map(ToString::to_string).collect::<Vec<_>>(), |_| true)
    }

    fn files(names: &[&str]) -> Option<WeightFiles> {
        Some(WeightFiles::Files(names.iter().map(ToString::to_string).collect()))
    }

    #[test]
    fn every_name_that_the_libraries_give_is_known() {
        for name in [
            "model.safetensors",
            "diffusion_pytorch_model.fp16.safetensors",
            "diffusion_pytorch_model.non_ema.safetensors",
            "pytorch_model.bin",
            "diffusion_pytorch_model.fp16.bin",
            "pytorch_model.safetensors",
        ] {
            assert_eq!(chosen(&[name, "config.json"]), files(&[name]));
        }
        for name in [
            "diffusion_pytorch_model.safetensors.index.json",
            "diffusion_pytorch_model.safetensors.index.fp16.json",
            "model.fp16.safetensors.index.json",
            "pytorch_model.bin.index.json",
            "pytorch_model.bin.index.fp16.json",
        ] {
            assert_eq!(chosen(&[name]), Some(WeightFiles::Indexed(name.to_owned())));
        }
        for name in ["optimizer.bin", "config.json", "training_args.bin", "flax_model.msgpack", "model.onnx", ".bin"] {
            assert_eq!(chosen(&[name]), None, "{name}");
        }
    }

    #[test]
    fn safetensors_come_first_and_so_does_what_is_whole() {
        let (index, shards) = (
            "model.safetensors.index.json",
            ["model.fp16-00001-of-00002.safetensors", "model.fp16-00002-of-00002.safetensors"],
        );
        assert_eq!(chosen(&["pytorch_model.bin", shards[1], shards[0]]), files(&shards));
        assert_eq!(chosen(&["pytorch_model.bin", index]), Some(WeightFiles::Indexed(index.to_owned())));
        assert_eq!(chosen(&["pytorch_model.bin", shards[0]]), files(&["pytorch_model.bin"]));
        assert_eq!(chosen(&["model.fp16.safetensors", "model.safetensors"]), files(&["model.safetensors"]));
        let missing = WeightFiles::MissingShard(shards[0].to_owned());
        assert_eq!(chosen(&[shards[1]]), Some(missing));
        let names = ["pytorch_model.bin".to_owned(), index.to_owned()];
        assert_eq!(choose(&names, |_| false), files(&["pytorch_model.bin"]), "an index whose files are not there");
    }

    #[test]
    fn names_that_lead_out_of_the_folder_are_none() {
        for name in ["../../etc/passwd", "/etc/passwd", "..", "a/b.safetensors", "C:\\x", ""] {
            assert!(!is_plain_name(name), "{name}");
        }
        assert!(is_plain_name("model-00001-of-00002.safetensors"));
    }
}
