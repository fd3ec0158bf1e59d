//! The end of an enrollment: templates, photo states, versions, and the pictures gone, all at once.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::contract::ContractId;
use domain::embedding::Embedding;
use domain::enrollment::{Duplicate, EnrollmentState, PhotoRejection, PhotoState, PhotoVerdict, TemplateOrigin};
use domain::id::{CourseId, EnrollmentId, OrganizationId, PersonId, PhotoId};
use uuid::Uuid;

use crate::column::{text, word};
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::{enrollment_photos, enrollments, people};
use crate::sealer::Sealer;
use crate::templates::NewSample;
use crate::{organizations, rosters, templates as faces};

/// What a worker found out about an enrollment.
#[derive(Debug, Clone, Copy)]
pub struct Judged<'a> {
    /// The contract of the embeddings.
    pub contract: &'a ContractId,
    /// One verdict per photo that waited.
    pub verdicts: &'a [(PhotoId, PhotoVerdict)],
    /// Somebody else of the organization who looks the same.
    pub duplicate: Option<Duplicate>,
}

/// What finishing an enrollment came to. The versions are for the version keys; raising those twice does no harm.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    /// How it ended.
    pub state: EnrollmentState,
    /// The courses whose roster the person is on, with their versions; empty when the enrollment failed.
    pub bumped: Vec<(CourseId, i64)>,
    /// The organization's template revision.
    pub template_revision: i64,
    /// Whether the enrollment had been finished before: nothing was written.
    pub already: bool,
}

/// Ends a pending enrollment with one verdict per photo that waits: completed when at least one was accepted, else
/// failed; or, where `duplicate` looks the same, is still there and nobody has said that the two are different people,
/// suspected of being a duplicate: then nothing is enrolled and the pictures stay until somebody decides. Who was once
/// suspected stays on record.
///
/// In one transaction, under the locks of the person's and the enrollment's row: accepted photos become templates, the photos get their
/// states and lose their pictures (unless the organization retains those of accepted ones), the templates are logged under
/// the organization's next revisions, and the versions of the rosters that the person is on go up. The organization's
/// first templates decide which contract its people are recognised with.
///
/// # Errors
/// [`StoreError::NotFound`] when the enrollment has been deleted, [`StoreError::Corrupt`] when the verdicts are not
/// about its waiting photos, each once.
pub async fn finish(
    conn: &mut Conn,
    sealer: &Sealer,
    organization: OrganizationId,
    id: EnrollmentId,
    judged: &Judged<'_>,
    now: DateTime<Utc>,
) -> Result<Finished, StoreError> {
    let samples = samples_of(judged.verdicts);
    conn.transaction(async |tx| {
        let person = lock_person(tx, organization, id).await?;
        let duplicate = judged.duplicate.filter(|duplicate| duplicate.person_id != person);
        let duplicate = lock_duplicate(tx, organization, duplicate).await?;
        let (state, distinct_confirmed) = lock_state(tx, organization, id).await?;
        if state != EnrollmentState::Pending {
            let bumped = match state {
                EnrollmentState::Completed => rosters::versions_of(tx, organization, person).await?,
                EnrollmentState::Pending | EnrollmentState::Failed | EnrollmentState::DuplicateSuspected => Vec::new(),
            };
            let template_revision = faces::revision(tx, organization).await?;
            return Ok(Finished { state, bumped, template_revision, already: true });
        }
        let suspected = duplicate.filter(|_| !distinct_confirmed && !samples.is_empty());
        let state = match (samples.is_empty(), suspected) {
            (true, _) => EnrollmentState::Failed,
            (false, Some(_)) => EnrollmentState::DuplicateSuspected,
            (false, None) => EnrollmentState::Completed,
        };
        let retained = match state {
            EnrollmentState::DuplicateSuspected => Retained::All,
            _ if organizations::find(tx, organization).await?.policy.retain_photos => Retained::Accepted,
            _ => Retained::None,
        };
        settle_photos(tx, id, judged.verdicts, retained).await?;
        let ended = enrollments::table.find(id.uuid()).filter(enrollments::organization_id.eq(organization.uuid()));
        diesel::update(ended)
            .set((enrollments::state.eq(text(state)), enrollments::finished_at.eq(now)))
            .execute(tx)
            .await?;
        if let Some(duplicate) = suspected {
            diesel::update(ended)
                .set((
                    enrollments::duplicate_of.eq(duplicate.person_id.uuid()),
                    enrollments::duplicate_similarity.eq(duplicate.similarity),
                ))
                .execute(tx)
                .await?;
        }
        if state != EnrollmentState::Completed {
            let template_revision = faces::revision(tx, organization).await?;
            return Ok(Finished { state, bumped: Vec::new(), template_revision, already: false });
        }
        organizations::settle_contract(tx, organization, judged.contract).await?;
        let template_revision = faces::add(tx, sealer, organization, person, judged.contract, &samples, now).await?;
        let bumped = rosters::bump_courses_of(tx, organization, person).await?;
        Ok(Finished { state, bumped, template_revision, already: false })
    })
    .await
}

/// The duplicate, unless that person has been deleted meanwhile; locked against deletion. Only a deletion makes us wait
/// here, and it wants neither our person nor anything that we lock later before it has gone.
async fn lock_duplicate(
    tx: &mut Conn,
    organization: OrganizationId,
    duplicate: Option<Duplicate>,
) -> Result<Option<Duplicate>, StoreError> {
    let Some(duplicate) = duplicate else { return Ok(None) };
    let found: Option<Uuid> = people::table
        .filter(people::organization_id.eq(organization.uuid()))
        .filter(people::id.eq(duplicate.person_id.uuid()))
        .select(people::id)
        .for_key_share()
        .first(tx)
        .await
        .optional()?;
    Ok(found.map(|_| duplicate))
}

/// Whose pictures stay.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Retained {
    None,
    Accepted,
    All,
}

fn samples_of(verdicts: &[(PhotoId, PhotoVerdict)]) -> Vec<NewSample> {
    let mut samples = Vec::new();
    for (photo, verdict) in verdicts {
        let PhotoVerdict::Accepted { embedding, augmented, quality } = verdict else { continue };
        let sample =
            |face: &Embedding, origin| NewSample { photo: *photo, embedding: face.clone(), quality: *quality, origin };
        samples.push(sample(embedding, TemplateOrigin::Original));
        samples.extend(augmented.iter().map(|face| sample(face, TemplateOrigin::Augmented)));
    }
    samples
}

/// The person of an enrollment, locked first of all, against deletion and against going on or off a roster.
async fn lock_person(tx: &mut Conn, organization: OrganizationId, id: EnrollmentId) -> Result<PersonId, StoreError> {
    let owner = enrollments::table
        .filter(enrollments::organization_id.eq(organization.uuid()))
        .filter(enrollments::id.eq(id.uuid()))
        .select(enrollments::person_id);
    let person: Uuid = people::table
        .filter(people::organization_id.eq(organization.uuid()))
        .filter(people::id.eq_any(owner))
        .select(people::id)
        .for_no_key_update()
        .first(tx)
        .await?;
    Ok(person.into())
}

/// The state of an enrollment, and whether an admin has said that its person is no duplicate; its row is locked.
pub(super) async fn lock_state(
    tx: &mut Conn,
    organization: OrganizationId,
    id: EnrollmentId,
) -> Result<(EnrollmentState, bool), StoreError> {
    let (state, distinct_confirmed): (String, bool) = enrollments::table
        .filter(enrollments::organization_id.eq(organization.uuid()))
        .filter(enrollments::id.eq(id.uuid()))
        .select((enrollments::state, enrollments::distinct_confirmed))
        .for_no_key_update()
        .first(tx)
        .await?;
    Ok((word(&state)?, distinct_confirmed))
}

async fn settle_photos(
    tx: &mut Conn,
    id: EnrollmentId,
    verdicts: &[(PhotoId, PhotoVerdict)],
    retained: Retained,
) -> Result<(), StoreError> {
    let photos: Vec<Uuid> = enrollment_photos::table
        .filter(enrollment_photos::enrollment_id.eq(id.uuid()))
        .filter(enrollment_photos::state.eq(text(PhotoState::Pending)))
        .select(enrollment_photos::id)
        .load(tx)
        .await?;
    let judged: HashSet<Uuid> = verdicts.iter().map(|(photo, _)| photo.uuid()).collect();
    if judged.len() != verdicts.len() || judged != photos.into_iter().collect() {
        return Err(StoreError::corrupt("the verdicts are not about the enrollment's waiting photos, each once"));
    }
    for (photo, verdict) in verdicts {
        let (state, rejection, quality) = match verdict {
            PhotoVerdict::Accepted { quality, .. } => (PhotoState::Accepted, None, Some(*quality)),
            PhotoVerdict::Rejected { reason, quality } => (PhotoState::Rejected, Some(*reason), *quality),
        };
        let stays = match retained {
            Retained::None => false,
            Retained::Accepted => state == PhotoState::Accepted,
            Retained::All => true,
        };
        let photo = enrollment_photos::table.find(photo.uuid());
        diesel::update(photo)
            .set((
                enrollment_photos::state.eq(text(state)),
                enrollment_photos::rejection.eq(rejection.map(text::<PhotoRejection>)),
                enrollment_photos::quality.eq(quality.map(i16::from)),
            ))
            .execute(tx)
            .await?;
        if !stays {
            diesel::update(photo).set(enrollment_photos::image.eq(None::<Vec<u8>>)).execute(tx).await?;
        }
    }
    Ok(())
}
