//! What a worker writes and announces, without a model.

use chrono::{DateTime, TimeDelta, Utc};
use domain::contract::ContractId;
use domain::embedding::Embedding;
use domain::enrollment::{Duplicate, PhotoVerdict};
use domain::event::{Event, EventBody, PersonLabel};
use domain::evidence::EvidencePolicy;
use domain::frame::FrameHeader;
use domain::geometry::FaceBox;
use domain::id::{FrameId, PersonId};
use domain::sighting::{FrameResult, Outcome, Sighting, StageTimes};
use messaging::EnrollmentJob;
use store::enrollments::{Finished, Judged};

use crate::app::{TestApp, TestOrganization, TestSession};

pub(crate) fn contract() -> ContractId {
    ContractId::new("test-2/1")
}

/// A face in the direction of `angle`.
pub(crate) fn face(angle: f32) -> Embedding {
    Embedding::normalized(vec![angle.cos(), angle.sin()]).expect("a direction")
}

pub(crate) fn accepted(quality: u8) -> PhotoVerdict {
    PhotoVerdict::Accepted { embedding: face(0.0), augmented: Vec::new(), quality }
}

/// A face of a frame.
pub(crate) fn sighting(face_index: i16, person_id: Option<PersonId>, outcome: Outcome) -> Sighting {
    Sighting {
        face_index,
        person_id,
        outcome,
        similarity: Some(0.75),
        threshold: Some(0.5),
        false_match_rate: Some(0.25),
        liveness: Some(0.125),
        quality: Some(80),
        detection_score: 0.875,
        face_box: FaceBox { x_min: 1.0, y_min: 2.0, x_max: 33.0, y_max: 44.0 },
    }
}

/// A frame of a session that a user sent.
pub(crate) fn header(organization: &TestOrganization, session: &TestSession, frame_id: FrameId) -> FrameHeader {
    FrameHeader {
        frame_id,
        organization_id: organization.id,
        session_id: session.id.parse().expect("an id"),
        course_id: session.course_id.parse().expect("an id"),
        camera_id: None,
        received_at: Utc::now(),
    }
}

pub(crate) fn result(sightings: Vec<Sighting>) -> FrameResult {
    FrameResult { contract: contract(), decided_at: Utc::now(), times: StageTimes::default(), sightings }
}

/// What is announced of a frame.
pub(crate) fn recognized(header: &FrameHeader, result: FrameResult, people: Vec<PersonLabel>) -> Event {
    let body = EventBody::FrameRecognized {
        session_id: header.session_id,
        frame_id: header.frame_id,
        camera_id: header.camera_id,
        received_at: header.received_at,
        result,
        people,
    };
    Event { organization_id: header.organization_id, body }
}

/// Records the sightings of a frame.
pub(crate) async fn record(app: &TestApp, header: &FrameHeader, result: &FrameResult) {
    let recorded = store::sightings::record(&mut *app.connection().await, header, result, &evidence()).await;
    recorded.expect("it is recorded");
}

/// One sighting is enough where it is called present.
pub(crate) fn evidence() -> EvidencePolicy {
    EvidencePolicy {
        wanted_false_match_rate: 0.001,
        window: TimeDelta::seconds(10),
        spacing: TimeDelta::milliseconds(200),
        persistence: 0.5,
        cool_down: Some(TimeDelta::zero()),
    }
}

/// Finishes an enrollment: the photos that wait get `verdicts`, in their order.
pub(crate) async fn finish(
    app: &TestApp,
    job: &EnrollmentJob,
    verdicts: Vec<PhotoVerdict>,
    duplicate: Option<Duplicate>,
) -> Finished {
    let waiting: Vec<_> = app.load(job).await.images.into_iter().map(|(id, _)| id).collect();
    assert_eq!(waiting.len(), verdicts.len());
    let verdicts: Vec<_> = waiting.into_iter().zip(verdicts).collect();
    let (contract, now): (_, DateTime<Utc>) = (contract(), Utc::now());
    let judged = Judged { contract: &contract, verdicts: &verdicts, duplicate };
    let mut conn = app.connection().await;
    let (sealer, organization, id) = (app.sealer(), job.organization_id, job.enrollment_id);
    store::enrollments::finish(&mut conn, &sealer, organization, id, &judged, now).await.expect("it is finished")
}
