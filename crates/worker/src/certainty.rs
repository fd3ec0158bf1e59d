//! How sure a decision must be, for one organization and encoder.

use chrono::TimeDelta;
use domain::calibration::Calibration;
use domain::evidence::EvidencePolicy;
use domain::organization::{LivenessPolicy, RecognitionPolicy};

use crate::settings::RecognitionSettings;

/// How sure a decision must be, whatever is searched.
#[derive(Debug, Clone)]
pub(crate) struct Certainty {
    settings: RecognitionSettings,
    policy: RecognitionPolicy,
    /// `None` for an encoder that nobody has calibrated; then a threshold is forced.
    calibration: Option<Calibration>,
}

impl Certainty {
    /// What the organization wants, and where it does not say, what the worker is set to.
    pub(crate) fn new(
        settings: &RecognitionSettings,
        policy: RecognitionPolicy,
        calibration: Option<Calibration>,
    ) -> Self {
        Self { settings: *settings, policy, calibration }
    }

    pub(crate) fn margin_cosine(&self) -> f32 {
        self.settings.margin_cosine
    }

    pub(crate) fn min_face_px(&self) -> f32 {
        self.settings.min_face_px
    }

    pub(crate) fn min_detection_score(&self) -> f32 {
        self.settings.min_detection_score
    }

    fn wanted(&self) -> f64 {
        self.policy.false_match_rate.unwrap_or(self.settings.false_match_rate)
    }

    /// The threshold for a search among `gallery` people.
    pub(crate) fn threshold_cosine(&self, gallery: usize) -> f32 {
        self.forced().unwrap_or_else(|| self.calibrated(self.wanted(), gallery))
    }

    /// The threshold from which on somebody is likely; the same as the other where that is forced.
    pub(crate) fn likely_cosine(&self, gallery: usize) -> f32 {
        let lax = (self.wanted() * self.settings.likely_factor).min(LAXEST_RATE.max(self.wanted()));
        self.forced().unwrap_or_else(|| self.calibrated(lax, gallery))
    }

    /// From which similarity on two faces are so likely one person's that one of them, rejected as somebody's, speaks about
    /// the other.
    pub(crate) fn same_face_cosine(&self) -> f32 {
        let rate = self.settings.rejection_false_match_rate;
        self.calibration.as_ref().map_or_else(|| self.threshold_cosine(1), |c| c.threshold_cosine(rate, 1))
    }

    /// How often a stranger looks as much like somebody among `gallery` people.
    pub(crate) fn false_match_rate(&self, similarity: f32, gallery: usize) -> Option<f64> {
        self.calibration.as_ref().map(|calibration| calibration.false_match_rate(similarity, gallery))
    }

    /// Whether a face of this liveness may not mark anybody.
    pub(crate) fn suspects(&self, liveness: Option<f32>) -> bool {
        self.policy.liveness == LivenessPolicy::Required
            && liveness.is_none_or(|liveness| liveness < self.settings.min_liveness)
    }

    pub(crate) fn evidence(&self) -> EvidencePolicy {
        EvidencePolicy {
            wanted_false_match_rate: self.wanted(),
            window: TimeDelta::seconds(self.settings.evidence_window_seconds.into()),
            spacing: TimeDelta::milliseconds(self.settings.evidence_spacing_ms.into()),
            persistence: self.settings.evidence_persistence,
            cool_down: Some(TimeDelta::seconds(self.settings.cool_down_seconds.into())),
        }
    }

    fn forced(&self) -> Option<f32> {
        self.policy.forced_threshold.or(self.settings.forced_threshold)
    }

    /// Nobody is as alike as 1, so that an encoder without calibration and threshold finds nobody.
    fn calibrated(&self, rate: f64, gallery: usize) -> f32 {
        self.calibration.as_ref().map_or(1.0, |calibration| calibration.threshold_cosine(rate, gallery))
    }
}

/// Somebody whom one stranger in ten is as much like is not likely.
const LAXEST_RATE: f64 = 0.1;

#[cfg(test)]
mod tests {
    use domain::calibration::Calibration;
    use domain::organization::{LivenessPolicy, RecognitionPolicy};

    use super::Certainty;
    use crate::settings::tests::recognition;

    fn certainty(policy: RecognitionPolicy) -> Certainty {
        let calibration = Calibration::try_from(vec![(1e-1, 0.2), (1e-2, 0.3), (1e-3, 0.4)]).expect("in order");
        Certainty::new(&recognition(), policy, Some(calibration))
    }

    fn near(found: f32, expected: f32) {
        assert!((found - expected).abs() < 1e-3, "{found}, not {expected}");
    }

    #[test]
    fn the_organization_has_the_first_word() {
        let asked = certainty(RecognitionPolicy { false_match_rate: Some(1e-2), ..RecognitionPolicy::default() });
        near(asked.threshold_cosine(1), 0.3);
        near(certainty(RecognitionPolicy::default()).threshold_cosine(1), 0.4);
        let forced = certainty(RecognitionPolicy { forced_threshold: Some(0.6), ..RecognitionPolicy::default() });
        near(forced.threshold_cosine(1000), 0.6);
        near(forced.likely_cosine(1000), 0.6);
    }

    #[test]
    fn who_is_likely_is_less_alike_but_never_as_a_tenth_of_all_strangers_are() {
        let strict = certainty(RecognitionPolicy::default());
        assert!(strict.likely_cosine(1) < strict.threshold_cosine(1));
        let lax = certainty(RecognitionPolicy { false_match_rate: Some(0.05), ..RecognitionPolicy::default() });
        near(lax.likely_cosine(1), 0.2);
        let very_lax = certainty(RecognitionPolicy { false_match_rate: Some(0.3), ..RecognitionPolicy::default() });
        assert!(very_lax.likely_cosine(1) <= very_lax.threshold_cosine(1));
    }

    #[test]
    fn liveness_counts_where_it_is_required() {
        let policy = |liveness| RecognitionPolicy { liveness, ..RecognitionPolicy::default() };
        for liveness in [LivenessPolicy::Off, LivenessPolicy::Warn] {
            assert!(!certainty(policy(liveness)).suspects(Some(0.0)));
        }
        let required = certainty(policy(LivenessPolicy::Required));
        assert!(required.suspects(None) && required.suspects(Some(0.1)) && !required.suspects(Some(0.9)));
    }
}
