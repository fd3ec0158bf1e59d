//! Taking a person out of the database, with all that is known of them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::id::{CourseId, OrganizationId, PersonId};
use uuid::Uuid;

use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::{erasure_requests, people, person_keys, users};
use crate::{rosters, templates};

/// What goes with a person, and is counted: table, and which of its rows. A test compares it with the tables that refer to
/// people.
pub const COUNTED: &[(&str, &str)] = &[
    ("person_keys", "person_id = $1"),
    ("templates", "person_id = $1"),
    ("enrollments", "person_id = $1"),
    ("enrollment_photos", "enrollment_id IN (SELECT id FROM enrollments WHERE person_id = $1)"),
    ("guided_captures", "person_id = $1"),
    ("roster_entries", "person_id = $1"),
    ("roster_periods", "person_id = $1"),
    ("sightings", "person_id = $1"),
    ("sighting_faces", "person_id = $1"),
    ("rejections", "person_id = $1 OR actual_person_id = $1"),
    ("attendance", "person_id = $1"),
    ("attendance_events", "person_id = $1"),
    ("attendance_changes", "person_id = $1"),
    ("check_in_devices", "person_id = $1"),
    ("person_pins", "person_id = $1"),
    ("consents", "person_id = $1"),
    ("erasure_requests", "person_id = $1"),
    // Not the rows but their pictures: a class photo shows others, too.
    ("class_photos", CLASS_PHOTOS),
    // Accounts of members; whoever is more than a member keeps theirs, without the person.
    ("users", "person_id = $1 AND role = 'member'"),
];

const CLASS_PHOTOS: &str = "image IS NOT NULL AND id IN (SELECT frame_id FROM sightings WHERE person_id = $1)";

/// What an erasure came to. The versions are for the version keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// What the person was called by their organization's numbers.
    pub external_id: String,
    /// When they asked for it, where they did.
    pub requested_at: Option<DateTime<Utc>>,
    /// How many rows of which table went; tables without any are left out.
    pub deleted: BTreeMap<String, i64>,
    /// The courses that lost them, each with its new version.
    pub bumped: Vec<(CourseId, i64)>,
    /// The organization's template revision.
    pub template_revision: i64,
}

/// Deletes a person with all that is known of them: their key before anything else, then templates, enrollments, roster
/// entries, sightings, attendance, the pictures of class photos on which they were recognised, answers that were kept for
/// requests that are sent again, and their account where it is a member's.
///
/// In the same transaction each template's removal is logged for the indexes to replay.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such person.
pub async fn erase(conn: &mut Conn, organization: OrganizationId, id: PersonId) -> Result<Erased, StoreError> {
    conn.transaction(async |tx| {
        let ours = people::table.filter(people::organization_id.eq(organization.uuid()));
        let external_id: String =
            ours.filter(people::id.eq(id.uuid())).select(people::external_id).for_update().first(tx).await?;
        let deleted = count(tx, id).await?;
        let requested_at: Option<DateTime<Utc>> = erasure_requests::table
            .filter(erasure_requests::person_id.eq(id.uuid()))
            .filter(erasure_requests::state.eq("pending"))
            .select(erasure_requests::requested_at)
            .first(tx)
            .await
            .optional()?;
        diesel::delete(person_keys::table.filter(person_keys::person_id.eq(id.uuid()))).execute(tx).await?;
        templates::log_removal(tx, organization, id).await?;
        let template_revision = templates::revision(tx, organization).await?;
        let bumped = rosters::bump_courses_of(tx, organization, id).await?;
        forget_elsewhere(tx, id).await?;
        diesel::delete(ours.filter(people::id.eq(id.uuid()))).execute(tx).await?;
        Ok(Erased { external_id, requested_at, deleted, bumped, template_revision })
    })
    .await
}

/// What no foreign key takes away with the person.
async fn forget_elsewhere(tx: &mut Conn, id: PersonId) -> Result<(), StoreError> {
    let person: Uuid = id.uuid();
    diesel::sql_query(format!("UPDATE class_photos SET image = NULL WHERE {CLASS_PHOTOS}"))
        .bind::<SqlUuid, _>(person)
        .execute(tx)
        .await?;
    // An answer about the person names them.
    diesel::sql_query("DELETE FROM idempotency_keys WHERE strpos(body::text, $1) > 0")
        .bind::<Text, _>(person.to_string())
        .execute(tx)
        .await?;
    diesel::delete(users::table.filter(users::person_id.eq(person)).filter(users::role.eq("member")))
        .execute(tx)
        .await?;
    Ok(())
}

async fn count(tx: &mut Conn, id: PersonId) -> Result<BTreeMap<String, i64>, StoreError> {
    #[derive(QueryableByName)]
    struct Counted {
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = BigInt)]
        rows: i64,
    }
    let parts: Vec<String> = COUNTED
        .iter()
        .map(|(table, which)| format!("SELECT '{table}' AS name, count(*) AS rows FROM {table} WHERE {which}"))
        .collect();
    let counted: Vec<Counted> =
        diesel::sql_query(parts.join(" UNION ALL ")).bind::<SqlUuid, _>(id.uuid()).load(tx).await?;
    Ok(counted.into_iter().filter(|counted| counted.rows > 0).map(|counted| (counted.name, counted.rows)).collect())
}
