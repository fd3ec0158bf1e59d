//! What it takes to move an organization to another encoder.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::contract::ContractId;
use domain::enrollment::{PhotoState, TemplateOrigin};
use domain::event::PersonLabel;
use domain::id::{OrganizationId, PersonId, PhotoId};
use uuid::Uuid;

use crate::column::text;
use crate::error::StoreError;
use crate::keys::{self, OfPerson, Sealed};
use crate::people::LabelRow;
use crate::pool::Conn;
use crate::schema::{enrollment_photos, enrollments, people, person_keys, templates};
use crate::sealer::Sealer;

/// How a person who is enrolled stands with a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Who.
    pub label: PersonLabel,
    /// The photos that are retained of them, by id.
    pub retained: Vec<PhotoId>,
    /// The photos that their templates of the contract were made of, by id.
    pub encoded: Vec<PhotoId>,
    /// Whether they have templates of the contract at all.
    pub is_encoded: bool,
}

/// How everybody in the organization who has templates of whatever contract stands with `contract`, by id.
///
/// # Errors
/// Only those of the database.
pub async fn standings(
    conn: &mut Conn,
    organization: OrganizationId,
    contract: &ContractId,
) -> Result<Vec<Standing>, StoreError> {
    let enrolled =
        templates::table.filter(templates::organization_id.eq(organization.uuid())).select(templates::person_id);
    let labels: Vec<LabelRow> = people::table
        .filter(people::organization_id.eq(organization.uuid()))
        .filter(people::id.eq_any(enrolled))
        .order(people::id)
        .select(LabelRow::as_select())
        .load(conn)
        .await?;
    let retained: Vec<(Uuid, Uuid)> = enrollment_photos::table
        .inner_join(enrollments::table.on(enrollments::id.eq(enrollment_photos::enrollment_id)))
        .filter(enrollments::organization_id.eq(organization.uuid()))
        .filter(enrollment_photos::state.eq(text(PhotoState::Accepted)))
        .filter(enrollment_photos::image.is_not_null())
        .order(enrollment_photos::id)
        .select((enrollments::person_id, enrollment_photos::id))
        .load(conn)
        .await?;
    let encoded: Vec<(Uuid, Option<Uuid>)> = templates::table
        .filter(templates::organization_id.eq(organization.uuid()))
        .filter(templates::contract.eq(contract.as_str()))
        .filter(templates::origin.eq(text(TemplateOrigin::Original)))
        .order(templates::photo_id)
        .select((templates::person_id, templates::photo_id))
        .load(conn)
        .await?;
    let mut standings: BTreeMap<PersonId, Standing> = labels
        .into_iter()
        .map(|row| {
            let label = PersonLabel::from(row);
            (label.person_id, Standing { label, retained: Vec::new(), encoded: Vec::new(), is_encoded: false })
        })
        .collect();
    for (person, photo) in retained {
        if let Some(standing) = standings.get_mut(&person.into()) {
            standing.retained.push(photo.into());
        }
    }
    for (person, photo) in encoded {
        if let Some(standing) = standings.get_mut(&person.into()) {
            standing.is_encoded = true;
            standing.encoded.extend(photo.map(PhotoId::from_uuid));
        }
    }
    Ok(standings.into_values().collect())
}

/// One photo that is kept for another encoder.
#[derive(Clone)]
pub struct RetainedPhoto {
    /// Its id.
    pub id: PhotoId,
    /// The encoded picture.
    pub image: Vec<u8>,
    /// How good its face was found to be, 0..=100.
    pub quality: u8,
}

/// A photo, its picture, how good its face is, and its person's key.
type KeptRow = (Uuid, Option<Sealed>, Option<i16>, Option<Sealed>);

/// The photos that are retained of a person, by id.
///
/// # Errors
/// [`StoreError::Corrupt`] when one does not open.
pub async fn retained_photos(
    conn: &mut Conn,
    sealer: &Sealer,
    organization: OrganizationId,
    person: PersonId,
) -> Result<Vec<RetainedPhoto>, StoreError> {
    let rows: Vec<KeptRow> = enrollment_photos::table
        .inner_join(enrollments::table.on(enrollments::id.eq(enrollment_photos::enrollment_id)))
        .left_join(person_keys::table.on(person_keys::person_id.eq(enrollments::person_id)))
        .filter(enrollments::organization_id.eq(organization.uuid()))
        .filter(enrollments::person_id.eq(person.uuid()))
        .filter(enrollment_photos::state.eq(text(PhotoState::Accepted)))
        .filter(enrollment_photos::image.is_not_null())
        .order(enrollment_photos::id)
        .select((
            enrollment_photos::id,
            enrollment_photos::image,
            enrollment_photos::quality,
            person_keys::key.nullable(),
        ))
        .load(conn)
        .await?;
    let (mut found, mut sealed) = (Vec::new(), Vec::new());
    for (id, image, quality, key) in rows {
        let Some(image) = image else { continue };
        found.push((id, quality.and_then(|quality| u8::try_from(quality).ok()).unwrap_or(50)));
        sealed.push(OfPerson { person: person.uuid(), key, id, sealed: image });
    }
    let photos = found.into_iter().zip(keys::open_all(sealer, sealed).await?);
    Ok(photos.map(|((id, quality), image)| RetainedPhoto { id: id.into(), image, quality }).collect())
}
