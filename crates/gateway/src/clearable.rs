//! Fields of a PATCH: what is left out stays, `null` clears.

use serde::{Deserialize, Deserializer};

/// For `#[serde(default, deserialize_with = "clearable")]`: `None` when left out, `Some(None)` for `null`.
pub(crate) fn clearable<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::clearable;

    #[derive(Debug, Deserialize)]
    struct Change {
        #[serde(default, deserialize_with = "clearable")]
        size: Option<Option<u8>>,
    }

    fn check(body: &str, expected: Option<Option<u8>>) {
        assert_eq!(serde_json::from_str::<Change>(body).expect("a change").size, expected, "{body}");
    }

    #[test]
    fn left_out_is_not_null() {
        check("{}", None);
        check(r#"{"size": null}"#, Some(None));
        check(r#"{"size": 7}"#, Some(Some(7)));
    }
}
