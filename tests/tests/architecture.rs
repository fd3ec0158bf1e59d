//! The invariants of docs/ARCHITECTURE.md that can be read off the source.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What each crate may import of ours. `testkit` is everybody's dev-dependency.
const MAY_IMPORT: [(&str, &[&str]); 12] = [
    ("domain", &[]),
    ("process", &[]),
    ("testkit", &[]),
    ("store", &["domain"]),
    ("messaging", &["domain"]),
    ("vision", &["domain"]),
    ("index", &["domain"]),
    ("gateway", &["domain", "store", "messaging", "process"]),
    ("worker", &["domain", "store", "messaging", "vision", "index", "process"]),
    ("scheduler", &["domain", "store", "messaging", "index", "process"]),
    ("camera", &["domain", "process"]),
    ("cli", &["domain", "store", "messaging", "vision", "index", "process"]),
];

const LINE_LIMIT: usize = 400;
const NAMELESS: [&str; 4] = ["utils", "helpers", "common", "misc"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the workspace").to_path_buf()
}

/// Every file below `folder` that git would take, with these endings.
fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let skipped = ["target", "node_modules", "dist", "run", "cache", ".git"];
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if path.is_dir() && !skipped.contains(&name.as_str()) {
            found.extend(files(&path, endings));
        } else if path.is_file() && endings.iter().any(|ending| name.ends_with(ending)) {
            found.push(path);
        }
    }
    found
}

fn crate_sources(name: &str) -> Vec<(PathBuf, String)> {
    files(&root().join("crates").join(name).join("src"), &[".rs"])
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).expect("a readable source file");
            (path, text)
        })
        .collect()
}

/// The names under `[section]` of a crate's Cargo.toml.
fn dependencies(name: &str, section: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(root().join("crates").join(name).join("Cargo.toml")).expect("a manifest");
    let manifest: toml::Table = text.parse().expect("a valid manifest");
    manifest.get(section).and_then(toml::Value::as_table).map(|t| t.keys().cloned().collect()).unwrap_or_default()
}

#[test]
fn crates_import_only_what_the_table_allows() {
    let ours: BTreeSet<&str> = MAY_IMPORT.iter().map(|(name, _)| *name).collect();
    let folders: BTreeSet<String> = fs::read_dir(root().join("crates"))
        .expect("crates/")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(folders, ours.iter().map(|name| (*name).to_owned()).collect(), "the table lists every crate");
    for (name, allowed) in MAY_IMPORT {
        for dependency in dependencies(name, "dependencies").iter().filter(|d| ours.contains(d.as_str())) {
            assert!(allowed.contains(&dependency.as_str()), "{name} imports {dependency}");
        }
        for dependency in dependencies(name, "dev-dependencies").iter().filter(|d| ours.contains(d.as_str())) {
            let is_allowed = dependency == "testkit" || allowed.contains(&dependency.as_str());
            assert!(is_allowed, "the tests of {name} import {dependency}");
        }
    }
}

/// `library` is used by the crates `owners` and no other.
fn check_owner(library: &str, owners: &[&str]) {
    for (name, _) in MAY_IMPORT {
        let uses = dependencies(name, "dependencies").contains(library);
        assert!(!uses || owners.contains(&name), "{name} depends on {library}, which belongs to {owners:?}");
    }
}

#[test]
fn each_native_or_remote_thing_has_one_owner() {
    check_owner("diesel", &["store", "testkit"]);
    check_owner("diesel-async", &["store", "testkit"]);
    check_owner("lapin", &["messaging", "testkit"]);
    check_owner("deadpool-redis", &["messaging", "testkit"]);
    check_owner("faiss", &["index"]);
    check_owner("tch", &["vision"]);
    check_owner("opencv", &["vision", "camera"]);
}

#[test]
fn tch_lives_in_one_file() {
    let users: Vec<PathBuf> =
        crate_sources("vision").into_iter().filter(|(_, text)| text.contains("tch::")).map(|(path, _)| path).collect();
    assert_eq!(users.len(), 1, "{users:?}");
}

#[test]
fn errors_become_http_in_one_file() {
    let makers: Vec<PathBuf> = crate_sources("gateway")
        .into_iter()
        .filter(|(_, text)| text.contains("impl ResponseError for"))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(makers.len(), 1, "{makers:?}");
}

#[test]
fn the_domain_reads_no_clock_and_no_network() {
    for (path, text) in crate_sources("domain") {
        for word in ["Utc::now", "Local::now", "SystemTime", "Instant::now", "tokio", "std::fs", "std::net", "async fn"]
        {
            assert!(!text.contains(word), "{} uses {word}", path.display());
        }
    }
}

#[test]
fn no_file_is_too_long_and_every_module_has_a_name() {
    // What openapi-typescript writes is read by compilers.
    let is_generated = |path: &PathBuf| path.ends_with("web/src/api/schema.d.ts");
    for path in files(&root(), &[".rs", ".py", ".sql", ".ts", ".tsx", ".sh"]).into_iter().filter(|it| !is_generated(it))
    {
        let text = fs::read_to_string(&path).expect("a readable file");
        let lines = text.lines().count();
        assert!(lines <= LINE_LIMIT, "{} has {lines} lines", path.display());
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        assert!(!NAMELESS.contains(&stem), "{} says nothing by its name", path.display());
    }
}
