//! What people saw in the pictures of a folder, from files that they wrote.

use std::path::Path;

use anyhow::{Context, bail, ensure};
use domain::geometry::Point;
use serde::Deserialize;

use super::detection::Truth;

/// One picture of a folder of groups.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Annotated {
    /// Path within the folder.
    pub(super) file: String,
    pub(super) truth: Truth,
    /// Pictures with the same letter show the same, only person.
    pub(super) person: Option<String>,
}

#[derive(Deserialize)]
struct GroupFile {
    images: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    file: String,
    faces: usize,
    #[serde(default)]
    noses: Option<Vec<(f32, f32)>>,
    #[serde(default)]
    person: Option<String>,
}

/// A live person or a picture, mask or screen in front of the camera.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Presented {
    Live,
    /// With its type, such as `print`, `replay` or `mask`.
    Attack(String),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum LivenessFile {
    Images { images: Vec<LivenessRow> },
    Rows(Vec<LivenessRow>),
}

#[derive(Deserialize)]
struct LivenessRow {
    image: String,
    label: String,
    #[serde(default)]
    attack: Option<String>,
}

/// Reads `{"images": [{"file", "faces", "noses": [[x, y], ...] or null, "person": letter or null}]}`.
///
/// # Errors
/// When it cannot be read or says something else.
pub(super) fn groups(file: &Path) -> anyhow::Result<Vec<Annotated>> {
    parse_groups(&read(file)?).with_context(|| format!("{} has no annotations of groups", file.display()))
}

fn parse_groups(text: &str) -> anyhow::Result<Vec<Annotated>> {
    let read: GroupFile = serde_json::from_str(text)?;
    ensure!(!read.images.is_empty(), "it names no picture");
    let one = |group: Group| {
        let truth = match group.noses {
            Some(noses) if noses.len() == group.faces => {
                Truth::Noses(noses.into_iter().map(|(x, y)| Point { x, y }).collect())
            }
            Some(noses) => bail!("{}: {} faces and {} noses", group.file, group.faces, noses.len()),
            None => Truth::Count(group.faces),
        };
        Ok(Annotated { file: group.file, truth, person: group.person })
    };
    read.images.into_iter().map(one).collect()
}

/// Reads a CSV file with the columns image, label (live or attack), attack (its type; empty for live), or the same as JSON.
///
/// # Errors
/// When it cannot be read or says something else; the message names the line.
pub(super) fn liveness(file: &Path) -> anyhow::Result<Vec<(String, Presented)>> {
    let text = read(file)?;
    let is_json = file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
    let parsed = if is_json { parse_liveness_json(&text) } else { parse_liveness_csv(&text) };
    parsed.with_context(|| format!("{} has no annotations of liveness", file.display()))
}

fn parse_liveness_json(text: &str) -> anyhow::Result<Vec<(String, Presented)>> {
    let (LivenessFile::Images { images: rows } | LivenessFile::Rows(rows)) = serde_json::from_str(text)?;
    let one = |row: LivenessRow| Ok((row.image.clone(), presented(&row.label, row.attack.as_deref())?));
    rows.into_iter().map(one).collect()
}

fn parse_liveness_csv(text: &str) -> anyhow::Result<Vec<(String, Presented)>> {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    ensure!(first == "image,label,attack", "the first line is {first:?}, not \"image,label,attack\"");
    let one = |(number, line): (usize, &str)| {
        let row = number + 2;
        let [image, label, attack] = line.split(',').collect::<Vec<_>>()[..] else {
            bail!("line {row} has not three columns");
        };
        let presented = presented(label, Some(attack)).with_context(|| format!("line {row}"))?;
        Ok((image.to_owned(), presented))
    };
    lines.enumerate().map(one).collect()
}

fn presented(label: &str, attack: Option<&str>) -> anyhow::Result<Presented> {
    match (label, attack.filter(|attack| !attack.is_empty())) {
        ("live", None) => Ok(Presented::Live),
        ("live", Some(attack)) => bail!("live, and yet an attack of type {attack:?}"),
        ("attack", attack) => Ok(Presented::Attack(attack.unwrap_or("unknown").to_owned())),
        (other, _) => bail!("label is live or attack, not {other:?}"),
    }
}

/// What a picture's name says: in a folder `live` or `attack_TYPE`, or a file `..._T...` (true) or `..._F...` (fake).
pub(super) fn by_name(name: &str) -> Option<Presented> {
    let (folder, file) = name.split_once('/').unwrap_or(("", name));
    let attack = |kind: &str| Presented::Attack(if kind.is_empty() { "unknown" } else { kind }.to_owned());
    match folder.strip_prefix("attack") {
        _ if folder == "live" => Some(Presented::Live),
        Some(kind) if kind.is_empty() || kind.starts_with('_') => Some(attack(kind.trim_start_matches('_'))),
        _ if file.contains("_T") => Some(Presented::Live),
        _ if file.contains("_F") => Some(attack("")),
        _ => None,
    }
}

fn read(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::{Presented, Truth, by_name, parse_groups, parse_liveness_csv, parse_liveness_json};

    fn attack(kind: &str) -> Presented {
        Presented::Attack(kind.to_owned())
    }

    #[test]
    fn groups_have_noses_or_numbers() {
        let text = r#"{"note": "x", "images": [
            {"file": "a.jpg", "faces": 2, "noses": [[1, 2], [3, 4.5]], "person": null, "width": 5},
            {"file": "b.jpg", "faces": 3, "noses": null, "person": "A"}]}"#;
        let found = parse_groups(text).expect("annotations");
        assert!(matches!(&found[0].truth, Truth::Noses(noses) if noses[1].y == 4.5));
        assert_eq!((found[1].truth.clone(), found[1].person.as_deref()), (Truth::Count(3), Some("A")));
        for bad in [
            "{}",
            r#"{"images": []}"#,
            r#"{"images": [{"file": "a", "faces": 2, "noses": [[1, 2]]}]}"#,
            "image,label,attack",
        ] {
            assert!(parse_groups(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn liveness_is_read_from_either_form() {
        let expected = vec![("a.jpg".to_owned(), Presented::Live), ("b.jpg".to_owned(), attack("print"))];
        let csv = "image,label,attack\na.jpg,live,\nb.jpg,attack,print";
        assert_eq!(parse_liveness_csv(csv).expect("rows"), expected);
        let rows = r#"[{"image": "a.jpg", "label": "live"}, {"image": "b.jpg", "label": "attack", "attack": "print"}]"#;
        assert_eq!(parse_liveness_json(rows).expect("rows"), expected);
        assert_eq!(parse_liveness_json(&format!("{{\"images\": {rows}}}")).expect("rows"), expected);
        let check = |text: &str, words: &str| {
            let error = format!("{:#}", parse_liveness_csv(text).expect_err("refused"));
            assert!(error.contains(words), "{error}");
        };
        check("image;label", "the first line is \"image;label\"");
        check("image,label,attack\na.jpg,live", "line 2");
        check("image,label,attack\na.jpg,real,", "live or attack, not \"real\"");
        check("image,label,attack\na.jpg,live,print", "live, and yet an attack");
        assert_eq!(presented_unknown(), attack("unknown"));
    }

    fn presented_unknown() -> Presented {
        parse_liveness_csv("image,label,attack\na.jpg,attack,").expect("a row").remove(0).1
    }

    #[test]
    fn names_say_what_is_shown() {
        assert_eq!(by_name("live/a.jpg"), Some(Presented::Live));
        assert_eq!(by_name("attack_print/a.jpg"), Some(attack("print")));
        assert_eq!(by_name("attack/a.jpg"), Some(attack("unknown")));
        assert_eq!(by_name("image_T1.jpg"), Some(Presented::Live));
        assert_eq!(by_name("image_F1.jpg"), Some(attack("unknown")));
        assert_eq!(by_name("alive/a.jpg"), None);
    }
}
