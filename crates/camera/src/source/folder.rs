//! A folder of pictures, as if a camera had taken them one after the other.

use std::fs;
use std::path::{Path, PathBuf};

use domain::picture::PictureProblem;

use super::jpeg::{self, Encoding};
use super::spec::file_name;
use super::{Next, Picture, SourceError};

const ENDINGS: [&str; 4] = ["jpg", "jpeg", "png", "webp"];

/// Larger files are no pictures that anybody takes, and are not read at all.
const LARGEST_FILE: u64 = 256 * 1024 * 1024;

/// Pictures in the order of their names.
pub(super) struct Folder {
    paths: Vec<PathBuf>,
    position: usize,
    encoding: Encoding,
    repeats: Repeats,
    usable_this_time: bool,
}

/// What comes after the last picture or frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeats {
    /// The end.
    Never,
    /// The first one.
    Forever,
}

/// Whether the file is a picture, by its name.
pub(super) fn is_picture(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

impl Folder {
    /// The pictures of a folder, or one picture.
    pub(super) fn open(path: &Path, encoding: Encoding, repeats: Repeats) -> Result<Self, SourceError> {
        let mut paths = if path.is_dir() { pictures_in(path)? } else { vec![path.to_path_buf()] };
        if paths.is_empty() {
            return Err(SourceError::NoPictures { path: path.to_path_buf() });
        }
        paths.sort();
        Ok(Self { paths, position: 0, encoding, repeats, usable_this_time: false })
    }

    /// The next picture.
    pub(super) fn next(&mut self) -> Result<Next, SourceError> {
        if self.position == self.paths.len() {
            // Pictures that are all of no use are not gone through again and again.
            if self.repeats == Repeats::Never || !self.usable_this_time {
                return Ok(Next::End);
            }
            (self.position, self.usable_this_time) = (0, false);
        }
        let path = &self.paths[self.position];
        self.position += 1;
        let name = file_name(path);
        let made = match read(path)? {
            Ok(bytes) => jpeg::from_bytes(bytes, self.encoding)?,
            Err(problem) => Err(problem),
        };
        Ok(match made {
            Ok(jpeg) => {
                self.usable_this_time = true;
                Next::Picture(Picture { name, jpeg })
            }
            Err(reason) => Next::Unusable { name, reason },
        })
    }
}

fn pictures_in(folder: &Path) -> Result<Vec<PathBuf>, SourceError> {
    let unreadable = |source| SourceError::Unreadable { path: folder.to_path_buf(), source };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_file() && is_picture(&path) {
            paths.push(path);
        }
    }
    Ok(paths)
}

fn read(path: &Path) -> Result<Result<Vec<u8>, PictureProblem>, SourceError> {
    let unreadable = |source| SourceError::Unreadable { path: path.to_path_buf(), source };
    let length = fs::metadata(path).map_err(unreadable)?.len();
    if length > LARGEST_FILE {
        return Ok(Err(PictureProblem::TooManyBytes { bytes: usize::try_from(length).unwrap_or(usize::MAX) }));
    }
    fs::read(path).map(Ok).map_err(unreadable)
}
