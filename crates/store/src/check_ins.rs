//! What checking in by code or PIN takes, beside the event itself.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Binary, Integer, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::id::{OrganizationId, PersonId};
use domain::session::Session;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::{check_in_devices, people, person_pins, pin_failures, roster_entries};
use crate::sealer::Sealer;

/// After so many wrong PINs in a row nobody gets in with that external id for a while.
const MOST_FAILURES: i32 = 5;
/// How long that is, and after how long a wrong one is forgotten.
const LOCK_TIME: TimeDelta = TimeDelta::minutes(15);
/// After this, failures of anybody are no longer kept.
const FORGOTTEN_AFTER: TimeDelta = TimeDelta::days(1);

/// Whether somebody is on the roster of a session's course now.
///
/// # Errors
/// Only those of the database.
pub async fn is_on_roster(conn: &mut Conn, session: &Session, person: PersonId) -> Result<bool, StoreError> {
    let entry = roster_entries::table
        .filter(roster_entries::organization_id.eq(session.organization_id.uuid()))
        .filter(roster_entries::course_id.eq(session.course_id.uuid()))
        .filter(roster_entries::person_id.eq(person.uuid()));
    Ok(diesel::select(diesel::dsl::exists(entry)).get_result(conn).await?)
}

/// Makes a device somebody's in a session. `device` is a SHA-256 of what it calls itself.
///
/// # Errors
/// [`StoreError::Conflict`] about the `device` when it is somebody else's there.
pub async fn claim_device(
    tx: &mut Conn,
    session: &Session,
    device: &[u8; 32],
    person: PersonId,
) -> Result<(), StoreError> {
    // An update that changes nothing, so that the row is answered also where it was there.
    let owner: Uuid = diesel::insert_into(check_in_devices::table)
        .values((
            check_in_devices::session_id.eq(session.id.uuid()),
            check_in_devices::device.eq(device.as_slice()),
            check_in_devices::organization_id.eq(session.organization_id.uuid()),
            check_in_devices::person_id.eq(person.uuid()),
        ))
        .on_conflict((check_in_devices::session_id, check_in_devices::device))
        .do_update()
        .set(check_in_devices::device.eq(device.as_slice()))
        .returning(check_in_devices::person_id)
        .get_result(tx)
        .await?;
    if owner == person.uuid() { Ok(()) } else { Err(StoreError::Conflict { what: "device" }) }
}

/// Gives somebody a PIN, sealed, in place of the one that they had.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such person.
pub async fn set_pin(
    conn: &mut Conn,
    sealer: &Sealer,
    organization: OrganizationId,
    person: PersonId,
    pin: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let sealed = sealer.seal(person.uuid(), pin.as_bytes());
    diesel::insert_into(person_pins::table)
        .values((
            person_pins::person_id.eq(person.uuid()),
            person_pins::organization_id.eq(organization.uuid()),
            person_pins::pin.eq(&sealed),
            person_pins::set_at.eq(now),
        ))
        .on_conflict(person_pins::person_id)
        .do_update()
        .set((
            person_pins::organization_id.eq(organization.uuid()),
            person_pins::pin.eq(&sealed),
            person_pins::set_at.eq(now),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Since when somebody has the PIN that they have; `None` when they have none.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such person.
pub async fn pin_set_at(
    conn: &mut Conn,
    organization: OrganizationId,
    person: PersonId,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    crate::people::find(conn, organization, person).await?;
    let of_person = person_pins::table
        .filter(person_pins::organization_id.eq(organization.uuid()))
        .filter(person_pins::person_id.eq(person.uuid()));
    Ok(of_person.select(person_pins::set_at).first(conn).await.optional()?)
}

/// Takes somebody's PIN away, and answers whether they had one.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such person.
pub async fn remove_pin(conn: &mut Conn, organization: OrganizationId, person: PersonId) -> Result<bool, StoreError> {
    crate::people::find(conn, organization, person).await?;
    let of_person = person_pins::table
        .filter(person_pins::organization_id.eq(organization.uuid()))
        .filter(person_pins::person_id.eq(person.uuid()));
    Ok(diesel::delete(of_person).execute(conn).await? > 0)
}

/// What a PIN opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinCheck {
    /// It is this person's.
    Right(PersonId),
    /// It is not, or there is nobody with that external id.
    Wrong,
    /// Too many were wrong: no PIN is looked at until then.
    Locked {
        /// When the next one is.
        until: DateTime<Utc>,
    },
}

/// Whose PIN this is, by external id. Wrong ones are counted, in a transaction of this call, for unknown external ids as
/// for known ones; checks of one external id follow each other. `subject` is a SHA-256 of the organization and the
/// external id.
///
/// # Errors
/// [`StoreError::Corrupt`] when the PIN does not open.
pub async fn check_pin(
    conn: &mut Conn,
    sealer: &Sealer,
    organization: OrganizationId,
    (external_id, subject): (&str, &[u8; 32]),
    pin: &str,
    now: DateTime<Utc>,
) -> Result<PinCheck, StoreError> {
    #[derive(diesel::QueryableByName)]
    struct Failures {
        #[diesel(sql_type = Integer)]
        failures: i32,
        #[diesel(sql_type = Timestamptz)]
        last_at: DateTime<Utc>,
        #[diesel(sql_type = Nullable<Timestamptz>)]
        locked_until: Option<DateTime<Utc>>,
    }
    conn.transaction(async |tx| {
        let before: Failures = diesel::sql_query(
            "INSERT INTO pin_failures AS f (organization_id, subject, failures, last_at) VALUES ($1, $2, 0, $3) \
             ON CONFLICT (organization_id, subject) DO UPDATE SET failures = f.failures \
             RETURNING failures, last_at, locked_until",
        )
        .bind::<SqlUuid, _>(organization.uuid())
        .bind::<Binary, _>(subject.as_slice())
        .bind::<Timestamptz, _>(now)
        .get_result(tx)
        .await?;
        let of_subject = pin_failures::table
            .filter(pin_failures::organization_id.eq(organization.uuid()))
            .filter(pin_failures::subject.eq(subject.as_slice()));
        if let Some(until) = before.locked_until.filter(|until| *until > now) {
            return Ok(PinCheck::Locked { until });
        }
        let found: Option<(Uuid, Vec<u8>)> = people::table
            .inner_join(person_pins::table.on(person_pins::person_id.eq(people::id)))
            .filter(people::organization_id.eq(organization.uuid()))
            .filter(people::external_id.eq(external_id))
            .select((people::id, person_pins::pin))
            .first(tx)
            .await
            .optional()?;
        if let Some((person, sealed)) = found
            // Takes as long wherever the two differ.
            && bool::from(sealer.open(person, &sealed)?.ct_eq(pin.as_bytes()))
        {
            diesel::delete(of_subject).execute(tx).await?;
            return Ok(PinCheck::Right(person.into()));
        }
        let was_locked = before.locked_until.is_some();
        let earlier = if was_locked || now - before.last_at > LOCK_TIME { 0 } else { before.failures };
        let locked_until = (earlier + 1 >= MOST_FAILURES).then(|| now + LOCK_TIME);
        diesel::update(of_subject)
            .set((
                pin_failures::failures.eq(earlier + 1),
                pin_failures::last_at.eq(now),
                pin_failures::locked_until.eq(locked_until),
            ))
            .execute(tx)
            .await?;
        Ok(PinCheck::Wrong)
    })
    .await
}

/// Forgets wrong PINs of long ago, of all organizations, and answers how many.
///
/// # Errors
/// Only those of the database.
pub async fn forget_failures(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize, StoreError> {
    let old = pin_failures::table.filter(pin_failures::last_at.lt(now - FORGOTTEN_AFTER));
    Ok(diesel::delete(old).execute(conn).await?)
}
