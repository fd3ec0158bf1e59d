//! Errors of telling live people from pictures, masks and screens (presentation attack detection).

use std::collections::BTreeMap;

use serde::Serialize;

use super::annotations::Presented;
use super::figure::Figure;

/// What was presented and how live it looked, 0..=1; `None` where no face was found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Presentation {
    pub(super) presented: Presented,
    pub(super) liveness: Option<f32>,
}

/// Errors at one threshold, as ISO/IEC 30107-3 defines them; intervals are Wilson's, 95 %.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Errors {
    pub(super) threshold: f32,
    /// Attack presentation classification error rate: share of the attacks of a type that are taken for live people.
    pub(super) apcer: BTreeMap<String, Figure>,
    /// The highest of them: an attacker chooses the type.
    pub(super) highest_apcer: Option<f64>,
    /// Bona fide presentation classification error rate: share of the live people who are taken for an attack.
    pub(super) bpcer: Figure,
    /// Presentations without an answer, as no face was found: of attacks (APNRR) and of live people (BPNRR).
    pub(super) apnrr: Figure,
    pub(super) bpnrr: Figure,
}

/// A rate that rests on fewer presentations than this is marked.
const FEW: usize = 30;

/// Errors when those at least as live as `threshold` pass.
///
/// Presentations without a face have no answer and count in neither error rate.
pub(super) fn errors(all: &[Presentation], threshold: f32) -> Errors {
    let passes = |presentation: &Presentation| presentation.liveness.is_some_and(|liveness| liveness >= threshold);
    let share = |of: &[&Presentation], counts: &dyn Fn(&Presentation) -> bool| {
        let successes = of.iter().filter(|presentation| counts(presentation)).count();
        Figure::share(successes, of.len()).marked(of.len() < FEW)
    };
    let mut kinds: BTreeMap<&str, Vec<&Presentation>> = BTreeMap::new();
    let (mut live, mut attacks) = (Vec::new(), Vec::new());
    for presentation in all {
        match &presentation.presented {
            Presented::Live => live.push(presentation),
            Presented::Attack(kind) => {
                attacks.push(presentation);
                let of_kind = kinds.entry(kind).or_default();
                of_kind.extend(presentation.liveness.is_some().then_some(presentation));
            }
        }
    }
    let answered: Vec<&Presentation> = live.iter().copied().filter(|one| one.liveness.is_some()).collect();
    let apcer: BTreeMap<String, Figure> =
        kinds.into_iter().map(|(kind, of)| (kind.to_owned(), share(&of, &passes))).collect();
    let is_mute = |presentation: &Presentation| presentation.liveness.is_none();
    Errors {
        threshold,
        highest_apcer: apcer.values().map(|figure| figure.value).max_by(f64::total_cmp),
        apcer,
        bpcer: share(&answered, &|presentation| !passes(presentation)),
        apnrr: share(&attacks, &is_mute),
        bpnrr: share(&live, &is_mute),
    }
}

/// Errors at thresholds from 0 to 1, in hundredths.
pub(super) fn curve(all: &[Presentation]) -> Vec<Errors> {
    (0..=100u8).map(|hundredth| errors(all, f32::from(hundredth) / 100.0)).collect()
}

/// The lowest BPCER where no type of attack passes more often than `apcer`, and its threshold; `None` where there is no
/// such threshold, or there are no attacks. ISO/IEC 30107-3 calls those at 10, 5 and 1 % BPCER10, BPCER20 and BPCER100.
pub(super) fn bpcer_at(curve: &[Errors], apcer: f64) -> Option<(f32, Figure)> {
    let safe = curve.iter().filter(|errors| errors.highest_apcer.is_some_and(|highest| highest <= apcer));
    let best = safe.min_by(|a, b| a.bpcer.value.total_cmp(&b.bpcer.value));
    best.map(|errors| (errors.threshold, errors.bpcer))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Presentation, Presented, bpcer_at, curve, errors};

    fn live(liveness: f32) -> Presentation {
        Presentation { presented: Presented::Live, liveness: Some(liveness) }
    }

    fn attack(kind: &str, liveness: f32) -> Presentation {
        Presentation { presented: Presented::Attack(kind.to_owned()), liveness: Some(liveness) }
    }

    #[test]
    fn each_type_of_attack_has_its_rate_and_the_worst_counts() {
        let mute = |presented| Presentation { presented, liveness: None };
        let all = [
            live(0.9),
            live(0.5),
            live(0.4),
            live(0.95),
            attack("print", 0.1),
            attack("print", 0.6),
            attack("replay", 0.2),
            mute(Presented::Live),
            mute(Presented::Attack("mask".to_owned())),
        ];
        let found = errors(&all, 0.5);
        let apcer: Vec<(&str, f64)> = found.apcer.iter().map(|(kind, rate)| (kind.as_str(), rate.value)).collect();
        assert_eq!(apcer, [("mask", 0.0), ("print", 0.5), ("replay", 0.0)]);
        assert_eq!((found.highest_apcer, found.bpcer.value), (Some(0.5), 0.25));
        assert_eq!((found.apnrr.value, found.bpnrr.value), (0.25, 0.2));
        assert!(found.bpcer.rests_on_few && found.apcer["print"].rests_on_few);
        let curve = curve(&all);
        let (threshold, bpcer) = bpcer_at(&curve, 0.1).expect("a threshold");
        assert_eq!((threshold, bpcer.value), (0.61, 0.5));
    }

    #[test]
    fn without_attacks_there_is_no_rate_of_them() {
        let found = errors(&[live(0.9)], 0.5);
        assert_eq!((found.highest_apcer, found.bpcer.value), (None, 0.0));
        assert_eq!(bpcer_at(&curve(&[live(0.9)]), 0.1), None);
        assert!(errors(&[], 0.5).bpcer.rests_on_few);
    }

    proptest! {
        #[test]
        fn a_higher_threshold_lets_fewer_attacks_and_fewer_people_pass(
            scores in prop::collection::vec((0f32..=1.0, any::<bool>()), 1..40),
        ) {
            let all: Vec<Presentation> =
                scores.into_iter().map(|(score, is_live)| if is_live { live(score) } else { attack("x", score) }).collect();
            for pair in curve(&all).windows(2) {
                prop_assert!(pair[1].highest_apcer <= pair[0].highest_apcer);
                prop_assert!(pair[1].bpcer.value >= pair[0].bpcer.value);
            }
        }
    }
}
