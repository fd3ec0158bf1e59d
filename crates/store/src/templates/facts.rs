//! What may be shown of templates: everything but the face.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::contract::ContractId;
use domain::enrollment::TemplateOrigin;
use domain::id::{EnrollmentId, OrganizationId, PersonId, TemplateId};
use uuid::Uuid;

use crate::column::word;
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::{enrollment_photos, templates};

/// A template without its embedding.
#[derive(Debug, Clone, PartialEq)]
pub struct TemplateFacts {
    /// Its id.
    pub id: TemplateId,
    /// What made the embedding.
    pub contract: ContractId,
    /// How good the face is, 0..=100; of a pooled template the mean of its samples.
    pub quality: f32,
    /// Where it came from.
    pub origin: TemplateOrigin,
    /// The enrollment whose photo it was made of; `None` of a pooled one, which is made of all.
    pub enrollment_id: Option<EnrollmentId>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// What is known of somebody's templates, the oldest first.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such person.
pub async fn facts(
    conn: &mut Conn,
    organization: OrganizationId,
    person: PersonId,
) -> Result<Vec<TemplateFacts>, StoreError> {
    crate::people::find(conn, organization, person).await?;
    let rows: Vec<Row> = templates::table
        .left_join(enrollment_photos::table.on(templates::photo_id.eq(enrollment_photos::id.nullable())))
        .filter(templates::organization_id.eq(organization.uuid()))
        .filter(templates::person_id.eq(person.uuid()))
        .order((templates::created_at, templates::id))
        .select((
            templates::id,
            templates::contract,
            templates::quality,
            templates::origin,
            enrollment_photos::enrollment_id.nullable(),
            templates::created_at,
        ))
        .load(conn)
        .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

#[derive(Queryable)]
struct Row {
    id: Uuid,
    contract: String,
    quality: f32,
    origin: String,
    enrollment_id: Option<Uuid>,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for TemplateFacts {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            contract: ContractId::new(row.contract),
            quality: row.quality,
            origin: word(&row.origin)?,
            enrollment_id: row.enrollment_id.map(Into::into),
            created_at: row.created_at,
        })
    }
}
