//! Indexes that do not look at everything.

use std::collections::HashSet;

use domain::embedding::Embedding;
use domain::enrollment::Gallery;
use domain::id::{Id, PersonId, TemplateId};
use index::snapshot::{self, SnapshotFolder, SnapshotSettings, Wanted};
use index::{Builder, EXHAUSTIVE, Factory, GlobalIndex, IndexError, TemplateChange};
use tempfile::TempDir;
use uuid::Uuid;

use crate::crowd::{contract, template_id};

const DIMENSION: usize = 16;
const PEOPLE: usize = 3000;
const LISTS: Factory = Factory::Inverted { lists: 64 };

fn somebody(number: usize) -> PersonId {
    Id::from_uuid(Uuid::from_u128(number as u128 % 1500))
}

/// A direction that follows from the number alone, as one of SplitMix64 does (Steele, Lea and Flood, 2014).
fn face(number: usize) -> Embedding {
    let mut state = number as u64;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 40) as f32 / (1u64 << 24) as f32 - 0.5
    };
    Embedding::normalized((0..DIMENSION).map(|_| next()).collect()).expect("a direction")
}

fn rows(numbers: std::ops::Range<usize>) -> Vec<(TemplateId, PersonId, Embedding)> {
    numbers.map(|n| (template_id(n), somebody(n), face(n))).collect()
}

fn built(factory: Factory) -> Result<GlobalIndex, IndexError> {
    let mut builder = Builder::new(contract(), factory, DIMENSION, 7, PEOPLE)?;
    builder.train(&(0..PEOPLE).map(face).collect::<Vec<_>>())?;
    for start in (0..PEOPLE).step_by(700) {
        builder.add(&rows(start..PEOPLE.min(start + 700)))?;
    }
    assert_eq!(builder.len(), PEOPLE);
    builder.finish()
}

fn removal(revision: i64, number: usize) -> TemplateChange {
    TemplateChange { revision, template_id: template_id(number), person_id: somebody(number), embedding: None }
}

fn addition(revision: i64, number: usize) -> TemplateChange {
    TemplateChange { embedding: Some(face(number)), ..removal(revision, number) }
}

/// Whom each face is most like.
fn closest(index: &GlobalIndex, numbers: std::ops::Range<usize>) -> Result<Vec<PersonId>, IndexError> {
    let faces: Vec<Embedding> = numbers.map(face).collect();
    let found = index.search(&faces.iter().collect::<Vec<_>>(), 1)?;
    Ok(found.into_iter().filter_map(|people| people.first().map(|best| best.person_id)).collect())
}

#[test]
fn it_looks_in_as_few_lists_as_it_takes() -> Result<(), IndexError> {
    let inverted = built(LISTS)?;
    let probes = inverted.probes().expect("lists are probed");
    assert!((2..64).contains(&probes), "{probes}");
    assert!(inverted.recall().is_some_and(|recall| recall >= 0.998), "{:?}", inverted.recall());
    assert_eq!((inverted.len(), inverted.people(), inverted.watermark()), (PEOPLE, 1500, 7));
    assert_eq!(inverted.factory(), LISTS);
    let flat = built(Factory::Flat)?;
    assert_eq!((flat.probes(), flat.recall(), flat.factory()), (None, None, Factory::Flat));
    assert!(inverted.bytes() > flat.bytes());
    // Strangers, too, are found to be like whom they are most like, but for a few.
    let (wanted, found) = (closest(&flat, 9000..10_000)?, closest(&inverted, 9000..10_000)?);
    let same = wanted.iter().zip(&found).filter(|(a, b)| a == b).count();
    assert!(same >= 980, "{same}");
    Ok(())
}

#[test]
fn what_comes_and_goes_is_heeded_whatever_the_kind() -> Result<(), IndexError> {
    for factory in [LISTS, Factory::Flat] {
        let before = built(factory)?;
        let mut index = before.clone();
        // 0 and 1500 are the same person's.
        index.apply(&[removal(8, 0), removal(9, 1500), removal(10, 1), addition(11, 5000), addition(12, 5001)])?;
        assert_eq!((index.len(), index.people(), index.watermark()), (PEOPLE - 1, 1499, 12));
        let gone = somebody(0);
        for number in [0, 1500] {
            let everybody = index.search(&[&face(number)], 2000)?;
            assert!(everybody[0].iter().all(|found| found.person_id != gone), "{factory}");
        }
        assert_eq!(closest(&index, 5000..5002)?, [somebody(5000), somebody(5001)]);
        assert_eq!(closest(&index, 1501..1502)?, [somebody(1)], "one of two templates is left");
        // Who comes back is found again, and once.
        index.apply(&[addition(13, 0), addition(14, 0)])?;
        assert_eq!((index.len(), index.people()), (PEOPLE, 1500));
        assert_eq!(closest(&index, 0..1)?, [gone]);
        index.check_sample()?;
        // Whoever holds the index as it was sees nothing of this.
        assert_eq!((before.len(), before.people(), before.watermark()), (PEOPLE, 1500, 7));
        assert_eq!(closest(&before, 0..1)?, [gone]);
    }
    Ok(())
}

#[test]
fn many_small_changes_leave_few_layers() -> Result<(), IndexError> {
    let mut index = built(LISTS)?;
    for number in 0..600 {
        let revision = 8 + number as i64;
        index.apply(&[addition(revision, 5000 + number)])?;
    }
    for number in 0..600 {
        index.apply(&[removal(700 + number as i64, 5000 + number)])?;
        let everybody: HashSet<PersonId> = closest(&index, 5000 + number..5001 + number)?.into_iter().collect();
        assert_eq!(everybody.len(), 1);
    }
    let bare = built(LISTS)?;
    assert_eq!((index.len(), index.people(), index.bytes()), (PEOPLE, 1500, bare.bytes()));
    Ok(())
}

#[test]
fn templates_out_of_order_are_refused() -> Result<(), IndexError> {
    let mut builder = Builder::new(contract(), Factory::Flat, DIMENSION, 1, 10)?;
    builder.add(&rows(3..5))?;
    assert!(matches!(builder.add(&rows(4..6)), Err(IndexError::Order)));
    assert!(matches!(builder.add(&[rows(7..8), rows(7..8)].concat()), Err(IndexError::Order)));
    let other = Embedding::normalized(vec![1.0; 3]).expect("a direction");
    let wrong = builder.add(&[(template_id(9), somebody(9), other)]);
    assert!(matches!(wrong, Err(IndexError::Dimension { expected: DIMENSION, found: 3 })));
    builder.add(&rows(5..6))?;
    let index = builder.finish()?;
    assert_eq!((index.len(), index.people()), (3, 3));
    Ok(())
}

#[test]
fn nothing_becomes_an_index_of_nobody() -> Result<(), IndexError> {
    let index = Builder::new(contract(), Factory::Flat, DIMENSION, 9, 0)?.finish()?;
    assert_eq!((index.len(), index.people(), index.watermark(), index.is_empty()), (0, 0, 9, true));
    Ok(())
}

#[tokio::test]
async fn a_snapshot_brings_it_back_as_it_was() -> anyhow::Result<()> {
    let folder = TempDir::new()?;
    let settings = SnapshotSettings {
        snapshots: folder.path().display().to_string(),
        keep: 3,
        gallery: Gallery::Pooled,
        exhaustive_templates: EXHAUSTIVE,
    };
    let (folder, organization_id) = (SnapshotFolder::open(&settings)?, Id::new());
    let index = built(LISTS)?;
    let written = snapshot::write(&folder, organization_id, Uuid::now_v7(), index.clone(), <[u8]>::to_vec).await?;
    assert_eq!((written.factory.as_str(), written.probes), ("IVF64,Flat", index.probes()));
    snapshot::verify(&folder, &written.path, &written.sha256).await?;
    let wanted = Wanted { organization_id, contract: contract(), path: written.path, sha256: written.sha256 };
    let mut read = snapshot::read(&folder, wanted, |sealed| Some(sealed.to_vec())).await?;
    assert_eq!((read.len(), read.people(), read.watermark()), (index.len(), index.people(), 7));
    assert_eq!((read.probes(), read.recall(), read.bytes()), (index.probes(), index.recall(), index.bytes()));
    assert_eq!(closest(&read, 9000..9200)?, closest(&index, 9000..9200)?);
    read.apply(&[removal(8, 1)])?;
    let layered = snapshot::write(&folder, organization_id, Uuid::now_v7(), read, <[u8]>::to_vec).await;
    assert!(matches!(layered, Err(IndexError::Layered)));
    assert_eq!(snapshot::list(&folder, organization_id).await?.len(), 1, "what was not written has left nothing");
    Ok(())
}
