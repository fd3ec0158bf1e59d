//! Giving a person's face to the system: photos wait here, sealed, until a worker has made templates of them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::enrollment::{Duplicate, Enrollment, EnrollmentPhoto, EnrollmentState};
use domain::id::{EnrollmentId, OrganizationId, PersonId};
use uuid::Uuid;

use crate::column::{text, word};
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::{enrollment_photos, enrollments};

mod duplicates;
mod failing;
mod finish;
mod insertion;
mod job;

pub use duplicates::{confirm_distinct, dismiss, distinct_from};
pub use failing::fail;
pub(crate) use failing::give_up;
pub use finish::{Finished, Judged, finish};
pub use insertion::{NewEnrollment, NewPhoto, insert};
pub use job::{EnrollmentJob, load_job, stuck};

/// The enrollment with this id.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has none.
pub async fn find(conn: &mut Conn, organization: OrganizationId, id: EnrollmentId) -> Result<Enrollment, StoreError> {
    let row: Row = enrollments::table
        .filter(enrollments::organization_id.eq(organization.uuid()))
        .filter(enrollments::id.eq(id.uuid()))
        .select(Row::as_select())
        .first(conn)
        .await?;
    let found = with_photos(conn, vec![row]).await?;
    found.into_iter().next().ok_or(StoreError::NotFound)
}

/// Those enrollments, of whatever organization, that are there still.
///
/// # Errors
/// Only those of the database.
pub async fn find_all(conn: &mut Conn, ids: &[EnrollmentId]) -> Result<Vec<Enrollment>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows: Vec<Row> =
        enrollments::table.filter(enrollments::id.eq_any(ids)).select(Row::as_select()).load(conn).await?;
    with_photos(conn, rows).await
}

/// The organization's enrollments after `after`, of one person or of all, at most `limit`.
///
/// # Errors
/// Only those of the database.
pub async fn list(
    conn: &mut Conn,
    organization: OrganizationId,
    person: Option<PersonId>,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Enrollment>, StoreError> {
    let mut query = enrollments::table
        .filter(enrollments::organization_id.eq(organization.uuid()))
        .filter(enrollments::id.gt(after.unwrap_or(Uuid::nil())))
        .order(enrollments::id)
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    if let Some(person) = person {
        query = query.filter(enrollments::person_id.eq(person.uuid()));
    }
    let rows: Vec<Row> = query.load(conn).await?;
    with_photos(conn, rows).await
}

/// Which enrollments are wanted; `default()` wants all.
#[derive(Debug, Clone, Copy, Default)]
pub struct EnrollmentFilter {
    /// Only those of this person.
    pub person: Option<PersonId>,
    /// Only those in this state.
    pub state: Option<EnrollmentState>,
}

/// The organization's enrollments that are wanted, the newest first, older than `before`, at most `limit`.
///
/// # Errors
/// Only those of the database.
pub async fn newest(
    conn: &mut Conn,
    organization: OrganizationId,
    wanted: &EnrollmentFilter,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Enrollment>, StoreError> {
    let mut query = enrollments::table
        .filter(enrollments::organization_id.eq(organization.uuid()))
        .order(enrollments::id.desc())
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(enrollments::id.lt(before));
    }
    if let Some(person) = wanted.person {
        query = query.filter(enrollments::person_id.eq(person.uuid()));
    }
    if let Some(state) = wanted.state {
        query = query.filter(enrollments::state.eq(text(state)));
    }
    let rows: Vec<Row> = query.load(conn).await?;
    with_photos(conn, rows).await
}

async fn with_photos(conn: &mut Conn, rows: Vec<Row>) -> Result<Vec<Enrollment>, StoreError> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let photos: Vec<PhotoRow> = enrollment_photos::table
        .filter(enrollment_photos::enrollment_id.eq_any(ids))
        .order((enrollment_photos::enrollment_id, enrollment_photos::position))
        .select(PhotoRow::as_select())
        .load(conn)
        .await?;
    let mut enrollments: Vec<Enrollment> = rows.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
    for photo in photos {
        let owner = enrollments.iter_mut().find(|enrollment| enrollment.id.uuid() == photo.enrollment_id);
        if let Some(enrollment) = owner {
            enrollment.photos.push(photo.try_into()?);
        }
    }
    Ok(enrollments)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = enrollments, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: Uuid,
    organization_id: Uuid,
    person_id: Uuid,
    state: String,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
    duplicate_of: Option<Uuid>,
    duplicate_similarity: Option<f32>,
    distinct_confirmed: bool,
}

impl TryFrom<Row> for Enrollment {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            organization_id: row.organization_id.into(),
            person_id: row.person_id.into(),
            state: word(&row.state)?,
            photos: Vec::new(),
            duplicate: row
                .duplicate_of
                .zip(row.duplicate_similarity)
                .map(|(person, similarity)| Duplicate { person_id: person.into(), similarity }),
            distinct_confirmed: row.distinct_confirmed,
            created_at: row.created_at,
            finished_at: row.finished_at,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = enrollment_photos, check_for_backend(diesel::pg::Pg))]
struct PhotoRow {
    id: Uuid,
    enrollment_id: Uuid,
    file_name: String,
    state: String,
    rejection: Option<String>,
    quality: Option<i16>,
}

impl TryFrom<PhotoRow> for EnrollmentPhoto {
    type Error = StoreError;

    fn try_from(row: PhotoRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            file_name: row.file_name,
            state: word(&row.state)?,
            rejection: row.rejection.as_deref().map(word).transpose()?,
            quality: row.quality.and_then(|quality| u8::try_from(quality).ok()),
        })
    }
}
