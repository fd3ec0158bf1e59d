//! What was seen in a folder, kept in a file: looking takes minutes, judging it seconds.
//!
//! The file holds embeddings of real faces: keep it where the pictures are kept, and no longer.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;

use anyhow::{Context, anyhow};
use domain::embedding::Embedding;
use domain::geometry::DetectedFace;
use domain::quality::FaceMeasure;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::look::{Face, Looked, Seen};

/// One line of the file.
#[derive(Serialize, Deserialize)]
struct Line {
    /// First, so that a line can be passed over without reading it.
    key: String,
    copies: usize,
    detect_ms: f64,
    embed_ms: f64,
    pictures: BTreeMap<String, Kept>,
}

#[derive(Serialize, Deserialize)]
enum Kept {
    Unreadable(String),
    Faces(u32, u32, Vec<KeptFace>),
}

#[derive(Serialize, Deserialize)]
struct KeptFace {
    face: DetectedFace,
    /// Little-endian 32-bit floats in hexadecimal; the changed copies' follow.
    embeddings: Vec<String>,
    measure: Option<[f32; 3]>,
    liveness: Option<f32>,
}

/// What a file's line belongs to: changes with the name and the size in bytes of every picture, and with `how` it was
/// looked at.
///
/// # Errors
/// When a picture's size cannot be read.
pub(super) fn key(folder: &Path, names: &[String], how: &str) -> anyhow::Result<String> {
    let mut hash = Sha256::new();
    hash.update(how);
    for name in names {
        let bytes = std::fs::metadata(folder.join(name)).with_context(|| format!("cannot read {name}"))?.len();
        hash.update(format!("\n{name}\t{bytes}"));
    }
    Ok(hex::encode(hash.finalize()))
}

/// What the file has under this key, if anything, with at least so many changed copies of each face.
///
/// # Errors
/// When the file cannot be read or its line is damaged.
pub(super) fn load(file: &Path, key: &str, copies: usize) -> anyhow::Result<Option<Looked>> {
    let Ok(opened) = File::open(file) else { return Ok(None) };
    let start = format!("{{\"key\":\"{key}\"");
    for line in BufReader::new(opened).lines() {
        let line = line.with_context(|| format!("cannot read {}", file.display()))?;
        if line.starts_with(&start) {
            let line: Line = serde_json::from_str(&line).with_context(|| damaged(file))?;
            if line.copies >= copies {
                return line.into_looked().with_context(|| damaged(file)).map(Some);
            }
        }
    }
    Ok(None)
}

/// Adds a line to the file.
///
/// # Errors
/// When it cannot be written.
pub(super) fn save(file: &Path, key: &str, looked: &Looked) -> anyhow::Result<()> {
    let (detect_ms, embed_ms) = (looked.detect_ms, looked.embed_ms);
    let pictures = looked.pictures.iter().map(|(name, seen)| (name.clone(), keep(seen))).collect();
    let line =
        serde_json::to_string(&Line { key: key.to_owned(), copies: looked.copies, detect_ms, embed_ms, pictures })?;
    let opened = OpenOptions::new().create(true).append(true).open(file);
    opened.and_then(|mut opened| writeln!(opened, "{line}")).with_context(|| format!("cannot write {}", file.display()))
}

fn damaged(file: &Path) -> String {
    format!("{} is damaged: delete it, and the pictures are looked at again", file.display())
}

fn keep(seen: &Seen) -> Kept {
    match seen {
        Seen::Unreadable(problem) => Kept::Unreadable(problem.clone()),
        Seen::Faces { width, height, faces } => Kept::Faces(*width, *height, faces.iter().map(keep_face).collect()),
    }
}

fn keep_face(face: &Face) -> KeptFace {
    let embeddings = std::iter::once(&face.embedding).chain(&face.augmented).map(as_text).collect();
    let measure = face.measure.map(|measure| [measure.sharpness, measure.brightness, measure.contrast]);
    KeptFace { face: face.face, embeddings, measure, liveness: face.liveness }
}

fn as_text(embedding: &Embedding) -> String {
    hex::encode(embedding.as_slice().iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())
}

impl Line {
    fn into_looked(self) -> anyhow::Result<Looked> {
        let (copies, detect_ms, embed_ms) = (self.copies, self.detect_ms, self.embed_ms);
        let mut looked = Looked { copies, detect_ms, embed_ms, ..Looked::default() };
        for (name, kept) in self.pictures {
            let seen = match kept {
                Kept::Unreadable(problem) => Seen::Unreadable(problem),
                Kept::Faces(width, height, faces) => {
                    let faces: Vec<Face> = faces.into_iter().map(KeptFace::into_face).collect::<Result<_, _>>()?;
                    looked.faces += faces.len();
                    Seen::Faces { width, height, faces }
                }
            };
            looked.pictures.insert(name, seen);
        }
        Ok(looked)
    }
}

impl KeptFace {
    fn into_face(self) -> anyhow::Result<Face> {
        let mut embeddings = self.embeddings.iter().map(|text| from_text(text)).collect::<anyhow::Result<Vec<_>>>()?;
        if embeddings.is_empty() {
            return Err(anyhow!("a face without embedding"));
        }
        let augmented = embeddings.split_off(1);
        let measure = self.measure;
        Ok(Face {
            face: self.face,
            embedding: embeddings.remove(0),
            augmented,
            measure: measure.map(|[sharpness, brightness, contrast]| FaceMeasure { sharpness, brightness, contrast }),
            liveness: self.liveness,
        })
    }
}

fn from_text(text: &str) -> anyhow::Result<Embedding> {
    let bytes = hex::decode(text)?;
    let values = bytes.chunks_exact(4).map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect();
    Embedding::normalized(values).context("an embedding without direction")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use domain::embedding::Embedding;
    use domain::geometry::{DetectedFace, FaceBox, Point};
    use domain::quality::FaceMeasure;

    use super::super::look::{Face, Looked, Seen};
    use super::{key, load, save};

    fn looked() -> Looked {
        let face_box = FaceBox { x_min: 1.0, y_min: 2.0, x_max: 3.5, y_max: 4.0 };
        let landmarks = [Point { x: 1.0, y: 2.0 }; 5];
        let embedding = |x: f32| Embedding::normalized(vec![x, 0.3, -0.2]).expect("a direction");
        let face = Face {
            face: DetectedFace { face_box, landmarks, detection_score: 0.9 },
            embedding: embedding(1.0),
            augmented: vec![embedding(0.5)],
            measure: Some(FaceMeasure { sharpness: 1.0, brightness: 2.0, contrast: 3.0 }),
            liveness: Some(0.25),
        };
        let pictures = [
            ("a/1.jpg".to_owned(), Seen::Faces { width: 10, height: 20, faces: vec![face] }),
            ("a/2.jpg".to_owned(), Seen::Unreadable("no picture".to_owned())),
        ];
        Looked { pictures: pictures.into(), faces: 1, copies: 1, detect_ms: 5.0, embed_ms: 7.0 }
    }

    #[test]
    fn what_is_kept_comes_back_under_its_key_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("seen.jsonl");
        assert!(load(&file, "one", 0).expect("no file is no error").is_none());
        save(&file, "one", &looked()).expect("written");
        save(&file, "two", &Looked::default()).expect("written");
        let back = load(&file, "one", 0).expect("read").expect("kept");
        assert_eq!(format!("{back:?}"), format!("{:?}", looked()));
        let (ours, theirs) = (&back.pictures["a/1.jpg"].faces()[0], &looked().pictures["a/1.jpg"].faces()[0].clone());
        assert!(ours.embedding.similarity(&theirs.embedding) > 0.999_999);
        assert!(ours.augmented[0].similarity(&theirs.augmented[0]) > 0.999_999);
        assert_eq!(load(&file, "two", 0).expect("read").expect("kept").pictures.len(), 0);
        assert!(load(&file, "one", 2).expect("read").is_none() && load(&file, "one", 1).expect("read").is_some());
        assert!(load(&file, "three", 0).expect("read").is_none());
        std::fs::write(&file, "{\"key\":\"one\", broken\n").expect("written");
        let error = load(&file, "one", 0).expect_err("damaged").to_string();
        assert!(error.contains("delete it"), "{error}");
    }

    #[test]
    fn keys_change_with_names_sizes_and_settings() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |text: &str| std::fs::write(folder.path().join("a.jpg"), text).expect("written");
        let key = |how: &str| key(folder.path(), &["a.jpg".to_owned()], how).expect("there");
        write("12");
        let first = key("x");
        assert_eq!(first, key("x"));
        assert_ne!(first, key("y"));
        write("123");
        assert_ne!(first, key("x"));
        assert!(super::key(Path::new("/nowhere"), &["a.jpg".to_owned()], "x").is_err());
    }
}
