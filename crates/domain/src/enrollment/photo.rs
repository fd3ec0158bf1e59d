//! Whether one photo is good enough to enroll somebody with.

use super::PhotoRejection;
use crate::geometry::DetectedFace;
use crate::pose::pose;
use crate::quality::{FaceMeasure, quality};

/// What a photo's face must be like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PhotoPolicy {
    /// Shorter side of the smallest face that counts, in pixels.
    pub min_face_px: f32,
    /// Detection score, 0..1, below which part of a face seems to be hidden.
    pub min_detection_score: f32,
    /// Least sharpness: the variance that [`FaceMeasure::sharpness`] is.
    pub min_sharpness: f32,
    /// Least and most mean grey value, 0..=255.
    pub brightness: [f32; 2],
    /// Most degrees away from straight ahead, sideways or nodding.
    pub max_turn_degrees: f32,
    /// Least liveness, 0..=1; `None` when it is not asked. Then a face whose liveness is not known is refused, too.
    pub min_liveness: Option<f32>,
    /// Least quality, 0..=100.
    pub min_quality: u8,
}

/// One face of a photo.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PhotoFace {
    /// Where it is.
    pub face: DetectedFace,
    /// What was measured on its pixels.
    pub measure: FaceMeasure,
    /// How probably it is a living person's, 0..=1.
    pub liveness: Option<f32>,
}

/// The one face of a photo that can be enrolled, as its position and quality; or why there is none, with the quality of
/// the face that is meant.
///
/// Faces that are much smaller than the largest (less than half its side) do not count: nearly every street has some far
/// away. Nor do those that the detector is not sure of, where there is one that it is sure of: now and then it takes an arm
/// for a face.
///
/// # Errors
/// The reason that comes first in this order: no face, several, too small, hidden, too dark or bright, blurred, turned
/// away, a picture of a face, too poor in all (as the worst part of its quality).
pub fn enrollable(faces: &[PhotoFace], policy: &PhotoPolicy) -> Result<(usize, u8), (PhotoRejection, Option<u8>)> {
    let side = |face: &PhotoFace| face.face.face_box.width().min(face.face.face_box.height());
    let is_sure = |face: &PhotoFace| face.face.detection_score >= policy.min_detection_score;
    let any_sure = faces.iter().any(is_sure);
    let counts = |at: &usize| is_sure(&faces[*at]) || !any_sure;
    let largest = (0..faces.len()).filter(counts).map(|at| side(&faces[at])).fold(0.0, f32::max);
    let meant: Vec<usize> = (0..faces.len()).filter(counts).filter(|at| side(&faces[*at]) * 2.0 > largest).collect();
    let (position, found) = match meant.as_slice() {
        [] => return Err((PhotoRejection::FaceNotFound, None)),
        [only] => (*only, &faces[*only]),
        [..] if largest < policy.min_face_px => return Err((PhotoRejection::FaceTooSmall, None)),
        [..] => return Err((PhotoRejection::MultipleFaces, None)),
    };
    let parts = quality(&found.face, &found.measure);
    let turned = pose(&found.face.landmarks).is_none_or(|pose| {
        pose.yaw.abs() > policy.max_turn_degrees || pose.pitch.abs() > policy.max_turn_degrees.max(30.0)
    });
    let is_live = policy.min_liveness.is_none_or(|least| found.liveness.is_some_and(|liveness| liveness >= least));
    let [dark, bright] = policy.brightness;
    let rules = [
        (largest < policy.min_face_px, PhotoRejection::FaceTooSmall),
        (!any_sure, PhotoRejection::FaceHidden),
        (found.measure.brightness < dark, PhotoRejection::FaceTooDark),
        (found.measure.brightness > bright, PhotoRejection::FaceTooBright),
        (found.measure.sharpness < policy.min_sharpness, PhotoRejection::FaceBlurred),
        (turned, PhotoRejection::FaceTurnedAway),
        (!is_live, PhotoRejection::SpoofSuspected),
    ];
    if let Some((_, reason)) = rules.into_iter().find(|(broken, _)| *broken) {
        return Err((reason, Some(parts.score)));
    }
    if parts.score < policy.min_quality {
        let worst = [
            (parts.size, PhotoRejection::FaceTooSmall),
            (parts.sharpness, PhotoRejection::FaceBlurred),
            (
                parts.exposure,
                if found.measure.brightness < 128.0 {
                    PhotoRejection::FaceTooDark
                } else {
                    PhotoRejection::FaceTooBright
                },
            ),
            (parts.pose, PhotoRejection::FaceTurnedAway),
            (parts.detection, PhotoRejection::FaceHidden),
        ];
        let reason =
            worst.into_iter().min_by_key(|(part, _)| *part).map_or(PhotoRejection::FaceNotFound, |(_, reason)| reason);
        return Err((reason, Some(parts.score)));
    }
    Ok((position, parts.score))
}

#[cfg(test)]
mod tests {
    use super::{PhotoFace, PhotoPolicy, enrollable};
    use crate::enrollment::PhotoRejection;
    use crate::geometry::{DetectedFace, FaceBox, Point};
    use crate::quality::FaceMeasure;

    const POLICY: PhotoPolicy = PhotoPolicy {
        min_face_px: 60.0,
        min_detection_score: 0.9,
        min_sharpness: 30.0,
        brightness: [30.0, 230.0],
        max_turn_degrees: 40.0,
        min_liveness: None,
        min_quality: 20,
    };

    fn face(side: f32) -> PhotoFace {
        let at = |x: f32, y: f32| Point { x: x * side, y: y * side };
        PhotoFace {
            face: DetectedFace {
                face_box: FaceBox { x_min: 0.0, y_min: 0.0, x_max: side, y_max: side * 1.2 },
                landmarks: [at(0.3, 0.4), at(0.7, 0.4), at(0.5, 0.6), at(0.35, 0.8), at(0.65, 0.8)],
                detection_score: 0.99,
            },
            measure: FaceMeasure { sharpness: 300.0, brightness: 120.0, contrast: 40.0 },
            liveness: None,
        }
    }

    fn check(faces: &[PhotoFace], expected: Option<PhotoRejection>) {
        assert_eq!(enrollable(faces, &POLICY).err().map(|(reason, _)| reason), expected, "{faces:?}");
    }

    fn changed(change: impl FnOnce(&mut PhotoFace)) -> PhotoFace {
        let mut changed = face(150.0);
        change(&mut changed);
        changed
    }

    #[test]
    fn one_good_face_or_the_reason_why_not() {
        check(&[face(150.0)], None);
        check(&[], Some(PhotoRejection::FaceNotFound));
        check(&[face(150.0), face(140.0)], Some(PhotoRejection::MultipleFaces));
        check(&[face(40.0), face(150.0)], None);
        check(&[face(59.0)], Some(PhotoRejection::FaceTooSmall));
        check(&[face(50.0), face(40.0)], Some(PhotoRejection::FaceTooSmall));
        check(&[changed(|f| f.face.detection_score = 0.8)], Some(PhotoRejection::FaceHidden));
        check(&[face(140.0), changed(|f| f.face.detection_score = 0.8)], None);
        check(&[changed(|f| f.measure.brightness = 20.0)], Some(PhotoRejection::FaceTooDark));
        check(&[changed(|f| f.measure.brightness = 240.0)], Some(PhotoRejection::FaceTooBright));
        check(&[changed(|f| f.measure.sharpness = 12.0)], Some(PhotoRejection::FaceBlurred));
        check(&[changed(|f| f.face.landmarks[2].x += 60.0)], Some(PhotoRejection::FaceTurnedAway));
    }

    #[test]
    fn the_position_is_that_of_the_face_meant() {
        assert_eq!(enrollable(&[face(40.0), face(150.0)], &POLICY).map(|(at, _)| at), Ok(1));
    }

    #[test]
    fn liveness_is_asked_where_it_is_required() {
        let policy = PhotoPolicy { min_liveness: Some(0.5), ..POLICY };
        let reason =
            |liveness| enrollable(&[PhotoFace { liveness, ..face(150.0) }], &policy).err().map(|(reason, _)| reason);
        assert_eq!(reason(Some(0.6)), None);
        assert_eq!(reason(Some(0.4)), Some(PhotoRejection::SpoofSuspected));
        assert_eq!(reason(None), Some(PhotoRejection::SpoofSuspected));
    }

    #[test]
    fn what_is_poor_in_all_is_refused_for_its_worst_part() {
        let policy = PhotoPolicy { min_quality: 85, ..POLICY };
        let poor = changed(|f| f.measure.sharpness = 31.0);
        let (reason, quality) = enrollable(&[poor], &policy).expect_err("too poor");
        assert_eq!(reason, PhotoRejection::FaceBlurred);
        assert!(quality.is_some_and(|quality| quality < 85));
    }
}
