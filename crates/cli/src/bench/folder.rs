//! The pictures of a folder.

use std::path::Path;

use anyhow::{Context, ensure};

/// Endings of what is called like a picture, in lower case.
const ENDINGS: [&str; 4] = [".jpg", ".jpeg", ".png", ".webp"];

/// `PICTURE` and `NAME/PICTURE` of everything in `folder`, or one level down in it, that is called like a picture, in
/// order.
///
/// # Errors
/// When there is none, or the folder cannot be listed.
pub(super) fn pictures(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in entries(folder)? {
        if folder.join(&entry).is_dir() {
            let inner = entries(&folder.join(&entry))?;
            names.extend(inner.into_iter().filter(|file| is_picture(file)).map(|file| format!("{entry}/{file}")));
        } else if is_picture(&entry) {
            names.push(entry);
        }
    }
    ensure!(
        !names.is_empty(),
        "there is no picture ({}) in {} nor one level down in it",
        ENDINGS.join(", "),
        folder.display()
    );
    names.sort();
    Ok(names)
}

/// The folder that a picture is in, which is called like the person; `None` for one that is in none.
pub(super) fn person(name: &str) -> Option<&str> {
    name.split_once('/').map(|(person, _)| person)
}

fn is_picture(file: &str) -> bool {
    let file = file.to_lowercase();
    ENDINGS.iter().any(|end| file.ends_with(end))
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

#[cfg(test)]
mod tests {
    use super::{person, pictures};

    #[test]
    fn pictures_are_found_in_the_folder_and_one_level_down() {
        let folder = tempfile::tempdir().expect("a folder");
        for file in ["b/2.jpg", "b/1.JPEG", "b/notes.txt", "a.png", "list.csv", "c/deep/1.jpg"] {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            std::fs::write(path, "").expect("written");
        }
        assert_eq!(pictures(folder.path()).expect("some"), ["a.png", "b/1.JPEG", "b/2.jpg"]);
        assert_eq!([person("a.png"), person("b/2.jpg")], [None, Some("b")]);
    }

    #[test]
    fn an_empty_folder_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = pictures(folder.path()).expect_err("nothing in it").to_string();
        assert!(error.contains(&folder.path().display().to_string()) && error.contains(".jpg"), "{error}");
        assert!(pictures(&folder.path().join("missing")).is_err());
    }
}
