//! What a picture shows, by the names that the image encoder ranks highest.

use serde::{Deserialize, Serialize};

use crate::styles::Style;

/// What a picture shows. Each list has the most probable name first, and only names that are probable enough.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Description {
    /// What is in the picture.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<Recognized>,
    /// Where it is, or on which colour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background: Option<Recognized>,
    /// In which style it is drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub style: Option<RecognizedStyle>,
}

/// A name in both languages, as it stands in a prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recognized {
    /// In Russian.
    pub ru: String,
    /// In English.
    pub en: String,
    /// How probable it is among the names of its group, in percent.
    pub percent: u32,
}

/// A style.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecognizedStyle {
    /// The style.
    pub style: Style,
    /// How probable it is among the styles, in percent.
    pub percent: u32,
}

impl Description {
    /// A prompt for such a picture, without the style, in the language whose names `name` chooses; `None` if it is not known
    /// what is in the picture.
    #[must_use]
    pub fn prompt(&self, name: impl Fn(&Recognized) -> &str) -> Option<String> {
        let object = name(self.objects.first()?);
        Some(match &self.background {
            Some(background) => format!("{object} {}", name(background)),
            None => object.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recognized(ru: &str, en: &str) -> Recognized {
        Recognized { ru: ru.to_owned(), en: en.to_owned(), percent: 90 }
    }

    #[test]
    fn a_prompt_says_what_and_where() {
        let objects = vec![recognized("лимон", "a lemon"), recognized("груша", "a pear")];
        let mut description = Description { objects, ..Description::default() };
        assert_eq!(description.prompt(|name| &name.ru).unwrap(), "лимон");
        description.background = Some(recognized("на синем фоне", "on a blue background"));
        assert_eq!(description.prompt(|name| &name.en).unwrap(), "a lemon on a blue background");
        description.objects.clear();
        assert_eq!(description.prompt(|name| &name.en), None);
    }

    #[test]
    fn it_is_stored_and_read_back() {
        let style = Some(RecognizedStyle { style: "anime".parse().unwrap(), percent: 61 });
        let description = Description { objects: vec![recognized("кот", "a cat")], background: None, style };
        let text = serde_json::to_string(&description).unwrap();
        assert_eq!(serde_json::from_str::<Description>(&text).unwrap(), description);
        assert_eq!(serde_json::from_str::<Description>("{}").unwrap(), Description::default());
    }
}
