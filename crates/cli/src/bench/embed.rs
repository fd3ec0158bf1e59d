//! A folder of people's pictures to embeddings.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, ensure};
use domain::embedding::Embedding;
use vision::{AnalysedFace, Picture, Pipeline, decode};

/// Pictures that go through the models together.
const BATCH: usize = 16;

/// The embedding of each picture, by its path within the folder (`NAME/PICTURE.jpg`); `None` where no face was found.
pub(super) type Embedded = BTreeMap<String, Option<Embedding>>;

/// Reads every picture one level down in `folder`. Says on standard error how far it is.
pub(super) fn embed(pipeline: &Pipeline, folder: &Path, max_dimension: u32) -> anyhow::Result<Embedded> {
    let names = picture_names(folder)?;
    ensure!(!names.is_empty(), "no NAME/PICTURE.jpg in {}", folder.display());
    let mut embedded = Embedded::new();
    for batch in names.chunks(BATCH) {
        let pictures =
            batch.iter().map(|name| read(folder, name, max_dimension)).collect::<anyhow::Result<Vec<_>>>()?;
        let analysis = pipeline.analyse(&pictures)?;
        for ((name, picture), faces) in batch.iter().zip(&pictures).zip(&analysis.pictures) {
            embedded.insert(name.clone(), most_central(faces, picture).map(|face| face.embedding.clone()));
        }
        if embedded.len().is_multiple_of(BATCH * 20) {
            eprintln!("{} of {} pictures", embedded.len(), names.len());
        }
    }
    Ok(embedded)
}

fn read(folder: &Path, name: &str, max_dimension: u32) -> anyhow::Result<Picture> {
    let bytes = std::fs::read(folder.join(name)).with_context(|| format!("cannot read {name}"))?;
    decode(&bytes, max_dimension).with_context(|| format!("cannot decode {name}"))
}

/// `NAME/PICTURE` of everything that is called like a picture, in order.
fn picture_names(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for person in entries(folder)? {
        let inner = folder.join(&person);
        if !inner.is_dir() {
            continue;
        }
        let is_picture =
            |file: &String| [".jpg", ".jpeg", ".png", ".webp"].iter().any(|end| file.to_lowercase().ends_with(end));
        names.extend(entries(&inner)?.into_iter().filter(is_picture).map(|file| format!("{person}/{file}")));
    }
    names.sort();
    Ok(names)
}

fn entries(folder: &Path) -> anyhow::Result<Vec<String>> {
    let listing = std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    listing
        .map(|entry| {
            let name = entry?.file_name();
            name.into_string().map_err(|name| anyhow::anyhow!("{} is not UTF-8", name.display()))
        })
        .collect()
}

/// Collections such as LFW show the person meant in the middle.
fn most_central<'a>(faces: &'a [AnalysedFace], picture: &Picture) -> Option<&'a AnalysedFace> {
    let (width, height) = picture.original_size();
    let distance = |face: &AnalysedFace| {
        let found = &face.face.face_box;
        let x = (found.x_min + found.x_max - width as f32) / 2.0;
        let y = (found.y_min + found.y_max - height as f32) / 2.0;
        x.hypot(y)
    };
    faces.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)))
}
