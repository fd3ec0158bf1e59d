//! Telling living people from pictures of people.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use vision::{Picture, Pipeline, VisionSettings, Wants};

use crate::{are_given, load, picture, settings, weights};

const NETS: [&str; 2] = ["minifasnet-v2", "minifasnet-v1se"];

fn judged(pipeline: &Pipeline, pictures: &[Picture]) -> Vec<Option<f32>> {
    let wants = Wants { liveness: true, ..Wants::default() };
    let analysis = pipeline.analyse_with(pipeline.contract(), pictures, wants).expect("the models run");
    analysis.pictures.iter().flatten().map(|face| face.liveness).collect()
}

/// What the nets are worth cannot be tested with a handful of photographs: only that they run, and are asked.
#[test]
fn faces_get_a_probability_when_it_is_wanted() {
    if !are_given(&NETS, "liveness") {
        return;
    }
    let pipeline = load(&VisionSettings { liveness: true, threads: 2, ..settings() });
    assert!(pipeline.has_liveness());
    pipeline.warm_up().expect("the models run");
    let portraits = ["obama", "obama2", "biden"].map(|name| picture(&format!("face_recognition/{name}.jpg"), 1280));
    let found = judged(&pipeline, &portraits);
    eprintln!("probabilities {found:?}");
    assert_eq!(found.len(), 3);
    assert!(found.iter().all(|probability| probability.is_some_and(|value| (0.0..=1.0).contains(&value))));
    let group = picture("groups/sample5.jpg", 1280);
    let together = judged(&pipeline, &[portraits[0].clone(), group, portraits[1].clone()]);
    let first = together[0].zip(found[0]).map(|(one, other)| (one - other).abs());
    assert!(together.len() == 7 && first.is_some_and(|difference| difference < 1e-3));
    let unasked = pipeline.analyse(&portraits).expect("the models run").pictures;
    assert!(unasked.iter().flatten().all(|face| face.liveness.is_none()));
}

#[test]
fn without_the_nets_nothing_is_said_and_asking_for_them_is_refused() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-liveness");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("cache")).expect("a folder for the test");
    let original = weights().canonicalize().expect("weights are there");
    fs::copy(original.join("manifest.toml"), folder.join("manifest.toml")).expect("the manifest is copied");
    for model in ["mtcnn-pnet", "mtcnn-rnet", "mtcnn-onet", "mobilefacenet"] {
        let file = format!("cache/{model}.pt");
        symlink(original.join(&file), folder.join(&file)).expect("linked");
    }
    let without = VisionSettings { weights: folder, ..settings() };
    let pipeline = load(&without);
    assert!(!pipeline.has_liveness());
    assert_eq!(judged(&pipeline, &[picture("face_recognition/obama.jpg", 1280)]), [None]);
    let refused = Pipeline::load(&VisionSettings { liveness: true, ..without }).expect_err("absent").to_string();
    assert!(refused.contains("minifasnet-v") && refused.contains("scripts/setup --models"), "{refused}");
}
