//! The detector against facenet-pytorch's own results, `golden/detection.json`.

use domain::geometry::DetectedFace;
use serde::Deserialize;
use vision::VisionSettings;

use crate::{load, picture, settings};

/// Largest distance of an edge of a box, in pixels.
const EDGE_PX: f32 = 0.1;
/// Largest distance of a landmark, in pixels.
const LANDMARK_PX: f32 = 0.1;
const SCORE: f32 = 0.001;

#[derive(Deserialize)]
struct Run {
    min_face_px: f32,
    pictures: Vec<Expected>,
}

#[derive(Deserialize)]
struct Expected {
    file: String,
    faces: Vec<Face>,
}

#[derive(Deserialize)]
struct Face {
    #[serde(rename = "box")]
    edges: [f32; 4],
    score: f32,
    landmarks: [[f32; 2]; 5],
}

fn runs() -> Vec<Run> {
    serde_json::from_str(include_str!("../golden/detection.json")).expect("as generate.py writes it")
}

fn edges(face: &DetectedFace) -> [f32; 4] {
    let found = &face.face_box;
    [found.x_min, found.y_min, found.x_max, found.y_max]
}

fn is_same(found: &DetectedFace, expected: &Face) -> bool {
    let edges_agree = edges(found).iter().zip(expected.edges).all(|(a, b)| (a - b).abs() <= EDGE_PX);
    let mut points = found.landmarks.iter().zip(expected.landmarks);
    let points_agree = points.all(|(point, [x, y])| (point.x - x).hypot(point.y - y) <= LANDMARK_PX);
    edges_agree && points_agree && (found.detection_score - expected.score).abs() <= SCORE
}

fn check(run: &Run) {
    let settings = VisionSettings { min_face_px: run.min_face_px, max_dimension: 4096, threads: 2, ..settings() };
    let pipeline = load(&settings);
    for expected in &run.pictures {
        let found = pipeline.detect(&[picture(&expected.file, settings.max_dimension)]).expect("the models run");
        let found = &found[0];
        let boxes: Vec<[f32; 4]> = found.iter().map(edges).collect();
        assert_eq!(found.len(), expected.faces.len(), "faces of {}: {boxes:?}", expected.file);
        for face in &expected.faces {
            let is_there = found.iter().any(|found| is_same(found, face));
            assert!(is_there, "{}: {:?} is not among {boxes:?}", expected.file, face.edges);
        }
    }
}

#[test]
fn finds_what_facenet_pytorch_finds() {
    let runs = runs();
    assert!(runs.iter().map(|run| run.pictures.len()).sum::<usize>() > 100);
    runs.iter().for_each(check);
}
