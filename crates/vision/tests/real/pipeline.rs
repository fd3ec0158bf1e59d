//! Whole analyses.

use vision::{AnalysedFace, Picture, VisionSettings, verify};

use crate::{load, picture, settings, weights};

const GROUP: &str = "groups/sample5.jpg";
const THREE: &str = "groups/sample1.jpg";
const OBAMA: [&str; 2] = ["face_recognition/obama.jpg", "face_recognition/obama2.jpg"];
const BIDEN: &str = "face_recognition/biden.jpg";

fn blank(width: u32, height: u32) -> Picture {
    Picture::from_rgb(vec![90; (width * height * 3) as usize], width, height).expect("sizes agree")
}

#[test]
fn every_model_gives_what_its_reference_says() {
    let verified = verify(&weights()).expect("the exports are sound");
    assert!(verified.len() >= 5);
    assert!(verified.iter().filter_map(|model| model.deviation).all(|found| found.largest <= found.allowed));
}

#[test]
fn pictures_without_faces_have_none() {
    let pipeline = load(&settings());
    assert!(pipeline.analyse(&[]).expect("nothing to do").pictures.is_empty());
    let odd_ones = [blank(1, 1), blank(12, 12), blank(3, 900), blank(40, 40), blank(641, 359)];
    let analysis = pipeline.analyse(&odd_ones).expect("the models run");
    assert_eq!(analysis.pictures, vec![Vec::new(); odd_ones.len()]);
}

fn check_people(encoder: &str, dimension: usize) {
    let pipeline = load(&VisionSettings { encoder: encoder.to_owned(), ..settings() });
    let pictures = [OBAMA[0], OBAMA[1], BIDEN].map(|file| picture(file, 1280));
    let analysis = pipeline.analyse(&pictures).expect("the models run");
    let [first, second, other] = [0, 1, 2].map(|position| {
        assert_eq!(analysis.pictures[position].len(), 1);
        &analysis.pictures[position][0].embedding
    });
    assert_eq!(pipeline.dimension(), dimension);
    assert_eq!(first.as_slice().len(), dimension);
    let threshold = pipeline.calibration().expect("measured").threshold_cosine(1e-3, 1);
    assert!(first.similarity(second) > threshold);
    assert!(first.similarity(other) < threshold && second.similarity(other) < threshold);
}

#[test]
fn facenet_tells_people_apart() {
    check_people("facenet", 128);
}

#[test]
fn mobilefacenet_tells_people_apart() {
    check_people("mobilefacenet", 192);
}

fn check_alike(one: &[AnalysedFace], other: &[AnalysedFace]) {
    assert_eq!(one.len(), other.len());
    for (one, other) in one.iter().zip(other) {
        assert!(one.face.face_box.iou(&other.face.face_box) > 0.999);
        assert!(one.embedding.similarity(&other.embedding) > 0.9999);
    }
}

#[test]
fn neither_company_nor_threads_change_what_is_found() {
    let alone = load(&settings());
    let pictures = [OBAMA[0], GROUP, BIDEN].map(|file| picture(file, 1280));
    let expected = pictures.clone().map(|one| alone.analyse(&[one]).expect("the models run").pictures.remove(0));
    assert_eq!(expected.each_ref().map(Vec::len), [1, 5, 1]);
    for threads in [1, 3] {
        let together = load(&VisionSettings { threads, ..settings() });
        together.warm_up().expect("the models run");
        let analysis = together.analyse(&pictures).expect("the models run");
        analysis.pictures.iter().zip(&expected).for_each(|(found, expected)| check_alike(found, expected));
    }
}

#[test]
fn faces_are_in_pixels_of_the_original_and_largest_first() {
    let pipeline = load(&settings());
    let whole = pipeline.detect(&[picture(THREE, 1920)]).expect("the models run").remove(0);
    let shrunk = pipeline.detect(&[picture(THREE, 960)]).expect("the models run").remove(0);
    assert!(whole.windows(2).all(|pair| pair[0].face_box.area() >= pair[1].face_box.area()));
    assert_eq!((whole.len(), shrunk.len()), (3, 3));
    for face in &shrunk {
        assert!(whole.iter().any(|same| same.face_box.iou(&face.face_box) > 0.7));
    }
}

#[test]
fn evened_out_contrast_finds_the_same_people() {
    let settings = VisionSettings { clahe: true, ..settings() };
    let analysis = load(&settings).analyse(&[picture(GROUP, 1280)]).expect("the models run");
    assert!(analysis.pictures[0].len() >= 5);
}
