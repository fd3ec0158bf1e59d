//! Who agreed to be recognised, and what follows when they do so no more.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::consent::{Consent, may_enroll};
use domain::id::{CourseId, OrganizationId, PersonId};
use domain::person::ConsentState;
use uuid::Uuid;

use crate::column::{moment, text, word};
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::{consents, people};
use crate::{organizations, rosters};

mod erasing;

pub use erasing::Erased;

/// What a withdrawal came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// What is on record of it.
    pub consent: Consent,
    /// What is gone.
    pub erased: Erased,
    /// The courses whose roster the person is on, each with its new version.
    pub bumped: Vec<(CourseId, i64)>,
}

/// Writes down that a person consents, or that they do so no more: then their face is forgotten in the same transaction.
/// Their templates are erased and logged as removed, so that no index finds them; their retained photos are erased;
/// enrollments and guided captures that are not finished are given up.
///
/// The caller raises the version keys after the commit.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such person.
pub async fn record(conn: &mut Conn, new: &Consent) -> Result<Withdrawal, StoreError> {
    conn.transaction(async |tx| {
        let consent = Consent { at: moment(new.at), recorded_at: moment(new.recorded_at), ..new.clone() };
        lock(tx, consent.organization_id, consent.person_id).await?;
        insert(tx, &consent).await?;
        if consent.state == ConsentState::Given {
            return Ok(Withdrawal { consent, erased: Erased::default(), bumped: Vec::new() });
        }
        let erased = erasing::forget_face(tx, consent.organization_id, consent.person_id, consent.recorded_at).await?;
        let bumped = rosters::bump_courses_of(tx, consent.organization_id, consent.person_id).await?;
        Ok(Withdrawal { consent, erased, bumped })
    })
    .await
}

/// The person's consents after `after`, oldest first, at most `limit`.
///
/// # Errors
/// Only those of the database.
pub async fn list(
    conn: &mut Conn,
    organization: OrganizationId,
    person: PersonId,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Consent>, StoreError> {
    let rows: Vec<Row> = consents::table
        .filter(consents::organization_id.eq(organization.uuid()))
        .filter(consents::person_id.eq(person.uuid()))
        .filter(consents::id.gt(after.unwrap_or(Uuid::nil())))
        .order(consents::id)
        .limit(limit)
        .select(Row::as_select())
        .load(conn)
        .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Refuses to go on where no face of this person may be enrolled. In a transaction a withdrawal waits until it ends.
///
/// # Errors
/// [`StoreError::Conflict`] of `consent` when the person withdrew their consent, or gave none where the organization
/// requires it; [`StoreError::NotFound`] when the organization has no such person.
pub async fn require(conn: &mut Conn, organization: OrganizationId, person: PersonId) -> Result<(), StoreError> {
    let last: Option<String> = people::table
        .filter(people::organization_id.eq(organization.uuid()))
        .filter(people::id.eq(person.uuid()))
        .select(people::consent)
        .for_key_share()
        .first(conn)
        .await?;
    let last = last.as_deref().map(word).transpose()?;
    let is_required = organizations::find(conn, organization).await?.settings.consent_required;
    if may_enroll(last, is_required) { Ok(()) } else { Err(StoreError::Conflict { what: "consent" }) }
}

/// The person, locked against everything that refers to them: [`require`] and new enrollments wait.
async fn lock(tx: &mut Conn, organization: OrganizationId, person: PersonId) -> Result<(), StoreError> {
    people::table
        .filter(people::organization_id.eq(organization.uuid()))
        .filter(people::id.eq(person.uuid()))
        .select(people::id)
        .for_update()
        .first::<Uuid>(tx)
        .await?;
    Ok(())
}

async fn insert(tx: &mut Conn, new: &Consent) -> Result<(), StoreError> {
    diesel::insert_into(consents::table)
        .values((
            consents::id.eq(new.id.uuid()),
            consents::organization_id.eq(new.organization_id.uuid()),
            consents::person_id.eq(new.person_id.uuid()),
            consents::purpose.eq(text(new.purpose)),
            consents::state.eq(text(new.state)),
            consents::version.eq(&new.version),
            consents::at.eq(new.at),
            consents::recorded_at.eq(new.recorded_at),
            consents::guardian.eq(&new.guardian),
            consents::recorded_by.eq(new.recorded_by.map(|id| id.uuid())),
        ))
        .execute(tx)
        .await?;
    diesel::update(people::table.find(new.person_id.uuid()))
        .set(people::consent.eq(text(new.state)))
        .execute(tx)
        .await?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = consents, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: Uuid,
    organization_id: Uuid,
    person_id: Uuid,
    purpose: String,
    state: String,
    version: Option<String>,
    at: DateTime<Utc>,
    recorded_at: DateTime<Utc>,
    guardian: Option<String>,
    recorded_by: Option<Uuid>,
}

impl TryFrom<Row> for Consent {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            organization_id: row.organization_id.into(),
            person_id: row.person_id.into(),
            purpose: word(&row.purpose)?,
            state: word(&row.state)?,
            version: row.version,
            at: row.at,
            recorded_at: row.recorded_at,
            guardian: row.guardian,
            recorded_by: row.recorded_by.map(Into::into),
        })
    }
}
