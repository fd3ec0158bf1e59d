//! The panel's files, read once: what is asked for is looked up by name, so no path leads anywhere else.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::Path;

use actix_web::web::Bytes;
use sha2::{Digest, Sha256};

/// Names below this folder hold a hash of what is in the file: it never changes.
const HASHED: &str = "/assets/";
const INDEX: &str = "/index.html";
/// What stands in `index.html` for the nonce of an answer.
const NONCE: &str = "NONCE";

/// What the panel is made of.
pub(crate) struct Files {
    /// By path, such as `/assets/main-x.js`.
    by_path: HashMap<String, File>,
    /// `index.html`, cut where the nonce goes.
    index: Vec<String>,
}

/// One file.
pub(crate) struct File {
    pub kind: &'static str,
    /// Whether there is never another file of this name.
    pub is_hashed: bool,
    pub etag: String,
    pub plain: Bytes,
    /// The same, made smaller when the panel was built.
    pub brotli: Option<Bytes>,
    pub gzip: Option<Bytes>,
}

impl Files {
    /// Reads all of `folder`, but for what links lead to; `None` where no panel is there.
    ///
    /// # Errors
    /// When something in the folder cannot be read.
    pub(crate) fn read(folder: &Path) -> io::Result<Option<Self>> {
        let mut contents = HashMap::new();
        match collect(folder, "", &mut contents) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other?,
        }
        let Some(page) = contents.remove(INDEX) else { return Ok(None) };
        let index = String::from_utf8_lossy(&page).split(NONCE).map(str::to_owned).collect();
        let names = contents.keys().filter(|path| !is_packed(path) && *path != "/index.html");
        let files = names.map(|path| (path.clone(), file(path, &contents)));
        Ok(Some(Self { by_path: files.collect(), index }))
    }

    /// The file at `path`.
    pub(crate) fn find(&self, path: &str) -> Option<&File> {
        self.by_path.get(path)
    }

    /// The page that all others are made on, with this nonce.
    pub(crate) fn index(&self, nonce: &str) -> String {
        self.index.join(nonce)
    }
}

/// Whether a page may have this path, or only a file of the panel that there is no more.
pub(crate) fn is_file_path(path: &str) -> bool {
    path.starts_with(HASHED)
}

fn collect(folder: &Path, path: &str, contents: &mut HashMap<String, Bytes>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let (path, kind) = (format!("{path}/{name}"), entry.file_type()?);
        if kind.is_dir() {
            collect(&entry.path(), &path, contents)?;
        } else if kind.is_file() {
            contents.insert(path, fs::read(entry.path())?.into());
        }
    }
    Ok(())
}

fn is_packed(path: &str) -> bool {
    [".br", ".gz"].iter().any(|ending| path.ends_with(ending))
}

fn file(path: &str, contents: &HashMap<String, Bytes>) -> File {
    let plain = contents.get(path).cloned().unwrap_or_default();
    File {
        kind: kind(path),
        is_hashed: path.starts_with(HASHED),
        // Weak: it is the same for all encodings.
        etag: format!("W/\"{}\"", hex::encode(&Sha256::digest(&plain)[..16])),
        brotli: contents.get(&format!("{path}.br")).cloned(),
        gzip: contents.get(&format!("{path}.gz")).cloned(),
        plain,
    }
}

/// The media type of a file with this name.
fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "mp3" => "audio/mpeg",
        "wav" => "audio/wav",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
