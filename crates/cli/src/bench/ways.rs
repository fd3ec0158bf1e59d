//! Ways to enroll a person from samples.

use domain::embedding::Embedding;
use domain::pooling::pooled;
use serde::Serialize;

use super::people::Sample;

/// Which of a person's samples make templates, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Way {
    pub(super) from: From,
    /// Whether changed copies of the pictures are samples too.
    pub(super) copies: bool,
    pub(super) how: How,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum From {
    One,
    Two,
    All,
}

/// How samples become templates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum How {
    /// One template, `domain::pooling::pooled` weighted by quality.
    Pooled,
    /// Every sample is a template; the closest counts.
    Closest,
}

impl Way {
    /// Those that are compared. With one sample both are the same.
    pub(super) fn all(with_copies: bool) -> Vec<Self> {
        let mut ways = Vec::new();
        for copies in [false, true] {
            for from in [From::One, From::Two, From::All] {
                for how in [How::Pooled, How::Closest] {
                    let one_sample = from == From::One && !copies;
                    if (with_copies || !copies) && !(one_sample && how == How::Closest) {
                        ways.push(Self { from, copies, how });
                    }
                }
            }
        }
        ways
    }

    /// In words.
    pub(super) fn name(self) -> String {
        let from = match self.from {
            From::One => "one picture",
            From::Two => "two pictures",
            From::All => "all pictures but one",
        };
        let copies = if self.copies { " and their changed copies" } else { "" };
        match self.how {
            How::Pooled if self.from == From::One && !self.copies => from.to_owned(),
            How::Pooled => format!("{from}{copies}, pooled"),
            How::Closest => format!("{from}{copies}, closest sample"),
        }
    }

    /// The templates of a person with these samples, in the order in which they are to be used.
    pub(super) fn templates(self, samples: &[&Sample]) -> Vec<Embedding> {
        let count = match self.from {
            From::One => 1,
            From::Two => 2,
            From::All => samples.len(),
        };
        let used = samples.iter().take(count);
        let copies = |sample: &'_ Sample| if self.copies { sample.augmented.len() } else { 0 };
        let weighted: Vec<(&Embedding, f32)> = used
            .flat_map(|sample| {
                let changed = sample.augmented.iter().take(copies(sample));
                std::iter::once(&sample.embedding).chain(changed).map(|embedding| (embedding, sample.quality))
            })
            .collect();
        match self.how {
            How::Pooled => pooled(&weighted).into_iter().collect(),
            How::Closest => weighted.into_iter().map(|(embedding, _)| embedding.clone()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::embedding::Embedding;

    use super::{From, How, Sample, Way};

    fn at(degrees: f32) -> Embedding {
        let angle = degrees.to_radians();
        Embedding::normalized(vec![angle.cos(), angle.sin()]).expect("a direction")
    }

    fn check(from: From, copies: bool, how: How, expected: &[f32]) {
        let sample =
            |degrees: f32| Sample { embedding: at(degrees), quality: 50.0, augmented: vec![at(degrees + 20.0)] };
        let samples = [sample(0.0), sample(40.0), sample(80.0)];
        let found = Way { from, copies, how }.templates(&samples.each_ref());
        assert_eq!(found.len(), expected.len());
        for (template, degrees) in found.iter().zip(expected) {
            assert!(template.similarity(&at(*degrees)) > 0.9999, "{from:?} {copies} {how:?}");
        }
    }

    #[test]
    fn samples_become_templates() {
        check(From::One, false, How::Pooled, &[0.0]);
        check(From::One, true, How::Pooled, &[10.0]);
        check(From::One, true, How::Closest, &[0.0, 20.0]);
        check(From::Two, false, How::Pooled, &[20.0]);
        check(From::Two, true, How::Pooled, &[30.0]);
        check(From::All, false, How::Closest, &[0.0, 40.0, 80.0]);
        check(From::All, true, How::Pooled, &[50.0]);
        assert!(Way { from: From::Two, copies: false, how: How::Pooled }.templates(&[]).is_empty());
    }

    #[test]
    fn ways_have_names_of_their_own() {
        assert_eq!(Way::all(false).len(), 5);
        let names: std::collections::HashSet<String> = Way::all(true).into_iter().map(Way::name).collect();
        assert_eq!(names.len(), 11);
    }
}
