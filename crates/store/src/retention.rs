//! What is older than its organization keeps it.

use std::ops::AddAssign;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::sql_types::{BigInt, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::organization::{Organization, Retention};

use crate::error::StoreError;
use crate::pool::Conn;

/// How much was too old, and went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Expired {
    /// Pictures of enrollments that were retained.
    pub enrollment_photos: u64,
    /// Pictures of class photos that were retained.
    pub class_photos: u64,
    /// Closed sessions, with their attendance and all that it follows from.
    pub sessions: u64,
    /// Sightings that mark nobody.
    pub sightings: u64,
}

impl Expired {
    /// Whether nothing was.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// For the audit log.
    #[must_use]
    pub fn details(&self) -> serde_json::Value {
        serde_json::json!({
            "enrollment_photos": self.enrollment_photos,
            "class_photos": self.class_photos,
            "sessions": self.sessions,
            "sightings": self.sightings,
        })
    }
}

impl AddAssign for Expired {
    fn add_assign(&mut self, other: Self) {
        self.enrollment_photos += other.enrollment_photos;
        self.class_photos += other.class_photos;
        self.sessions += other.sessions;
        self.sightings += other.sightings;
    }
}

/// Pictures of enrollments that are over. One that is suspected of being a duplicate keeps its own until somebody decides.
const ENROLLMENT_PHOTOS: &str = "UPDATE enrollment_photos SET image = NULL WHERE id IN (
    SELECT enrollment_photos.id FROM enrollment_photos JOIN enrollments ON enrollments.id = enrollment_id
    WHERE organization_id = $1 AND enrollments.state IN ('completed', 'failed') AND finished_at < $2 AND image IS NOT NULL
    LIMIT $3 FOR UPDATE OF enrollment_photos SKIP LOCKED)";

const CLASS_PHOTOS: &str = "UPDATE class_photos SET image = NULL WHERE id IN (
    SELECT id FROM class_photos
    WHERE organization_id = $1 AND state <> 'pending' AND finished_at < $2 AND image IS NOT NULL
    LIMIT $3 FOR UPDATE SKIP LOCKED)";

const SESSIONS: &str = "DELETE FROM sessions WHERE id IN (
    SELECT id FROM sessions WHERE organization_id = $1 AND state = 'closed' AND closed_at < $2
    ORDER BY closed_at LIMIT $3 FOR UPDATE SKIP LOCKED)";

const SIGHTINGS: &str = "DELETE FROM sightings WHERE (session_id, frame_id, face_index) IN (
    SELECT session_id, frame_id, face_index FROM sightings
    WHERE organization_id = $1 AND outcome IN ('unknown', 'spoof_suspected', 'too_poor') AND decided_at < $2
    LIMIT $3 FOR UPDATE SKIP LOCKED)";

/// Deletes what the organization keeps no longer at `now`: at most `limit` rows of each kind, of sessions, with all that
/// belongs to them, at most a hundredth of that. To be called again until nothing is left. What somebody else is at work on
/// is left for the next time.
///
/// # Errors
/// Only those of the database.
pub async fn expire(
    tx: &mut Conn,
    organization: &Organization,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Expired, StoreError> {
    let Retention { photos_days, attendance_days, logs_days } = organization.settings.retention;
    let mut delete = async |query: &str, days: Option<u32>, limit: i64| {
        let Some(before) = days.and_then(|days| now.checked_sub_signed(TimeDelta::days(days.into()))) else {
            return Ok::<_, StoreError>(0);
        };
        let deleted = diesel::sql_query(query)
            .bind::<SqlUuid, _>(organization.id.uuid())
            .bind::<Timestamptz, _>(before)
            .bind::<BigInt, _>(limit)
            .execute(tx)
            .await?;
        Ok(deleted as u64)
    };
    Ok(Expired {
        sessions: delete(SESSIONS, attendance_days, (limit / 100).max(1)).await?,
        enrollment_photos: delete(ENROLLMENT_PHOTOS, photos_days, limit).await?,
        class_photos: delete(CLASS_PHOTOS, photos_days, limit).await?,
        sightings: delete(SIGHTINGS, logs_days, limit).await?,
    })
}
