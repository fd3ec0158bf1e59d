//! Pictures of a whole class: they wait here, sealed, until a worker has looked at them.
//!
//! What was recognised lies in the sightings of the frame with the photo's id.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::class_photo::{ClassPhoto, ClassPhotoFailure, ClassPhotoState};
use domain::id::{ClassPhotoId, CourseId, OrganizationId, SessionId};
use domain::session::SessionState;
use uuid::Uuid;

use crate::column::{moment, text, word};
use crate::error::StoreError;
use crate::organizations;
use crate::pool::Conn;
use crate::schema::{class_photos, sessions};
use crate::sealer::Sealer;

/// A class photo to be stored.
#[derive(Clone)]
pub struct NewClassPhoto {
    /// Its id.
    pub id: ClassPhotoId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The session whose people are looked for.
    pub session_id: SessionId,
    /// File name as it was sent.
    pub file_name: String,
    /// The encoded picture.
    pub image: Vec<u8>,
    /// Whether a copy with boxes and names is wanted.
    pub annotate: bool,
}

/// Stores a pending class photo, sealed, and answers with it.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such session, [`StoreError::NotActive`] when it does not accept
/// frames.
pub async fn insert(
    conn: &mut Conn,
    sealer: &Sealer,
    new: NewClassPhoto,
    now: DateTime<Utc>,
) -> Result<ClassPhoto, StoreError> {
    let sealed = sealer.seal_large(new.id.uuid(), new.image).await;
    let photo = ClassPhoto {
        id: new.id,
        organization_id: new.organization_id,
        session_id: new.session_id,
        file_name: new.file_name,
        annotate: new.annotate,
        state: ClassPhotoState::Pending,
        failure: None,
        created_at: moment(now),
        finished_at: None,
    };
    conn.transaction(async |tx| {
        // Locked, so that the session is not closed before the photo is there.
        let state: String = sessions::table
            .filter(sessions::organization_id.eq(photo.organization_id.uuid()))
            .filter(sessions::id.eq(photo.session_id.uuid()))
            .select(sessions::state)
            .for_share()
            .first(tx)
            .await?;
        if word::<SessionState>(&state)? != SessionState::Active {
            return Err(StoreError::NotActive);
        }
        diesel::insert_into(class_photos::table)
            .values((
                class_photos::id.eq(photo.id.uuid()),
                class_photos::organization_id.eq(photo.organization_id.uuid()),
                class_photos::session_id.eq(photo.session_id.uuid()),
                class_photos::file_name.eq(&photo.file_name),
                class_photos::image.eq(&sealed),
                class_photos::annotate.eq(photo.annotate),
                class_photos::state.eq(text(photo.state)),
                class_photos::created_at.eq(photo.created_at),
                class_photos::queued_at.eq(photo.created_at),
            ))
            .execute(tx)
            .await?;
        Ok(())
    })
    .await?;
    Ok(photo)
}

/// The class photo with this id.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has none.
pub async fn find(conn: &mut Conn, organization: OrganizationId, id: ClassPhotoId) -> Result<ClassPhoto, StoreError> {
    let row: Row = class_photos::table
        .filter(class_photos::organization_id.eq(organization.uuid()))
        .filter(class_photos::id.eq(id.uuid()))
        .select(Row::as_select())
        .first(conn)
        .await?;
    row.try_into()
}

/// Those class photos, of whatever organization, that are there still.
///
/// # Errors
/// Only those of the database.
pub async fn find_all(conn: &mut Conn, ids: &[ClassPhotoId]) -> Result<Vec<ClassPhoto>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows: Vec<Row> =
        class_photos::table.filter(class_photos::id.eq_any(ids)).select(Row::as_select()).load(conn).await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The class photos of a session after `after`, at most `limit`; empty for a session that the organization has not.
///
/// # Errors
/// Only those of the database.
pub async fn list(
    conn: &mut Conn,
    organization: OrganizationId,
    session: SessionId,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<ClassPhoto>, StoreError> {
    let rows: Vec<Row> = class_photos::table
        .filter(class_photos::organization_id.eq(organization.uuid()))
        .filter(class_photos::session_id.eq(session.uuid()))
        .filter(class_photos::id.gt(after.unwrap_or(Uuid::nil())))
        .order(class_photos::id)
        .limit(limit)
        .select(Row::as_select())
        .load(conn)
        .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// A class photo with what it takes to look at it.
#[derive(Clone)]
pub struct ClassPhotoJob {
    /// The photo.
    pub photo: ClassPhoto,
    /// The course whose roster is searched.
    pub course_id: CourseId,
    /// The encoded picture; `None` once it has been looked at, unless the organization retains photos.
    pub image: Option<Vec<u8>>,
}

/// A class photo with its picture; `None` when it has been deleted.
///
/// # Errors
/// [`StoreError::Corrupt`] when the picture does not open.
pub async fn load_job(
    conn: &mut Conn,
    sealer: &Sealer,
    organization: OrganizationId,
    id: ClassPhotoId,
) -> Result<Option<ClassPhotoJob>, StoreError> {
    let of_photo = sessions::id.eq(class_photos::session_id);
    let found: Option<(Row, Uuid, Option<Vec<u8>>)> = class_photos::table
        .inner_join(sessions::table.on(of_photo))
        .filter(class_photos::organization_id.eq(organization.uuid()))
        .filter(class_photos::id.eq(id.uuid()))
        .select((Row::as_select(), sessions::course_id, class_photos::image))
        .first(conn)
        .await
        .optional()?;
    let Some((row, course, image)) = found else { return Ok(None) };
    let sealed = image.map(|image| (row.id, image)).into_iter().collect();
    let image = sealer.open_all(sealed).await?.pop().map(|(_, plain)| plain);
    Ok(Some(ClassPhotoJob { photo: row.try_into()?, course_id: course.into(), image }))
}

/// Ends a pending class photo, and answers with it as it stands then: one that was ended before stays as it is.
///
/// The picture goes, unless the photo is completed and the organization retains photos.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has no such photo.
pub async fn finish(
    conn: &mut Conn,
    organization: OrganizationId,
    id: ClassPhotoId,
    outcome: Result<(), ClassPhotoFailure>,
    now: DateTime<Utc>,
) -> Result<ClassPhoto, StoreError> {
    conn.transaction(async |tx| {
        let row: Row = class_photos::table
            .filter(class_photos::organization_id.eq(organization.uuid()))
            .filter(class_photos::id.eq(id.uuid()))
            .select(Row::as_select())
            .for_no_key_update()
            .first(tx)
            .await?;
        let photo: ClassPhoto = row.try_into()?;
        if photo.state != ClassPhotoState::Pending {
            return Ok(photo);
        }
        let state = if outcome.is_ok() { ClassPhotoState::Completed } else { ClassPhotoState::Failed };
        let ended = ClassPhoto { state, failure: outcome.err(), finished_at: Some(moment(now)), ..photo };
        let of_photo = class_photos::table.find(id.uuid());
        diesel::update(of_photo)
            .set((
                class_photos::state.eq(text(ended.state)),
                class_photos::failure.eq(ended.failure.map(text::<ClassPhotoFailure>)),
                class_photos::finished_at.eq(ended.finished_at),
            ))
            .execute(tx)
            .await?;
        let is_kept =
            state == ClassPhotoState::Completed && organizations::find(tx, organization).await?.policy.retain_photos;
        if !is_kept {
            diesel::update(of_photo).set(class_photos::image.eq(None::<Vec<u8>>)).execute(tx).await?;
        }
        Ok(ended)
    })
    .await
}

/// The class photos of all organizations whose job was last published before `older_than` and that are still pending,
/// oldest first, at most `limit`: they are to be published again. Counts as published at `now`, so two sweeps at once
/// share them out.
///
/// # Errors
/// Only those of the database.
pub async fn stuck(
    conn: &mut Conn,
    older_than: DateTime<Utc>,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(OrganizationId, ClassPhotoId)>, StoreError> {
    conn.transaction(async |tx| {
        let rows: Vec<(Uuid, Uuid)> = class_photos::table
            .filter(class_photos::state.eq(text(ClassPhotoState::Pending)))
            .filter(class_photos::queued_at.lt(older_than))
            .order((class_photos::queued_at, class_photos::id))
            .limit(limit)
            .select((class_photos::organization_id, class_photos::id))
            .for_no_key_update()
            .skip_locked()
            .load(tx)
            .await?;
        let ids: Vec<Uuid> = rows.iter().map(|(_, id)| *id).collect();
        diesel::update(class_photos::table.filter(class_photos::id.eq_any(ids)))
            .set(class_photos::queued_at.eq(now))
            .execute(tx)
            .await?;
        Ok(rows.into_iter().map(|(organization, id)| (organization.into(), id.into())).collect())
    })
    .await
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = class_photos, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: Uuid,
    organization_id: Uuid,
    session_id: Uuid,
    file_name: String,
    annotate: bool,
    state: String,
    failure: Option<String>,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for ClassPhoto {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            organization_id: row.organization_id.into(),
            session_id: row.session_id.into(),
            file_name: row.file_name,
            annotate: row.annotate,
            state: word(&row.state)?,
            failure: row.failure.as_deref().map(word).transpose()?,
            created_at: row.created_at,
            finished_at: row.finished_at,
        })
    }
}
