//! One frame of a capture: what it changes.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::guided::{
    Advice, CaptureFailure, CaptureState, Facing, GuidedCapture, MAX_LOOKS, MAX_STRIKES, Step, TakenPose,
};
use domain::id::{EnrollmentId, GuidedCaptureId, OrganizationId};
use uuid::Uuid;

use super::{find, poses};
use crate::column::text;
use crate::enrollments::{self, NewEnrollment, NewPhoto};
use crate::error::StoreError;
use crate::keys;
use crate::pool::Conn;
use crate::schema::{guided_captures, people};
use crate::sealer::Sealer;

/// Takes note of a frame that was judged when `position` poses were taken, and answers with the capture as it stands then:
/// one that is finished stays as it is.
///
/// `pose` is the pose and its picture, for [`Step::Take`]. Where another worker took a pose meanwhile, a frame that shows the
/// pose wanted then, or that says what to do next, changes nothing but the count of frames; one that speaks against the
/// capture still does. The last pose makes a pending enrollment of all pictures: the caller publishes its job.
///
/// Fails the capture when it is past its time, when a frame too many speaks against it, and when it has used up its frames.
/// A finished capture keeps no poses.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such capture, [`StoreError::Corrupt`] when [`Step::Take`] comes
/// without its pose or a picture does not open.
#[expect(clippy::too_many_arguments, reason = "each is another thing")]
pub async fn step(
    conn: &mut Conn,
    sealer: &Sealer,
    organization: OrganizationId,
    id: GuidedCaptureId,
    position: usize,
    step: Step,
    pose: Option<(TakenPose, Vec<u8>)>,
    now: DateTime<Utc>,
) -> Result<GuidedCapture, StoreError> {
    conn.transaction(async |tx| {
        let capture = lock(tx, organization, id).await?;
        if capture.state != CaptureState::Open {
            return Ok(capture);
        }
        let mut stepped = GuidedCapture { looks: capture.looks + 1, ..capture };
        if now > stepped.expires_at {
            fail(&mut stepped, CaptureFailure::Expired);
        } else {
            match step {
                Step::Take if position == stepped.taken => {
                    let (pose, image) =
                        pose.ok_or_else(|| StoreError::corrupt("a pose that is taken but not there"))?;
                    let theirs = keys::of_person(tx, sealer, organization, stepped.person_id).await?;
                    poses::insert(tx, &theirs, id, position, &pose, image).await?;
                    stepped.taken += 1;
                    stepped.advice = Some(Advice::NextPose);
                    if stepped.wanted().is_none() {
                        complete(tx, sealer, &theirs, &mut stepped, now).await?;
                    }
                }
                Step::Wait(advice) if position == stepped.taken => stepped.advice = Some(advice),
                Step::Take | Step::Wait(_) => {}
                Step::Strike(failure) => {
                    stepped.strikes += 1;
                    stepped.advice = stepped.wanted().map(look_there);
                    if stepped.strikes >= MAX_STRIKES {
                        fail(&mut stepped, failure);
                    }
                }
            }
            if stepped.state == CaptureState::Open && stepped.looks >= MAX_LOOKS {
                fail(&mut stepped, CaptureFailure::TooManyTries);
            }
        }
        if stepped.state != CaptureState::Open {
            poses::delete(tx, id).await?;
        }
        save(tx, &stepped, now).await?;
        Ok(stepped)
    })
    .await
}

/// The capture, locked after its person: whoever deletes the person holds that row and comes for this one.
async fn lock(tx: &mut Conn, organization: OrganizationId, id: GuidedCaptureId) -> Result<GuidedCapture, StoreError> {
    let of_organization = guided_captures::table
        .filter(guided_captures::organization_id.eq(organization.uuid()))
        .filter(guided_captures::id.eq(id.uuid()));
    people::table
        .filter(people::organization_id.eq(organization.uuid()))
        .filter(people::id.eq_any(of_organization.select(guided_captures::person_id)))
        .select(people::id)
        .for_key_share()
        .first::<Uuid>(tx)
        .await?;
    of_organization.select(guided_captures::id).for_no_key_update().first::<Uuid>(tx).await?;
    find(tx, organization, id).await
}

/// Makes an enrollment of a capture whose poses are all taken; `theirs` opens them.
async fn complete(
    tx: &mut Conn,
    sealer: &Sealer,
    theirs: &Sealer,
    capture: &mut GuidedCapture,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let images = poses::images(tx, theirs, capture.id).await?;
    let named = capture.poses.iter().map(|facing| format!("{}.jpg", text(facing)));
    let photos = named.zip(images).map(|(file_name, image)| NewPhoto { file_name, image: Ok(image) }).collect();
    let new = NewEnrollment {
        id: EnrollmentId::new(),
        organization_id: capture.organization_id,
        person_id: capture.person_id,
        photos,
    };
    capture.enrollment_id = Some(enrollments::insert(tx, sealer, new, now).await?.id);
    capture.state = CaptureState::Completed;
    capture.advice = None;
    Ok(())
}

fn fail(capture: &mut GuidedCapture, failure: CaptureFailure) {
    capture.state = CaptureState::Failed;
    capture.failure = Some(failure);
    capture.advice = None;
    // They are deleted.
    capture.taken = 0;
}

fn look_there(facing: Facing) -> Advice {
    match facing {
        Facing::Centre => Advice::LookAhead,
        Facing::Left => Advice::TurnLeft,
        Facing::Right => Advice::TurnRight,
    }
}

async fn save(tx: &mut Conn, capture: &GuidedCapture, now: DateTime<Utc>) -> Result<(), StoreError> {
    let finished_at = (capture.state != CaptureState::Open).then_some(now);
    diesel::update(guided_captures::table.find(capture.id.uuid()))
        .set((
            guided_captures::state.eq(text(capture.state)),
            guided_captures::looks.eq(capture.looks),
            guided_captures::strikes.eq(capture.strikes),
            guided_captures::advice.eq(capture.advice.map(text::<Advice>)),
            guided_captures::failure.eq(capture.failure.map(text::<CaptureFailure>)),
            guided_captures::enrollment_id.eq(capture.enrollment_id.map(|id| id.uuid())),
            guided_captures::finished_at.eq(finished_at),
        ))
        .execute(tx)
        .await?;
    Ok(())
}
