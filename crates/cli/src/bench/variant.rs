//! Ways to make embeddings that are compared with each other.

use std::collections::BTreeMap;

use anyhow::{Context, bail, ensure};
use domain::embedding::Embedding;
use domain::quality::quality;

use super::look::Face;
use super::models::Viewed;
use super::people::Sample;

/// One encoder, or several together.
#[derive(Debug)]
pub(super) struct Variant {
    pub(super) label: String,
    pub(super) contract: String,
    /// Cutting out and embedding one face, milliseconds.
    pub(super) ms_per_face: f64,
    /// Of the most central face of each picture; `None` where none was found.
    pub(super) samples: BTreeMap<String, Option<Sample>>,
}

impl Variant {
    /// What one encoder made of the most central faces.
    pub(super) fn of(viewed: &Viewed) -> Self {
        let pictures = viewed.looked.pictures.iter();
        Self {
            label: viewed.label.clone(),
            contract: viewed.contract.to_string(),
            ms_per_face: viewed.looked.embed_ms_per_face(),
            samples: pictures.map(|(name, seen)| (name.clone(), seen.most_central().map(sample))).collect(),
        }
    }

    /// Embeddings side by side, so that the cosine of two is the mean of the cosines.
    pub(super) fn fused(one: &Self, other: &Self) -> Self {
        let both = |name: &String, a: &Option<Sample>| -> Option<Sample> {
            let (a, b) = (a.as_ref()?, other.samples.get(name)?.as_ref()?);
            let each = a.augmented.iter().zip(&b.augmented);
            Some(Sample {
                embedding: beside(&a.embedding, &b.embedding)?,
                quality: a.quality,
                augmented: each.filter_map(|(a, b)| beside(a, b)).collect(),
            })
        };
        Self {
            label: format!("{} + {}", one.label, other.label),
            contract: format!("{} and {} side by side: the mean of the cosines", one.contract, other.contract),
            ms_per_face: one.ms_per_face + other.ms_per_face,
            samples: one.samples.iter().map(|(name, sample)| (name.clone(), both(name, sample))).collect(),
        }
    }

    /// The samples of the pictures that show a face.
    pub(super) fn found(&self) -> BTreeMap<String, Sample> {
        self.samples.iter().filter_map(|(name, sample)| Some((name.clone(), sample.clone()?))).collect()
    }

    /// The embedding of each picture.
    pub(super) fn embedded(&self) -> BTreeMap<String, Option<Embedding>> {
        let each = self.samples.iter();
        each.map(|(name, sample)| (name.clone(), sample.as_ref().map(|sample| sample.embedding.clone()))).collect()
    }
}

/// What was seen by each encoder, and where it is wished by the two first together.
pub(super) fn variants(viewed: &[Viewed], fuse: bool) -> anyhow::Result<Vec<Variant>> {
    let mut variants: Vec<Variant> = viewed.iter().map(Variant::of).collect();
    if fuse {
        let plain: Vec<&Viewed> = viewed.iter().filter(|viewed| !viewed.is_mirrored).collect();
        let [one, other, ..] = plain[..] else { bail!("--fuse needs two encoders: say --encoder twice") };
        variants.push(Variant::fused(&Variant::of(one), &Variant::of(other)));
    }
    let first = variants.first().context("no encoder was named")?;
    ensure!(first.samples.values().any(Option::is_some), "no face was found in any picture");
    Ok(variants)
}

fn beside(one: &Embedding, other: &Embedding) -> Option<Embedding> {
    Embedding::normalized([one.as_slice(), other.as_slice()].concat())
}

fn sample(face: &Face) -> Sample {
    let quality = match &face.measure {
        Some(measure) => f32::from(quality(&face.face, measure).score),
        None => face.face.detection_score * 100.0,
    };
    Sample { embedding: face.embedding.clone(), quality, augmented: face.augmented.clone() }
}

#[cfg(test)]
mod tests {
    use domain::embedding::Embedding;
    use proptest::prelude::*;

    use super::{Sample, Variant};

    fn variant(label: &str, embeddings: &[Option<Vec<f32>>]) -> Variant {
        let sample = |values: Vec<f32>| Sample {
            embedding: Embedding::normalized(values).expect("a direction"),
            quality: 40.0,
            augmented: Vec::new(),
        };
        let each = embeddings.iter().enumerate();
        let samples = each.map(|(number, values)| (number.to_string(), values.clone().map(sample))).collect();
        Variant { label: label.to_owned(), contract: format!("{label}/1"), ms_per_face: 2.0, samples }
    }

    #[test]
    fn together_a_face_takes_both_times_and_both_must_have_found_it() {
        let one = variant("a", &[Some(vec![1.0]), None, Some(vec![1.0])]);
        let other = variant("b", &[Some(vec![1.0, 0.0]), Some(vec![1.0, 0.0]), None]);
        let fused = Variant::fused(&one, &other);
        assert_eq!((fused.label.as_str(), fused.ms_per_face), ("a + b", 4.0));
        assert_eq!(fused.embedded().values().map(Option::is_some).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(fused.found().len(), 1);
    }

    proptest! {
        #[test]
        fn the_cosine_of_two_fused_is_the_mean_of_the_cosines(
            values in prop::collection::vec(prop::collection::vec(0.01f32..1.0, 5), 4),
        ) {
            let one = variant("a", &[Some(values[0].clone()), Some(values[1].clone())]);
            let other = variant("b", &[Some(values[2].clone()), Some(values[3].clone())]);
            let cosine = |variant: &Variant| {
                let found = variant.found();
                found["0"].embedding.similarity(&found["1"].embedding)
            };
            let fused = Variant::fused(&one, &other);
            prop_assert!((cosine(&fused) - f32::midpoint(cosine(&one), cosine(&other))).abs() < 1e-5);
        }
    }
}
