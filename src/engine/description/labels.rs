//! Embeddings of the names, and how probable each is for a picture.

use candle_core::Tensor;

use super::word_list::{LabelKind, WordList};
use crate::engine::error::EngineError;
use crate::engine::safety_labels::{LOGIT_SCALE, dot, normalised};
use crate::engine::vocabulary::Names;
use crate::kandinsky::Kandinsky21;
use crate::recipe::{Description, Recognized, RecognizedStyle, Style};

/// Similarities times this are the logits of a small model, which is trained with less than CLIP's 100: so the miniature recognizes 29
/// objects and all backgrounds of 32 pictures that it drew.
const PAIR_LOGIT_SCALE: f32 = 40.0;
/// Texts that are encoded in one step. A step is short: other jobs take turns, and a job can be cancelled between two steps.
const TEXTS_PER_STEP: usize = 4;
/// An object, a background and a style are named from these probabilities on.
const OBJECT_PROBABILITY: f32 = 0.2;
const BACKGROUND_PROBABILITY: f32 = 0.3;
const STYLE_PROBABILITY: f32 = 0.4;
/// The most objects that are named.
const MAX_OBJECTS: usize = 3;

/// Names with the embeddings of their labels.
#[derive(Debug)]
pub(in crate::engine) struct DescriptionLabels {
    words: WordList,
    /// Of length 1, one for each label.
    embeddings: Vec<Vec<f32>>,
}

/// Encodes all labels, a few texts at a time.
#[derive(Debug)]
pub(super) struct LabelEncoder(DescriptionLabels);

/// How probable each name is, 0 to 1, in the order of the names.
#[derive(Debug)]
struct Probabilities {
    objects: Vec<f32>,
    backgrounds: Vec<f32>,
    styles: Vec<f32>,
}

impl LabelEncoder {
    pub(super) fn new(words: WordList) -> Self {
        Self(DescriptionLabels { words, embeddings: Vec::new() })
    }

    /// Encodes the next labels.
    pub(super) fn step(&mut self, model: &Kandinsky21) -> Result<(), EngineError> {
        let DescriptionLabels { words, embeddings } = &mut self.0;
        let mut encoded = 0;
        while encoded < TEXTS_PER_STEP
            && let Some(texts) = words.texts.get(embeddings.len())
        {
            encoded += texts.len();
            embeddings.push(mean_embedding(model, texts)?);
        }
        Ok(())
    }

    /// How many of the labels are encoded, 0 to 1.
    pub(super) fn progress(&self) -> f64 {
        self.0.embeddings.len() as f64 / self.0.words.texts.len().max(1) as f64
    }

    pub(super) fn is_finished(&self) -> bool {
        self.0.embeddings.len() >= self.0.words.texts.len()
    }

    pub(super) fn finish(self) -> DescriptionLabels {
        self.0
    }
}

impl DescriptionLabels {
    /// What a picture with this embedding, `[1, embedding]`, shows.
    pub(in crate::engine) fn describe(&self, embedding: &Tensor) -> Result<Description, EngineError> {
        Ok(self.named(&self.probabilities(&normalised(embedding)?)))
    }

    /// The names that are probable enough.
    fn named(&self, probabilities: &Probabilities) -> Description {
        let recognized = |(names, probability): (&Names, f32)| Recognized {
            ru: names.ru.clone(),
            en: names.en.clone(),
            percent: percent(probability),
        };
        let objects = ranked(&self.words.objects, &probabilities.objects, OBJECT_PROBABILITY).take(MAX_OBJECTS);
        let background = ranked(&self.words.backgrounds, &probabilities.backgrounds, BACKGROUND_PROBABILITY).next();
        let style = ranked(&self.words.styles, &probabilities.styles, STYLE_PROBABILITY).next();
        let style = style.and_then(|(code, probability)| {
            let style = code.parse::<Style>().ok().filter(|style| *style != Style::default())?;
            Some(RecognizedStyle { style, percent: percent(probability) })
        });
        Description { objects: objects.map(recognized).collect(), background: background.map(recognized), style }
    }

    fn probabilities(&self, picture: &[f32]) -> Probabilities {
        let similarities: Vec<f32> = self.embeddings.iter().map(|text| dot(text, picture)).collect();
        let (objects, backgrounds) = (self.words.objects.len(), self.words.backgrounds.len());
        match self.words.labels {
            LabelKind::Names => {
                let (of_objects, rest) = similarities.split_at(objects.min(similarities.len()));
                let (of_backgrounds, of_styles) = rest.split_at(backgrounds.min(rest.len()));
                Probabilities {
                    objects: softmax(of_objects, LOGIT_SCALE),
                    backgrounds: softmax(of_backgrounds, LOGIT_SCALE),
                    styles: softmax(of_styles, LOGIT_SCALE),
                }
            }
            LabelKind::ObjectsOnBackgrounds => {
                let pairs = softmax(&similarities, PAIR_LOGIT_SCALE);
                let of_objects = pairs.chunks(backgrounds.max(1)).map(|row| row.iter().sum()).collect();
                let of_background = |index: usize| pairs.iter().skip(index).step_by(backgrounds.max(1)).sum();
                Probabilities {
                    objects: of_objects,
                    backgrounds: (0..backgrounds).map(of_background).collect(),
                    styles: Vec::new(),
                }
            }
        }
    }
}

/// Names of at least this probability, most probable first.
fn ranked<'a, N>(names: &'a [N], probabilities: &[f32], least: f32) -> impl Iterator<Item = (&'a N, f32)> {
    let probable = names.iter().zip(probabilities.iter().copied()).filter(|(_, probability)| *probability >= least);
    let mut ranked: Vec<_> = probable.collect();
    ranked.sort_by(|one, other| other.1.total_cmp(&one.1));
    ranked.into_iter()
}

/// The probabilities of labels by their similarities to a picture; similarities times the scale are logits.
fn softmax(similarities: &[f32], scale: f32) -> Vec<f32> {
    let highest = similarities.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weights: Vec<f32> = similarities.iter().map(|similarity| (scale * (similarity - highest)).exp()).collect();
    let sum: f32 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / sum).collect()
}

/// The mean of the texts' embeddings, of length 1.
fn mean_embedding(model: &Kandinsky21, texts: &[String]) -> Result<Vec<f32>, EngineError> {
    let mut sum: Vec<f32> = Vec::new();
    for text in texts {
        let embedding = normalised(&model.text_embedding(text)?)?;
        sum.resize(embedding.len(), 0.0);
        sum.iter_mut().zip(&embedding).for_each(|(sum, value)| *sum += value);
    }
    let length = dot(&sum, &sum).sqrt().max(f32::MIN_POSITIVE);
    Ok(sum.into_iter().map(|value| value / length).collect())
}

fn percent(probability: f32) -> u32 {
    (probability.clamp(0.0, 1.0) * 100.0).round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> Vec<Names> {
        list.iter().map(|name| Names { ru: (*name).to_owned(), en: (*name).to_owned() }).collect()
    }

    /// One direction for each label of a group, from the first axis on.
    fn axes(count: usize) -> impl Iterator<Item = Vec<f32>> {
        (0..count).map(|index| (0..4).map(|axis| f32::from(u8::from(axis == index))).collect())
    }

    fn words(labels: LabelKind) -> WordList {
        WordList {
            objects: names(&["a cat", "a dog"]),
            backgrounds: names(&["in a forest", "at night"]),
            styles: vec!["none".to_owned(), "anime".to_owned()],
            texts: Vec::new(),
            labels,
        }
    }

    fn describe(labels: &DescriptionLabels, picture: &[f32]) -> Description {
        labels.named(&labels.probabilities(picture))
    }

    fn by_names() -> DescriptionLabels {
        DescriptionLabels { words: words(LabelKind::Names), embeddings: [2, 2, 2].into_iter().flat_map(axes).collect() }
    }

    #[test]
    fn what_is_probable_is_named_most_probable_first() {
        let description = describe(&by_names(), &[0.69, 0.70, 0.1, 0.0]);
        let objects: Vec<_> = description.objects.iter().map(|object| object.en.as_str()).collect();
        assert_eq!(objects, ["a dog", "a cat"]);
        assert_eq!(description.objects.iter().map(|object| object.percent).sum::<u32>(), 100);
        assert_eq!(description.background.unwrap().en, "at night");
        assert_eq!(description.style.unwrap().style.code(), "anime");
        let plain = describe(&by_names(), &[0.7, 0.1, 0.0, 0.0]);
        assert_eq!((plain.objects.len(), plain.style), (1, None), "it is in none of the styles");
    }

    #[test]
    fn of_pairs_each_name_has_the_probability_of_all_its_pairs() {
        let labels = DescriptionLabels { words: words(LabelKind::ObjectsOnBackgrounds), embeddings: axes(4).collect() };
        // A dog in a forest, or at night.
        let description = describe(&labels, &[0.1, 0.1, 0.70, 0.69]);
        assert_eq!((description.objects.len(), description.objects[0].en.as_str()), (1, "a dog"));
        assert_eq!(description.objects[0].percent, 100);
        let background = description.background.unwrap();
        assert!(background.en == "in a forest" && (60..90).contains(&background.percent), "{background:?}");
        assert_eq!(description.style, None);
    }

    #[test]
    fn what_is_as_probable_as_all_others_is_not_named() {
        let list: Vec<String> = (0..8).map(|word| word.to_string()).collect();
        let list = names(&list.iter().map(String::as_str).collect::<Vec<_>>());
        let words = WordList { objects: list.clone(), backgrounds: list, ..WordList::default() };
        let labels = DescriptionLabels { words, embeddings: vec![vec![1.0, 0.0]; 16] };
        assert_eq!(describe(&labels, &[0.6, 0.8]), Description::default());
    }
}
