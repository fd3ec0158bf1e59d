//! Encoders that operators bring.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use vision::{Pipeline, VisionError, VisionSettings, verify};

use crate::{are_given, load, picture, settings, weights};

const OBAMA: &str = "face_recognition/obama.jpg";

const NEEDED: [&str; 4] = ["mtcnn-pnet", "mtcnn-rnet", "mtcnn-onet", "mobilefacenet"];

/// A folder of weights with some of ours, and with an entry as `scripts/setup` writes it for MobileFaceNet's archive, as if an operator
/// had brought that: it is told that it prepares nothing itself.
fn folder(name: &str, contract: &str, lines: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("cache/models.d")).expect("a folder for the test");
    let original = weights().canonicalize().expect("weights are there");
    symlink(original.join("references"), folder.join("references")).expect("linked");
    let manifest = fs::read_to_string(original.join("manifest.toml")).expect("it is there");
    let mut manifest: toml::Table = manifest.parse().expect("well formed");
    let models = manifest.get_mut("model").and_then(toml::Value::as_array_mut).expect("there are models");
    models.retain(|model| model["id"].as_str().is_some_and(|id| NEEDED.contains(&id)));
    fs::write(folder.join("manifest.toml"), manifest.to_string()).expect("written");
    for file in NEEDED.map(|id| format!("cache/{id}.pt")) {
        symlink(original.join(&file), folder.join(&file)).expect("linked");
    }
    symlink(original.join("cache/mobilefacenet.pt"), folder.join("cache/models.d/own.pt")).expect("linked");
    let entry = format!(
        "[[model]]\nid = \"own\"\nrole = \"encoder\"\nfile = \"cache/models.d/own.pt\"\ninput_shape = [112, 112, 3]\n\
         input_layout = \"nhwc\"\nalignment = \"arcface-112\"\ndimension = 192\ncontract = \"{contract}\"\n{lines}\n"
    );
    fs::write(folder.join("cache/models.d/own.toml"), entry).expect("written");
    folder
}

fn own(weights: PathBuf) -> VisionSettings {
    VisionSettings { encoder: "own".to_owned(), also: vec!["mobilefacenet".to_owned()], weights, ..settings() }
}

#[test]
fn an_encoder_that_is_brought_works_like_ours_but_is_not_calibrated() {
    let folder = folder("brought", "own-192/1", "colour = \"rgb\"\nmean = 0.0\nscale = 1");
    let pipeline = load(&own(folder.clone()));
    pipeline.warm_up().expect("the models run");
    let contracts: Vec<String> = pipeline.contracts().iter().map(ToString::to_string).collect();
    assert_eq!(contracts, ["own-192/1", "mobilefacenet-192/1"]);
    assert!(matches!(pipeline.calibration(), Err(VisionError::Uncalibrated { .. })));
    let embeddings = pipeline.contracts().into_iter().map(|contract| {
        let analysis = pipeline.analyse_with(contract, &[picture(OBAMA, 1280)], vision::Wants::default());
        analysis.expect("the models run").pictures[0][0].embedding.clone()
    });
    let [brought, ours] = &embeddings.collect::<Vec<_>>()[..] else { panic!("two encoders") };
    assert!(brought.similarity(ours) > 0.9999);
    let verified = verify(&folder).expect("all are sound");
    let brought = verified.iter().find(|model| model.model == "own").expect("it was run");
    assert_eq!(brought.deviation, None);
}

#[test]
fn an_encoder_fed_otherwise_gives_something_else() {
    let folder = folder("fed-otherwise", "own-192/1", "colour = \"bgr\"\nmean = [0.0, 50.0, 100.0]\nscale = 2.5");
    let pipeline = load(&own(folder));
    let [first, second] = pipeline.contracts()[..] else { panic!("two encoders") };
    let embedding = |contract| {
        let analysis = pipeline.analyse_with(contract, &[picture(OBAMA, 1280)], vision::Wants::default());
        analysis.expect("the models run").pictures[0][0].embedding.clone()
    };
    assert!(embedding(first).similarity(&embedding(second)) < 0.9);
}

#[test]
fn what_is_brought_is_checked() {
    let refused = |folder: &Path| match Pipeline::load(&own(folder.to_owned())) {
        Ok(_) => panic!("loaded"),
        Err(error) => error.to_string(),
    };
    let same = refused(&folder("same-contract", "mobilefacenet-192/1", "mean = 0\nscale = 1"));
    assert!(same.starts_with("vision.also: "), "{same}");
    let planes = folder("planes", "own-192/1", "mean = 0\nscale = 1\nsha256 = \"00\"");
    let said = verify(&planes).expect_err("another hash").to_string();
    assert!(said.contains("own.pt is not as expected: its SHA-256"), "{said}");
}

/// weights/make_example_onnx.py makes it, with random numbers; scripts/setup exports it from weights/manifest.d.
#[test]
fn an_onnx_encoder_that_was_brought_runs() {
    if !are_given(&["models.d/example"], "an encoder made of ONNX") {
        return;
    }
    let pipeline = load(&VisionSettings { encoder: "example".to_owned(), ..settings() });
    let faces = pipeline.analyse(&[picture(OBAMA, 1280)]).expect("the models run").pictures.remove(0);
    assert_eq!((faces.len(), faces[0].embedding.as_slice().len()), (1, 16));
}
