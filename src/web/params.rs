//! The fields of a request, from JSON or from a form. Reading a field takes it out: what is left over at the end was not understood.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use axum::http::HeaderValue;
use bytes::Bytes;
use serde_json::{Map, Number, Value};
use sha2::{Digest, Sha256};
use tokio::sync::OwnedSemaphorePermit;

use super::error::{ApiError, ApiResult};
use super::picture_data::{decode_base64, refuse_address};

/// Names of fields in the header about those that were ignored, and the length of each.
const NAMES_SHOWN: usize = 20;
const NAME_LENGTH: usize = 40;
/// 2^64: one more than the largest whole number.
const AFTER_LAST: f64 = 18_446_744_073_709_551_616.0;
/// Pictures in one request.
const MAX_PICTURES: usize = 16;

/// The fields of a request. `null` and an empty text count as absent.
#[derive(Debug, Default)]
pub(super) struct Params {
    values: BTreeMap<String, Value>,
    files: Vec<FilePart>,
    /// Held as long as the bytes are: so many large bodies are in memory at a time.
    pub(super) permit: Option<OwnedSemaphorePermit>,
}

/// A file of a form.
#[derive(Debug, Clone)]
pub(super) struct FilePart {
    /// The field, without the brackets that mark one of several.
    pub(super) field: String,
    pub(super) bytes: Bytes,
}

impl Params {
    pub(super) fn new(values: Map<String, Value>, files: Vec<FilePart>) -> Self {
        let values = values.into_iter().filter(|(_, value)| !is_absent(value)).collect();
        Self { values, files, permit: None }
    }

    /// The fields behind the question mark of an address.
    pub(super) fn from_query(query: Option<&str>) -> Self {
        let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        Self::new(pairs.map(|(name, value)| (name.into_owned(), value.into_owned().into())).collect(), Vec::new())
    }

    /// A name for the content: equal for equal requests, however they were written down.
    pub(super) fn digest(&self, path: &str) -> String {
        let mut hash = Sha256::new();
        let mut part = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        part(path.as_bytes());
        for (name, value) in &self.values {
            part(name.as_bytes());
            part(value.to_string().as_bytes());
        }
        for file in &self.files {
            part(file.field.as_bytes());
            part(&file.bytes);
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The first of these fields that is there, with its name; all of them are taken.
    fn take<'n>(&mut self, names: &[&'n str]) -> Option<(&'n str, Value)> {
        let mut found = None;
        for name in names {
            let value = self.values.remove(*name).map(|value| (*name, value));
            found = found.or(value);
        }
        found
    }

    /// Fields that are understood and change nothing here.
    pub(super) fn skip(&mut self, names: &[&str]) {
        self.take(names);
    }

    /// Puts a field back that turned out to mean nothing.
    pub(super) fn leave(&mut self, name: &str, value: Value) {
        self.values.insert(name.to_owned(), value);
    }

    /// Whether a field is there.
    pub(super) fn has(&self, names: &[&str]) -> bool {
        let is_named = |name: &str| names.contains(&name);
        self.values.keys().any(|name| is_named(name)) || self.files.iter().any(|file| is_named(&file.field))
    }

    pub(super) fn text(&mut self, names: &[&str]) -> ApiResult<Option<String>> {
        match self.take(names) {
            None => Ok(None),
            Some((_, Value::String(text))) => Ok(Some(text)),
            Some((_, Value::Number(number))) => Ok(Some(number.to_string())),
            Some((name, _)) => Err(ApiError::invalid(name, format!("{name} must be a text"))),
        }
    }

    pub(super) fn flag(&mut self, names: &[&str]) -> ApiResult<bool> {
        let Some((name, value)) = self.take(names) else { return Ok(false) };
        let flag = match &value {
            Value::Bool(flag) => Some(*flag),
            Value::Number(number) => as_integer(number).filter(|number| *number < 2).map(|number| number == 1),
            Value::String(text) => match text.to_lowercase().as_str() {
                "true" | "1" => Some(true),
                "false" | "0" => Some(false),
                _ => None,
            },
            _ => None,
        };
        flag.ok_or_else(|| ApiError::invalid(name, format!("{name} must be true or false")))
    }

    /// A whole number; a form writes it as text, and some clients do in JSON.
    pub(super) fn integer(&mut self, names: &[&str], range: RangeInclusive<u64>) -> ApiResult<Option<u64>> {
        let Some((name, value)) = self.take(names) else { return Ok(None) };
        let number = match &value {
            Value::Number(number) => as_integer(number),
            Value::String(text) => text.trim().parse().ok().or_else(|| whole(text.trim().parse().ok()?)),
            _ => None,
        };
        let number = number.filter(|number| range.contains(number));
        let words = || format!("{name} must be a whole number from {} to {}", range.start(), range.end());
        number.map(Some).ok_or_else(|| ApiError::invalid(name, words()))
    }

    /// Whether a field is there and a number less than 0.
    pub(super) fn is_negative(&self, name: &str) -> bool {
        self.values.get(name).and_then(as_number).is_some_and(|number| number < 0.0)
    }

    /// A small whole number, as the place in a list; anything else stays where it is.
    pub(super) fn index(&mut self, name: &str) -> Option<usize> {
        let index = usize::try_from(self.values.get(name)?.as_u64()?).ok()?;
        self.take(&[name]);
        Some(index)
    }

    pub(super) fn number(&mut self, names: &[&str], range: RangeInclusive<f64>) -> ApiResult<Option<f64>> {
        let Some((name, value)) = self.take(names) else { return Ok(None) };
        let number = as_number(&value).filter(|number| range.contains(number));
        let words = || format!("{name} must be a number from {} to {}", range.start(), range.end());
        number.map(Some).ok_or_else(|| ApiError::invalid(name, words()))
    }

    /// Numbers: an array, or a text with commas.
    pub(super) fn numbers(&mut self, name: &str) -> ApiResult<Option<Vec<f64>>> {
        let numbers = match self.take(&[name]).map(|(_, value)| value) {
            None => return Ok(None),
            Some(Value::Array(values)) => values.iter().map(as_number).collect(),
            Some(Value::String(text)) => {
                text.trim_matches(['[', ']', ' ']).split(',').map(|number| number.trim().parse().ok()).collect()
            }
            Some(value) => as_number(&value).map(|number| vec![number]),
        };
        let numbers: Option<Vec<f64>> = numbers;
        numbers.map(Some).ok_or_else(|| ApiError::invalid(name, format!("{name} must be a list of numbers")))
    }

    /// An object; a form writes it as text.
    pub(super) fn object(&mut self, name: &str) -> ApiResult<Option<Map<String, Value>>> {
        let object = match self.take(&[name]).map(|(_, value)| value) {
            None => return Ok(None),
            Some(Value::Object(object)) => Some(object),
            Some(Value::String(text)) => serde_json::from_str(&text).ok(),
            Some(_) => None,
        };
        object.map(Some).ok_or_else(|| ApiError::invalid(name, format!("{name} must be an object")))
    }

    /// A list of anything; a form writes it as text.
    pub(super) fn list(&mut self, name: &str) -> ApiResult<Option<Vec<Value>>> {
        let list = match self.take(&[name]).map(|(_, value)| value) {
            None => return Ok(None),
            Some(Value::Array(list)) => Some(list),
            Some(Value::String(text)) => serde_json::from_str(&text).ok(),
            Some(_) => None,
        };
        list.map(Some).ok_or_else(|| ApiError::invalid(name, format!("{name} must be a list")))
    }

    /// Encoded pictures: files of a form, or base64 and `data:` URLs, one or several. No address is ever fetched.
    pub(super) fn pictures(&mut self, names: &[&str]) -> ApiResult<Vec<Bytes>> {
        let (named, others) = std::mem::take(&mut self.files)
            .into_iter()
            .partition(|file: &FilePart| names.contains(&file.field.as_str()));
        self.files = others;
        let mut pictures: Vec<Bytes> = named.into_iter().map(|file| file.bytes).collect();
        if let Some((_, value)) = self.take(names) {
            let values = match value {
                Value::Array(values) => values,
                value => vec![value],
            };
            for value in values.iter().take(MAX_PICTURES + 1) {
                pictures.push(decode_base64(picture_text(value, names[0])?, names[0])?);
            }
        }
        if pictures.len() > MAX_PICTURES {
            return Err(ApiError::invalid(names[0], format!("at most {MAX_PICTURES} pictures can be sent")));
        }
        Ok(pictures)
    }

    /// The names of the fields that were not understood, for a header.
    pub(super) fn ignored(&self) -> Option<HeaderValue> {
        let files = self.files.iter().map(|file| &file.field);
        let shown = |name: &String| -> String {
            let letters =
                name.chars().map(|letter| if letter.is_ascii_graphic() && letter != ',' { letter } else { '?' });
            letters.take(NAME_LENGTH).collect()
        };
        let names: Vec<String> = self.values.keys().chain(files).map(shown).take(NAMES_SHOWN).collect();
        if names.is_empty() { None } else { HeaderValue::from_str(&names.join(", ")).ok() }
    }
}

/// The text of a picture in JSON: by itself, as `{"image_url": "data:…"}`, `{"image_url": {"url": "data:…"}}` or `{"b64_json": "…"}`.
fn picture_text<'a>(value: &'a Value, name: &str) -> ApiResult<&'a str> {
    let nested = |key: &str| value.get(key).and_then(|inner| inner.as_str().or_else(|| inner.get("url")?.as_str()));
    let text = value.as_str().or_else(|| nested("image_url")).or_else(|| nested("b64_json")).or_else(|| nested("data"));
    let text = text.ok_or_else(|| {
        ApiError::picture(
            name,
            format!("{name} must be a picture in base64 or a data: URL; there are no uploaded files"),
        )
    })?;
    refuse_address(text, name)?;
    Ok(text)
}

fn is_absent(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(str::is_empty)
}

fn as_number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn as_integer(number: &Number) -> Option<u64> {
    number.as_u64().or_else(|| whole(number.as_f64()?))
}

/// `25.0` is 25.
fn whole(number: f64) -> Option<u64> {
    (number.fract() == 0.0 && (0.0..AFTER_LAST).contains(&number)).then_some(number as u64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn params(value: Value) -> Params {
        Params::new(value.as_object().unwrap().clone(), Vec::new())
    }

    #[test]
    fn a_form_and_json_say_the_same() {
        for mut fields in [
            params(json!({ "n": 2, "strength": 0.5, "stream": true, "weights": [1, 2], "a": { "left": 3 } })),
            params(json!({ "n": "2", "strength": "0.5", "stream": "True", "weights": "1, 2", "a": "{\"left\": 3}" })),
        ] {
            assert_eq!(fields.integer(&["n"], 1..=10).unwrap(), Some(2));
            assert_eq!(fields.number(&["strength"], 0.0..=1.0).unwrap(), Some(0.5));
            assert!(fields.flag(&["stream"]).unwrap());
            assert_eq!(fields.numbers("weights").unwrap(), Some(vec![1.0, 2.0]));
            assert_eq!(fields.object("a").unwrap().unwrap()["left"], 3);
            assert_eq!(fields.ignored(), None);
        }
    }

    #[test]
    fn a_whole_number_is_one_however_it_is_written() {
        assert_eq!(params(json!({ "seed": 1e19 })).integer(&["seed"], 0..=u64::MAX).unwrap(), Some(10_u64.pow(19)));
        assert!(params(json!({ "seed": 1e20 })).integer(&["seed"], 0..=u64::MAX).is_err());
        let mut fields = params(json!({ "a": 25.0, "b": "25.0", "c": 2.5e1, "invert": 1.0, "seed": -1.0 }));
        for name in ["a", "b", "c"] {
            assert_eq!(fields.integer(&[name], 1..=100).unwrap(), Some(25), "{name}");
        }
        assert!(fields.flag(&["invert"]).unwrap() && fields.is_negative("seed"));
        assert!(params(json!({ "a": "25.5" })).integer(&["a"], 1..=100).is_err());
    }

    #[test]
    fn what_is_absent_is_no_error_and_what_is_wrong_names_its_field() {
        let mut fields = params(json!({ "n": null, "prompt": "", "steps": -1, "cfg": "NaN", "seed": 1.5 }));
        assert_eq!(fields.integer(&["n"], 1..=10).unwrap(), None);
        assert_eq!(fields.text(&["prompt"]).unwrap(), None);
        for (name, error) in [
            ("steps", fields.integer(&["steps"], 1..=10).unwrap_err()),
            ("seed", fields.integer(&["seed"], 0..=10).unwrap_err()),
            ("cfg", fields.number(&["cfg"], 0.0..=10.0).unwrap_err()),
        ] {
            assert_eq!(error.json()["error"]["param"], name);
        }
    }

    #[test]
    fn fields_that_are_left_over_are_named_within_bounds() {
        let mut fields = params(json!({ "prompt": "cat", "new, field\n": 1, "другое": 2 }));
        fields.text(&["prompt"]).unwrap();
        assert_eq!(fields.ignored().unwrap(), "new??field?, ??????");
        let many: Map<String, Value> = (0..500).map(|i| (format!("{i:0>200}"), json!(1))).collect();
        assert!(Params::new(many, Vec::new()).ignored().unwrap().len() < 1000);
    }

    #[test]
    fn an_address_is_never_fetched() {
        for value in [
            json!("https://example.org/a.png"),
            json!([{ "image_url": { "url": "http://127.0.0.1/" } }]),
            json!("file:///etc/passwd"),
            json!([{ "file_id": "file-1" }]),
        ] {
            let mut fields = params(json!({ "image": value }));
            let error = fields.pictures(&["image"]).unwrap_err().json();
            assert_eq!(error["error"]["code"], "invalid_image", "{value}");
        }
    }

    #[test]
    fn a_request_has_one_name_however_it_is_written() {
        let digest = |value| params(value).digest("/a");
        assert_eq!(digest(json!({ "a": 1, "b": null })), digest(json!({ "a": 1 })));
        assert_ne!(digest(json!({ "a": 1 })), digest(json!({ "a": 2 })));
        assert_ne!(digest(json!({ "a": 1 })), params(json!({ "a": 1 })).digest("/b"));
    }
}
