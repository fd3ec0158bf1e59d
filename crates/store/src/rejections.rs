//! "Not this person": what was said about wrong matches, and the faces that are not to be taken for the same people again.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::attendance::{Act, AttendanceChange, ChangeCause, NewAttendanceEvent};
use domain::audit::AuditActor;
use domain::id::{CourseId, OrganizationId, PersonId, RejectionId, UserId};
use domain::rejection::Rejection;
use domain::session::Session;
use uuid::Uuid;

use crate::column::moment;
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::{people, rejections, sessions};
use crate::sealer::Sealer;
use crate::{attendance, attendance_events, keys, rosters};

mod heeding;
mod subject;

pub use heeding::erase_faces_of;
pub(crate) use heeding::{heeded, open};
pub use subject::RejectedSighting;

/// Something to be said about a face that was taken for the wrong person.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRejection {
    /// Its id.
    pub id: RejectionId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The face.
    pub sighting: RejectedSighting,
    /// Whose it is, if that is known.
    pub actual_person_id: Option<PersonId>,
    /// Why, in words.
    pub reason: String,
    /// Who says so.
    pub rejected_by: UserId,
    /// When.
    pub at: DateTime<Utc>,
}

/// What a rejection, or undoing one, came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Rejected {
    /// The rejection.
    pub rejection: Rejection,
    /// How people's attendance changed, by person.
    pub changes: Vec<AttendanceChange>,
    /// All rosters of the organization with their new versions, for the version keys; none where nothing is remembered.
    pub bumped: Vec<(CourseId, i64)>,
}

/// Says that a face is not the person's whom it was taken for. Their attendance is reckoned anew without it; whoever it
/// really is comes by a correction, unless they are there anyway. A face that is still kept is remembered: all rosters of
/// the organization go up, so that workers heed it.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such sighting or actual person; [`StoreError::Conflict`] about
/// `outcome` when the sighting says of nobody that they were found on the roster, about `actual_person_id` when that is the
/// one whom the face was taken for, about `rejection` when it was rejected before.
pub async fn reject(conn: &mut Conn, sealer: &Sealer, new: &NewRejection) -> Result<Rejected, StoreError> {
    conn.transaction(async |tx| {
        let organization = new.organization_id;
        let session = attendance::lock_session(tx, organization, new.sighting.session_id).await?;
        let subject = subject::find(tx, organization, &new.sighting).await?;
        if new.actual_person_id == Some(subject.person_id) {
            return Err(StoreError::Conflict { what: "actual_person_id" });
        }
        let named: Vec<PersonId> = new.actual_person_id.into_iter().chain([subject.person_id]).collect();
        lock(tx, organization, &named).await?;
        let face = subject::face(tx, sealer, organization, subject.person_id, &new.sighting).await?;
        let bumped = match face {
            Some(_) => rosters::bump_all(tx, organization).await?,
            None => Vec::new(),
        };
        let event = |person_id, act| NewAttendanceEvent {
            organization_id: organization,
            session_id: session.id,
            person_id,
            act,
            reason: Some(new.reason.clone()),
            at: subject.received_at,
            recorded_at: new.at,
            actor: AuditActor::User(new.rejected_by),
        };
        let act = Act::Rejection { frame_id: new.sighting.frame_id, face_index: new.sighting.face_index };
        let rejected = attendance_events::append(tx, &event(subject.person_id, act)).await?.id;
        let mut correction = None;
        if let Some(actual) = new.actual_person_id
            && !subject::came(tx, &session, actual).await?
        {
            let state = domain::attendance::on_arrival(&session, subject.received_at);
            correction = Some(attendance_events::append(tx, &event(actual, Act::Correction { state })).await?.id);
        }
        let sealed = match face {
            Some(plain) => {
                let owner = heeding::owner(subject.person_id, new.actual_person_id);
                Some(keys::of_person(tx, sealer, organization, owner).await?.seal(new.id.uuid(), &plain))
            }
            None => None,
        };
        let row = Row {
            id: new.id.uuid(),
            organization_id: organization.uuid(),
            person_id: subject.person_id.uuid(),
            actual_person_id: new.actual_person_id.map(|id| id.uuid()),
            session_id: new.sighting.session_id.uuid(),
            frame_id: new.sighting.frame_id.uuid(),
            face_index: new.sighting.face_index,
            contract: sealed.is_some().then(|| subject.contract.clone()),
            embedding: sealed,
            reason: new.reason.clone(),
            rejected_by: Some(new.rejected_by.uuid()),
            created_at: moment(new.at),
            event_id: rejected.uuid(),
            correction_id: correction.map(|id| id.uuid()),
        };
        diesel::insert_into(rejections::table).values(&row).execute(tx).await?;
        let mut changed = vec![(subject.person_id, ChangeCause::Rejection)];
        changed.extend(new.actual_person_id.filter(|_| correction.is_some()).map(|id| (id, ChangeCause::Correction)));
        let changes = reproject(tx, &session, changed, new.at).await?;
        Ok(Rejected { rejection: row.into(), changes, bumped })
    })
    .await
}

/// Takes a rejection back: it is gone, with the face that it remembers, and what it did to attendance is void.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such rejection.
pub async fn undo(
    conn: &mut Conn,
    organization: OrganizationId,
    id: RejectionId,
    undone_by: UserId,
    now: DateTime<Utc>,
) -> Result<Rejected, StoreError> {
    conn.transaction(async |tx| {
        let row = find_row(tx, organization, id).await?;
        let (session, events) = (row.session_id.into(), [Some(row.event_id), row.correction_id]);
        // The session may have gone, and what was recorded in it.
        let session = match attendance::lock_session(tx, organization, session).await {
            Ok(session) => Some(session),
            Err(StoreError::NotFound) => None,
            Err(error) => return Err(error),
        };
        let named: Vec<PersonId> = row.actual_person_id.into_iter().chain([row.person_id]).map(Into::into).collect();
        lock(tx, organization, &named).await?;
        let gone = diesel::delete(rejections::table.filter(rejections::id.eq(row.id))).execute(tx).await?;
        if gone == 0 {
            return Err(StoreError::NotFound);
        }
        let bumped = match row.embedding {
            Some(_) => rosters::bump_all(tx, organization).await?,
            None => Vec::new(),
        };
        let mut changes = Vec::new();
        if let Some(session) = session {
            let mut voided = Vec::new();
            for event in events.into_iter().flatten() {
                voided.extend(void(tx, organization, event, undone_by, now).await?);
            }
            let voided = voided.into_iter().map(|person| (person, ChangeCause::Void)).collect();
            changes = reproject(tx, &session, voided, now).await?;
        }
        Ok(Rejected { rejection: row.into(), changes, bumped })
    })
    .await
}

/// The rejection with this id.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has none.
pub async fn find(conn: &mut Conn, organization: OrganizationId, id: RejectionId) -> Result<Rejection, StoreError> {
    Ok(find_row(conn, organization, id).await?.into())
}

/// What was rejected as a person's, after `after`, at most `limit`; in sessions of `courses` only, where they are named.
/// Empty for a person whom the organization has not.
///
/// # Errors
/// Only those of the database.
pub async fn list(
    conn: &mut Conn,
    organization: OrganizationId,
    person: PersonId,
    courses: Option<&[CourseId]>,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Rejection>, StoreError> {
    let mut query = rejections::table
        .filter(rejections::organization_id.eq(organization.uuid()))
        .filter(rejections::person_id.eq(person.uuid()))
        .filter(rejections::id.gt(after.unwrap_or(Uuid::nil())))
        .order(rejections::id)
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    if let Some(courses) = courses {
        let held =
            sessions::table.filter(sessions::course_id.eq_any(courses.iter().map(|id| id.uuid()))).select(sessions::id);
        query = query.filter(rejections::session_id.eq_any(held));
    }
    let rows: Vec<Row> = query.load(conn).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

async fn find_row(conn: &mut Conn, organization: OrganizationId, id: RejectionId) -> Result<Row, StoreError> {
    Ok(rejections::table
        .filter(rejections::organization_id.eq(organization.uuid()))
        .filter(rejections::id.eq(id.uuid()))
        .select(Row::as_select())
        .first(conn)
        .await?)
}

/// These people, locked against deletion.
async fn lock(tx: &mut Conn, organization: OrganizationId, named: &[PersonId]) -> Result<(), StoreError> {
    let found: Vec<Uuid> = people::table
        .filter(people::organization_id.eq(organization.uuid()))
        .filter(people::id.eq_any(named.iter().map(|id| id.uuid())))
        .order(people::id)
        .select(people::id)
        .for_key_share()
        .load(tx)
        .await?;
    if found.len() == named.len() { Ok(()) } else { Err(StoreError::NotFound) }
}

/// Makes an event void that is not void yet, and answers whose attendance it was about.
async fn void(
    tx: &mut Conn,
    organization: OrganizationId,
    event: Uuid,
    by: UserId,
    now: DateTime<Utc>,
) -> Result<Option<PersonId>, StoreError> {
    let event = match attendance_events::find(tx, organization, event.into()).await {
        Ok(event) => event,
        Err(StoreError::NotFound) => return Ok(None),
        Err(error) => return Err(error),
    };
    let person_id = event.event.person_id;
    let void = NewAttendanceEvent {
        act: Act::Void { event_id: event.id },
        reason: None,
        at: now,
        recorded_at: now,
        actor: AuditActor::User(by),
        ..event.event
    };
    // In a transaction of its own, which a conflict ends.
    match tx.transaction(async |tx| attendance_events::append(tx, &void).await).await {
        Ok(_) => Ok(Some(person_id)),
        Err(StoreError::Conflict { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reckons these people's attendance anew, by person as everybody does.
async fn reproject(
    tx: &mut Conn,
    session: &Session,
    mut changed: Vec<(PersonId, ChangeCause)>,
    now: DateTime<Utc>,
) -> Result<Vec<AttendanceChange>, StoreError> {
    changed.sort_unstable_by_key(|(person, _)| *person);
    let mut changes = Vec::new();
    for (person, cause) in changed {
        changes.extend(attendance::reproject(tx, session, person, cause, now).await?);
    }
    Ok(changes)
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = rejections, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: Uuid,
    organization_id: Uuid,
    person_id: Uuid,
    actual_person_id: Option<Uuid>,
    session_id: Uuid,
    frame_id: Uuid,
    face_index: i16,
    contract: Option<String>,
    embedding: Option<Vec<u8>>,
    reason: String,
    rejected_by: Option<Uuid>,
    created_at: DateTime<Utc>,
    event_id: Uuid,
    correction_id: Option<Uuid>,
}

impl From<Row> for Rejection {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            person_id: row.person_id.into(),
            actual_person_id: row.actual_person_id.map(Into::into),
            session_id: row.session_id.into(),
            frame_id: row.frame_id.into(),
            face_index: row.face_index,
            reason: row.reason,
            is_remembered: row.embedding.is_some(),
            rejected_by: row.rejected_by.map(Into::into),
            created_at: row.created_at,
        }
    }
}
