//! Snapshots of a school with people whom nobody ever sees, and who holds them.

use domain::embedding::Embedding;
use domain::enrollment::Gallery;
use domain::id::{Id, PersonId};
use domain::index::{ReplicaReport, ReplicaState};
use index::snapshot::{self, SnapshotFolder};
use index::{Builder, Factory};
use store::galleries::Reading;
use store::index_versions::IndexVersion;
use uuid::Uuid;

use crate::school::{School, eventually};

impl School {
    /// What a build makes of the school's templates and of `crowd` others, who are in no table.
    pub(crate) async fn snapshot(&self, factory: Factory, crowd: usize) -> anyhow::Result<IndexVersion> {
        let mut conn = self.conn().await?;
        let contract = store::organizations::find(&mut conn, self.organization).await?.contract.expect("somebody");
        let mut reading =
            Reading::begin(&mut conn, &self.sealer, self.organization, &contract, Gallery::Pooled).await?;
        let (watermark, found) = (reading.watermark(), reading.page(None, 1000).await?);
        reading.end().await?;
        let dimension = found[0].embedding.as_slice().len();
        let mut rows: Vec<_> = found.into_iter().map(|one| (one.template_id, one.person_id, one.embedding)).collect();
        // Ids rise with time, so these follow.
        rows.extend((0..crowd).map(|number| (Id::new(), PersonId::new(), stranger(number, dimension))));
        let mut builder = Builder::new(contract.clone(), factory, dimension, watermark, rows.len())?;
        if factory != Factory::Flat {
            builder.train(&rows.iter().map(|(_, _, face)| face.clone()).collect::<Vec<_>>())?;
        }
        builder.add(&rows)?;
        let index = builder.finish()?;
        let (id, sealer) = (Uuid::now_v7(), self.sealer.clone());
        let folder = SnapshotFolder::open(&self.settings.index)?;
        let seal = move |plain: &[u8]| sealer.seal(id, plain);
        let written = snapshot::write(&folder, self.organization, id, index, seal).await?;
        let version = IndexVersion {
            id,
            organization_id: self.organization,
            contract,
            watermark: written.watermark,
            templates: written.templates as i64,
            factory: written.factory,
            path: written.path,
            sha256: written.sha256,
            bytes: written.bytes as i64,
            build_ms: 1,
            created_at: chrono::Utc::now(),
            sealed_with: Some(self.sealer.fingerprint().to_owned()),
            probes: None,
            recall: written.recall,
            stages: [].into(),
        };
        store::index_versions::insert(&mut conn, &version).await?;
        Ok(version)
    }
}

/// Waits until so many workers follow the school's log with an index that is as it should be.
pub(crate) async fn following(
    school: &School,
    workers: usize,
    is_so: impl Fn(&ReplicaReport) -> bool,
) -> anyhow::Result<Vec<ReplicaReport>> {
    eventually("the workers' indexes are as they should be", async || {
        let mut told = school.redis.replicas(school.organization).await?;
        told.retain(|report| report.state == ReplicaState::Following && is_so(report));
        Ok((told.len() >= workers).then_some(told))
    })
    .await
}

/// A face of its own for each number, far from those of photographs: a made-up direction.
fn stranger(number: usize, dimension: usize) -> Embedding {
    let mut state = number as u64 + 1;
    let mut next = || {
        // Numbers as SplitMix64 makes them (Steele, Lea and Flood 2014).
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) >> 40) as f32 / (1_u64 << 24) as f32 - 0.5
    };
    Embedding::normalized((0..dimension).map(|_| next()).collect()).expect("a direction")
}
