//! Settings: a documented `defaults.toml` per binary, then a file, then the environment.
//!
//! The environment variable `ROLLCALL_SECTION__KEY` sets `key` of `[section]`. Keys that a binary does not know are
//! refused, so that a misspelling is noticed; variables of sections that it does not have are another binary's, and
//! one environment serves them all.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format, Toml};
use serde::de::DeserializeOwned;

const PREFIX: &str = "ROLLCALL_";
const FILE_VARIABLE: &str = "ROLLCALL_CONFIG";

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file that was named is not there.
    #[error("there is no settings file at {}", .0.display())]
    NoFile(PathBuf),
    /// A key is unknown, missing or of the wrong kind.
    #[error("the settings are wrong: {0}")]
    Invalid(String),
}

/// Reads the settings of a binary: `defaults` (TOML), then `file` or the one that `ROLLCALL_CONFIG` names, then the
/// environment.
///
/// # Errors
/// [`SettingsError`] names the key and where its value came from.
pub fn load<S: DeserializeOwned>(defaults: &str, file: Option<&Path>) -> Result<S, SettingsError> {
    let file = file.map(Path::to_path_buf).or_else(file_of_environment);
    from_sources(defaults, file.as_deref(), Env::prefixed(PREFIX))
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
fn file_of_environment() -> Option<PathBuf> {
    std::env::var(FILE_VARIABLE).ok().map(PathBuf::from)
}

fn from_sources<S: DeserializeOwned>(defaults: &str, file: Option<&Path>, env: Env) -> Result<S, SettingsError> {
    let sections = sections(defaults)?;
    let env = env.filter(move |key| {
        let section = key.as_str().split("__").next().unwrap_or_default().to_lowercase();
        key.as_str().contains("__") && sections.contains(&section)
    });
    let mut figment = Figment::from(Toml::string(defaults));
    if let Some(path) = file {
        if !path.is_file() {
            return Err(SettingsError::NoFile(path.to_path_buf()));
        }
        figment = figment.merge(Toml::file_exact(path));
    }
    figment.merge(env.split("__")).extract().map_err(|error| SettingsError::Invalid(error.to_string()))
}

fn sections(defaults: &str) -> Result<BTreeSet<String>, SettingsError> {
    let table: toml::Table = toml::from_str(defaults).map_err(|error| SettingsError::Invalid(error.to_string()))?;
    Ok(table.keys().cloned().collect())
}

#[cfg(test)]
mod tests {
    use figment::Jail;
    use figment::providers::Env;
    use serde::Deserialize;

    use super::from_sources;

    const DEFAULTS: &str = "[http]\nbind = \"0.0.0.0:80\"\nlimit = 4\n";

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Settings {
        http: Http,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Http {
        bind: String,
        limit: u16,
    }

    /// `Ok` is the bind address and the limit; `Err` is what the error must say.
    #[expect(clippy::result_large_err, reason = "figment's jail wants figment's error")]
    fn check(file: Option<&str>, variables: &[(&str, &str)], expected: Result<(&str, u16), &[&str]>) {
        Jail::expect_with(|jail| {
            let path = jail.directory().join("settings.toml");
            if let Some(text) = file {
                jail.create_file("settings.toml", text)?;
            }
            variables.iter().for_each(|(name, value)| jail.set_env(name, value));
            let found = from_sources::<Settings>(DEFAULTS, file.map(|_| path.as_path()), Env::prefixed("ROLLCALL_"));
            match (found, expected) {
                (Ok(found), Ok((bind, limit))) => {
                    assert_eq!(found, Settings { http: Http { bind: bind.to_owned(), limit } });
                }
                (Err(error), Err(words)) => {
                    let said = error.to_string();
                    assert!(words.iter().all(|word| said.contains(word)), "{said}");
                }
                (found, expected) => panic!("{found:?}, not {expected:?}"),
            }
            Ok(())
        });
    }

    #[test]
    fn the_environment_beats_the_file_beats_the_defaults() {
        check(None, &[], Ok(("0.0.0.0:80", 4)));
        check(Some("[http]\nlimit = 5"), &[], Ok(("0.0.0.0:80", 5)));
        check(Some("[http]\nlimit = 5"), &[("ROLLCALL_HTTP__LIMIT", "6")], Ok(("0.0.0.0:80", 6)));
    }

    #[test]
    fn another_binarys_section_is_passed_over() {
        check(None, &[("ROLLCALL_VISION__DEVICE", "cpu"), ("ROLLCALL_CONFIG", "x")], Ok(("0.0.0.0:80", 4)));
    }

    #[test]
    fn what_is_wrong_is_named() {
        check(None, &[("ROLLCALL_HTTP__BINT", "x")], Err(&["bint"]));
        check(Some("[htp]\nlimit = 5"), &[], Err(&["htp"]));
        check(Some("[http]\nlimit = \"many\""), &[], Err(&["http.limit", "settings.toml"]));
        check(Some("[http]\nlimit = "), &[], Err(&["settings.toml"]));
    }
}
