//! Commit, then announce: the database is the truth, and an event is a hint to look.

use std::collections::BTreeSet;

use domain::event::{Event, EventBody, PersonLabel};
use domain::evidence::EvidencePolicy;
use domain::frame::FrameHeader;
use domain::id::{OrganizationId, PersonId};
use domain::sighting::{FrameResult, Sighting};
use messaging::Redis;
use store::{Conn, Pool};

use crate::keeping::KeptFaces;
use crate::measure;
use crate::outcome::JobOutcome;
use crate::rosters::CourseRoster;

/// Records what was found in a frame and tells whoever listens.
///
/// A frame that was recorded before is told of again: whoever recorded it may not have come to that.
pub(crate) async fn record(
    pool: &Pool,
    redis: &Redis,
    header: &FrameHeader,
    mut result: FrameResult,
    faces: &KeptFaces,
    roster: &CourseRoster,
    evidence: &EvidencePolicy,
) -> Result<(JobOutcome, NamedSightings), JobOutcome> {
    let mut conn = store::get(pool).await?;
    let recorded = faces.record(&mut conn, header, &result, evidence).await?;
    let people = labels(&mut conn, header.organization_id, &recorded.sightings, roster).await;
    drop(conn);
    if !recorded.already_recorded {
        measure::recognitions(&recorded.sightings);
    }
    let named = NamedSightings { sightings: recorded.sightings.clone(), people: people.clone() };
    result.sightings = recorded.sightings;
    let body = EventBody::FrameRecognized {
        session_id: header.session_id,
        frame_id: header.frame_id,
        camera_id: header.camera_id,
        received_at: header.received_at,
        result,
        people,
    };
    announce(redis, Event { organization_id: header.organization_id, body }).await;
    if !recorded.changes.is_empty() {
        let (organization_id, session_id) = (header.organization_id, header.session_id);
        let body = EventBody::AttendanceChanged { session_id, changes: recorded.changes };
        announce(redis, Event { organization_id, body }).await;
    }
    Ok((if recorded.already_recorded { JobOutcome::AlreadyDone } else { JobOutcome::Done }, named))
}

/// Sightings as they were recorded, and how the people are called whom they name.
pub(crate) struct NamedSightings {
    pub(crate) sightings: Vec<Sighting>,
    pub(crate) people: Vec<PersonLabel>,
}

/// Tells of what has happened. That nobody could be told does not undo it: who follows looks at the database anyway.
pub(crate) async fn announce(redis: &Redis, event: Event) {
    if let Err(error) = redis.announce(&event).await {
        measure::unannounced();
        tracing::debug!(error = &error as &dyn std::error::Error, "an event could not be announced");
    }
}

/// How the people are called whom the sightings name: by the roster, else by the database, else not.
async fn labels(
    conn: &mut Conn,
    organization: OrganizationId,
    sightings: &[Sighting],
    roster: &CourseRoster,
) -> Vec<PersonLabel> {
    let named: BTreeSet<PersonId> = sightings.iter().filter_map(|sighting| sighting.person_id).collect();
    let mut labels: Vec<PersonLabel> = named.iter().filter_map(|person| roster.labels.get(person).cloned()).collect();
    let others: Vec<PersonId> = named.into_iter().filter(|person| !roster.labels.contains_key(person)).collect();
    if !others.is_empty() {
        match store::people::labels(conn, organization, &others).await {
            Ok(found) => labels.extend(found),
            Err(error) => {
                tracing::debug!(error = &error as &dyn std::error::Error, "an event is announced without some names");
            }
        }
    }
    labels
}
