//! One source of settings.

use figment::value::{Dict, Map, Value};
use figment::{Error, Metadata, Profile, Provider};

use super::error::SettingsError;

const PREFIX: &str = "ROLLCALL_";
const SEPARATOR: &str = "__";

/// How the environment is called among the sources.
pub(super) const ENVIRONMENT: &str = "environment";

/// Sections with their keys, from one source.
pub(super) struct Layer {
    name: String,
    sections: Dict,
}

impl Layer {
    /// Reads TOML; `name` is what the source is called in errors.
    pub(super) fn toml(name: &str, text: &str) -> Result<Self, SettingsError> {
        let table: toml::Table = toml::from_str(text).map_err(|error| {
            let line = text[..error.span().map_or(0, |span| span.start)].lines().count().max(1);
            // Only the message: the whole error would show the line, and a secret in it.
            SettingsError::Invalid(format!("{name}, line {line}: {}", error.message()))
        })?;
        let value = Value::serialize(table).map_err(|error| SettingsError::Invalid(super::error::describe(&error)))?;
        Ok(Self { name: name.to_owned(), sections: value.into_dict().unwrap_or_default() })
    }

    /// Takes the variables that belong to a section of `defaults`.
    pub(super) fn environment(defaults: &Self, variables: Vec<(String, String)>) -> Self {
        let mut sections = Dict::new();
        for (name, text) in variables {
            let Some((section, key)) = name.strip_prefix(PREFIX).and_then(|rest| rest.split_once(SEPARATOR)) else {
                continue;
            };
            let (section, key) = (section.to_lowercase(), key.to_lowercase());
            let Some(Value::Dict(_, known)) = defaults.sections.get(&section) else { continue };
            let value = read(known.get(&key), text);
            let entry = sections.entry(section).or_insert_with(|| Value::from(Dict::new()));
            if let Value::Dict(_, keys) = entry {
                keys.insert(key, value);
            }
        }
        Self { name: ENVIRONMENT.to_owned(), sections }
    }
}

/// Text where the default is text: a password of digits is no number. Otherwise whatever it looks like.
fn read(default: Option<&Value>, text: String) -> Value {
    match default {
        Some(Value::String(..)) => Value::from(text),
        Some(_) | None => text.parse().unwrap_or_else(|never: std::convert::Infallible| match never {}),
    }
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name.clone())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        Ok(Profile::Default.collect(self.sections.clone()))
    }
}

/// The variable that sets a key.
pub(super) fn variable(path: &[String]) -> String {
    format!("{PREFIX}{}", path.join(SEPARATOR).to_uppercase())
}
