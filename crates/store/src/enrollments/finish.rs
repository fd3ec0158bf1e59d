//! The end of an enrollment: templates, photo states, versions, and the pictures gone, all at once.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::contract::ContractId;
use domain::enrollment::{EnrollmentState, PhotoRejection, PhotoState, PhotoVerdict, TemplateOrigin};
use domain::id::{CourseId, EnrollmentId, OrganizationId, PersonId, PhotoId, TemplateId};
use uuid::Uuid;

use crate::column::{text, word};
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::{enrollment_photos, enrollments, people, template_changes, templates};
use crate::sealer::Sealer;
use crate::{rosters, templates as faces};

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

/// Ends a pending enrollment with one verdict per photo: completed when at least one photo was accepted, else failed.
///
/// In one transaction, under the lock of the enrollment's row: each accepted photo becomes a template, the photos get
/// their states and lose their pictures, the templates are logged under the organization's next revisions, and the
/// versions of the rosters that the person is on go up.
///
/// # Errors
/// [`StoreError::NotFound`] when the enrollment has been deleted, [`StoreError::Corrupt`] when the verdicts are not
/// about its photos, each once.
pub async fn finish(
    conn: &mut Conn,
    sealer: &Sealer,
    organization: OrganizationId,
    id: EnrollmentId,
    contract: &ContractId,
    verdicts: &[(PhotoId, PhotoVerdict)],
    now: DateTime<Utc>,
) -> Result<Finished, StoreError> {
    let made = templates_of(sealer, verdicts);
    conn.transaction(async |tx| {
        let person = lock_person(tx, organization, id).await?;
        let state = lock_state(tx, organization, id).await?;
        if state != EnrollmentState::Pending {
            let bumped = match state {
                EnrollmentState::Completed => rosters::versions_of(tx, organization, person).await?,
                EnrollmentState::Pending | EnrollmentState::Failed => Vec::new(),
            };
            let template_revision = faces::revision(tx, organization).await?;
            return Ok(Finished { state, bumped, template_revision, already: true });
        }
        settle_photos(tx, id, verdicts).await?;
        let state = if made.is_empty() { EnrollmentState::Failed } else { EnrollmentState::Completed };
        diesel::update(enrollments::table.find(id.uuid()))
            .filter(enrollments::organization_id.eq(organization.uuid()))
            .set((enrollments::state.eq(text(state)), enrollments::finished_at.eq(now)))
            .execute(tx)
            .await?;
        if made.is_empty() {
            let template_revision = faces::revision(tx, organization).await?;
            return Ok(Finished { state, bumped: Vec::new(), template_revision, already: false });
        }
        insert_templates(tx, organization, person, contract, &made, now).await?;
        let template_revision = log_addition(tx, organization, person, contract, &made).await?;
        let bumped = rosters::bump_courses_of(tx, organization, person).await?;
        Ok(Finished { state, bumped, template_revision, already: false })
    })
    .await
}

struct Made {
    id: TemplateId,
    photo: PhotoId,
    sealed: Vec<u8>,
    quality: f32,
}

fn templates_of(sealer: &Sealer, verdicts: &[(PhotoId, PhotoVerdict)]) -> Vec<Made> {
    let accepted = verdicts.iter().filter_map(|(photo, verdict)| match verdict {
        PhotoVerdict::Accepted { embedding, quality } => Some((*photo, embedding, *quality)),
        PhotoVerdict::Rejected(_) => None,
    });
    accepted
        .map(|(photo, embedding, quality)| {
            let id = TemplateId::new();
            Made { id, photo, sealed: sealer.seal(id.uuid(), &faces::to_bytes(embedding)), quality }
        })
        .collect()
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

async fn lock_state(
    tx: &mut Conn,
    organization: OrganizationId,
    id: EnrollmentId,
) -> Result<EnrollmentState, StoreError> {
    let state: String = enrollments::table
        .filter(enrollments::organization_id.eq(organization.uuid()))
        .filter(enrollments::id.eq(id.uuid()))
        .select(enrollments::state)
        .for_no_key_update()
        .first(tx)
        .await?;
    word(&state)
}

async fn settle_photos(
    tx: &mut Conn,
    id: EnrollmentId,
    verdicts: &[(PhotoId, PhotoVerdict)],
) -> Result<(), StoreError> {
    let photos: Vec<Uuid> = enrollment_photos::table
        .filter(enrollment_photos::enrollment_id.eq(id.uuid()))
        .select(enrollment_photos::id)
        .load(tx)
        .await?;
    let judged: HashSet<Uuid> = verdicts.iter().map(|(photo, _)| photo.uuid()).collect();
    if judged.len() != verdicts.len() || judged != photos.into_iter().collect() {
        return Err(StoreError::corrupt("the verdicts are not about the enrollment's photos, each once"));
    }
    for (photo, verdict) in verdicts {
        let (state, rejection) = match verdict {
            PhotoVerdict::Accepted { .. } => (PhotoState::Accepted, None),
            PhotoVerdict::Rejected(reason) => (PhotoState::Rejected, Some(*reason)),
        };
        diesel::update(enrollment_photos::table.find(photo.uuid()))
            .set((
                enrollment_photos::state.eq(text(state)),
                enrollment_photos::rejection.eq(rejection.map(text::<PhotoRejection>)),
                enrollment_photos::image.eq(None::<Vec<u8>>),
            ))
            .execute(tx)
            .await?;
    }
    Ok(())
}

async fn insert_templates(
    tx: &mut Conn,
    organization: OrganizationId,
    person: PersonId,
    contract: &ContractId,
    made: &[Made],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let rows: Vec<_> = made
        .iter()
        .map(|template| {
            (
                templates::id.eq(template.id.uuid()),
                templates::organization_id.eq(organization.uuid()),
                templates::person_id.eq(person.uuid()),
                templates::photo_id.eq(template.photo.uuid()),
                templates::contract.eq(contract.as_str()),
                templates::embedding.eq(&template.sealed),
                templates::quality.eq(template.quality),
                templates::origin.eq(text(TemplateOrigin::Original)),
                templates::created_at.eq(now),
            )
        })
        .collect();
    diesel::insert_into(templates::table).values(rows).execute(tx).await?;
    Ok(())
}

/// Logs that the templates came, and answers with the revision of the last.
async fn log_addition(
    tx: &mut Conn,
    organization: OrganizationId,
    person: PersonId,
    contract: &ContractId,
    made: &[Made],
) -> Result<i64, StoreError> {
    let last = faces::take_revisions(tx, organization, made.len()).await?;
    let rows: Vec<_> = made
        .iter()
        .rev()
        .zip((1..=last).rev())
        .map(|(template, revision)| {
            (
                template_changes::organization_id.eq(organization.uuid()),
                template_changes::revision.eq(revision),
                template_changes::contract.eq(contract.as_str()),
                template_changes::template_id.eq(template.id.uuid()),
                template_changes::person_id.eq(person.uuid()),
                template_changes::removed.eq(false),
            )
        })
        .collect();
    diesel::insert_into(template_changes::table).values(rows).execute(tx).await?;
    Ok(last)
}
