//! Tensors of one or two files under other names.

use std::collections::BTreeMap;

use candle_core::{DType, Result, Tensor};

use super::tensor_slice::TensorSlice;
use crate::kandinsky::weights::{Stored, TensorFile, Weights};

/// Tensors under published names, each a piece of an original one.
#[derive(Debug)]
pub(super) struct RenamedTensors {
    tensors: BTreeMap<String, Origin>,
}

#[derive(Debug)]
struct Origin {
    file: Weights,
    name: String,
    piece: TensorSlice,
    stored: Stored,
}

impl RenamedTensors {
    /// Gives every tensor of a file its published names. What `rename` does not know keeps its own name.
    pub(super) fn new(file: &Weights, rename: impl Fn(&str) -> Option<Vec<(String, TensorSlice)>>) -> Self {
        let mut renamed = Self { tensors: BTreeMap::new() };
        renamed.add(file, rename);
        renamed
    }

    /// The tensors of a file whose names begin so, under the names they have.
    pub(super) fn part_of(file: Weights, prefixes: &[&str]) -> Self {
        let mut renamed = Self { tensors: BTreeMap::new() };
        for (name, stored) in file.tensors() {
            if prefixes.iter().any(|prefix| name.starts_with(prefix)) {
                renamed.insert(&file, &name, name.clone(), TensorSlice::Whole, stored);
            }
        }
        renamed
    }

    /// Adds the tensors of another file.
    pub(super) fn add(&mut self, file: &Weights, rename: impl Fn(&str) -> Option<Vec<(String, TensorSlice)>>) {
        for (original, stored) in file.tensors() {
            for (name, piece) in rename(&original).unwrap_or_else(|| super::whole(original.clone())) {
                // A shape that can not be cut is shown as it is; reading the tensor says why.
                let shape = piece.shape(&stored.shape).unwrap_or_else(|| stored.shape.clone());
                self.insert(file, &original, name, piece, Stored { shape, dtype: stored.dtype });
            }
        }
    }

    fn insert(&mut self, file: &Weights, original: &str, name: String, piece: TensorSlice, stored: Stored) {
        self.tensors.insert(name, Origin { file: file.clone(), name: original.to_string(), piece, stored });
    }
}

impl TensorFile for RenamedTensors {
    fn tensors(&self) -> Vec<(String, Stored)> {
        self.tensors.iter().map(|(name, origin)| (name.clone(), origin.stored.clone())).collect()
    }

    fn read(&self, name: &str, dtype: Option<DType>) -> Result<Option<Tensor>> {
        let cut = |origin: &Origin| origin.piece.cut(&origin.file.read_as(&origin.name, dtype)?);
        self.tensors.get(name).map(cut).transpose()
    }
}
