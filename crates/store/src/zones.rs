//! Whose clocks say what day it is.

use chrono_tz::Tz;
use domain::course::Course;
use domain::id::OrganizationId;

use crate::error::StoreError;
use crate::organizations;
use crate::pool::Conn;

/// The zone of an organization.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such organization.
pub async fn of_organization(conn: &mut Conn, organization: OrganizationId) -> Result<Tz, StoreError> {
    read(&organizations::find(conn, organization).await?.time_zone)
}

/// The zone of a course: its own, or else the organization's.
///
/// # Errors
/// [`StoreError::Corrupt`] when it is none.
pub async fn of_course(conn: &mut Conn, course: &Course) -> Result<Tz, StoreError> {
    match &course.time_zone {
        Some(own) => read(own),
        None => of_organization(conn, course.organization_id).await,
    }
}

/// The zone with this name, which was checked when it was stored.
pub(crate) fn read(name: &str) -> Result<Tz, StoreError> {
    let source = |error: chrono_tz::ParseError| StoreError::Corrupt {
        what: "a time zone that is none",
        source: Some(Box::new(error)),
    };
    name.parse().map_err(source)
}
