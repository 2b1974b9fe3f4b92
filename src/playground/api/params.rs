//! The parameters of a call, from whichever of the four forms it came in: query string, form, JSON, multipart
//! (<https://core.telegram.org/bots/api#making-requests>).

use std::collections::HashMap;

use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::errors::ApiError;

/// A file of a multipart body.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub(crate) bytes: Bytes,
    pub(crate) name: Option<String>,
    pub(crate) mime: Option<String>,
}

/// Named values and files.
#[derive(Debug, Default)]
pub(crate) struct Params {
    values: Map<String, Value>,
    files: HashMap<String, Vec<Upload>>,
}

impl Params {
    /// Reads a request whole.
    ///
    /// # Errors
    /// Bodies that are not what their content type says, or too large.
    pub(crate) async fn read(request: Request) -> Result<Self, ApiError> {
        let mut params = Self::default();
        params.read_form(request.uri().query().unwrap_or_default().as_bytes());
        if request.method() == Method::GET {
            return Ok(params);
        }
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if kind.starts_with("multipart/form-data") {
            params.read_multipart(request).await?;
        } else if kind.starts_with("application/json") {
            params.read_json(&body(request).await?)?;
        } else {
            params.read_form(&body(request).await?);
        }
        Ok(params)
    }

    fn read_form(&mut self, bytes: &[u8]) {
        for (name, value) in form_urlencoded::parse(bytes) {
            self.values.insert(name.into_owned(), Value::String(value.into_owned()));
        }
    }

    fn read_json(&mut self, bytes: &[u8]) -> Result<(), ApiError> {
        if bytes.is_empty() {
            return Ok(());
        }
        let object: Map<String, Value> =
            serde_json::from_slice(bytes).map_err(|_| ApiError::Malformed("can't parse JSON object".to_owned()))?;
        self.values.extend(object);
        Ok(())
    }

    async fn read_multipart(&mut self, request: Request) -> Result<(), ApiError> {
        let broken = |_| ApiError::Malformed("can't parse multipart body".to_owned());
        let mut parts = Multipart::from_request(request, &()).await.map_err(|_| ApiError::TooLarge)?;
        while let Some(part) = parts.next_field().await.map_err(broken)? {
            let field = part.name().unwrap_or_default().to_owned();
            let (name, mime) = (part.file_name().map(str::to_owned), part.content_type().map(str::to_owned));
            let bytes = part.bytes().await.map_err(|_| ApiError::TooLarge)?;
            if name.is_some() || mime.is_some() {
                self.files.entry(field).or_default().push(Upload { bytes, name, mime });
            } else {
                self.values.insert(field, Value::String(String::from_utf8_lossy(&bytes).into_owned()));
            }
        }
        Ok(())
    }

    /// All values with their names.
    pub(crate) fn values(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The names of all file parts.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Whether a value names the file part `part` as `attach://part`.
    pub(crate) fn refers_to(&self, part: &str) -> bool {
        let attached = format!("attach://{part}");
        self.values.values().any(|value| value.to_string().contains(&attached))
    }

    /// The chat that a call is about.
    pub(crate) fn chat(&self) -> Result<i64, ApiError> {
        self.integer("chat_id")?.ok_or(ApiError::ChatIdEmpty)
    }

    /// A text value; absent and empty are the same.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// A text value that must be there.
    pub(crate) fn required_text(&self, name: &'static str) -> Result<&str, ApiError> {
        self.text(name).ok_or(ApiError::Missing(name))
    }

    /// A whole number, as such or as text.
    pub(crate) fn integer(&self, name: &'static str) -> Result<Option<i64>, ApiError> {
        match self.values.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => text.trim().parse().map(Some).map_err(|_| ApiError::Invalid(name)),
            Some(value) => value.as_i64().map(Some).ok_or(ApiError::Invalid(name)),
        }
    }

    /// A whole number that must be there.
    pub(crate) fn required_integer(&self, name: &'static str) -> Result<i64, ApiError> {
        self.integer(name)?.ok_or(ApiError::Missing(name))
    }

    /// A yes or no, as such or as text; absent is no.
    pub(crate) fn flag(&self, name: &str) -> bool {
        match self.values.get(name) {
            Some(Value::Bool(value)) => *value,
            Some(Value::String(text)) => matches!(text.to_ascii_lowercase().as_str(), "true" | "1" | "yes"),
            _ => false,
        }
    }

    /// A structure, as such or as JSON in text.
    pub(crate) fn object<T: DeserializeOwned>(&self, name: &'static str) -> Result<Option<T>, ApiError> {
        let parsed = match self.values.get(name) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(text)) if text.is_empty() => return Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text),
            Some(value) => serde_json::from_value(value.clone()),
        };
        parsed.map(Some).map_err(|_| ApiError::Malformed(format!("can't parse \"{name}\"")))
    }

    /// The file in the field `name` itself, or the one that `attach://other` in it points to.
    pub(crate) fn file(&self, name: &str) -> Option<&Upload> {
        match self.text(name).and_then(|text| text.strip_prefix("attach://")) {
            Some(part) => self.attached(part),
            None => self.attached(name),
        }
    }

    /// The file part `part`.
    pub(crate) fn attached(&self, part: &str) -> Option<&Upload> {
        self.files.get(part)?.first()
    }

    /// All files of the field `name`.
    pub(crate) fn take_files(&mut self, name: &str) -> Vec<Upload> {
        self.files.remove(name).unwrap_or_default()
    }
}

async fn body(request: Request) -> Result<Bytes, ApiError> {
    Bytes::from_request(request, &()).await.map_err(|_| ApiError::TooLarge)
}
