//! Who is in the demo, and which pictures the camera is shown.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

/// A person who enrolls.
pub(crate) struct Member {
    /// Name as people say it.
    pub(crate) name: String,
    /// Enrollment photographs.
    pub(crate) photos: Vec<PathBuf>,
    /// Whether the person takes the course.
    pub(crate) on_roster: bool,
    /// Id given by the gateway.
    pub(crate) id: String,
}

/// One picture that the camera is shown.
pub(crate) struct Scene {
    /// What the table calls it.
    pub(crate) title: String,
    /// The picture.
    pub(crate) path: PathBuf,
    /// Which member is in it; `None` for a picture of strangers.
    pub(crate) member: Option<usize>,
}

/// Everybody and everything in the demo.
pub(crate) struct Cast {
    /// Who enrolls.
    pub(crate) members: Vec<Member>,
    /// What the camera is shown, in this order.
    pub(crate) scenes: Vec<Scene>,
}

impl Cast {
    /// Reads the pictures that `scripts/setup` unpacked: five people of the course, one of the school who does not
    /// take it, and groups of strangers.
    pub(crate) fn read(pictures: &Path) -> anyhow::Result<Self> {
        let celebrities = pictures.join("celebrities");
        let mut members = Vec::new();
        let mut scenes = Vec::new();
        for folder in sorted(&celebrities.join("train"))? {
            let folder_name = file_name(&folder)?;
            let name = spoken(&folder_name);
            for path in sorted(&celebrities.join("val").join(&folder_name))? {
                scenes.push(Scene { title: name.clone(), path, member: Some(members.len()) });
            }
            members.push(Member { name, photos: sorted(&folder)?, on_roster: true, id: String::new() });
        }
        let portraits = pictures.join("face_recognition");
        for path in [portraits.join("obama2.jpg"), portraits.join("obama3.jpg")] {
            scenes.push(Scene { title: "Barack Obama".to_owned(), path, member: Some(members.len()) });
        }
        let photos = vec![portraits.join("obama.jpg")];
        members.push(Member { name: "Barack Obama".to_owned(), photos, on_roster: false, id: String::new() });
        scenes.push(Scene { title: "a stranger".to_owned(), path: portraits.join("biden.jpg"), member: None });
        for path in sorted(&pictures.join("groups"))? {
            scenes.push(Scene { title: "strangers".to_owned(), path, member: None });
        }
        ensure!(members.len() == 6, "expected five people below {}", celebrities.display());
        Ok(Self { members, scenes })
    }
}

fn sorted(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("read {}; run scripts/setup", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn file_name(path: &Path) -> anyhow::Result<String> {
    Ok(path.file_name().context("a path without a name")?.to_string_lossy().into_owned())
}

/// `mindy_kaling` as people say it.
fn spoken(folder: &str) -> String {
    let words = folder.split('_').map(|word| {
        let (first, rest) = word.split_at(1.min(word.len()));
        first.to_uppercase() + rest
    });
    words.collect::<Vec<_>>().join(" ")
}
