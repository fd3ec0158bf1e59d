//! What the models see in the pictures of a folder.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::ensure;
use domain::embedding::Embedding;
use domain::geometry::DetectedFace;
use domain::quality::FaceMeasure;
use vision::{AnalysedFace, Picture, Pipeline, decode};

/// Pictures that go through the models together.
const BATCH: usize = 16;

/// What was seen in a folder by one encoder, and how long it took.
#[derive(Debug, Default)]
pub(super) struct Looked {
    /// By path within the folder.
    pub(super) pictures: BTreeMap<String, Seen>,
    /// Faces found in all pictures.
    pub(super) faces: usize,
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

    /// Milliseconds to cut out and embed one face.
    pub(super) fn embed_ms_per_face(&self) -> f64 {
        self.embed_ms / self.faces.max(1) as f64
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
pub(super) fn look(pipeline: &Pipeline, folder: &Path, names: &[String], side: u32) -> anyhow::Result<Looked> {
    pipeline.warm_up()?;
    let mut looked = Looked::default();
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
        let analysis = pipeline.analyse(&pictures)?;
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
        augmented: Vec::new(),
        measure: Some(found.measure),
        liveness: None,
    }
}
