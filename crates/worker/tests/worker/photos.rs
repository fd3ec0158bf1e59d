//! The photographs.

use std::path::PathBuf;

use anyhow::Context;
use domain::guided::Facing;
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

/// A photograph of one person who looks straight ahead, to the left or to the right: -5, 36 and -21 degrees.
pub(crate) fn looking(facing: Facing) -> anyhow::Result<Vec<u8>> {
    let name = match facing {
        Facing::Centre => "val/jerry_seinfeld/httpblognjcomentertainmentimpactcelebritiesmediumjerrybjpg.jpg",
        Facing::Left => "train/jerry_seinfeld/httpmediapopsugarassetscomfilesusersxlargejpg.jpg",
        Facing::Right => {
            "val/jerry_seinfeld/httpafilesbiographycomimageuploadcfillcssrgbdprgfacehqwMTIwNjANjMMDINzIxNjcjpg.jpg"
        }
    };
    let path = workspace_root().join("weights/cache/pictures/celebrities").join(name);
    std::fs::read(&path).with_context(|| format!("no {}: run scripts/setup", path.display()))
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

/// One picture that shows these, each 400 pixels wide, side by side.
pub(crate) fn side_by_side(photos: &[Vec<u8>]) -> anyhow::Result<Vec<u8>> {
    const SIDE: usize = 400;
    let width = SIDE * photos.len();
    let mut canvas = vec![90; width * SIDE * 3];
    for (position, photo) in photos.iter().enumerate() {
        let picture = vision::decode(photo, SIDE as u32)?;
        for y in 0..picture.height() {
            let source = y * picture.width() * 3;
            let target = (y * width + position * SIDE) * 3;
            let row = picture.width() * 3;
            canvas[target..target + row].copy_from_slice(&picture.rgb()[source..source + row]);
        }
    }
    let canvas = vision::Picture::from_rgb(canvas, width as u32, SIDE as u32).context("its size is right")?;
    Ok(vision::annotated(&canvas, &[])?)
}

fn read(folder: &str, count: usize) -> anyhow::Result<Vec<Vec<u8>>> {
    let folder = workspace_root().join("weights/cache/pictures").join(folder);
    let entries = std::fs::read_dir(&folder).with_context(|| format!("no {}: run scripts/setup", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    paths.sort();
    paths.iter().take(count).map(|path| Ok(std::fs::read(path)?)).collect()
}

const GREY: &[u8] = include_bytes!("grey.png");
