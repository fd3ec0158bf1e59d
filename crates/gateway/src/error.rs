//! The one table of what can go wrong, and the only place where an error becomes HTTP.
//!
//! Every error of the gateway is an [`ApiError`]; each has a [`Code`], and each code has a status, a title and a
//! heading in `docs/errors.md`. Answers with a status of 500 and above never carry the cause: it is logged, once,
//! with the request id that the caller sees. No match here has a wildcard: a new error must be given its place.

#![warn(clippy::wildcard_enum_match_arm)]

use std::error::Error as StdError;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use domain::import::ImportProblem;
use domain::picture::PictureProblem;
use messaging::MessagingError;
use serde::{Deserialize, Serialize};
use store::StoreError;
use store::series::PlanError;
use utoipa::ToSchema;

use crate::live::waiting::RecognizedFrame;

mod code;

pub(crate) use code::Code;

type Cause = Box<dyn StdError + Send + Sync>;

/// Why a request was not carried out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    #[error("the request is not what this address takes: {reason}")]
    BadRequest { reason: String },
    #[error("the body is not JSON: {reason}")]
    InvalidJson { reason: String },
    #[error("the body is not a whole multipart/form-data body: {reason}")]
    InvalidMultipart { reason: String },
    #[error("the query is not what this address takes: {reason}")]
    InvalidQuery { reason: String },
    #[error("the cursor was not made by this listing")]
    InvalidCursor,
    #[error("the header `{name}` {reason}")]
    InvalidHeader { name: &'static str, reason: &'static str },
    #[error("this account belongs to no organization: name one in the header X-Organization-Id")]
    OrganizationRequired,
    #[error("this address is a WebSocket: {reason}")]
    WebsocketRequired { reason: String },
    #[error("send `Authorization: Bearer` with a valid token or camera key")]
    Unauthenticated,
    #[error("the e-mail address or the password is wrong")]
    InvalidCredentials,
    #[error("the ticket is unknown, used or too old")]
    InvalidTicket,
    #[error("the refresh token is unknown or too old, or its login has ended")]
    InvalidRefreshToken,
    #[error("the refresh token was used before: its login has ended for everybody who has a token of it")]
    RefreshReused,
    #[error("too many requests in a short time")]
    RateLimited { seconds: u64 },
    #[error("choose another password first: POST /api/v1/users/me/password")]
    PasswordChangeRequired,
    #[error("this account or camera may not do this")]
    Forbidden,
    #[error("this is for pages of this origin only")]
    CrossSite,
    #[error("this account is not of a person whose attendance is taken")]
    NoPerson,
    #[error("there is nothing with this id in this organization")]
    NotFound,
    #[error("there is nothing at this address")]
    UnknownRoute,
    #[error("this address does not take this method")]
    MethodNotAllowed,
    #[error("another one has the same `{field}`")]
    AlreadyExists { field: &'static str },
    #[error("nobody would be left to administer the organization")]
    LastAdmin,
    #[error("the session is not active")]
    SessionNotActive,
    #[error("several sessions are active: name one with `session_id`")]
    SessionAmbiguous,
    #[error("the session's state does not allow this")]
    SessionState,
    #[error("this user is neither a teacher nor an administrator")]
    NotATeacher,
    #[error("the course is not held any more")]
    CourseInactive,
    #[error("the event is void already, or is none that can be made void")]
    NotVoidable,
    #[error("the session counts no arrivals at this time")]
    OutsideHours,
    #[error("the person is not on the roster of the session's course")]
    NotOnRoster,
    #[error("the person has not checked in")]
    NotCheckedIn,
    #[error("somebody else has checked in with this device")]
    DeviceShared,
    #[error("the external id or the PIN is wrong")]
    WrongPin,
    #[error("too many attempts have failed: there is no answer for {seconds} seconds, right or wrong")]
    TooManyAttempts { seconds: u64 },
    #[error("the enrollment is not suspected of being a duplicate")]
    EnrollmentState,
    #[error("the sighting does not say that somebody on the roster was found")]
    NotAMatch,
    #[error("there are no templates to build an index of")]
    NoTemplates,
    #[error("the work of this letter is done, has failed or is gone: there is nothing to try again")]
    NothingToRetry,
    #[error("the request to be erased was decided before")]
    ErasureRequestState,
    #[error("the guided capture takes no more frames")]
    CaptureFinished,
    #[error("the person has not consented to be recognised, or does so no more")]
    ConsentRequired,
    #[error("a face looks like a picture of a face")]
    SpoofSuspected { result: Box<RecognizedFrame> },
    #[error("this Idempotency-Key was used for another request")]
    IdempotencyMismatch,
    #[error("the body did not come in time")]
    BodyTooSlow,
    #[error("the body has more than the {limit} bytes allowed")]
    PayloadTooLarge { limit: usize },
    #[error("the body must be {expected}")]
    UnsupportedMediaType { expected: &'static str },
    #[error("{0}")]
    Picture(PictureProblem),
    #[error("no photo is usable; nothing was stored")]
    PhotosUnusable { errors: Vec<FieldError> },
    #[error("something is wrong with the file; nothing was imported")]
    ImportRefused { errors: Vec<FieldError> },
    #[error("the request is well formed, but not valid")]
    InvalidRequest { errors: Vec<FieldError> },
    #[error("too much is going on at this moment")]
    Overloaded,
    #[error("{what} is away")]
    Unavailable { what: &'static str, source: Cause },
    #[error("something went wrong here")]
    Internal(#[source] Cause),
}

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct FieldError {
    /// Where, as a JSON pointer into the body; photos are counted from 0: `/photos/2`.
    pub pointer: String,
    /// What kind of thing, such as `too_long` or `image_damaged`.
    pub code: String,
    /// What is wrong, in words.
    pub detail: String,
}

impl ApiError {
    /// What kind of thing went wrong.
    pub(crate) fn code(&self) -> Code {
        match self {
            Self::BadRequest { .. } => Code::BadRequest,
            Self::InvalidJson { .. } => Code::InvalidJson,
            Self::InvalidMultipart { .. } => Code::InvalidMultipart,
            Self::InvalidQuery { .. } => Code::InvalidQuery,
            Self::InvalidCursor => Code::InvalidCursor,
            Self::InvalidHeader { .. } => Code::InvalidHeader,
            Self::OrganizationRequired => Code::OrganizationRequired,
            Self::WebsocketRequired { .. } => Code::WebsocketRequired,
            Self::Unauthenticated => Code::Unauthenticated,
            Self::InvalidCredentials => Code::InvalidCredentials,
            Self::InvalidTicket => Code::InvalidTicket,
            Self::InvalidRefreshToken => Code::InvalidRefreshToken,
            Self::RefreshReused => Code::RefreshReused,
            Self::RateLimited { .. } => Code::RateLimited,
            Self::Forbidden => Code::Forbidden,
            Self::PasswordChangeRequired => Code::PasswordChangeRequired,
            Self::CrossSite => Code::CrossSite,
            Self::NoPerson => Code::NoPerson,
            Self::NotFound => Code::NotFound,
            Self::UnknownRoute => Code::UnknownRoute,
            Self::MethodNotAllowed => Code::MethodNotAllowed,
            Self::AlreadyExists { .. } => Code::AlreadyExists,
            Self::LastAdmin => Code::LastAdmin,
            Self::SessionNotActive => Code::SessionNotActive,
            Self::SessionAmbiguous => Code::SessionAmbiguous,
            Self::SessionState => Code::SessionState,
            Self::NotATeacher => Code::NotATeacher,
            Self::CourseInactive => Code::CourseInactive,
            Self::NotVoidable => Code::NotVoidable,
            Self::OutsideHours => Code::OutsideHours,
            Self::NotOnRoster => Code::NotOnRoster,
            Self::NotCheckedIn => Code::NotCheckedIn,
            Self::DeviceShared => Code::DeviceShared,
            Self::WrongPin => Code::WrongPin,
            Self::TooManyAttempts { .. } => Code::TooManyAttempts,
            Self::EnrollmentState => Code::EnrollmentState,
            Self::NotAMatch => Code::NotAMatch,
            Self::NoTemplates => Code::NoTemplates,
            Self::NothingToRetry => Code::NothingToRetry,
            Self::ErasureRequestState => Code::ErasureRequestState,
            Self::CaptureFinished => Code::CaptureFinished,
            Self::ConsentRequired => Code::ConsentRequired,
            Self::SpoofSuspected { .. } => Code::SpoofSuspected,
            Self::IdempotencyMismatch => Code::IdempotencyMismatch,
            Self::BodyTooSlow => Code::BodyTooSlow,
            Self::PayloadTooLarge { .. } => Code::PayloadTooLarge,
            Self::UnsupportedMediaType { .. } => Code::UnsupportedMediaType,
            Self::Picture(problem) => (*problem).into(),
            Self::PhotosUnusable { .. } => Code::PhotosUnusable,
            Self::ImportRefused { .. } => Code::ImportRefused,
            Self::InvalidRequest { .. } => Code::InvalidRequest,
            Self::Overloaded => Code::Overloaded,
            Self::Unavailable { .. } => Code::Unavailable,
            Self::Internal(_) => Code::Internal,
        }
    }

    /// The single things that are wrong, where there is such a list.
    pub(crate) fn errors(&self) -> &[FieldError] {
        if let Self::PhotosUnusable { errors } | Self::ImportRefused { errors } | Self::InvalidRequest { errors } = self
        {
            errors
        } else {
            &[]
        }
    }

    /// What was recognised nevertheless, where there is something.
    pub(crate) fn result(&self) -> Option<&RecognizedFrame> {
        if let Self::SpoofSuspected { result } = self { Some(result) } else { None }
    }

    /// How many seconds a caller should wait before it tries again, where trying again may help.
    pub(crate) fn retry_after_seconds(&self) -> Option<u64> {
        if let Self::TooManyAttempts { seconds } | Self::RateLimited { seconds } = self {
            return Some(*seconds);
        }
        if let Self::Unavailable { .. } = self { Some(5) } else { matches!(self, Self::Overloaded).then_some(1) }
    }

    /// One wrong thing in the body.
    pub(crate) fn invalid(pointer: &str, code: &str, detail: impl Into<String>) -> Self {
        let error = FieldError { pointer: pointer.to_owned(), code: code.to_owned(), detail: detail.into() };
        Self::InvalidRequest { errors: vec![error] }
    }

    /// A file with which these things are wrong: `/users.csv/12/email`, or without the file where there is only one; line 0
    /// stands for the file as a whole.
    pub(crate) fn import_refused(problems: &[ImportProblem]) -> Self {
        let escaped = |part: &str| part.replace('~', "~0").replace('/', "~1");
        let errors = problems.iter().map(|problem| {
            let file = problem.file.as_deref().map(|file| format!("/{}", escaped(file)));
            let column = problem.column.as_deref().map(|column| format!("/{}", escaped(column)));
            let pointer = format!("{}/{}{}", file.unwrap_or_default(), problem.line, column.unwrap_or_default());
            FieldError { pointer, code: problem.code.clone(), detail: problem.detail.clone() }
        });
        Self::ImportRefused { errors: errors.collect() }
    }

    /// A failure of our own that the caller can do nothing about.
    pub(crate) fn internal(cause: impl Into<Cause>) -> Self {
        Self::Internal(cause.into())
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::Conflict { what: "state" } => Self::SessionState,
            StoreError::Conflict { what: "consent" } => Self::ConsentRequired,
            StoreError::Conflict { what: "last_admin" } => Self::LastAdmin,
            StoreError::Conflict { what: "voids" } => Self::NotVoidable,
            StoreError::Conflict { what: "device" } => Self::DeviceShared,
            StoreError::Conflict { what } => Self::AlreadyExists { field: what },
            StoreError::NotActive => Self::SessionNotActive,
            StoreError::Unavailable(_) => Self::Unavailable { what: "the database", source: Box::new(error) },
            StoreError::Corrupt { .. }
            | StoreError::Settings(_)
            | StoreError::Migration(_)
            | StoreError::Database(_) => Self::internal(error),
        }
    }
}

impl From<PlanError> for ApiError {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Store(error) => error.into(),
            PlanError::Series { .. } => Self::invalid("", "series", error.to_string()),
        }
    }
}

impl From<MessagingError> for ApiError {
    fn from(error: MessagingError) -> Self {
        match error {
            MessagingError::Unavailable { server, .. } => Self::Unavailable { what: server, source: Box::new(error) },
            MessagingError::Settings(_) | MessagingError::Malformed(_) => Self::internal(error),
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.code().entry().0
    }

    /// Only the status: the middleware of [`crate::request`] writes the problem, since it knows the request's id.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}
