//! Settings: a documented `defaults.toml` per binary, then a file, then the environment.
//!
//! The environment variable `ROLLCALL_SECTION__KEY` sets `key` of `[section]`. Keys that a binary does not know are
//! refused, so that a misspelling is noticed; variables of sections that it does not have are another binary's, and
//! one environment serves them all.

mod error;
mod layer;

use std::path::{Path, PathBuf};

use figment::Figment;
use serde::de::DeserializeOwned;

pub use error::SettingsError;
use layer::Layer;

const FILE_VARIABLE: &str = "ROLLCALL_CONFIG";

/// Reads the settings of a binary: `defaults` (TOML), then `file` or the one that `ROLLCALL_CONFIG` names, then the
/// environment.
///
/// # Errors
/// [`SettingsError`] names the key, where its value came from and what it may be. It never shows the value.
pub fn load<S: DeserializeOwned>(defaults: &str, file: Option<&Path>) -> Result<S, SettingsError> {
    let variables: Vec<(String, String)> = variables();
    let named = variables.iter().find(|(name, value)| name == FILE_VARIABLE && !value.is_empty());
    let file = match file.map(Path::to_path_buf).or_else(|| named.map(|(_, path)| PathBuf::from(path))) {
        Some(path) => Some(read(path)?),
        None => None,
    };
    from_texts(defaults, file, variables)
}

/// As [`load`] without a file, with these variables in place of the environment.
///
/// # Errors
/// As [`load`].
pub fn load_with<S: DeserializeOwned>(defaults: &str, variables: &[(&str, &str)]) -> Result<S, SettingsError> {
    from_texts(
        defaults,
        None,
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
    )
}

/// All variables that are text; what is not cannot be ours.
fn variables() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

fn read(path: PathBuf) -> Result<(String, String), SettingsError> {
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok((path.display().to_string(), text)),
        Err(source) => Err(SettingsError::File { path, source }),
    }
}

/// `file` is its name and its text.
fn from_texts<S: DeserializeOwned>(
    defaults: &str,
    file: Option<(String, String)>,
    variables: Vec<(String, String)>,
) -> Result<S, SettingsError> {
    let defaults = Layer::toml("the defaults", defaults)?;
    let environment = Layer::environment(&defaults, variables);
    let mut figment = Figment::from(defaults);
    if let Some((name, text)) = file {
        figment = figment.merge(Layer::toml(&name, &text)?);
    }
    figment.merge(environment).extract().map_err(|error| SettingsError::Invalid(error::describe(&error)))
}

#[cfg(test)]
mod tests {
    use secrecy::{ExposeSecret, SecretString};
    use serde::Deserialize;

    use super::{SettingsError, from_texts, load};

    const DEFAULTS: &str =
        "[http]\nbind = \"0.0.0.0:80\"\nlimit = 4\n[auth]\nsecret = \"\"\n[log]\nformat = \"json\"\n";

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Settings {
        http: Http,
        auth: Auth,
        log: Log,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Http {
        bind: String,
        limit: u16,
        #[serde(default)]
        burst: Option<u16>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Auth {
        secret: SecretString,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Log {
        format: Format,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "snake_case")]
    enum Format {
        Json,
        Pretty,
    }

    fn read(file: Option<&str>, variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        let file = file.map(|text| ("/etc/settings.toml".to_owned(), text.to_owned()));
        let owned = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        from_texts(DEFAULTS, file, owned.collect())
    }

    fn check(file: Option<&str>, variables: &[(&str, &str)], bind: &str, limit: u16) {
        let Http { bind: found, limit: found_limit, .. } = read(file, variables).expect("sound settings").http;
        assert_eq!((found.as_str(), found_limit), (bind, limit));
    }

    fn check_refused(file: Option<&str>, variables: &[(&str, &str)], expected: &str) {
        assert_eq!(read(file, variables).expect_err("unsound settings").to_string(), expected);
    }

    #[test]
    fn the_environment_beats_the_file_beats_the_defaults() {
        check(None, &[], "0.0.0.0:80", 4);
        check(Some("[http]\nlimit = 5"), &[], "0.0.0.0:80", 5);
        check(Some("[http]\nlimit = 5"), &[("ROLLCALL_HTTP__LIMIT", "6")], "0.0.0.0:80", 6);
        let burst = read(None, &[("ROLLCALL_HTTP__BURST", "9")]).expect("sound settings").http.burst;
        assert_eq!(burst, Some(9));
    }

    #[test]
    fn what_is_not_ours_is_passed_over() {
        let others =
            [("ROLLCALL_VISION__DEVICE", "cpu"), ("ROLLCALL_CONFIG", "x"), ("HTTP__LIMIT", "7"), ("HOME", "/")];
        check(None, &others, "0.0.0.0:80", 4);
    }

    #[test]
    fn text_stays_text_whatever_it_looks_like() {
        for secret in ["12345678", "true", "[1]", "1e3", " a,b ", "\"quoted\""] {
            let settings = read(None, &[("ROLLCALL_AUTH__SECRET", secret), ("ROLLCALL_HTTP__BIND", secret)]);
            let settings = settings.expect("sound settings");
            assert_eq!((settings.auth.secret.expose_secret(), settings.http.bind.as_str()), (secret, secret));
            assert!(!format!("{:?}", settings.auth).contains(secret));
        }
        assert_eq!(read(None, &[("ROLLCALL_LOG__FORMAT", "pretty")]).expect("sound").log.format, Format::Pretty);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_origin_and_what_is_allowed() {
        check_refused(
            None,
            &[("ROLLCALL_HTTP__BINT", "x")],
            "http.bint (environment variable ROLLCALL_HTTP__BINT) is not a setting; there are bind, limit, burst",
        );
        check_refused(
            Some("[htp]\nlimit = 5"),
            &[],
            "htp (/etc/settings.toml) is not a setting; there are http, auth, log",
        );
        check_refused(
            Some("[http]\nlimit = \"many\""),
            &[],
            "http.limit (/etc/settings.toml) must be u16, which a string is not",
        );
        check_refused(
            None,
            &[("ROLLCALL_HTTP__LIMIT", "70000")],
            "http.limit (environment variable ROLLCALL_HTTP__LIMIT) must be u16",
        );
        check_refused(
            None,
            &[("ROLLCALL_LOG__FORMAT", "xml")],
            "log.format (environment variable ROLLCALL_LOG__FORMAT) must be json or pretty",
        );
    }

    #[test]
    fn a_file_that_is_no_toml_is_refused_by_its_line_without_showing_it() {
        let error = read(Some("[auth]\n# comment\nsecret = \"hush"), &[]).expect_err("unsound").to_string();
        assert!(error.starts_with("/etc/settings.toml, line 3: ") && !error.contains("hush"), "{error}");
        check_refused(
            Some("[auth]\nsecret = 4711"),
            &[],
            "auth.secret (/etc/settings.toml) must be a string, which an integer is not",
        );
    }

    #[test]
    fn a_missing_file_or_key_is_named() {
        let error = load::<Settings>(DEFAULTS, Some("/nowhere/settings.toml".as_ref())).expect_err("no file");
        assert_eq!(error.to_string(), "the settings file /nowhere/settings.toml cannot be read");
        let error = from_texts::<Settings>("[http]\nbind = \"\"\n", None, Vec::new()).expect_err("no limit");
        assert_eq!(error.to_string(), "http.limit is missing");
    }
}
