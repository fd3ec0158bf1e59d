//! What the models see in the pictures of a folder.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::ensure;
use domain::embedding::Embedding;
use domain::geometry::DetectedFace;
use domain::quality::FaceMeasure;
use vision::{AnalysedFace, Picture, Pipeline, Wants, decode};

/// Pictures that go through the models together.
const BATCH: usize = 16;

/// What was seen in a folder by one encoder, and how long it took.
#[derive(Debug, Default)]
pub(super) struct Looked {
    /// By path within the folder.
    pub(super) pictures: BTreeMap<String, Seen>,
    /// Faces found in all pictures.
    pub(super) faces: usize,
    /// Changed copies of each face that were embedded, too.
    pub(super) copies: usize,
    /// Milliseconds of detection, and of cutting out and embedding, in all pictures.
    pub(super) detect_ms: f64,
    pub(super) embed_ms: f64,
}

/// What was seen in one picture.
#[derive(Debug)]
pub(super) enum Seen {
    /// It could not be read or decoded, and why.
    Unreadable(String),
    /// Its faces, largest first.
    Faces { width: u32, height: u32, faces: Vec<Face> },
}

/// One face.
#[derive(Debug, Clone)]
pub(super) struct Face {
    pub(super) face: DetectedFace,
    pub(super) embedding: Embedding,
    /// Embeddings of changed copies.
    pub(super) augmented: Vec<Embedding>,
    pub(super) measure: Option<FaceMeasure>,
    pub(super) liveness: Option<f32>,
}

impl Looked {
    /// Pictures that could not be read.
    pub(super) fn unreadable(&self) -> usize {
        self.pictures.values().filter(|seen| matches!(seen, Seen::Unreadable(_))).count()
    }

    /// Pictures that were read and show no face.
    pub(super) fn without_face(&self) -> usize {
        let is_empty = |seen: &&Seen| matches!(seen, Seen::Faces { faces, .. } if faces.is_empty());
        self.pictures.values().filter(is_empty).count()
    }

    /// Forgets the embeddings of all but the first `copies` changed copies of each face.
    pub(super) fn keep_copies(&mut self, copies: usize) {
        for seen in self.pictures.values_mut() {
            if let Seen::Faces { faces, .. } = seen {
                faces.iter_mut().for_each(|face| face.augmented.truncate(copies));
            }
        }
    }

    /// Milliseconds to cut out and embed one face.
    pub(super) fn embed_ms_per_face(&self) -> f64 {
        self.embed_ms / (self.faces * (1 + self.copies)).max(1) as f64
    }

    /// Milliseconds to find the faces of one picture.
    pub(super) fn detect_ms_per_picture(&self) -> f64 {
        self.detect_ms / (self.pictures.len() - self.unreadable()).max(1) as f64
    }
}

impl Seen {
    /// Its faces; none of a picture that could not be read.
    pub(super) fn faces(&self) -> &[Face] {
        match self {
            Self::Unreadable(_) => &[],
            Self::Faces { faces, .. } => faces,
        }
    }

    /// The face closest to the middle: collections such as LFW show the person meant there.
    pub(super) fn most_central(&self) -> Option<&Face> {
        let Self::Faces { width, height, faces } = self else { return None };
        let distance = |face: &Face| {
            let found = &face.face.face_box;
            let x = (found.x_min + found.x_max - *width as f32) / 2.0;
            let y = (found.y_min + found.y_max - *height as f32) / 2.0;
            x.hypot(y)
        };
        faces.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)))
    }
}

/// Looks at the pictures with these names. Says on standard error how far it is, and which it skips.
///
/// # Errors
/// When a model does not run, or no picture could be read.
pub(super) fn look(
    pipeline: &Pipeline,
    folder: &Path,
    names: &[String],
    side: u32,
    wants: Wants,
) -> anyhow::Result<Looked> {
    pipeline.warm_up()?;
    let mut looked = Looked { copies: wants.augmentations, ..Looked::default() };
    for batch in names.chunks(BATCH) {
        let mut read: Vec<(&String, Picture)> = Vec::new();
        for name in batch {
            match picture(folder, name, side) {
                Ok(picture) => read.push((name, picture)),
                Err(problem) => {
                    eprintln!("skipped {name}: {problem}");
                    looked.pictures.insert(name.clone(), Seen::Unreadable(problem));
                }
            }
        }
        let (read, pictures): (Vec<&String>, Vec<Picture>) = read.into_iter().unzip();
        let analysis = pipeline.analyse_with(pipeline.contract(), &pictures, wants)?;
        looked.detect_ms += f64::from(analysis.detect_ms);
        looked.embed_ms += f64::from(analysis.embed_ms);
        for ((name, picture), faces) in read.into_iter().zip(&pictures).zip(analysis.pictures) {
            let (width, height) = picture.original_size();
            looked.faces += faces.len();
            let faces = faces.into_iter().map(seen).collect();
            looked.pictures.insert(name.clone(), Seen::Faces { width, height, faces });
        }
        if looked.pictures.len().is_multiple_of(BATCH * 20) {
            eprintln!("{} of {} pictures", looked.pictures.len(), names.len());
        }
    }
    ensure!(looked.unreadable() < names.len(), "none of the {} pictures could be read", names.len());
    Ok(looked)
}

fn picture(folder: &Path, name: &str, side: u32) -> Result<Picture, String> {
    let bytes = std::fs::read(folder.join(name)).map_err(|error| error.to_string())?;
    decode(&bytes, side).map_err(|error| error.to_string())
}

fn seen(found: AnalysedFace) -> Face {
    Face {
        face: found.face,
        embedding: found.embedding,
        augmented: found.augmented,
        measure: Some(found.measure),
        liveness: found.liveness,
    }
}

#[cfg(test)]
mod tests {
    use domain::embedding::Embedding;
    use domain::geometry::{DetectedFace, FaceBox, Point};

    use super::{Face, Looked, Seen, picture};

    fn face(x: f32) -> Face {
        let face_box = FaceBox { x_min: x - 10.0, y_min: 40.0, x_max: x + 10.0, y_max: 60.0 };
        Face {
            face: DetectedFace { face_box, landmarks: [Point { x, y: 50.0 }; 5], detection_score: 1.0 },
            embedding: Embedding::normalized(vec![x]).expect("a direction"),
            augmented: Embedding::normalized(vec![1.0]).into_iter().collect(),
            measure: None,
            liveness: None,
        }
    }

    #[test]
    fn a_picture_that_is_none_is_told_of_and_not_an_end() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("a.jpg"), "hello").expect("written");
        let problem = picture(folder.path(), "a.jpg", 100).expect_err("no picture");
        assert!(problem.contains("JPEG"), "{problem}");
        assert!(picture(folder.path(), "missing.jpg", 100).is_err());
    }

    #[test]
    fn what_was_seen_is_counted() {
        let seen = |faces| Seen::Faces { width: 200, height: 100, faces };
        let pictures = [
            ("a".to_owned(), seen(vec![face(20.0), face(110.0), face(190.0)])),
            ("b".to_owned(), seen(Vec::new())),
            ("c".to_owned(), Seen::Unreadable("no picture".to_owned())),
        ];
        let mut looked = Looked { pictures: pictures.into(), faces: 3, copies: 1, detect_ms: 10.0, embed_ms: 12.0 };
        assert_eq!((looked.unreadable(), looked.without_face()), (1, 1));
        assert_eq!((looked.detect_ms_per_picture(), looked.embed_ms_per_face()), (5.0, 2.0));
        looked.keep_copies(0);
        assert!(looked.pictures["a"].faces().iter().all(|face| face.augmented.is_empty()));
        let central = looked.pictures["a"].most_central().expect("a face");
        assert_eq!(central.face.landmarks[0].x, 110.0);
        assert!(looked.pictures["b"].most_central().is_none() && looked.pictures["c"].faces().is_empty());
    }
}
