//! Photos in folders that are named after their people: `S001_Ada Lovelace/front.jpg`.

use std::collections::BTreeMap;

use crate::enrollment::MAX_PHOTOS;
use crate::person::{LONGEST_ID, LONGEST_NAME};
use crate::text;

/// The photos of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder<T> {
    /// The folder's name.
    pub name: String,
    /// Whose photos they are, or why that cannot be told.
    pub owner: Result<Owner, FolderProblem>,
    /// Names of the files, without folders, and where they are; in the order of their names.
    pub pictures: Vec<(String, T)>,
}

/// Whom a folder is named after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// What comes before the first `_`.
    pub external_id: String,
    /// What follows, `_` being space; `None` where nothing does.
    pub name: Option<String>,
}

/// Why the photos of a folder are not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FolderProblem {
    /// The name holds no id, or one that cannot be, or a name that cannot be.
    #[error("the folder's name must be an external id of at most 64 characters, and may go on with `_` and a name")]
    Name,
    /// There are more photos than an enrollment takes.
    #[error("there may be at most {MAX_PHOTOS} photos")]
    TooMany,
    /// Another folder is of the same person.
    #[error("another folder has the same external id")]
    Duplicate,
}

impl FolderProblem {
    /// The stable word for it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Name => "invalid_name",
            Self::TooMany => "too_many",
            Self::Duplicate => "duplicate",
        }
    }
}

/// Groups files by the folder that they are in, and answers with those folders, by name, and with how many files are no
/// pictures by their ending or in no folder; those of the system (`__MACOSX`, hidden ones) are not even counted.
#[must_use]
pub fn folders<T>(files: impl IntoIterator<Item = (Vec<String>, T)>) -> (Vec<Folder<T>>, usize) {
    let (mut found, mut ignored) = (BTreeMap::<Vec<String>, Vec<(String, T)>>::new(), 0);
    for (mut path, at) in files {
        if path.iter().any(|part| part.starts_with('.') || part == "__MACOSX" || part == "Thumbs.db") {
            continue;
        }
        let file = path.pop().unwrap_or_default();
        if path.is_empty() || !is_picture(&file) {
            ignored += 1;
        } else {
            found.entry(path).or_default().push((file, at));
        }
    }
    let mut folders: Vec<Folder<T>> = found.into_iter().map(|(path, pictures)| folder(path, pictures)).collect();
    let ids: Vec<Option<String>> =
        folders.iter().map(|folder| folder.owner.as_ref().ok().map(|owner| owner.external_id.clone())).collect();
    for (position, folder) in folders.iter_mut().enumerate() {
        if ids[position].is_some() && ids[..position].contains(&ids[position]) {
            folder.owner = Err(FolderProblem::Duplicate);
        }
    }
    (folders, ignored)
}

fn folder<T>(mut path: Vec<String>, mut pictures: Vec<(String, T)>) -> Folder<T> {
    let name = path.pop().unwrap_or_default();
    pictures.sort_by(|one, other| one.0.cmp(&other.0));
    let owner = match pictures.len() {
        0..=MAX_PHOTOS => owner(&name).ok_or(FolderProblem::Name),
        _ => Err(FolderProblem::TooMany),
    };
    Folder { name, owner, pictures }
}

fn is_picture(file: &str) -> bool {
    let ending = file.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    matches!(ending.as_deref(), Some("jpg" | "jpeg" | "png" | "webp"))
}

/// Whom a folder is named after.
#[must_use]
pub fn owner(folder: &str) -> Option<Owner> {
    let (id, name) = folder.split_once('_').unwrap_or((folder, ""));
    let external_id = text::line(id, LONGEST_ID).ok()?.to_owned();
    let name = name.replace('_', " ");
    if name.trim().is_empty() {
        return Some(Owner { external_id, name: None });
    }
    Some(Owner { external_id, name: Some(text::line(&name, LONGEST_NAME).ok()?.to_owned()) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{FolderProblem, Owner, folders, owner};

    fn check_owner(folder: &str, expected: Option<(&str, Option<&str>)>) {
        let expected = expected.map(|(id, name)| Owner { external_id: id.to_owned(), name: name.map(str::to_owned) });
        assert_eq!(owner(folder), expected, "{folder:?}");
    }

    #[test]
    fn folders_are_named_after_people() {
        check_owner("S001_Ada_Lovelace", Some(("S001", Some("Ada Lovelace"))));
        check_owner("S001_Ada Lovelace", Some(("S001", Some("Ada Lovelace"))));
        check_owner("S001", Some(("S001", None)));
        check_owner("S001__", Some(("S001", None)));
        check_owner("_Ada", None);
        check_owner("", None);
        check_owner(&"1".repeat(65), None);
    }

    fn path(text: &str) -> Vec<String> {
        text.split('/').map(str::to_owned).collect()
    }

    #[test]
    fn files_are_grouped_by_folder() {
        let files = [
            "photos/S2_Bob/b.PNG",
            "photos/S1_Ada/2.jpg",
            "photos/S1_Ada/1.jpeg",
            "photos/S1_Ada/notes.txt",
            "readme.jpg",
            "__MACOSX/S1_Ada/1.jpg",
            "photos/S1_Ada/.DS_Store",
            "other/S1/3.webp",
        ];
        let (found, ignored) = folders(files.iter().enumerate().map(|(at, file)| (path(file), at)));
        let told: Vec<_> =
            found.iter().map(|f| (f.name.as_str(), f.pictures.iter().map(|p| p.1).collect::<Vec<_>>())).collect();
        assert_eq!(told, [("S1", vec![7]), ("S1_Ada", vec![2, 1]), ("S2_Bob", vec![0])]);
        assert_eq!(found[1].owner, Err(FolderProblem::Duplicate));
        assert!(found[0].owner.is_ok() && found[2].owner.is_ok());
        assert_eq!(ignored, 2);
        let many = (0..21).map(|n| (path(&format!("S1/{n}.jpg")), n));
        assert_eq!(folders(many).0[0].owner, Err(FolderProblem::TooMany));
    }

    proptest! {
        #[test]
        fn every_picture_is_in_one_folder_or_ignored(paths in prop::collection::vec("[a-c_./]{0,6}(\\.jpg|\\.png)?", 0..20)) {
            let (found, ignored) = folders(paths.iter().map(|p| (path(p), ())));
            let taken: usize = found.iter().map(|folder| folder.pictures.len()).sum();
            prop_assert!(taken + ignored <= paths.len());
            prop_assert!(found.iter().all(|folder| !folder.pictures.is_empty()));
        }
    }
}
