//! The detectors that look at a picture once, against MTCNN.

use domain::geometry::DetectedFace;
use vision::VisionSettings;

use crate::{are_given, load, picture, settings};

const GROUPS: [&str; 4] =
    ["groups/sample1.jpg", "groups/sample4.jpg", "groups/sample5.jpg", "face_recognition/biden.jpg"];

/// Below it each of them takes something for a face now and then.
const LEAST: f32 = 0.9;

fn found(detector: &str, min_face_px: f32, max_dimension: u32) -> Vec<Vec<DetectedFace>> {
    let detector = detector.to_owned();
    let settings = VisionSettings { detector, min_face_px, min_detection_score: LEAST, threads: 2, ..settings() };
    let pipeline = load(&settings);
    pipeline.warm_up().expect("the models run");
    pipeline.detect(&GROUPS.map(|file| picture(file, max_dimension))).expect("the models run")
}

/// Same face: boxes overlap (each detector has an idea of its own of how much is face), noses are near each other (of a
/// tilted head MTCNN's eyes are further away).
fn is_same(one: &DetectedFace, other: &DetectedFace) -> bool {
    let side = one.face_box.width().min(other.face_box.width());
    let [a, b] = [one, other].map(|face| face.landmarks[2]);
    (a.x - b.x).hypot(a.y - b.y) < 0.25 * side && one.face_box.iou(&other.face_box) > 0.4
}

fn check(detector: &str) {
    if !are_given(&[detector], &format!("detection with {detector}")) {
        return;
    }
    for (min_face_px, max_dimension) in [(40.0, 1280), (20.0, 1280), (40.0, 4096)] {
        let wanted = found("mtcnn", min_face_px, max_dimension);
        let found = found(detector, min_face_px, max_dimension);
        for ((file, wanted), found) in GROUPS.iter().zip(&wanted).zip(&found) {
            for face in wanted {
                let seen = found.iter().filter(|other| is_same(face, other)).count();
                assert_eq!(seen, 1, "{detector}, {file}, {face:?} among {found:?}");
            }
            assert_eq!(found.len(), wanted.len(), "{detector}, {file}");
            assert!(found.windows(2).all(|pair| pair[0].face_box.area() >= pair[1].face_box.area()));
            assert!(found.iter().all(|face| (LEAST..=1.0).contains(&face.detection_score)));
        }
    }
}

#[test]
fn yunet_finds_what_mtcnn_finds() {
    check("yunet");
}

#[test]
fn retinaface_finds_what_mtcnn_finds() {
    check("retinaface");
}
