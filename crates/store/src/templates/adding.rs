//! New samples of a person, and the pooled template that follows from all of them.

use chrono::{DateTime, Utc};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::contract::ContractId;
use domain::embedding::Embedding;
use domain::enrollment::TemplateOrigin;
use domain::id::{CourseId, OrganizationId, PersonId, PhotoId, TemplateId};
use domain::person::ConsentState;
use domain::pooling::pooled;
use uuid::Uuid;

use super::{TemplateRow, log, open, to_bytes};
use crate::column::text;
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::{people, person_keys, templates};
use crate::sealer::Sealer;
use crate::{keys, rosters};

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

/// A person's samples of one contract, without a pooled template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unpooled {
    /// The organization.
    pub organization_id: OrganizationId,
    /// Whose samples they are.
    pub person_id: PersonId,
    /// Their contract.
    pub contract: ContractId,
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
        lock(tx, organization, person).await?;
        let all = [TemplateOrigin::Original, TemplateOrigin::Augmented, TemplateOrigin::Pooled];
        remove(tx, organization, person, contract, &all).await?;
        let revision = add(tx, sealer, organization, person, contract, samples, now).await?;
        Ok((rosters::bump_courses_of(tx, organization, person).await?, revision))
    })
    .await
}

/// People whose samples of a contract have no pooled template, because they were enrolled before there were any: at most
/// `limit`, after `after`, by person and contract.
///
/// # Errors
/// Only those of the database.
pub async fn unpooled(conn: &mut Conn, after: Option<&Unpooled>, limit: i64) -> Result<Vec<Unpooled>, StoreError> {
    let other = diesel::alias!(templates as other);
    let pooled_one = other
        .filter(other.field(templates::person_id).eq(templates::person_id))
        .filter(other.field(templates::contract).eq(templates::contract))
        .filter(other.field(templates::origin).eq(text(TemplateOrigin::Pooled)));
    let mut query = templates::table
        .filter(not(exists(pooled_one)))
        .select((templates::organization_id, templates::person_id, templates::contract))
        .distinct()
        .order((templates::person_id, templates::contract, templates::organization_id))
        .limit(limit)
        .into_boxed();
    if let Some(Unpooled { person_id, contract, .. }) = after {
        let later = templates::person_id.eq(person_id.uuid()).and(templates::contract.gt(contract.as_str()));
        query = query.filter(templates::person_id.gt(person_id.uuid()).or(later));
    }
    let rows: Vec<(Uuid, Uuid, String)> = query.load(conn).await?;
    let found = rows.into_iter().map(|(organization, person, contract)| Unpooled {
        organization_id: organization.into(),
        person_id: person.into(),
        contract: ContractId::new(contract),
    });
    Ok(found.collect())
}

/// Makes the pooled template of a person's samples anew, and raises the versions of the rosters that they are on.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such person, [`StoreError::Corrupt`] when a sample does not open.
pub async fn pool_samples(
    conn: &mut Conn,
    sealer: &Sealer,
    of: &Unpooled,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Unpooled { organization_id, person_id, contract } = of;
    conn.transaction(async |tx| {
        lock(tx, *organization_id, *person_id).await?;
        add(tx, sealer, *organization_id, *person_id, contract, &[], now).await?;
        rosters::bump_courses_of(tx, *organization_id, *person_id).await?;
        Ok(())
    })
    .await
}

/// The person, locked against deletion, against going on or off a roster, and against other samples. One who withdrew their
/// consent is as if there were none.
async fn lock(tx: &mut Conn, organization: OrganizationId, person: PersonId) -> Result<(), StoreError> {
    people::table
        .filter(people::organization_id.eq(organization.uuid()))
        .filter(people::id.eq(person.uuid()))
        .filter(people::consent.is_distinct_from(text(ConsentState::Withdrawn)))
        .select(people::id)
        .for_no_key_update()
        .first::<Uuid>(tx)
        .await?;
    Ok(())
}

/// Adds samples of a person, makes their pooled template anew of all samples, and answers with the revision of the last
/// change. The caller holds a lock on the person's row, which no two additions share.
pub(crate) async fn add(
    tx: &mut Conn,
    sealer: &Sealer,
    organization: OrganizationId,
    person: PersonId,
    contract: &ContractId,
    samples: &[NewSample],
    now: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let theirs = keys::of_person(tx, sealer, organization, person).await?;
    let rows: Vec<(TemplateRow, Option<Vec<u8>>)> = templates::table
        .left_join(person_keys::table.on(person_keys::person_id.eq(templates::person_id)))
        .filter(templates::organization_id.eq(organization.uuid()))
        .filter(templates::person_id.eq(person.uuid()))
        .filter(templates::contract.eq(contract.as_str()))
        .filter(templates::origin.ne(text(TemplateOrigin::Pooled)))
        .order(templates::id)
        .select((TemplateRow::as_select(), person_keys::key.nullable()))
        .load(tx)
        .await?;
    let earlier = open(sealer, rows).await?;
    let all: Vec<(&Embedding, f32)> = earlier
        .iter()
        .map(|template| (&template.embedding, template.quality))
        .chain(samples.iter().map(|sample| (&sample.embedding, f32::from(sample.quality))))
        .collect();
    // Samples that cancel out have no mean; then the best stands for all.
    let best = all.iter().max_by(|a, b| a.1.total_cmp(&b.1)).map(|(embedding, _)| (*embedding).clone());
    let quality = all.iter().map(|(_, quality)| quality).sum::<f32>() / all.len().max(1) as f32;
    let mut rows: Vec<NewTemplate> = samples
        .iter()
        .map(|s| NewTemplate::new(&theirs, Some(s.photo), &s.embedding, s.quality.into(), s.origin))
        .collect();
    let together = pooled(&all).or(best);
    rows.extend(together.map(|one| NewTemplate::new(&theirs, None, &one, quality, TemplateOrigin::Pooled)));
    // From here on the organization's row is locked: nothing more is to be worked out.
    remove(tx, organization, person, contract, &[TemplateOrigin::Pooled]).await?;
    insert(tx, organization, person, contract, &rows, now).await?;
    let added: Vec<(Uuid, &str)> = rows.iter().map(|row| (row.id, contract.as_str())).collect();
    log(tx, organization, person, &added, false).await
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
        let gone: Vec<(Uuid, &str)> = gone.into_iter().map(|id| (id, contract.as_str())).collect();
        log(tx, organization, person, &gone, true).await?;
    }
    Ok(())
}
