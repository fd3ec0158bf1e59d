//! Open-set identification: who is it, if anybody that we know?

use domain::embedding::Embedding;
use serde::Serialize;

use super::rates::{share_over, true_accepts_at};
use super::rounded;

/// People of whom there are fewer pictures are strangers: two are enrolled, the others are shown.
const LEAST_PICTURES: usize = 3;

/// Identification of people shown to a gallery, and of strangers.
#[derive(Debug, Serialize)]
pub(super) struct Identification {
    people_enrolled: usize,
    /// Pictures of them that are shown.
    probes: usize,
    /// Pictures of people who are not enrolled that are shown.
    strangers: usize,
    one_enrolled: Rates,
    mean_of_two_enrolled: Rates,
}

/// TPIR: share of probes whose closest person is the right one, over a threshold. FPIR: share of strangers over it.
#[derive(Debug, Serialize)]
struct Rates {
    rank_1: f64,
    tpir_at_fpir_1e_2: f64,
    threshold_at_fpir_1e_2: f64,
    tpir_at_fpir_1e_3: f64,
    threshold_at_fpir_1e_3: f64,
}

/// The first picture or two of everybody with at least three become the gallery. `None` when nobody has so many.
pub(super) fn identify(people: &[Vec<&Embedding>]) -> Option<Identification> {
    let (known, unknown): (Vec<_>, Vec<_>) = people.iter().partition(|pictures| pictures.len() >= LEAST_PICTURES);
    let probes = known
        .iter()
        .enumerate()
        .flat_map(|(person, pictures)| pictures[LEAST_PICTURES - 1..].iter().map(move |picture| (person, *picture)));
    let probes: Vec<(usize, &Embedding)> = probes.collect();
    let strangers: Vec<&Embedding> = unknown.into_iter().flatten().copied().collect();
    let enrolled = |pictures: usize| -> Option<Vec<Embedding>> {
        known.iter().map(|person| Embedding::mean(&person[..pictures])).collect()
    };
    if known.is_empty() {
        return None;
    }
    Some(Identification {
        people_enrolled: known.len(),
        probes: probes.len(),
        strangers: strangers.len(),
        one_enrolled: rates(&enrolled(1)?, &probes, &strangers),
        mean_of_two_enrolled: rates(&enrolled(2)?, &probes, &strangers),
    })
}

fn rates(gallery: &[Embedding], probes: &[(usize, &Embedding)], strangers: &[&Embedding]) -> Rates {
    // A probe that is closest to somebody else is never identified, whatever the threshold.
    let found = probes.iter().map(|(person, picture)| match closest(gallery, picture) {
        (closest, score) if closest == *person => score,
        _ => -2.0,
    });
    let found: Vec<f32> = found.collect();
    let strange: Vec<f32> = strangers.iter().map(|picture| closest(gallery, picture).1).collect();
    let (threshold_1e_2, tpir_1e_2) = true_accepts_at(&found, &strange, 1e-2);
    let (threshold_1e_3, tpir_1e_3) = true_accepts_at(&found, &strange, 1e-3);
    Rates {
        rank_1: rounded(share_over(&found, -1.5)),
        tpir_at_fpir_1e_2: rounded(tpir_1e_2),
        threshold_at_fpir_1e_2: rounded(threshold_1e_2.into()),
        tpir_at_fpir_1e_3: rounded(tpir_1e_3),
        threshold_at_fpir_1e_3: rounded(threshold_1e_3.into()),
    }
}

/// Position and similarity of the closest of a gallery that is not empty.
fn closest(gallery: &[Embedding], picture: &Embedding) -> (usize, f32) {
    let scores = gallery.iter().map(|person| person.similarity(picture)).enumerate();
    scores.max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((usize::MAX, -1.0))
}

#[cfg(test)]
mod tests {
    use super::{Embedding, identify};

    fn at(degrees: f32) -> Embedding {
        let angle = degrees.to_radians();
        Embedding::normalized(vec![angle.cos(), angle.sin()]).expect("has a direction")
    }

    #[test]
    fn people_are_found_and_strangers_set_the_threshold() {
        let known = [[0.0, 2.0, 10.0], [90.0, 92.0, 88.0], [180.0, 182.0, 100.0]].map(|person| person.map(at));
        let stranger = [at(45.0), at(46.0)];
        let mut people: Vec<Vec<&Embedding>> = known.iter().map(|person| person.iter().collect()).collect();
        people.push(stranger.iter().collect());
        let found = identify(&people).expect("three are known");
        assert_eq!((found.people_enrolled, found.probes, found.strangers), (3, 3, 2));
        assert_eq!(found.one_enrolled.rank_1, 0.666667);
        assert_eq!(found.one_enrolled.tpir_at_fpir_1e_2, 0.666667);
        assert!(identify(&[stranger.iter().collect()]).is_none());
    }
}
