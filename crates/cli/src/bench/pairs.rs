//! Verification: are two pictures of one person?

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use domain::embedding::Embedding;
use serde::Serialize;

use super::figure::Figure;
use super::folder::person;
use super::rates::{Scored, Scores, deviation, equal_error, mean, roc};
use super::{resample, rounded};

const FOLDS: usize = 10;
/// Of a pair with a picture without a face: never accepted.
const NO_SCORE: f32 = -1.0;
const ROUNDS: usize = 1000;
const ROC_POINTS: usize = 61;
/// A rate that rests on fewer impostors than this is marked.
const FEW: f64 = 5.0;

/// The embedding of each picture, by its path within the folder; `None` where no face was found.
pub(super) type Embedded = BTreeMap<String, Option<Embedding>>;

/// Verification of a list of pairs. Intervals are 95 %, by a bootstrap over people (1,000 rounds); where that has no width
/// because nothing or everything was right, Wilson's.
#[derive(Debug, Serialize)]
pub(super) struct Verification {
    pub(super) pairs: usize,
    pub(super) people: usize,
    /// Pairs of which a picture shows no face; they count as refused.
    pub(super) pairs_without_face: usize,
    /// Mean over ten folds, each judged with the threshold that suits the nine others best.
    pub(super) accuracy: Figure,
    pub(super) accuracy_deviation: f64,
    pub(super) threshold: f64,
    pub(super) equal_error_rate: Figure,
    pub(super) tar_at_far_1e_2: Figure,
    pub(super) threshold_at_far_1e_2: f64,
    pub(super) tar_at_far_1e_3: Figure,
    pub(super) threshold_at_far_1e_3: f64,
    pub(super) mean_genuine_cosine: f64,
    pub(super) mean_impostor_cosine: f64,
    /// (false acceptance, true acceptance)
    pub(super) roc: Vec<(f64, f64)>,
    #[serde(skip)]
    pub(super) genuine: Scores,
    #[serde(skip)]
    pub(super) impostors: Scores,
}

/// Two pictures, and whether they show one person.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pair {
    a: String,
    b: String,
    is_genuine: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Judged {
    is_genuine: bool,
    scored: Scored,
}

/// The pairs of a CSV file with the columns image_a, image_b, same.
///
/// # Errors
/// When it cannot be read or says something else; the message names the line.
pub(super) fn read(list: &Path) -> anyhow::Result<Vec<Pair>> {
    let text = std::fs::read_to_string(list).with_context(|| format!("cannot read {}", list.display()))?;
    parse(&text).with_context(|| format!("{} is no list of pairs", list.display()))
}

fn parse(text: &str) -> anyhow::Result<Vec<Pair>> {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    ensure!(first == "image_a,image_b,same", "the first line is {first:?}, not \"image_a,image_b,same\"");
    let pairs = lines.enumerate().map(|(number, line)| {
        let row = number + 2;
        let [a, b, same] = line.split(',').collect::<Vec<_>>()[..] else { bail!("line {row} has not three columns") };
        let is_genuine = match same {
            "1" => true,
            "0" => false,
            other => bail!("line {row}: same is 0 or 1, not {other:?}"),
        };
        Ok(Pair { a: a.to_owned(), b: b.to_owned(), is_genuine })
    });
    let pairs: Vec<Pair> = pairs.collect::<anyhow::Result<_>>()?;
    let genuine = pairs.iter().filter(|pair| pair.is_genuine).count();
    ensure!(
        genuine >= FOLDS && pairs.len() - genuine >= FOLDS,
        "there are {genuine} genuine pairs and {} of different people: at least {FOLDS} of each are needed",
        pairs.len() - genuine
    );
    Ok(pairs)
}

/// Judges the pairs.
///
/// # Errors
/// When a pair names a picture that is not there.
pub(super) fn verify(pairs: &[Pair], embedded: &Embedded) -> anyhow::Result<Verification> {
    let (judged, people) = score(pairs, embedded)?;
    let of = |is_genuine: bool| judged.iter().filter(move |pair| pair.is_genuine == is_genuine).map(|pair| pair.scored);
    let (genuine, impostors): (Scores, Scores) = (of(true).collect(), of(false).collect());
    let folds: Vec<Fold> = (0..FOLDS).map(|fold| Fold::judge(&judged, fold)).collect();
    let accuracies: Vec<f64> = folds.iter().map(|fold| fold.accuracy).collect();
    let right: Scores = folds.iter().flat_map(|fold| fold.right.iter().copied()).collect();
    let weights = resample::weights(people, ROUNDS);
    let figure = |value: f64, trials: usize, of: &dyn Fn(&[f64]) -> f64| {
        Figure::resampled_share(value, weights.iter().map(|weights| of(weights)).collect(), trials)
    };
    let tar = |rate: f64| {
        let at = |weights: Option<&[f64]>| genuine.share_over(impostors.threshold(rate, weights), weights);
        let few = rate * (impostors.len() as f64) < FEW;
        let figure = figure(at(None), genuine.len(), &|weights| at(Some(weights))).marked(few);
        (figure, rounded(impostors.threshold(rate, None).into()))
    };
    let (equal_error_rate, _) = equal_error(&genuine, &impostors, None);
    let (tar_1e_2, tar_1e_3) = (tar(1e-2), tar(1e-3));
    let mean_score = |scores: &Scores| {
        rounded(mean(&scores.values().filter(|score| *score > NO_SCORE).map(f64::from).collect::<Vec<_>>()))
    };
    Ok(Verification {
        pairs: judged.len(),
        people,
        pairs_without_face: judged.iter().filter(|pair| pair.scored.score == NO_SCORE).count(),
        accuracy: figure(mean(&accuracies), judged.len(), &|weights| right.share_over(0.5, Some(weights))),
        accuracy_deviation: rounded(deviation(&accuracies)),
        threshold: rounded(mean(&folds.iter().map(|fold| f64::from(fold.threshold)).collect::<Vec<_>>())),
        equal_error_rate: figure(equal_error_rate, genuine.len(), &|weights| {
            equal_error(&genuine, &impostors, Some(weights)).0
        }),
        tar_at_far_1e_2: tar_1e_2.0,
        threshold_at_far_1e_2: tar_1e_2.1,
        tar_at_far_1e_3: tar_1e_3.0,
        threshold_at_far_1e_3: tar_1e_3.1,
        mean_genuine_cosine: mean_score(&genuine),
        mean_impostor_cosine: mean_score(&impostors),
        roc: roc(&genuine, &impostors, ROC_POINTS).iter().map(|(far, tar)| (rounded(*far), rounded(*tar))).collect(),
        genuine,
        impostors,
    })
}

/// The scores, in the order of the pairs, and the number of people.
fn score(pairs: &[Pair], embedded: &Embedded) -> anyhow::Result<(Vec<Judged>, usize)> {
    let mut people: BTreeMap<&str, usize> = BTreeMap::new();
    let mut number = |name| {
        let next = people.len();
        *people.entry(person(name).unwrap_or(name)).or_insert(next)
    };
    let picture = |name: &str| embedded.get(name).with_context(|| format!("{name} is in the list, not in the folder"));
    let mut judged = Vec::with_capacity(pairs.len());
    for pair in pairs {
        let score = match (picture(&pair.a)?, picture(&pair.b)?) {
            (Some(a), Some(b)) => a.similarity(b),
            _ => NO_SCORE,
        };
        let scored = Scored { score, people: (number(&pair.a), number(&pair.b)) };
        judged.push(Judged { is_genuine: pair.is_genuine, scored });
    }
    Ok((judged, people.len()))
}

struct Fold {
    accuracy: f64,
    threshold: f32,
    /// 1 for each pair judged rightly, 0 for the others.
    right: Vec<Scored>,
}

impl Fold {
    fn judge(judged: &[Judged], fold: usize) -> Self {
        let (held_back, others): (Vec<_>, Vec<_>) = judged.iter().enumerate().partition(|(row, _)| row % FOLDS == fold);
        let threshold = best_threshold(others.into_iter().map(|(_, pair)| *pair).collect());
        let is_right = |pair: &Judged| (pair.scored.score > threshold) == pair.is_genuine;
        let right = held_back.iter().map(|(_, pair)| Scored { score: is_right(pair).into(), ..pair.scored });
        let right: Vec<Scored> = right.collect();
        let accuracy = mean(&right.iter().map(|pair| f64::from(pair.score)).collect::<Vec<_>>());
        Self { accuracy, threshold, right }
    }
}

/// The threshold that judges most pairs rightly: half way between two neighbouring scores.
fn best_threshold(mut judged: Vec<Judged>) -> f32 {
    judged.sort_by(|a, b| a.scored.score.total_cmp(&b.scored.score));
    // Below all scores every pair is accepted, so the genuine ones are right.
    let mut right = judged.iter().filter(|pair| pair.is_genuine).count();
    let (mut best, mut threshold) = (right, NO_SCORE);
    for (position, pair) in judged.iter().enumerate() {
        right = if pair.is_genuine { right - 1 } else { right + 1 };
        let next = judged.get(position + 1).map_or(1.0, |next| next.scored.score);
        if right > best && next > pair.scored.score {
            (best, threshold) = (right, f32::midpoint(pair.scored.score, next));
        }
    }
    threshold
}

#[cfg(test)]
mod tests {
    use domain::embedding::Embedding;

    use super::{Embedded, Judged, Scored, best_threshold, parse, verify};

    const HEADER: &str = "image_a,image_b,same";

    fn check_refused(text: &str, words: &str) {
        let error = parse(text).expect_err("refused").to_string();
        assert!(error.contains(words), "{error}");
    }

    #[test]
    fn lists_are_checked() {
        check_refused("", "the first line is \"\"");
        check_refused("a;b;c", "the first line is \"a;b;c\"");
        check_refused(&format!("{HEADER}\na,b"), "line 2 has not three columns");
        check_refused(&format!("{HEADER}\na,b,1\na,b,yes"), "line 3: same is 0 or 1, not \"yes\"");
        check_refused(&format!("{HEADER}\na,b,1"), "1 genuine pairs and 0");
    }

    /// Twenty people at even angles, two pictures each, `apart` degrees from one another.
    fn people(apart: f32) -> (Embedded, String) {
        let at = |degrees: f32| {
            let angle = degrees.to_radians();
            Embedding::normalized(vec![angle.cos(), angle.sin()])
        };
        let (mut embedded, mut list) = (Embedded::new(), HEADER.to_owned());
        for person in 0..20 {
            embedded.insert(format!("{person}/1"), at(person as f32 * 18.0));
            embedded.insert(format!("{person}/2"), at(person as f32 * 18.0 + apart));
            list += &format!("\n{person}/1,{person}/2,1\n{person}/1,{}/2,0", (person + 1) % 20);
        }
        (embedded, list)
    }

    #[test]
    fn people_far_apart_are_told_apart_always() {
        let (embedded, list) = people(1.0);
        let found = verify(&parse(&list).expect("pairs"), &embedded).expect("judged");
        assert_eq!((found.pairs, found.people, found.pairs_without_face), (40, 20, 0));
        assert_eq!((found.accuracy.value, found.equal_error_rate.value, found.tar_at_far_1e_2.value), (1.0, 0.0, 1.0));
        // Nothing went wrong in 40 pairs: that is no proof that nothing does.
        assert!(found.accuracy.low < 0.95 && found.equal_error_rate.high > 0.05 && found.tar_at_far_1e_3.rests_on_few);
    }

    #[test]
    fn a_picture_without_a_face_is_refused_and_one_that_is_missing_an_error() {
        let (mut embedded, list) = people(1.0);
        let pairs = parse(&list).expect("pairs");
        embedded.insert("0/1".to_owned(), None);
        let found = verify(&pairs, &embedded).expect("judged");
        assert_eq!(found.pairs_without_face, 2);
        assert!(found.accuracy.value < 1.0 && found.tar_at_far_1e_2.value < 1.0);
        embedded.remove("0/1");
        let error = verify(&pairs, &embedded).expect_err("missing").to_string();
        assert!(error.contains("0/1"), "{error}");
    }

    #[test]
    fn the_threshold_is_where_most_are_right() {
        let judge = |scores: &[(f32, bool)]| {
            let one = |(score, is_genuine): &(f32, bool)| Judged {
                is_genuine: *is_genuine,
                scored: Scored { score: *score, people: (0, 0) },
            };
            best_threshold(scores.iter().map(one).collect())
        };
        assert_eq!(judge(&[(0.0, false), (0.5, false), (0.75, true), (1.0, true)]), 0.625);
        assert_eq!(judge(&[(0.0, false), (0.5, true), (0.75, false), (1.0, true), (1.0, true)]), 0.25);
        assert_eq!(judge(&[(0.2, true), (0.5, true)]), -1.0);
    }
}
