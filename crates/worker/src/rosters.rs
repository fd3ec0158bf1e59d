//! The rosters' indexes, in memory, each as new as its course's version key says.
//!
//! Redis holds the version that is newest as far as anybody told; when it has none or is away, Postgres answers. What was
//! not told is found by `versions`. A roster is loaded once, however many frames ask for it at the same time, and the least
//! recently used go first when memory runs short.

mod slot;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use domain::enrollment::Gallery;
use domain::event::PersonLabel;
use domain::id::{CourseId, OrganizationId, PersonId};
use domain::organization::{Organization, RecognitionPolicy};
use domain::rejection::RejectedFaces;
use index::RosterIndex;
use messaging::Redis;
use store::{Pool, Sealer, StoreError};
use vision::EncoderFacts;

use crate::blocking::blocking;
use crate::measure;
use crate::model_thread::Facts;
use crate::outcome::{JobOutcome, Reason};
use crate::rosters::slot::Slots;

/// What it takes beyond their contents to find something in a map, and to allocate it.
const ENTRY_BYTES: usize = 32;

/// A course's people at one version.
#[derive(Debug)]
pub(crate) struct CourseRoster {
    pub(crate) index: RosterIndex,
    /// Everybody on the roster, also those who cannot be found for lack of a template.
    pub(crate) members: HashSet<PersonId>,
    pub(crate) labels: HashMap<PersonId, PersonLabel>,
    /// How its people are recognised: as the course says, else as its organization wants it.
    pub(crate) policy: RecognitionPolicy,
    /// Faces that are not to be taken for people of the organization again.
    pub(crate) rejected: RejectedFaces,
    /// The encoder whose templates the index holds.
    pub(crate) encoder: EncoderFacts,
}

/// The rosters that were used lately.
pub(crate) struct Rosters {
    pool: Pool,
    sealer: Sealer,
    redis: Redis,
    facts: Facts,
    gallery: Gallery,
    slots: Mutex<Slots>,
}

/// With the organization, so that a course is only ever found in its own.
pub(crate) type Key = (OrganizationId, CourseId);

impl Rosters {
    pub(crate) fn new(
        pool: Pool,
        sealer: Sealer,
        redis: Redis,
        facts: Facts,
        gallery: Gallery,
        limit_bytes: usize,
    ) -> Self {
        Self { pool, sealer, redis, facts, gallery, slots: Mutex::new(Slots::new(limit_bytes)) }
    }

    /// The roster of a course, not older than when this was called.
    pub(crate) async fn current(
        &self,
        organization: OrganizationId,
        course: CourseId,
    ) -> Result<Arc<CourseRoster>, JobOutcome> {
        let key = (organization, course);
        let slot = self.slots().slot(key);
        let asked = slot.failures();
        let wanted = self.newest_version(organization, course).await?;
        let mut held = slot.held.lock().await;
        if let Some(roster) = held.roster.as_ref().filter(|roster| roster.index.version() >= wanted) {
            measure::roster("memory");
            return Ok(Arc::clone(roster));
        }
        if let Some(outcome) = held.failure_since(asked) {
            // Whoever waited for a load that failed has tried once; the next to ask tries again.
            return Err(outcome.clone());
        }
        measure::roster("database");
        match self.load(organization, course).await {
            Ok(loaded) => {
                let roster = Arc::new(loaded);
                held.roster = Some(Arc::clone(&roster));
                drop(held);
                self.slots().filled(key, &slot, bytes(&roster));
                Ok(roster)
            }
            Err(outcome) => {
                slot.failed(&mut held, outcome.clone());
                let is_empty = held.roster.is_none();
                drop(held);
                if is_empty {
                    self.slots().remove(key, &slot);
                }
                Err(outcome)
            }
        }
    }

    /// The rosters that are in memory, each with its version. One that is being loaded is as new as can be.
    pub(crate) fn held(&self) -> Vec<(CourseId, i64)> {
        self.slots().held().into_iter().map(|((_, course), roster)| (course, roster.index.version())).collect()
    }

    /// Lets go of those that [`Self::held`] named and that are not at these versions: the next frame loads them anew.
    /// Answers how many they were.
    pub(crate) fn let_go_unless(&self, held: &[(CourseId, i64)], versions: &HashMap<CourseId, i64>) -> usize {
        let outdated: HashMap<CourseId, i64> =
            held.iter().filter(|(course, version)| versions.get(course) != Some(version)).copied().collect();
        if outdated.is_empty() {
            return 0;
        }
        self.slots().remove_all(|(_, course), roster| outdated.get(&course) == Some(&roster.index.version()))
    }

    fn slots(&self) -> std::sync::MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn newest_version(&self, organization: OrganizationId, course: CourseId) -> Result<i64, StoreError> {
        let told = self.redis.course_version(course).await;
        if let Ok(Some(version)) = told {
            return Ok(version);
        }
        let mut conn = store::get(&self.pool).await?;
        let version = store::rosters::version(&mut conn, organization, course).await?.ok_or(StoreError::NotFound)?;
        drop(conn);
        if told.is_ok() {
            // Saves the next frame the question; that it fails costs no more than that.
            let _ = self.redis.raise_course_version(course, version).await;
        }
        Ok(version)
    }

    async fn load(&self, organization: OrganizationId, course: CourseId) -> Result<CourseRoster, JobOutcome> {
        let mut conn = store::get(&self.pool).await?;
        let loaded = store::rosters::load(&mut conn, &self.sealer, organization, course, None, self.gallery).await?;
        drop(conn);
        let roster = loaded.ok_or(StoreError::NotFound)?;
        let encoder = encoder_for(&self.facts, &roster.organization)?;
        blocking(move || {
            let index = RosterIndex::build(roster.version, &encoder.contract, encoder.dimension, &roster.templates)?;
            let members = roster.people.iter().map(|label| label.person_id).collect();
            let labels = roster.people.into_iter().map(|label| (label.person_id, label)).collect();
            let (policy, rejected) = (roster.recognition, roster.rejected);
            Ok(CourseRoster { index, members, labels, policy, rejected, encoder })
        })
        .await
    }
}

/// The encoder that an organization's people are recognised with.
///
/// An organization whose templates are of a contract that this worker has not loaded is refused: its faces cannot be
/// compared with those templates.
pub(crate) fn encoder_for(facts: &Facts, organization: &Organization) -> Result<EncoderFacts, JobOutcome> {
    facts.encoder(organization.contract.as_ref()).cloned().ok_or_else(|| {
        let loaded = facts.encoders.iter().map(|encoder| encoder.contract.to_string()).collect();
        let wanted = organization.contract.as_ref().map(ToString::to_string).unwrap_or_default();
        JobOutcome::Never(Reason::ContractMismatch { wanted, loaded })
    })
}

/// About what a roster takes in memory.
fn bytes(roster: &CourseRoster) -> usize {
    let label = |label: &PersonLabel| size_of::<PersonLabel>() + label.external_id.len() + label.name.len();
    let labels: usize = roster.labels.values().map(|one| label(one) + 3 * ENTRY_BYTES).sum();
    let members = roster.members.len() * (size_of::<PersonId>() + ENTRY_BYTES);
    let face = roster.encoder.dimension * size_of::<f32>() + size_of::<PersonId>() + ENTRY_BYTES;
    size_of::<CourseRoster>() + roster.index.bytes() + labels + members + roster.rejected.len() * face
}

#[cfg(test)]
pub(crate) mod tests;
