//! Bodies of PATCH: what is left out stays, `null` clears.

use serde::{Deserialize, Deserializer};

/// A field that is there, be it `null`: with `#[serde(default, deserialize_with = "present")]` the outer `None` is left to
/// fields that are not.
pub(crate) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Change {
        #[serde(default, deserialize_with = "super::present")]
        email: Option<Option<String>>,
    }

    #[test]
    fn what_is_left_out_and_what_is_null_differ() {
        let read = |json: &str| serde_json::from_str::<Change>(json).expect("a change").email;
        assert_eq!(read("{}"), None);
        assert_eq!(read(r#"{"email": null}"#), Some(None));
        assert_eq!(read(r#"{"email": "a@b"}"#), Some(Some("a@b".to_owned())));
    }
}
