//! The pictures of each person.

use std::collections::BTreeMap;

use domain::embedding::Embedding;
use sha2::{Digest, Sha256};

use super::folder;

/// Somebody of whom there are pictures.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) name: String,
    /// Those in which a face was found, in the order of their names.
    pub(super) samples: Vec<Sample>,
}

/// A face of a person.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    pub(super) embedding: Embedding,
    /// 0..=100.
    pub(super) quality: f32,
    /// Of changed copies of the picture.
    pub(super) augmented: Vec<Embedding>,
}

/// Everybody with at least one sample, in the order of their names.
pub(super) fn people(samples: BTreeMap<String, Sample>) -> Vec<Person> {
    let mut people: BTreeMap<String, Vec<Sample>> = BTreeMap::new();
    for (name, sample) in samples {
        let person = folder::person(&name).unwrap_or(&name).to_owned();
        people.entry(person).or_default().push(sample);
    }
    people.into_iter().map(|(name, samples)| Person { name, samples }).collect()
}

/// Which half of the people somebody belongs to, 0 or 1, by a hash of the name; another `split` halves them otherwise.
pub(super) fn half(name: &str, split: usize) -> usize {
    usize::from(Sha256::digest(format!("{split} {name}"))[0] & 1)
}

#[cfg(test)]
mod tests {
    use domain::embedding::Embedding;

    use super::{Sample, half, people};

    #[test]
    fn pictures_are_their_folders() {
        let sample = |x: f32| Sample {
            embedding: Embedding::normalized(vec![x, 1.0]).expect("a direction"),
            quality: x,
            augmented: Vec::new(),
        };
        let all = [("b/2", 2.0), ("a/1", 1.0), ("b/1", 3.0)].map(|(name, x)| (name.to_owned(), sample(x)));
        let found = people(all.into());
        let found: Vec<(&str, Vec<f32>)> =
            found.iter().map(|p| (p.name.as_str(), p.samples.iter().map(|s| s.quality).collect())).collect();
        assert_eq!(found, [("a", vec![1.0]), ("b", vec![3.0, 2.0])]);
    }

    #[test]
    fn halves_are_about_halves_and_differ_between_splits() {
        let names: Vec<String> = (0..1000).map(|number| format!("person {number}")).collect();
        let of = |split: usize| names.iter().map(|name| half(name, split)).collect::<Vec<usize>>();
        assert!((450..550).contains(&of(0).iter().sum::<usize>()));
        assert_ne!(of(0), of(1));
        assert_eq!(of(1), of(1));
    }
}
