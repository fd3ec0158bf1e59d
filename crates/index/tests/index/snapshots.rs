use std::path::PathBuf;

use domain::contract::ContractId;
use domain::embedding::Embedding;
use domain::enrollment::Gallery;
use domain::id::{Id, OrganizationId};
use index::snapshot::{self, SnapshotFolder, SnapshotSettings, Wanted, Written};
use index::{EXHAUSTIVE, GlobalIndex, IndexError};
use tempfile::TempDir;
use uuid::Uuid;

use crate::crowd::{DIMENSION, addition, contract, person, template};

const PEOPLE: usize = 5000;

struct Stage {
    _temporary: TempDir,
    root: PathBuf,
    folder: SnapshotFolder,
    organization: OrganizationId,
}

fn stage() -> anyhow::Result<Stage> {
    let temporary = TempDir::new()?;
    let root = temporary.path().join("not/there/yet");
    let settings = SnapshotSettings {
        snapshots: root.display().to_string(),
        keep: 3,
        gallery: Gallery::Pooled,
        exhaustive_templates: EXHAUSTIVE,
    };
    Ok(Stage { folder: SnapshotFolder::open(&settings)?, _temporary: temporary, root, organization: Id::new() })
}

fn face(number: usize) -> Embedding {
    let values = (0..DIMENSION).map(|axis| ((number * 31 + axis * 17) % 97) as f32 - 48.0).collect();
    Embedding::normalized(values).expect("a direction")
}

fn index() -> anyhow::Result<GlobalIndex> {
    let changes: Vec<_> = (0..PEOPLE).map(|n| addition(n as i64 + 1, &template(n, (n % 97) as u8, face(n)))).collect();
    let mut index = GlobalIndex::new(contract());
    index.apply(&changes)?;
    index.advance_to(9000);
    Ok(index)
}

/// Not a cipher, but nothing of the plain text is left to see.
fn seal(plain: &[u8]) -> Vec<u8> {
    plain.iter().map(|byte| byte ^ 0xA5).collect()
}

impl Stage {
    async fn write(&self) -> anyhow::Result<Written> {
        Ok(snapshot::write(&self.folder, self.organization, Uuid::now_v7(), index()?, seal).await?)
    }

    fn wanted(&self, written: &Written) -> Wanted {
        Wanted {
            organization_id: self.organization,
            contract: contract(),
            path: written.path.clone(),
            sha256: written.sha256.clone(),
        }
    }

    async fn read(&self, wanted: Wanted) -> Result<GlobalIndex, IndexError> {
        snapshot::read(&self.folder, wanted, |sealed| Some(seal(sealed))).await
    }
}

#[tokio::test]
async fn what_is_read_is_what_was_written() -> anyhow::Result<()> {
    let stage = stage()?;
    let written = stage.write().await?;
    assert_eq!((written.templates, written.watermark, written.factory.as_str()), (PEOPLE, 9000, "Flat"));
    let file = std::fs::read(stage.root.join(&written.path))?;
    assert_eq!(file.len() as u64, written.bytes);
    let floats: Vec<u8> = face(7).as_slice().iter().flat_map(|value| value.to_le_bytes()).collect();
    assert!(!file.windows(floats.len()).any(|window| window == floats), "no face can be read off the file");

    let mut read = stage.read(stage.wanted(&written)).await?;
    assert_eq!((read.len(), read.people(), read.watermark()), (PEOPLE, 97, 9000));
    assert_eq!(read.search(&[&face(7)], 1)?[0][0].person_id, person(7));
    // It goes on from there, and still knows which template is which.
    read.apply(&[index::TemplateChange { embedding: None, ..addition(9001, &template(0, 0, face(0))) }])?;
    assert_eq!(read.len(), PEOPLE - 1);
    Ok(())
}

#[tokio::test]
async fn an_index_without_templates_is_kept_too() -> anyhow::Result<()> {
    let stage = stage()?;
    let mut empty = GlobalIndex::new(contract());
    empty.advance_to(12);
    let written = snapshot::write(&stage.folder, stage.organization, Uuid::now_v7(), empty, seal).await?;
    let read = stage.read(stage.wanted(&written)).await?;
    assert_eq!((read.len(), read.watermark()), (0, 12));
    Ok(())
}

#[tokio::test]
async fn damage_is_noticed() -> anyhow::Result<()> {
    let stage = stage()?;
    let written = stage.write().await?;
    let path = stage.root.join(&written.path);
    let whole = std::fs::read(&path)?;
    for position in [0, 30, 200, whole.len() / 2, whole.len() - 1] {
        let mut flipped = whole.clone();
        flipped[position] ^= 1;
        std::fs::write(&path, flipped)?;
        let read = stage.read(stage.wanted(&written)).await;
        assert!(matches!(read, Err(IndexError::Corrupt { .. })), "a flipped bit at {position}");
    }
    for length in [0, 10, 21, 300, whole.len() - 1] {
        std::fs::write(&path, &whole[..length])?;
        let read = stage.read(stage.wanted(&written)).await;
        assert!(matches!(read, Err(IndexError::Corrupt { .. })), "cut after {length} bytes");
    }
    Ok(())
}

/// Also what bears the right checksum is only taken when it is whole.
#[tokio::test]
async fn a_checksum_is_not_enough() -> anyhow::Result<()> {
    use sha2::{Digest, Sha256};
    let stage = stage()?;
    let written = stage.write().await?;
    let path = stage.root.join(&written.path);
    let whole = std::fs::read(&path)?;
    for length in [0, 10, 19, 21, 300, whole.len() - 1] {
        std::fs::write(&path, &whole[..length])?;
        let sha256 = hex::encode(Sha256::digest(&whole[..length]));
        let read = stage.read(Wanted { sha256, ..stage.wanted(&written) }).await;
        assert!(matches!(read, Err(IndexError::Corrupt { .. })), "cut after {length} bytes");
    }
    std::fs::write(&path, &whole)?;
    let elsewhere = Wanted { organization_id: Id::new(), ..stage.wanted(&written) };
    assert!(matches!(stage.read(elsewhere).await, Err(IndexError::Corrupt { .. })));
    let other = Wanted { contract: ContractId::new("another"), ..stage.wanted(&written) };
    assert!(matches!(stage.read(other).await, Err(IndexError::Corrupt { .. })));
    let shut = snapshot::read(&stage.folder, stage.wanted(&written), |_| None).await;
    assert!(matches!(shut, Err(IndexError::Corrupt { .. })));
    Ok(())
}

/// Chunks belong where they are: none may be left out, moved, repeated or put at the end, whatever the checksum says.
#[tokio::test]
async fn chunks_keep_their_places() -> anyhow::Result<()> {
    use sha2::{Digest, Sha256};
    let stage = stage()?;
    let written = stage.write().await?;
    let path = stage.root.join(&written.path);
    let whole = std::fs::read(&path)?;
    let head = b"rollcall index 2\n".len();
    let mut chunks: Vec<&[u8]> = Vec::new();
    let mut rest = &whole[head..];
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let (chunk, after) = (&rest[..4 + u32::from_le_bytes(*length) as usize], after);
        rest = &after[chunk.len() - 4..];
        chunks.push(chunk);
    }
    assert!(chunks.len() >= 4, "header, ids, vectors and end");
    let last = chunks.len() - 1;
    let orders: [Vec<usize>; 4] = [
        (0..=last).filter(|at| *at != 1).collect(),
        (0..=last)
            .map(|at| {
                if at == 1 {
                    2
                } else if at == 2 {
                    1
                } else {
                    at
                }
            })
            .collect(),
        (0..=last).chain([last]).collect(),
        (0..=last).flat_map(|at| vec![at; if at == 2 { 2 } else { 1 }]).collect(),
    ];
    for order in orders {
        let mut other = whole[..head].to_vec();
        order.iter().for_each(|at| other.extend_from_slice(chunks[*at]));
        std::fs::write(&path, &other)?;
        let sha256 = hex::encode(Sha256::digest(&other));
        let read = stage.read(Wanted { sha256, ..stage.wanted(&written) }).await;
        assert!(matches!(read, Err(IndexError::Corrupt { .. })), "{order:?}: {read:?}");
    }
    Ok(())
}

#[tokio::test]
async fn what_an_upload_left_is_swept_up() -> anyhow::Result<()> {
    let stage = stage()?;
    let written = stage.write().await?;
    let path = stage.root.join(&written.path);
    let left = path.with_file_name("0199.pooled.index#1");
    std::fs::write(&left, "half")?;
    std::fs::write(path.with_file_name("notes#today"), "no upload")?;
    assert_eq!(snapshot::sweep_staged(&stage.folder, stage.organization).await?, 1);
    assert_eq!(snapshot::sweep_staged(&stage.folder, Id::new()).await?, 0);
    assert!(!left.exists() && path.exists() && path.with_file_name("notes#today").exists());
    Ok(())
}

#[tokio::test]
async fn a_snapshot_is_checked_without_being_opened() -> anyhow::Result<()> {
    let stage = stage()?;
    let written = stage.write().await?;
    snapshot::verify(&stage.folder, &written.path, &written.sha256).await?;
    let path = stage.root.join(&written.path);
    let mut flipped = std::fs::read(&path)?;
    *flipped.last_mut().expect("it is not empty") ^= 1;
    std::fs::write(&path, flipped)?;
    let found = snapshot::verify(&stage.folder, &written.path, &written.sha256).await;
    assert!(matches!(found, Err(IndexError::Corrupt { .. })));
    let gone = snapshot::verify(&stage.folder, "nowhere.index", &written.sha256).await;
    assert!(matches!(gone, Err(IndexError::Storage(_))));
    Ok(())
}

#[tokio::test]
async fn what_is_deleted_cannot_be_read() -> anyhow::Result<()> {
    let stage = stage()?;
    let written = stage.write().await?;
    snapshot::delete(&stage.folder, &written.path).await?;
    snapshot::delete(&stage.folder, &written.path).await?;
    assert!(matches!(stage.read(stage.wanted(&written)).await, Err(IndexError::Storage(_))));
    let left: Vec<_> = std::fs::read_dir(stage.root.join(stage.organization.to_string()))?.collect();
    assert!(left.is_empty(), "no temporary file stays behind");
    Ok(())
}

#[test]
fn a_folder_that_cannot_be_is_refused() {
    for name in ["/proc/nothing/here", "s3://", "nonsense://x"] {
        let opened = SnapshotFolder::open(&SnapshotSettings {
            snapshots: name.to_owned(),
            keep: 3,
            gallery: Gallery::Pooled,
            exhaustive_templates: EXHAUSTIVE,
        });
        let error = opened.expect_err("no such folder can be").to_string();
        assert!(error.contains(name), "{error}");
    }
}
