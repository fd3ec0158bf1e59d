//! How good a face is for telling people apart, 0..=100.

use serde::{Deserialize, Serialize};

use crate::geometry::DetectedFace;
use crate::pose::{Pose, pose};

/// What is measured on the pixels of a face.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct FaceMeasure {
    /// Variance of the Laplacian (3 x 3, four neighbours) of the face's grey values 0..=255, with the face scaled to 112
    /// pixels: what is blurred has little. Larger is sharper.
    pub sharpness: f32,
    /// Mean grey value of the middle of the face, 0..=255.
    pub brightness: f32,
    /// Standard deviation of those grey values.
    pub contrast: f32,
}

/// How good a face is, and why. Each part is 0..=100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Quality {
    /// All of it together: the geometric mean of the parts, so that no part makes up for one that is missing.
    pub score: u8,
    /// Pixels: 0 at 24, 100 from 112 on, the side that encoders look at (shorter side of the box).
    pub size: u8,
    /// Sharpness: 0 at 10, 100 from 400 on, in the logarithm.
    pub sharpness: u8,
    /// Light: 100 where the mean grey value is 70 to 190 and its deviation at least 30; 0 at 20, 250 and 5.
    pub exposure: u8,
    /// Pose: 100 up to 15 degrees away from looking ahead, 0 at 60.
    pub pose: u8,
    /// The detector's score: 0 at 0.5, 100 at 1.
    pub detection: u8,
}

/// The quality of a face.
///
/// The parts are those that ISO/IEC 29794-5 and its open implementation OFIQ name as reasons why faces are not recognised
/// (inter-eye distance, sharpness, exposure, pose); the limits are where, on press photographs, more of it no longer
/// helped or less of it made a face useless (docs/benchmarks.md).
#[must_use]
pub fn quality(face: &DetectedFace, measure: &FaceMeasure) -> Quality {
    let side = face.face_box.width().min(face.face_box.height());
    let away = pose(&face.landmarks).map_or(90.0, |Pose { yaw, pitch, .. }| yaw.abs().max(pitch.abs()));
    let light = rising(measure.brightness, 20.0, 70.0).min(1.0 - rising(measure.brightness, 190.0, 250.0));
    let parts = [
        rising(side, 24.0, 112.0),
        rising(measure.sharpness.max(1e-3).ln(), 10f32.ln(), 400f32.ln()),
        light.min(rising(measure.contrast, 5.0, 30.0)),
        1.0 - rising(away, 15.0, 60.0),
        rising(face.detection_score, 0.5, 1.0),
    ];
    let together = parts.iter().map(|part| f64::from(*part)).product::<f64>().powf(1.0 / parts.len() as f64);
    let [size, sharpness, exposure, pose, detection] = parts.map(|part| percent(part.into()));
    Quality { score: percent(together), size, sharpness, exposure, pose, detection }
}

/// 0 up to `from`, 1 from `to` on, a straight line between.
fn rising(value: f32, from: f32, to: f32) -> f32 {
    if value.is_nan() { 0.0 } else { ((value - from) / (to - from)).clamp(0.0, 1.0) }
}

fn percent(share: f64) -> u8 {
    (share * 100.0).round() as u8
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{FaceMeasure, quality};
    use crate::geometry::{DetectedFace, FaceBox, Point};

    const GOOD: FaceMeasure = FaceMeasure { sharpness: 500.0, brightness: 120.0, contrast: 50.0 };

    fn face(side: f32, nose_shift: f32, detection_score: f32) -> DetectedFace {
        let at = |x: f32, y: f32| Point { x: x * side, y: y * side };
        DetectedFace {
            face_box: FaceBox { x_min: 0.0, y_min: 0.0, x_max: side, y_max: side * 1.2 },
            landmarks: [at(0.3, 0.4), at(0.7, 0.4), at(0.5 + nose_shift, 0.6), at(0.35, 0.8), at(0.65, 0.8)],
            detection_score,
        }
    }

    #[test]
    fn a_good_face_has_all_and_each_fault_costs() {
        assert_eq!(quality(&face(150.0, 0.0, 1.0), &GOOD).score, 100);
        let faults = [
            quality(&face(40.0, 0.0, 1.0), &GOOD),
            quality(&face(150.0, 0.15, 1.0), &GOOD),
            quality(&face(150.0, 0.0, 0.7), &GOOD),
            quality(&face(150.0, 0.0, 1.0), &FaceMeasure { sharpness: 20.0, ..GOOD }),
            quality(&face(150.0, 0.0, 1.0), &FaceMeasure { brightness: 35.0, ..GOOD }),
            quality(&face(150.0, 0.0, 1.0), &FaceMeasure { brightness: 235.0, ..GOOD }),
        ];
        for fault in faults {
            assert!(fault.score < 90 && fault.score > 0, "{fault:?}");
        }
        assert_eq!(quality(&face(20.0, 0.0, 1.0), &GOOD).score, 0);
    }

    proptest! {
        #[test]
        fn more_light_pixels_and_sharpness_never_cost(
            side in 10f32..300.0, more in 1f32..2.0, sharpness in 0f32..1000.0, score in 0f32..1.0,
        ) {
            let measure = FaceMeasure { sharpness, ..GOOD };
            let base = quality(&face(side, 0.0, score), &measure).score;
            prop_assert!(quality(&face(side * more, 0.0, score), &measure).score >= base);
            let sharper = FaceMeasure { sharpness: sharpness * more, ..GOOD };
            prop_assert!(quality(&face(side, 0.0, score), &sharper).score >= base);
            prop_assert!(base <= 100);
        }
    }
}
