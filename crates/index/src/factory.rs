//! Which kind of FAISS index holds so many templates.

use std::fmt;
use std::str::FromStr;

/// Up to how many templates are searched exhaustively. Inverted lists that miss as few faces as they may must search a third
/// or half of all templates, faces being as they are, and for each face of a frame again, where an exhaustive search reads
/// every template once for all of them (docs/benchmarks.md, "Indexes"): only beyond is one face found sooner by much.
pub const EXHAUSTIVE: usize = 1_000_000;
/// Vectors that k-means looks at for each list: more than the 39 below which FAISS warns, far fewer than the 256 that it
/// takes at most; recall did not rise any more beyond (docs/benchmarks.md).
const TRAINING_PER_LIST: usize = 64;

/// A kind of FAISS index, written as FAISS' factory strings are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Factory {
    /// `Flat`: every template is compared; exact.
    Flat,
    /// `IVFn,Flat`: templates are kept in `lists` lists by the centroid that they are closest to, and only the lists that
    /// are closest to a query are compared.
    Inverted {
        /// How many lists there are, at least 1.
        lists: u32,
    },
}

impl Factory {
    /// The kind for `templates` templates, of which up to `exhaustive` ([`EXHAUSTIVE`], or as it was set) are compared
    /// exhaustively. Beyond about 4 √n lists, as FAISS' guidelines have it, to the next power of two.
    #[must_use]
    pub fn for_count(templates: usize, exhaustive: usize) -> Self {
        if templates <= exhaustive {
            return Self::Flat;
        }
        let lists = 4.0 * (templates as f64).sqrt();
        Self::Inverted { lists: 2_f64.powf(lists.log2().round()) as u32 }
    }

    /// How many of `templates` templates it must be trained with; 0 for a kind that needs no training.
    #[must_use]
    pub fn training(self, templates: usize) -> usize {
        match self {
            Self::Flat => 0,
            Self::Inverted { lists } => templates.min(lists as usize * TRAINING_PER_LIST),
        }
    }
}

impl fmt::Display for Factory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flat => write!(f, "Flat"),
            Self::Inverted { lists } => write!(f, "IVF{lists},Flat"),
        }
    }
}

/// A string that names no kind of index that we build.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is neither `Flat` nor `IVFn,Flat`")]
pub struct UnknownFactory(String);

impl FromStr for Factory {
    type Err = UnknownFactory;

    fn from_str(text: &str) -> Result<Self, UnknownFactory> {
        if text == "Flat" {
            return Ok(Self::Flat);
        }
        let lists = text.strip_prefix("IVF").and_then(|rest| rest.strip_suffix(",Flat"));
        match lists.and_then(|number| number.parse().ok()) {
            Some(lists) if lists > 0 => Ok(Self::Inverted { lists }),
            _ => Err(UnknownFactory(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{EXHAUSTIVE, Factory};

    fn check(templates: usize, factory: &str, training: usize) {
        let chosen = Factory::for_count(templates, EXHAUSTIVE);
        assert_eq!((chosen.to_string().as_str(), chosen.training(templates)), (factory, training), "{templates}");
        assert_eq!(factory.parse::<Factory>().ok(), Some(chosen));
    }

    #[test]
    fn the_kind_follows_from_the_count() {
        check(0, "Flat", 0);
        check(1_000_000, "Flat", 0);
        check(1_000_001, "IVF4096,Flat", 262_144);
        check(10_000_000, "IVF16384,Flat", 1_048_576);
        let set = Factory::for_count(100_001, 100_000);
        assert_eq!((set.to_string().as_str(), set.training(100_001)), ("IVF1024,Flat", 65_536));
    }

    #[test]
    fn other_strings_are_refused() {
        for text in ["", "HNSW32", "IVF0,Flat", "IVF-1,Flat", "IVF8,PQ8", "flat"] {
            assert!(text.parse::<Factory>().is_err(), "{text}");
        }
    }
}
