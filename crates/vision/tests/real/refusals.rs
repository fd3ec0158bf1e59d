//! Settings and weights that cannot work are refused when loading, never worked around.

use std::fs;
use std::path::{Path, PathBuf};

use vision::{Pipeline, VisionError, VisionSettings, verify};

use crate::{settings, weights};

fn refusal(settings: &VisionSettings) -> String {
    match Pipeline::load(settings) {
        Ok(_) => panic!("{settings:?} loaded"),
        Err(refusal) => refusal.to_string(),
    }
}

#[test]
fn settings_out_of_range_are_named() {
    let check = |settings: VisionSettings, name: &str| {
        assert!(refusal(&settings).starts_with(&format!("vision.{name}: ")), "{name}: {}", refusal(&settings));
    };
    check(VisionSettings { threads: 0, ..settings() }, "threads");
    check(VisionSettings { min_face_px: 3.0, ..settings() }, "min_face_px");
    check(VisionSettings { min_face_px: f32::NAN, ..settings() }, "min_face_px");
    check(VisionSettings { thresholds: [0.6, 0.7, 1.0], ..settings() }, "thresholds");
    check(VisionSettings { factor: 1.0, ..settings() }, "factor");
    check(VisionSettings { max_dimension: 8, ..settings() }, "max_dimension");
    check(VisionSettings { detector: "haar".to_owned(), ..settings() }, "detector");
    check(VisionSettings { min_detection_score: 1.0, ..settings() }, "min_detection_score");
    check(VisionSettings { also: vec!["mtcnn-pnet".to_owned()], ..settings() }, "also");
    check(VisionSettings { also: vec!["mobilefacenet".to_owned()], ..settings() }, "also");
    check(VisionSettings { encoder: "mtcnn-pnet".to_owned(), ..settings() }, "encoder");
}

#[test]
fn a_card_that_is_not_there_is_no_reason_to_use_the_cpu() {
    let refused = Pipeline::load(&VisionSettings { device: "cuda:64".to_owned(), ..settings() });
    assert!(matches!(refused, Err(VisionError::Device { .. })));
}

#[test]
fn a_folder_without_weights_says_what_to_do() {
    let nowhere = VisionSettings { weights: PathBuf::from("/nowhere"), ..settings() };
    assert_eq!(refusal(&nowhere), "cannot read /nowhere/manifest.toml; run scripts/setup");
}

/// A folder of weights in which only one model's file is not as it was.
fn with_first_net(name: &str, content: Option<&[u8]>) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("cache")).expect("a folder for the test");
    fs::copy(weights().join("manifest.toml"), folder.join("manifest.toml")).expect("the manifest is copied");
    let original = weights().canonicalize().expect("weights are there");
    std::os::unix::fs::symlink(original.join("references"), folder.join("references")).expect("linked");
    if let Some(content) = content {
        fs::write(folder.join("cache/mtcnn-pnet.pt"), content).expect("written");
    }
    folder
}

#[test]
fn a_missing_or_broken_export_is_named() {
    let check = |folder: PathBuf, beginning: &str| {
        let path = folder.join("cache/mtcnn-pnet.pt");
        let expected = beginning.replace("PATH", &path.display().to_string());
        let said = refusal(&VisionSettings { weights: folder.clone(), ..settings() });
        assert!(said.starts_with(&expected), "{said}");
        let said = verify(&folder).expect_err("not verified").to_string();
        assert!(said.starts_with(&expected), "{said}");
    };
    check(with_first_net("missing", None), "cannot read PATH; run scripts/setup");
    check(with_first_net("broken", Some(b"no archive")), "PATH is not as expected: ");
}

#[test]
fn an_export_of_another_net_is_not_verified() {
    let other = fs::read(weights().join("cache/mtcnn-rnet.pt")).expect("exported");
    let said = verify(&with_first_net("swapped", Some(&other))).expect_err("another net");
    assert!(matches!(said, VisionError::Weights { .. } | VisionError::Model(_)), "{said}");
}
