//! Large pictures of many small faces.

use domain::geometry::DetectedFace;
use vision::{Picture, Pipeline, VisionSettings, Wants};

use crate::{are_given, load, picture, settings};

const GROUP: &str = "groups/sample5.jpg";
/// Width that the group picture is shrunk to, so that its five faces are 55 to 75 pixels high.
const GROUP_WIDTH: u32 = 480;
const CANVAS: (u32, u32) = (5600, 3200);
/// Where the group stands in the canvas, so that whatever tiles there are cut through some.
const STEP: (usize, usize) = (530, 480);

/// A canvas with many copies of the group, and how many.
fn crowd() -> (Picture, usize) {
    let group = picture(GROUP, GROUP_WIDTH);
    let (width, height) = (CANVAS.0 as usize, CANVAS.1 as usize);
    let mut pixels = vec![90; width * height * 3];
    let mut copies = 0;
    for top in (0..=height - group.height()).step_by(STEP.1) {
        for left in (0..=width - group.width()).step_by(STEP.0) {
            for (row, line) in group.rgb().chunks_exact(group.width() * 3).enumerate() {
                let begin = ((top + row) * width + left) * 3;
                pixels[begin..begin + line.len()].copy_from_slice(line);
            }
            copies += 1;
        }
    }
    (Picture::from_rgb(pixels, CANVAS.0, CANVAS.1).expect("sizes agree"), copies)
}

/// The noses of one group, in pixels of it.
fn noses(pipeline: &Pipeline) -> Vec<(f32, f32)> {
    let group = picture(GROUP, GROUP_WIDTH);
    let pixels = Picture::from_rgb(group.rgb().to_vec(), group.width() as u32, group.height() as u32);
    let faces = pipeline.detect(&[pixels.expect("sizes agree")]).expect("the models run").remove(0);
    assert_eq!(faces.len(), 5);
    faces.iter().map(|face| (face.landmarks[2].x, face.landmarks[2].y)).collect()
}

fn check(detector: &str, least: f32) {
    let net = if detector == "mtcnn" { "mtcnn-pnet" } else { detector };
    if !are_given(&[net], &format!("tiled detection with {detector}")) {
        return;
    }
    let detector = detector.to_owned();
    let pipeline =
        load(&VisionSettings { detector, min_detection_score: least, threads: 2, min_face_px: 40.0, ..settings() });
    let (canvas, copies) = crowd();
    let noses = noses(&pipeline);
    let found = pipeline.detect_tiled(&canvas).expect("the models run");
    let shown = |face: &DetectedFace| {
        let nose = face.landmarks[2];
        let (x, y) = (nose.x % STEP.0 as f32, nose.y % STEP.1 as f32);
        noses.iter().position(|(nose_x, nose_y)| (x - nose_x).hypot(y - nose_y) < 15.0)
    };
    let mut times = [0; 5];
    for face in &found {
        let number = shown(face).unwrap_or_else(|| panic!("no face is at {face:?}"));
        times[number] += 1;
    }
    assert_eq!(times, [copies; 5], "{} faces in all", found.len());
    assert!(found.windows(2).all(|pair| pair[0].face_box.area() >= pair[1].face_box.area()));
}

#[test]
fn each_face_of_a_crowd_is_found_once() {
    check("mtcnn", 0.9);
}

#[test]
fn each_face_of_a_crowd_is_found_once_by_yunet() {
    check("yunet", 0.93);
}

fn check_same(min_face_px: f32, max_dimension: u32) {
    let settings = VisionSettings { min_face_px, max_dimension, min_detection_score: 0.9, threads: 2, ..settings() };
    let pipeline = load(&settings);
    let wants = Wants { tiled: true, ..Wants::default() };
    let analysis = pipeline.analyse_with(pipeline.contract(), &[picture(GROUP, 4096)], wants).expect("the models run");
    let shrunk = pipeline.detect(&[picture(GROUP, max_dimension)]).expect("the models run").remove(0);
    assert_eq!((analysis.pictures[0].len(), shrunk.len()), (5, 5));
    for face in &analysis.pictures[0] {
        assert!(shrunk.iter().any(|same| same.face_box.iou(&face.face.face_box) > 0.6));
    }
}

#[test]
fn a_group_is_the_same_with_and_without_tiles() {
    // Of 1920 pixels: no tiles, as the faces are large; tiles; no need for any.
    check_same(20.0, 1280);
    check_same(40.0, 1280);
    check_same(40.0, 1920);
}
