//! `rollcall import photos`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use chrono::Utc;
use domain::enrollment::PhotoRejection;
use domain::id::OrganizationId;
use domain::import::archive::{Archive, Entry, Limits};
use domain::import::photos::{Folder, folders};
use domain::picture::MAX_BYTES;
use store::enrollments::NewPhoto;
use store::imports::{FolderPhotos, FolderRefusal, Taken};
use store::{Conn, PooledConn, Sealer, StoreError};

use super::{entry, mood, organization};
use crate::arguments::ImportPhotos;
use crate::settings::Settings;
use crate::{database, workers};

const LIMITS: Limits = Limits { entries: 500_000, entry_bytes: 1 << 30, total_bytes: 256 << 30 };
/// Folders within folders that are looked into.
const DEPTH: usize = 8;

/// Where a picture is.
enum Place {
    File(PathBuf),
    Entry(Entry),
}

/// Enrolls the people of a folder of folders, or of a ZIP.
pub(crate) async fn import(settings: &Settings, wanted: &ImportPhotos) -> anyhow::Result<()> {
    let path = wanted.path.display();
    let sealer = Sealer::new(&settings.database.template_key).context("database.template_key is needed")?;
    let mut archive = None;
    let files: Vec<(Vec<String>, Place)> = if wanted.path.is_dir() {
        let mut found = Vec::new();
        walk(&wanted.path, &mut Vec::new(), &mut found).with_context(|| format!("{path} cannot be listed"))?;
        found
    } else {
        let file = File::open(&wanted.path).with_context(|| format!("{path} cannot be read"))?;
        let opened = Archive::open(file, LIMITS).with_context(|| format!("{path} cannot be read"))?;
        let entries = opened.entries().to_vec();
        archive = Some(opened);
        entries.into_iter().map(|entry| (entry.path.clone(), Place::Entry(entry))).collect()
    };
    let (folders, ignored) = folders(files);
    ensure!(!folders.is_empty(), "there is no folder with pictures in {path}");
    let (_pool, mut conn) = database::connect(settings).await?;
    let organization = organization(&mut conn, wanted.organization).await?.id;
    let (mut enrolled, mut registered, mut refused) = (Vec::new(), 0, 0);
    for folder in folders {
        let name = folder.name.clone();
        match take(&mut conn, &sealer, organization, wanted, folder, &mut archive).await? {
            Ok(taken) => {
                registered += usize::from(taken.is_new);
                enrolled.push(taken.enrollment_id);
            }
            Err(why) => {
                refused += 1;
                println!("{name}: {why}");
            }
        }
    }
    println!("{}enrolled {} people, {registered} of them new", mood(wanted.dry_run), enrolled.len());
    if ignored > 0 {
        println!("{ignored} files are no pictures, or in no folder");
    }
    if !wanted.dry_run {
        workers::publish(settings, organization, &enrolled).await;
    }
    if refused > 0 {
        bail!("{refused} folders were not taken");
    }
    Ok(())
}

/// Enrolls the person of one folder, in a transaction of its own.
async fn take(
    conn: &mut PooledConn,
    sealer: &Sealer,
    organization: OrganizationId,
    wanted: &ImportPhotos,
    folder: Folder<Place>,
    archive: &mut Option<Archive<File>>,
) -> anyhow::Result<Result<Taken, String>> {
    let owner = match folder.owner {
        Ok(owner) => owner,
        Err(problem) => return Ok(Err(problem.to_string())),
    };
    let photos = folder.pictures.into_iter().map(|(file_name, place)| photo(&file_name, &place, archive)).collect();
    let folder = FolderPhotos { owner, kind: wanted.kind, photos };
    let now = Utc::now();
    let taken = if wanted.dry_run {
        let rehearsed = store::transaction::rehearse(conn, async |tx| {
            store::imports::folder(tx, sealer, organization, folder, now).await
        });
        rehearsed.await?
    } else {
        let carried_out = store::transaction::run(conn, async |tx| {
            let taken = store::imports::folder(tx, sealer, organization, folder, now).await?;
            audit(tx, organization, &taken).await?;
            Ok::<_, StoreError>(taken)
        });
        carried_out.await?
    };
    Ok(taken.map_err(|refusal| refusal.to_string()))
}

async fn audit(
    tx: &mut Conn,
    organization: OrganizationId,
    taken: &Result<Taken, FolderRefusal>,
) -> Result<(), StoreError> {
    let Ok(taken) = taken else { return Ok(()) };
    for (action, subject, details) in taken.told() {
        store::audit::append(tx, &entry(organization, action, Some(subject), details)).await?;
    }
    Ok(())
}

fn photo(file_name: &str, place: &Place, archive: &mut Option<Archive<File>>) -> NewPhoto {
    let bytes = match place {
        Place::File(path) => match fs::metadata(path) {
            Ok(file) if file.len() > MAX_BYTES as u64 => Err(PhotoRejection::ImageTooLarge),
            Ok(_) => fs::read(path).map_err(|_unreadable| PhotoRejection::ImageDamaged),
            Err(_unreadable) => Err(PhotoRejection::ImageDamaged),
        },
        Place::Entry(entry) => {
            archive.as_mut().map_or(Err(PhotoRejection::ImageDamaged), |archive| archive.read_photo(entry))
        }
    };
    NewPhoto::unpacked(file_name, bytes)
}

/// All files below a folder, with the names of the folders that they are in. Links are not followed.
fn walk(folder: &Path, parents: &mut Vec<String>, found: &mut Vec<(Vec<String>, Place)>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (kind, name) = (entry.file_type()?, entry.file_name().to_string_lossy().into_owned());
        if kind.is_dir() && parents.len() < DEPTH {
            parents.push(name);
            walk(&entry.path(), parents, found)?;
            parents.pop();
        } else if kind.is_file() {
            let path = parents.iter().cloned().chain([name]).collect();
            found.push((path, Place::File(entry.path())));
        }
    }
    Ok(())
}
