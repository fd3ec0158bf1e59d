//! What can go wrong, by what the caller does next.

use std::error::Error;

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};
use diesel_async::pooled_connection::deadpool::PoolError;

/// Why a query has no answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no such row in this organization, or a row that it refers to is not there.
    #[error("not found")]
    NotFound,
    /// Another row has this already, or the row's state forbids the change.
    #[error("conflict: {what}")]
    Conflict {
        /// The field that clashes, such as `external_id` or `state`.
        what: &'static str,
    },
    /// The session does not accept frames (any more): nothing was recorded.
    #[error("the session is not active")]
    NotActive,
    /// Postgres is away, busy or shutting down: the same call may succeed later.
    #[error("the database is unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// A row does not hold what it should: an unknown word, a seal that does not open. Trying again does not help.
    #[error("corrupt row: {what}")]
    Corrupt {
        /// What is wrong, without the value.
        what: &'static str,
        /// The cause, where there is one.
        #[source]
        source: Option<Box<dyn Error + Send + Sync>>,
    },
    /// The settings cannot be used.
    #[error("database settings: {0}")]
    Settings(&'static str),
    /// The migrations could not be applied.
    #[error("migration failed")]
    Migration(#[source] Box<dyn Error + Send + Sync>),
    /// Anything else that Postgres refuses: a mistake of ours.
    #[error("database error")]
    Database(#[source] DieselError),
}

impl StoreError {
    pub(crate) fn corrupt(what: &'static str) -> Self {
        Self::Corrupt { what, source: None }
    }
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        match &error {
            DieselError::NotFound => Self::NotFound,
            DieselError::BrokenTransactionManager => Self::Unavailable(Box::new(error)),
            DieselError::DatabaseError(kind, information) => match kind {
                DatabaseErrorKind::UniqueViolation => Self::Conflict { what: clashing(information.as_ref()) },
                DatabaseErrorKind::ForeignKeyViolation => Self::NotFound,
                DatabaseErrorKind::UnableToSendCommand
                | DatabaseErrorKind::ClosedConnection
                | DatabaseErrorKind::SerializationFailure => Self::Unavailable(Box::new(error)),
                _ if passes(information.message()) => Self::Unavailable(Box::new(error)),
                _ => Self::Database(error),
            },
            _ => Self::Database(error),
        }
    }
}

impl From<PoolError> for StoreError {
    fn from(error: PoolError) -> Self {
        Self::Unavailable(Box::new(error))
    }
}

/// The field of a unique constraint, by the name that Postgres gives the constraint.
fn clashing(information: &dyn DatabaseErrorInformation) -> &'static str {
    match information.constraint_name() {
        Some("organizations_name_key") => "name",
        Some("users_email_key") => "email",
        Some("users_organization_id_person_id_key") => "person_id",
        Some("people_organization_id_external_id_key") => "external_id",
        Some("people_organization_id_second_id_key") => "second_id",
        Some("courses_organization_id_code_section_key") => "code",
        Some("erasure_requests_pending") => "person_id",
        Some("cameras_key_hash_key") => "key",
        Some("rejections_session_id_frame_id_face_index_key") => "rejection",
        Some("attendance_events_voids_key") => "voids",
        _ => "id",
    }
}

/// Whether a message of Postgres tells of a condition that passes. Diesel drops the SQLSTATE of these
/// (57P01, 57P02, 57P03, 57014, 55P03, 40P01, 53300), so the English text must do.
fn passes(message: &str) -> bool {
    const PASSING: [&str; 5] = [
        "terminating connection",
        "the database system is",
        "canceling statement",
        "deadlock detected",
        "too many clients",
    ];
    PASSING.iter().any(|text| message.contains(text))
}
