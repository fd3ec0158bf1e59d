//! Several encoders, and what else is asked about faces.

use domain::contract::ContractId;
use domain::quality::quality;
use vision::{AnalysedFace, Pipeline, VisionError, VisionSettings, Wants};

use crate::{load, picture, settings};

const OBAMA: [&str; 2] = ["face_recognition/obama.jpg", "face_recognition/obama2.jpg"];
const BIDEN: &str = "face_recognition/biden.jpg";

fn alone(pipeline: &Pipeline, contract: &ContractId, file: &str, wants: Wants) -> AnalysedFace {
    let analysis = pipeline.analyse_with(contract, &[picture(file, 1280)], wants).expect("the models run");
    let [face] = &analysis.pictures[0][..] else { panic!("{file} shows one face") };
    face.clone()
}

#[test]
fn each_contract_has_its_encoder() {
    let pipeline = load(&VisionSettings { also: vec!["facenet".to_owned()], ..settings() });
    let [first, second] = pipeline.contracts()[..] else { panic!("two encoders") };
    assert_eq!(first, pipeline.contract());
    for (contract, dimension) in [(first, 192), (second, 128)] {
        let facts = pipeline.encoder_facts(contract).expect("it is loaded");
        assert_eq!((&facts.contract, facts.dimension), (contract, dimension));
        assert!(facts.calibration().is_ok());
        let face = alone(&pipeline, contract, BIDEN, Wants::default());
        assert_eq!(face.embedding.as_slice().len(), dimension);
    }
    let unknown = ContractId::new("elsewhere-512/1");
    assert_eq!(pipeline.encoder_facts(&unknown), None);
    let refused = pipeline.analyse_with(&unknown, &[], Wants::default()).expect_err("no such encoder");
    assert!(matches!(&refused, VisionError::UnknownContract { contract, .. } if *contract == unknown));
    assert!(refused.to_string().contains(first.as_str()), "{refused}");
}

#[test]
fn copies_are_the_same_person_and_the_same_every_time() {
    let pipeline = load(&VisionSettings { also: vec!["facenet".to_owned()], ..settings() });
    for contract in pipeline.contracts() {
        let wants = Wants { augmentations: 6, ..Wants::default() };
        let face = alone(&pipeline, contract, OBAMA[0], wants);
        assert_eq!(face.augmented.len(), 6);
        let similarities = face.augmented.iter().map(|copy| copy.similarity(&face.embedding));
        for similarity in similarities {
            assert!((0.7..0.9999).contains(&similarity), "{contract}: {similarity}");
        }
        let again = alone(&pipeline, contract, OBAMA[0], wants);
        let repeated = face.augmented.iter().zip(&again.augmented).map(|(one, other)| one.similarity(other));
        assert!(repeated.min_by(f32::total_cmp).is_some_and(|least| least > 0.99999));
        assert!(alone(&pipeline, contract, OBAMA[0], Wants::default()).augmented.is_empty());
    }
}

#[test]
fn with_its_mirror_image_a_face_is_still_the_person() {
    let plain = load(&settings());
    let mirrored = load(&VisionSettings { mirror: true, ..settings() });
    let contract = plain.contract();
    let [one, both, other] = [(&plain, OBAMA[0]), (&mirrored, OBAMA[0]), (&mirrored, BIDEN)]
        .map(|(pipeline, file)| alone(pipeline, contract, file, Wants::default()).embedding);
    assert!((0.8..0.9999).contains(&one.similarity(&both)), "{}", one.similarity(&both));
    assert!(both.similarity(&other) < plain.calibration().expect("measured").threshold_cosine(1e-3, 1));
}

#[test]
fn faces_are_measured_and_unsure_ones_left_out() {
    let pipeline = load(&settings());
    let faces = pipeline.analyse(&[picture(OBAMA[0], 1280), picture(BIDEN, 1280)]).expect("the models run").pictures;
    for face in faces.iter().flatten() {
        let found = quality(&face.face, &face.measure);
        assert!(found.score > 60, "a portrait, well lit: {found:?} {:?}", face.measure);
        assert_eq!(face.liveness, None);
    }
    let strict = load(&VisionSettings { min_detection_score: 0.99999, ..settings() });
    let unsure = "groups/sample1.jpg";
    let count = |pipeline: &Pipeline| pipeline.detect(&[picture(unsure, 1280)]).expect("the models run")[0].len();
    assert!(count(&strict) < count(&pipeline));
}
