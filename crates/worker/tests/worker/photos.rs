//! The photographs.

use std::path::PathBuf;

use anyhow::Context;
use testkit::workspace_root;

pub(crate) const MINDY: &str = "mindy_kaling";
pub(crate) const BEN: &str = "ben_afflek";
pub(crate) const ELTON: &str = "elton_john";

/// Photographs to enroll a person with.
pub(crate) fn enrolling(person: &str, count: usize) -> anyhow::Result<Vec<Vec<u8>>> {
    read(&format!("celebrities/train/{person}"), count)
}

/// A photograph to recognise a person in.
pub(crate) fn seen(person: &str) -> anyhow::Result<Vec<u8>> {
    Ok(read(&format!("celebrities/val/{person}"), 1)?.remove(0))
}

/// A photograph of several people, none of whom is enrolled.
pub(crate) fn group() -> anyhow::Result<Vec<u8>> {
    Ok(read("groups", 1)?.remove(0))
}

/// A picture without a face: one grey.
pub(crate) fn nobody() -> Vec<u8> {
    GREY.to_vec()
}

/// The first half of a photograph.
pub(crate) fn torn(person: &str) -> anyhow::Result<Vec<u8>> {
    let mut whole = seen(person)?;
    whole.truncate(whole.len() / 2);
    Ok(whole)
}

fn read(folder: &str, count: usize) -> anyhow::Result<Vec<Vec<u8>>> {
    let folder = workspace_root().join("weights/cache/pictures").join(folder);
    let entries = std::fs::read_dir(&folder).with_context(|| format!("no {}: run scripts/setup", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    paths.sort();
    paths.iter().take(count).map(|path| Ok(std::fs::read(path)?)).collect()
}

const GREY: &[u8] = include_bytes!("grey.png");
