//! The names that a picture is described with, and the texts that stand for them: those of `words.toml`, or what a small model
//! knows.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::engine::vocabulary::{Known, Names, Thing, Vocabulary};

/// All names, and the texts that a picture is compared with.
#[derive(Debug, Clone, Default)]
pub(super) struct WordList {
    pub(super) objects: Vec<Names>,
    pub(super) backgrounds: Vec<Names>,
    /// Codes of styles; one that has several looks stands there several times.
    pub(super) styles: Vec<String>,
    /// For each label the texts that stand for it.
    pub(super) texts: Vec<Vec<String>>,
    pub(super) labels: LabelKind,
}

/// What the texts stand for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum LabelKind {
    /// For a name each: the objects, then the backgrounds, then the styles.
    #[default]
    Names,
    /// For an object on a background each: the first object on every background, then the second.
    ObjectsOnBackgrounds,
}

#[derive(Debug, Default, Deserialize)]
struct File {
    objects: Group,
    places: Group,
    colours: Group,
    styles: Vec<StyleTexts>,
}

/// Names, English first, and the texts in which they stand for `{}`.
#[derive(Debug, Default, Deserialize)]
struct Group {
    texts: Vec<String>,
    names: Vec<(String, String)>,
}

#[derive(Debug, Deserialize)]
struct StyleTexts {
    code: String,
    texts: Vec<String>,
}

static FILE: LazyLock<File> = LazyLock::new(|| toml::from_str(include_str!("words.toml")).unwrap_or_default());

impl WordList {
    /// The names that a model is asked for: all of `words.toml`, or what it knows.
    pub(super) fn of(vocabulary: Option<&Vocabulary>) -> Self {
        vocabulary.map_or_else(Self::general, |vocabulary| Self::known(vocabulary.known()))
    }

    fn general() -> Self {
        let (objects, places, colours) = (&FILE.objects, &FILE.places, &FILE.colours);
        let names = |group: &Group, named: fn(&str) -> String| {
            let name = |(english, russian): &(String, String)| Names { en: named(english), ru: russian.clone() };
            group.names.iter().map(name).collect::<Vec<_>>()
        };
        let styles = FILE.styles.iter().map(|style| style.texts.clone());
        Self {
            objects: names(objects, str::to_owned),
            backgrounds: [names(places, str::to_owned), names(colours, on_background)].concat(),
            styles: FILE.styles.iter().map(|style| style.code.clone()).collect(),
            texts: objects.texts().chain(places.texts()).chain(colours.texts()).chain(styles).collect(),
            labels: LabelKind::Names,
        }
    }

    /// What a small model knows. It was trained on nothing shorter than an object on a background, so it is asked for every pair.
    fn known(known: &Known) -> Self {
        let colours = known.backgrounds.iter().filter_map(|colour| phrase(&colour.en));
        let backgrounds: Vec<Names> = colours.chain(known.scenes.iter().filter_map(first_names)).collect();
        let objects: Vec<Names> = known.objects.iter().filter_map(|thing| object_of(thing, &backgrounds)).collect();
        let pairs = objects.iter().flat_map(|object| backgrounds.iter().map(move |background| (object, background)));
        let texts = pairs.map(|(object, background)| vec![format!("{} {}", object.en, background.en)]).collect();
        Self { objects, backgrounds, styles: Vec::new(), texts, labels: LabelKind::ObjectsOnBackgrounds }
    }
}

impl Group {
    /// The texts of each name.
    fn texts(&self) -> impl Iterator<Item = Vec<String>> {
        self.names.iter().map(|(english, _)| self.texts.iter().map(|text| text.replace("{}", english)).collect())
    }
}

fn on_background(colour: &str) -> String {
    let article = if colour.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("on {article} {colour} background")
}

/// The words for a plain background of this colour behind an object.
fn phrase(colour: &str) -> Option<Names> {
    let (english, russian) = FILE.colours.names.iter().find(|(english, _)| english == colour)?;
    Some(Names { en: on_background(english), ru: russian.clone() })
}

/// The names of an object as they stand in its own prompt, which ends in a background.
fn object_of(thing: &Thing, backgrounds: &[Names]) -> Option<Names> {
    let prompt = thing.prompt.as_ref()?;
    let without = |text: &str, end: &dyn Fn(&Names) -> String| {
        let rest = backgrounds.iter().find_map(|background| text.strip_suffix(&end(background)).map(str::trim_end));
        rest.map(str::to_owned)
    };
    Some(Names {
        en: without(&prompt.en, &|background| background.en.clone())?,
        ru: without(&prompt.ru, &|background| background.ru.clone())?,
    })
}

/// The first of all names of a thing in each language.
fn first_names(thing: &Thing) -> Option<Names> {
    Some(Names { en: thing.words.en.first()?.clone(), ru: thing.words.ru.first()?.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kandinsky::ModelFiles;
    use crate::recipe::check_prompt;
    use crate::styles::Style;

    #[test]
    fn every_name_of_the_list_is_a_prompt_in_both_languages() {
        let list = WordList::general();
        assert!(list.objects.len() > 100 && list.backgrounds.len() > 30, "words.toml is read");
        assert_eq!(list.texts.len(), list.objects.len() + list.backgrounds.len() + list.styles.len());
        for (name, texts) in list.objects.iter().chain(&list.backgrounds).zip(&list.texts) {
            assert_eq!(texts.len(), 2, "{name:?}");
            assert!(texts.iter().all(|text| !text.contains('{')), "{texts:?}");
            assert!(crate::recipe::has_cyrillic(&name.ru) && !crate::recipe::has_cyrillic(&name.en), "{name:?}");
            assert!(check_prompt(&name.ru).is_ok() && check_prompt(&name.en).is_ok(), "{name:?}");
        }
        let mut names: Vec<_> = list.objects.iter().chain(&list.backgrounds).map(|name| &name.en).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), list.objects.len() + list.backgrounds.len(), "no name stands twice");
    }

    #[test]
    fn every_style_has_its_texts() {
        let list = WordList::general();
        for style in Style::all() {
            assert!(list.styles.iter().any(|code| code == style.code()), "{style:?}");
        }
        assert!(list.styles.iter().all(|code| code.parse::<Style>().is_ok()));
    }

    #[test]
    fn a_small_model_is_asked_for_what_it_knows() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/models/mini");
        let vocabulary = Vocabulary::read(&ModelFiles::folder(folder).unwrap()).unwrap();
        let list = WordList::of(vocabulary.as_ref());
        assert_eq!((list.objects.len(), list.backgrounds.len(), list.styles.len()), (80, 12, 0));
        assert_eq!((list.texts.len(), list.labels), (960, LabelKind::ObjectsOnBackgrounds));
        let lemon = list.objects.iter().position(|name| name.en == "a lemon").unwrap();
        assert_eq!(list.objects[lemon].ru, "лимон");
        let orange = list.backgrounds.iter().position(|name| name.en == "on an orange background").unwrap();
        assert_eq!(list.backgrounds[orange].ru, "на оранжевом фоне");
        assert_eq!(list.texts[lemon * 12 + orange], ["a lemon on an orange background"]);
    }

    #[test]
    fn places_of_a_small_model_are_named_by_their_first_words() {
        let known = r#"{"backgrounds": [], "objects": [{"prompt": {"en": "a fox in the forest", "ru": "лиса в лесу"},
            "words": {"ru": ["лиса"], "en": ["fox"]}}],
            "scenes": [{"id": "forest", "words": {"ru": ["в лесу", "лес"], "en": ["in the forest", "forest"]}}]}"#;
        let list = WordList::known(&serde_json::from_str(known).unwrap());
        assert_eq!((list.objects[0].ru.as_str(), list.backgrounds[0].ru.as_str()), ("лиса", "в лесу"));
        assert_eq!(list.texts, [["a fox in the forest"]]);
    }
}
