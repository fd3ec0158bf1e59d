//! Verification: are two pictures of one person?

use std::path::Path;

use anyhow::{Context, bail, ensure};
use serde::Serialize;

use super::embed::Embedded;
use super::rates::{deviation, mean, true_accepts_at};
use super::rounded;

const FOLDS: usize = 10;
/// Of a pair with a picture without a face: never accepted.
const NO_SCORE: f32 = -1.0;

/// Verification of a list of pairs.
#[derive(Debug, Serialize)]
pub(super) struct Verification {
    pairs: usize,
    /// Pairs of which a picture shows no face; they count as refused.
    pairs_without_face: usize,
    /// Mean over ten folds, each judged with the threshold that suits the nine others best.
    accuracy: f64,
    accuracy_deviation: f64,
    threshold: f64,
    tar_at_far_1e_2: f64,
    threshold_at_far_1e_2: f64,
    tar_at_far_1e_3: f64,
    threshold_at_far_1e_3: f64,
    mean_genuine_cosine: f64,
    mean_impostor_cosine: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Scored {
    is_genuine: bool,
    score: f32,
}

/// Judges the pairs of a CSV file with the columns image_a, image_b, same.
pub(super) fn verify(list: &Path, embedded: &Embedded) -> anyhow::Result<Verification> {
    let text = std::fs::read_to_string(list).with_context(|| format!("cannot read {}", list.display()))?;
    let scored = score(&text, embedded)?;
    ensure!(scored.len() >= FOLDS, "{} has too few pairs", list.display());
    let folds: Vec<(f64, f64)> = (0..FOLDS).map(|fold| judge(&scored, fold)).collect();
    let accuracies: Vec<f64> = folds.iter().map(|(accuracy, _)| *accuracy).collect();
    let thresholds: Vec<f64> = folds.iter().map(|(_, threshold)| *threshold).collect();
    let scores = |is_genuine: bool| -> Vec<f32> {
        scored.iter().filter(|pair| pair.is_genuine == is_genuine).map(|pair| pair.score).collect()
    };
    let (genuine, impostors) = (scores(true), scores(false));
    let (threshold_1e_2, tar_1e_2) = true_accepts_at(&genuine, &impostors, 1e-2);
    let (threshold_1e_3, tar_1e_3) = true_accepts_at(&genuine, &impostors, 1e-3);
    let mean_score = |scores: &[f32]| {
        let seen: Vec<f64> = scores.iter().filter(|score| **score > NO_SCORE).map(|score| f64::from(*score)).collect();
        rounded(mean(&seen))
    };
    Ok(Verification {
        pairs: scored.len(),
        pairs_without_face: scored.iter().filter(|pair| pair.score == NO_SCORE).count(),
        accuracy: rounded(mean(&accuracies)),
        accuracy_deviation: rounded(deviation(&accuracies)),
        threshold: rounded(mean(&thresholds)),
        tar_at_far_1e_2: rounded(tar_1e_2),
        threshold_at_far_1e_2: rounded(threshold_1e_2.into()),
        tar_at_far_1e_3: rounded(tar_1e_3),
        threshold_at_far_1e_3: rounded(threshold_1e_3.into()),
        mean_genuine_cosine: mean_score(&genuine),
        mean_impostor_cosine: mean_score(&impostors),
    })
}

fn score(text: &str, embedded: &Embedded) -> anyhow::Result<Vec<Scored>> {
    let mut lines = text.lines();
    ensure!(lines.next() == Some("image_a,image_b,same"), "the first line is not image_a,image_b,same");
    let picture = |name: &str| embedded.get(name).with_context(|| format!("{name} is not in the folder"));
    lines
        .map(|line| {
            let [a, b, same] = line.split(',').collect::<Vec<_>>()[..] else { bail!("not three columns: {line}") };
            let is_genuine = match same {
                "1" => true,
                "0" => false,
                other => bail!("same is 0 or 1, not {other}"),
            };
            let score = match (picture(a)?, picture(b)?) {
                (Some(a), Some(b)) => a.similarity(b),
                _ => NO_SCORE,
            };
            Ok(Scored { is_genuine, score })
        })
        .collect()
}

/// Accuracy on one fold, and the threshold that it was judged with.
fn judge(scored: &[Scored], fold: usize) -> (f64, f64) {
    let (held_back, others): (Vec<_>, Vec<_>) = scored.iter().enumerate().partition(|(row, _)| row % FOLDS == fold);
    let threshold = best_threshold(others.into_iter().map(|(_, pair)| *pair).collect());
    let right = held_back.iter().filter(|(_, pair)| (pair.score > threshold) == pair.is_genuine).count();
    (right as f64 / held_back.len() as f64, f64::from(threshold))
}

/// The threshold that judges most pairs rightly: half way between two neighbouring scores.
fn best_threshold(mut scored: Vec<Scored>) -> f32 {
    scored.sort_by(|a, b| a.score.total_cmp(&b.score));
    // Below all scores every pair is accepted, so the genuine ones are right.
    let mut right = scored.iter().filter(|pair| pair.is_genuine).count();
    let (mut best, mut threshold) = (right, NO_SCORE);
    for (position, pair) in scored.iter().enumerate() {
        right = if pair.is_genuine { right - 1 } else { right + 1 };
        let next = scored.get(position + 1).map_or(1.0, |next| next.score);
        if right > best && next > pair.score {
            (best, threshold) = (right, (pair.score + next) / 2.0);
        }
    }
    threshold
}

#[cfg(test)]
mod tests {
    use domain::embedding::Embedding;

    use super::{Embedded, Scored, best_threshold, score};

    fn pairs(scores: &[(f32, bool)]) -> Vec<Scored> {
        scores.iter().map(|(score, is_genuine)| Scored { score: *score, is_genuine: *is_genuine }).collect()
    }

    fn check(scores: &[(f32, bool)], expected: f32) {
        let found = best_threshold(pairs(scores));
        assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
    }

    #[test]
    fn the_best_threshold_lies_between() {
        check(&[(0.9, true), (0.1, false), (0.2, false), (0.6, true)], 0.4);
        check(&[(0.9, true), (0.7, false), (0.2, false), (0.6, true), (0.5, true)], 0.35);
        check(&[(0.5, true), (0.5, false), (0.5, false)], 0.75);
        check(&[(0.5, true)], -1.0);
    }

    #[test]
    fn a_picture_without_a_face_is_refused_and_an_unknown_one_an_error() {
        let east = Embedding::normalized(vec![1.0, 0.0]);
        let embedded: Embedded = [("a".into(), east.clone()), ("b".into(), east), ("c".into(), None)].into();
        let scored = score("image_a,image_b,same\na,b,1\na,c,0\n", &embedded).expect("well formed");
        assert_eq!(scored, pairs(&[(1.0, true), (-1.0, false)]));
        for wrong in
            ["", "a,b,1", "image_a,image_b,same\na,d,1", "image_a,image_b,same\na,b", "image_a,image_b,same\na,b,x"]
        {
            assert!(score(wrong, &embedded).is_err(), "{wrong}");
        }
    }
}
