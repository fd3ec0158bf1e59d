//! Sessions in the order in which they begin.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::id::{CourseId, OrganizationId, SeriesId};
use domain::session::{Session, SessionState};
use uuid::Uuid;

use super::SessionRow;
use crate::column::text;
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::sessions;

/// Which sessions are wanted; `default()` wants all.
#[derive(Debug, Clone, Copy, Default)]
pub struct SessionFilter {
    /// Only those of this course.
    pub course: Option<CourseId>,
    /// Only those of this series.
    pub series: Option<SeriesId>,
    /// Only those in this state.
    pub state: Option<SessionState>,
    /// Only those that are meant to begin then or later.
    pub from: Option<DateTime<Utc>>,
    /// Only those that are meant to begin earlier.
    pub to: Option<DateTime<Utc>>,
    /// Whether the one that begins last comes first.
    pub newest_first: bool,
}

/// The organization's sessions that are wanted, in the order in which they are meant to begin or the other way round, after
/// the one that begins at and has the id `after`, at most `limit`.
///
/// # Errors
/// Only those of the database.
pub async fn list(
    conn: &mut Conn,
    organization: OrganizationId,
    wanted: &SessionFilter,
    after: Option<(DateTime<Utc>, Uuid)>,
    limit: i64,
) -> Result<Vec<Session>, StoreError> {
    let mut query = sessions::table
        .filter(sessions::organization_id.eq(organization.uuid()))
        .limit(limit)
        .select(SessionRow::as_select())
        .into_boxed();
    if let Some(course) = wanted.course {
        query = query.filter(sessions::course_id.eq(course.uuid()));
    }
    if let Some(series) = wanted.series {
        query = query.filter(sessions::series_id.eq(series.uuid()));
    }
    if let Some(state) = wanted.state {
        query = query.filter(sessions::state.eq(text(state)));
    }
    if let Some(from) = wanted.from {
        query = query.filter(sessions::starts_at.ge(from));
    }
    if let Some(to) = wanted.to {
        query = query.filter(sessions::starts_at.lt(to));
    }
    query = match (wanted.newest_first, after) {
        (false, Some((begins, id))) => {
            let beside = sessions::starts_at.eq(begins).and(sessions::id.gt(id));
            query.filter(sessions::starts_at.gt(begins).or(beside))
        }
        (true, Some((begins, id))) => {
            let beside = sessions::starts_at.eq(begins).and(sessions::id.lt(id));
            query.filter(sessions::starts_at.lt(begins).or(beside))
        }
        (_, None) => query,
    };
    query = if wanted.newest_first {
        query.order((sessions::starts_at.desc(), sessions::id.desc()))
    } else {
        query.order((sessions::starts_at, sessions::id))
    };
    let rows: Vec<SessionRow> = query.load(conn).await?;
    rows.into_iter().map(TryInto::try_into).collect()
}
