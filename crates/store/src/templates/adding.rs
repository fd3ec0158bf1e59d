//! New samples of a person, and the pooled template that follows from all of them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::contract::ContractId;
use domain::embedding::Embedding;
use domain::enrollment::TemplateOrigin;
use domain::id::{CourseId, OrganizationId, PersonId, PhotoId, TemplateId};
use domain::pooling::pooled;
use uuid::Uuid;

use super::{TemplateRow, open, take_revisions, to_bytes};
use crate::column::text;
use crate::error::StoreError;
use crate::pool::Conn;
use crate::rosters;
use crate::schema::{people, template_changes, templates};
use crate::sealer::Sealer;

/// One sample of a person.
#[derive(Debug, Clone, PartialEq)]
pub struct NewSample {
    /// The photo that it was made of.
    pub photo: PhotoId,
    /// The face.
    pub embedding: Embedding,
    /// How good it is, 0..=100.
    pub quality: u8,
    /// Whether the photo was changed; not [`TemplateOrigin::Pooled`].
    pub origin: TemplateOrigin,
}

/// Gives a person these samples of `contract` in place of all that they had of it, and answers with the versions of the
/// rosters that they are on and the organization's template revision. For moving to another encoder.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such person.
pub async fn replace(
    conn: &mut Conn,
    sealer: &Sealer,
    organization: OrganizationId,
    person: PersonId,
    contract: &ContractId,
    samples: &[NewSample],
    now: DateTime<Utc>,
) -> Result<(Vec<(CourseId, i64)>, i64), StoreError> {
    conn.transaction(async |tx| {
        let _locked: Uuid = people::table
            .filter(people::organization_id.eq(organization.uuid()))
            .filter(people::id.eq(person.uuid()))
            .select(people::id)
            .for_no_key_update()
            .first(tx)
            .await?;
        let all = [TemplateOrigin::Original, TemplateOrigin::Augmented, TemplateOrigin::Pooled];
        remove(tx, organization, person, contract, &all).await?;
        let revision = add(tx, sealer, organization, person, contract, samples, now).await?;
        Ok((rosters::bump_courses_of(tx, organization, person).await?, revision))
    })
    .await
}

/// Adds samples of a person, makes their pooled template anew, and answers with the revision of the last change. The
/// caller holds a lock on the person's row.
pub(crate) async fn add(
    tx: &mut Conn,
    sealer: &Sealer,
    organization: OrganizationId,
    person: PersonId,
    contract: &ContractId,
    samples: &[NewSample],
    now: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let rows: Vec<TemplateRow> = templates::table
        .filter(templates::organization_id.eq(organization.uuid()))
        .filter(templates::person_id.eq(person.uuid()))
        .filter(templates::contract.eq(contract.as_str()))
        .filter(templates::origin.ne(text(TemplateOrigin::Pooled)))
        .order(templates::id)
        .select(TemplateRow::as_select())
        .load(tx)
        .await?;
    let earlier = open(sealer, rows).await?;
    let all: Vec<(&Embedding, f32)> = earlier
        .iter()
        .map(|template| (&template.embedding, template.quality))
        .chain(samples.iter().map(|sample| (&sample.embedding, f32::from(sample.quality))))
        .collect();
    let quality = all.iter().map(|(_, quality)| quality).sum::<f32>() / all.len().max(1) as f32;
    remove(tx, organization, person, contract, &[TemplateOrigin::Pooled]).await?;
    let mut rows: Vec<NewTemplate> = samples
        .iter()
        .map(|s| NewTemplate::new(sealer, Some(s.photo), &s.embedding, s.quality.into(), s.origin))
        .collect();
    rows.extend(pooled(&all).map(|one| NewTemplate::new(sealer, None, &one, quality, TemplateOrigin::Pooled)));
    insert(tx, organization, person, contract, &rows, now).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    log(tx, organization, person, contract, &ids, false).await
}

struct NewTemplate {
    id: Uuid,
    photo: Option<PhotoId>,
    sealed: Vec<u8>,
    quality: f32,
    origin: TemplateOrigin,
}

impl NewTemplate {
    fn new(sealer: &Sealer, photo: Option<PhotoId>, face: &Embedding, quality: f32, origin: TemplateOrigin) -> Self {
        let id = TemplateId::new().uuid();
        Self { id, photo, sealed: sealer.seal(id, &to_bytes(face)), quality, origin }
    }
}

async fn insert(
    tx: &mut Conn,
    organization: OrganizationId,
    person: PersonId,
    contract: &ContractId,
    made: &[NewTemplate],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let rows: Vec<_> = made
        .iter()
        .map(|template| {
            (
                templates::id.eq(template.id),
                templates::organization_id.eq(organization.uuid()),
                templates::person_id.eq(person.uuid()),
                templates::photo_id.eq(template.photo.map(PhotoId::uuid)),
                templates::contract.eq(contract.as_str()),
                templates::embedding.eq(&template.sealed),
                templates::quality.eq(template.quality),
                templates::origin.eq(text(template.origin)),
                templates::created_at.eq(now),
            )
        })
        .collect();
    diesel::insert_into(templates::table).values(rows).execute(tx).await?;
    Ok(())
}

/// Deletes a person's templates of these origins and logs that they went.
async fn remove(
    tx: &mut Conn,
    organization: OrganizationId,
    person: PersonId,
    contract: &ContractId,
    origins: &[TemplateOrigin],
) -> Result<(), StoreError> {
    let origins: Vec<String> = origins.iter().map(text).collect();
    let gone: Vec<Uuid> = diesel::delete(
        templates::table
            .filter(templates::organization_id.eq(organization.uuid()))
            .filter(templates::person_id.eq(person.uuid()))
            .filter(templates::contract.eq(contract.as_str()))
            .filter(templates::origin.eq_any(origins)),
    )
    .returning(templates::id)
    .get_results(tx)
    .await?;
    if !gone.is_empty() {
        log(tx, organization, person, contract, &gone, true).await?;
    }
    Ok(())
}

/// Logs that templates came or went, and answers with the revision of the last.
async fn log(
    tx: &mut Conn,
    organization: OrganizationId,
    person: PersonId,
    contract: &ContractId,
    ids: &[Uuid],
    removed: bool,
) -> Result<i64, StoreError> {
    let last = take_revisions(tx, organization, ids.len()).await?;
    let rows: Vec<_> = ids
        .iter()
        .rev()
        .zip((1..=last).rev())
        .map(|(template, revision)| {
            (
                template_changes::organization_id.eq(organization.uuid()),
                template_changes::revision.eq(revision),
                template_changes::contract.eq(contract.as_str()),
                template_changes::template_id.eq(template),
                template_changes::person_id.eq(person.uuid()),
                template_changes::removed.eq(removed),
            )
        })
        .collect();
    diesel::insert_into(template_changes::table).values(rows).execute(tx).await?;
    Ok(last)
}
