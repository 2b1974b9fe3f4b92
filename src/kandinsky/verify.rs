//! Looks whether a model folder is complete and sound.

use std::collections::BTreeMap;

use super::error::ModelError;
use super::files::ModelFiles;
use super::loading::PartName;
use super::part_folders::{PartFolder, is_unused};
use super::weights::{Stored, Weights};

/// Contents of a part's weight file.
#[derive(Debug, Clone)]
pub struct PartContents {
    /// Which network, and where.
    pub part: PartFolder,
    /// The file with its weights, the first where there are several.
    pub file: String,
    /// Tensors in it.
    pub tensors: usize,
    /// Numbers in them.
    pub parameters: u64,
    /// Bytes that they are stored in.
    pub bytes: u64,
    /// How many tensors there are of each type.
    pub dtypes: BTreeMap<&'static str, usize>,
}

/// Something that is wrong with a part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// A tensor that the network reads is not there.
    #[error("{name} {shape:?} is missing")]
    Missing {
        /// Its name.
        name: String,
        /// The shape it should have.
        shape: Vec<usize>,
    },
    /// A tensor has another shape than the configuration says.
    #[error("{name} is {found:?}, and should be {expected:?}")]
    Shape {
        /// Its name.
        name: String,
        /// The shape it has.
        found: Vec<usize>,
        /// The shape it should have.
        expected: Vec<usize>,
    },
    /// A tensor that nothing reads: it does no harm.
    #[error("note: nothing reads {name} {shape:?}")]
    Surplus {
        /// Its name.
        name: String,
        /// Its shape.
        shape: Vec<usize>,
    },
    /// A tensor can not be read, or has numbers that are not finite.
    #[error("{0}")]
    Content(String),
}

impl Flaw {
    /// Whether the part draws all the same.
    pub fn is_harmless(&self) -> bool {
        matches!(self, Self::Surplus { .. })
    }
}

impl PartFolder {
    /// The contents of the part's weight file. Only its table is read.
    ///
    /// # Errors
    /// If the file is missing or damaged.
    pub fn contents(&self, files: &ModelFiles) -> Result<PartContents, ModelError> {
        let tensors = files.weights(&self.folder)?.tensors();
        let mut dtypes = BTreeMap::new();
        for (_, stored) in &tensors {
            *dtypes.entry(stored.dtype.as_str()).or_default() += 1;
        }
        Ok(PartContents {
            part: self.clone(),
            file: files.weight_file(&self.folder),
            tensors: tensors.len(),
            parameters: tensors.iter().map(|(_, stored)| stored.elements()).sum(),
            bytes: tensors.iter().map(|(_, stored)| stored.bytes()).sum(),
            dtypes,
        })
    }

    /// Compares the part's file with the tensors that the network loads, and reads every number of these.
    ///
    /// # Errors
    /// If the configuration or the file is missing, or if the file can not even be opened.
    pub fn flaws(&self, files: &ModelFiles) -> Result<Vec<Flaw>, ModelError> {
        let expected = self.expected(files)?;
        let weights = files.weights(&self.folder)?;
        let found: BTreeMap<String, Stored> = weights.tensors().into_iter().collect();
        let mut flaws = Vec::new();
        for (name, shape) in &expected {
            match found.get(name) {
                None => flaws.push(Flaw::Missing { name: name.clone(), shape: shape.clone() }),
                Some(stored) if stored.shape != *shape => {
                    flaws.push(Flaw::Shape { name: name.clone(), found: stored.shape.clone(), expected: shape.clone() })
                }
                Some(_) => {}
            }
        }
        let surplus = found.iter().filter(|(name, _)| !expected.contains_key(*name) && !is_unused(name));
        flaws.extend(surplus.map(|(name, stored)| Flaw::Surplus { name: name.clone(), shape: stored.shape.clone() }));
        // What nothing reads does no harm, whatever is in it.
        let read = found.keys().filter(|name| expected.contains_key(*name));
        flaws.extend(read.filter_map(|name| unreadable(&weights, name)));
        Ok(flaws)
    }
}

fn unreadable(weights: &Weights, name: &str) -> Option<Flaw> {
    let error = weights.read(name).err()?.to_string();
    let error = error.lines().next().unwrap_or_default().to_string();
    Some(Flaw::Content(if error.contains(name) { error } else { format!("{name}: {error}") }))
}

impl PartContents {
    /// Whether the part has as many tensors and parameters as the published one.
    ///
    /// The counts follow from the published configurations. The inpainting UNet has five more input channels; published files may or
    /// may not hold buffers besides their parameters.
    pub fn is_as_published(&self) -> bool {
        published(self.part.part).contains(&(self.tensors, self.parameters))
    }
}

/// Tensors and parameters of the published parts.
fn published(part: PartName) -> &'static [(usize, u64)] {
    match part {
        PartName::ClipText => &[(197, 123_650_304)],
        PartName::ClipImage => &[(392, 303_966_208)],
        // With mean and deviation of the image embeddings, 768 numbers each.
        PartName::Prior => &[(338, 1_022_030_080)],
        PartName::MultilingualClip => &[(393, 560_677_632)],
        PartName::UNet => &[(726, 1_228_661_768), (726, 1_228_679_048)],
        PartName::Movq => &[(431, 67_832_495)],
    }
}
