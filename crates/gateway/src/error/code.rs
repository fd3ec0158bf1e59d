//! The kinds of what can go wrong: the table of status and title.

#![warn(clippy::wildcard_enum_match_arm)]

use actix_web::http::StatusCode;
use domain::picture::PictureProblem;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What kind of thing went wrong; each has a heading in the list of errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Code {
    BadRequest,
    InvalidJson,
    InvalidMultipart,
    InvalidQuery,
    InvalidCursor,
    InvalidHeader,
    OrganizationRequired,
    WebsocketRequired,
    Unauthenticated,
    InvalidCredentials,
    InvalidTicket,
    InvalidRefreshToken,
    RefreshReused,
    TooManyAttempts,
    RateLimited,
    Forbidden,
    PasswordChangeRequired,
    NoPerson,
    NotFound,
    UnknownRoute,
    MethodNotAllowed,
    AlreadyExists,
    LastAdmin,
    SessionNotActive,
    SessionAmbiguous,
    SessionState,
    CourseInactive,
    DeviceShared,
    NotATeacher,
    NotCheckedIn,
    NotOnRoster,
    NotVoidable,
    OutsideHours,
    WrongPin,
    EnrollmentState,
    ErasureRequestState,
    NotAMatch,
    NoTemplates,
    NothingToRetry,
    CaptureFinished,
    ConsentRequired,
    SpoofSuspected,
    IdempotencyMismatch,
    BodyTooSlow,
    PayloadTooLarge,
    UnsupportedMediaType,
    ImageEmpty,
    NotAnImage,
    ImageDamaged,
    ImageTooLarge,
    ImageTooSmall,
    PhotosUnusable,
    ImportRefused,
    InvalidRequest,
    Overloaded,
    Unavailable,
    Internal,
}

impl Code {
    /// Its HTTP status and its title: the table.
    pub(crate) fn entry(self) -> (StatusCode, &'static str) {
        match self {
            Self::BadRequest => (StatusCode::BAD_REQUEST, "Bad request"),
            Self::InvalidJson => (StatusCode::BAD_REQUEST, "Invalid JSON"),
            Self::InvalidMultipart => (StatusCode::BAD_REQUEST, "Invalid multipart body"),
            Self::InvalidQuery => (StatusCode::BAD_REQUEST, "Invalid query"),
            Self::InvalidCursor => (StatusCode::BAD_REQUEST, "Invalid cursor"),
            Self::InvalidHeader => (StatusCode::BAD_REQUEST, "Invalid header"),
            Self::OrganizationRequired => (StatusCode::BAD_REQUEST, "Organization required"),
            Self::WebsocketRequired => (StatusCode::BAD_REQUEST, "WebSocket required"),
            Self::Unauthenticated => (StatusCode::UNAUTHORIZED, "Not authenticated"),
            Self::InvalidCredentials => (StatusCode::UNAUTHORIZED, "Invalid credentials"),
            Self::InvalidTicket => (StatusCode::UNAUTHORIZED, "Invalid ticket"),
            Self::InvalidRefreshToken => (StatusCode::UNAUTHORIZED, "Invalid refresh token"),
            Self::RefreshReused => (StatusCode::UNAUTHORIZED, "Refresh token reused"),
            Self::RateLimited => (StatusCode::TOO_MANY_REQUESTS, "Rate limited"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "Forbidden"),
            Self::PasswordChangeRequired => (StatusCode::FORBIDDEN, "Password change required"),
            Self::NoPerson => (StatusCode::FORBIDDEN, "No person"),
            Self::NotFound => (StatusCode::NOT_FOUND, "Not found"),
            Self::UnknownRoute => (StatusCode::NOT_FOUND, "Unknown address"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "Method not allowed"),
            Self::AlreadyExists => (StatusCode::CONFLICT, "Already exists"),
            Self::LastAdmin => (StatusCode::CONFLICT, "Last admin"),
            Self::SessionNotActive => (StatusCode::CONFLICT, "Session not active"),
            Self::SessionAmbiguous => (StatusCode::CONFLICT, "Session ambiguous"),
            Self::SessionState => (StatusCode::CONFLICT, "Wrong session state"),
            Self::NotATeacher => (StatusCode::CONFLICT, "Not a teacher"),
            Self::CourseInactive => (StatusCode::CONFLICT, "Course inactive"),
            Self::NotVoidable => (StatusCode::CONFLICT, "Not voidable"),
            Self::OutsideHours => (StatusCode::CONFLICT, "Outside hours"),
            Self::NotOnRoster => (StatusCode::CONFLICT, "Not on the roster"),
            Self::NotCheckedIn => (StatusCode::CONFLICT, "Not checked in"),
            Self::DeviceShared => (StatusCode::CONFLICT, "Device shared"),
            Self::WrongPin => (StatusCode::FORBIDDEN, "Wrong PIN"),
            Self::TooManyAttempts => (StatusCode::TOO_MANY_REQUESTS, "Too many attempts"),
            Self::EnrollmentState => (StatusCode::CONFLICT, "Wrong enrollment state"),
            Self::NotAMatch => (StatusCode::CONFLICT, "Not a match"),
            Self::NoTemplates => (StatusCode::CONFLICT, "No templates"),
            Self::NothingToRetry => (StatusCode::CONFLICT, "Nothing to retry"),
            Self::ErasureRequestState => (StatusCode::CONFLICT, "Request decided"),
            Self::CaptureFinished => (StatusCode::CONFLICT, "Guided capture finished"),
            Self::ConsentRequired => (StatusCode::CONFLICT, "Consent required"),
            Self::SpoofSuspected => (StatusCode::UNPROCESSABLE_ENTITY, "Spoof suspected"),
            Self::IdempotencyMismatch => (StatusCode::UNPROCESSABLE_ENTITY, "Idempotency key reused"),
            Self::BodyTooSlow => (StatusCode::REQUEST_TIMEOUT, "Body too slow"),
            Self::PayloadTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "Body too large"),
            Self::UnsupportedMediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported media type"),
            Self::ImageEmpty => (StatusCode::UNPROCESSABLE_ENTITY, "Empty picture"),
            Self::NotAnImage => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "Not a picture"),
            Self::ImageDamaged => (StatusCode::UNPROCESSABLE_ENTITY, "Damaged picture"),
            Self::ImageTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "Picture too large"),
            Self::ImageTooSmall => (StatusCode::UNPROCESSABLE_ENTITY, "Picture too small"),
            Self::PhotosUnusable => (StatusCode::UNPROCESSABLE_ENTITY, "Photos unusable"),
            Self::ImportRefused => (StatusCode::UNPROCESSABLE_ENTITY, "Import refused"),
            Self::InvalidRequest => (StatusCode::UNPROCESSABLE_ENTITY, "Invalid request"),
            Self::Overloaded => (StatusCode::SERVICE_UNAVAILABLE, "Overloaded"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "Unavailable"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "Internal error"),
        }
    }
}

impl From<PictureProblem> for Code {
    fn from(problem: PictureProblem) -> Self {
        match problem {
            PictureProblem::Empty => Self::ImageEmpty,
            PictureProblem::NotAnImage => Self::NotAnImage,
            PictureProblem::Damaged => Self::ImageDamaged,
            PictureProblem::TooManyBytes { .. } | PictureProblem::TooManyPixels { .. } => Self::ImageTooLarge,
            PictureProblem::TooFewPixels { .. } => Self::ImageTooSmall,
        }
    }
}
