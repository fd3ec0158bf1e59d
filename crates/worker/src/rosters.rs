//! The rosters' indexes, in memory, each as new as its course's version key says.
//!
//! Redis holds the version that is newest as far as anybody told; when it has none or is away, Postgres answers. A
//! roster is loaded once, however many frames ask for it at the same time, and the least recently used go first when
//! memory runs short.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
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

/// About what a person's label takes besides the index.
const LABEL_BYTES: usize = 256;

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
    limit_bytes: usize,
    slots: Mutex<HashMap<Key, Arc<Slot>>>,
    clock: AtomicU64,
}

/// With the organization, so that a course is only ever found in its own.
type Key = (OrganizationId, CourseId);

#[derive(Default)]
struct Slot {
    /// Held while the roster is loaded: whoever wants it, too, waits and finds it there.
    roster: tokio::sync::Mutex<Option<Arc<CourseRoster>>>,
    bytes: AtomicUsize,
    last_use: AtomicU64,
}

impl Rosters {
    pub(crate) fn new(
        pool: Pool,
        sealer: Sealer,
        redis: Redis,
        facts: Facts,
        gallery: Gallery,
        limit_bytes: usize,
    ) -> Self {
        Self { pool, sealer, redis, facts, gallery, limit_bytes, slots: Mutex::default(), clock: AtomicU64::new(0) }
    }

    /// The roster of a course, not older than when this was called.
    pub(crate) async fn current(
        &self,
        organization: OrganizationId,
        course: CourseId,
    ) -> Result<Arc<CourseRoster>, JobOutcome> {
        let wanted = self.newest_version(organization, course).await?;
        let key = (organization, course);
        let slot = self.slot(key);
        let mut held = slot.roster.lock().await;
        if let Some(roster) = held.as_ref().filter(|roster| roster.index.version() >= wanted) {
            measure::roster("memory");
            return Ok(Arc::clone(roster));
        }
        measure::roster("database");
        let roster = Arc::new(self.load(organization, course).await?);
        slot.bytes.store(bytes(&roster), Ordering::Relaxed);
        *held = Some(Arc::clone(&roster));
        drop(held);
        self.make_room(key);
        Ok(roster)
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

    fn slot(&self, key: Key) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = slots.entry(key).or_default();
        slot.last_use.store(self.clock.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        Arc::clone(slot)
    }

    /// Lets go of the least recently used rosters until the others fit, but never of `kept`.
    fn make_room(&self, kept: Key) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let total: usize = slots.values().map(|slot| slot.bytes.load(Ordering::Relaxed)).sum();
            let others = slots.iter().filter(|(key, _)| **key != kept);
            let oldest = others.min_by_key(|(_, slot)| slot.last_use.load(Ordering::Relaxed)).map(|(key, _)| *key);
            match oldest {
                Some(key) if total > self.limit_bytes => slots.remove(&key),
                _ => return,
            };
        }
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

fn bytes(roster: &CourseRoster) -> usize {
    let rejected = roster.rejected.len() * roster.encoder.dimension * size_of::<f32>();
    roster.index.bytes() + roster.members.len() * LABEL_BYTES + rejected
}

#[cfg(test)]
mod tests;
