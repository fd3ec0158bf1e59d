//! Typed identifiers: a [`PersonId`] can never be passed where a [`CourseId`] is wanted.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// A UUID that identifies a `T`; written everywhere as the plain UUID.
pub struct Id<T>(Uuid, PhantomData<fn() -> T>);

/// Identifies an organization.
pub type OrganizationId = Id<crate::organization::Organization>;
/// Identifies a user.
pub type UserId = Id<crate::user::User>;
/// Identifies one time that a user logged in.
pub type LoginId = Id<crate::user::Login>;
/// Identifies a person.
pub type PersonId = Id<crate::person::Person>;
/// Identifies one thing said about somebody's consent.
pub type ConsentId = Id<crate::consent::Consent>;
/// Identifies a course.
pub type CourseId = Id<crate::course::Course>;
/// Identifies a session.
pub type SessionId = Id<crate::session::Session>;
/// Identifies a series of sessions.
pub type SeriesId = Id<crate::timetable::Series>;
/// Identifies a holiday.
pub type HolidayId = Id<crate::timetable::Holiday>;
/// Identifies a camera.
pub type CameraId = Id<crate::session::Camera>;
/// Identifies an enrollment.
pub type EnrollmentId = Id<crate::enrollment::Enrollment>;
/// Identifies one photo of an enrollment.
pub type PhotoId = Id<crate::enrollment::EnrollmentPhoto>;
/// Identifies a template.
pub type TemplateId = Id<crate::enrollment::Template>;
/// Identifies a class photo, and the frame of its sightings.
pub type ClassPhotoId = Id<crate::class_photo::ClassPhoto>;
/// Identifies a guided capture.
pub type GuidedCaptureId = Id<crate::guided::GuidedCapture>;
/// Identifies a rejection.
pub type RejectionId = Id<crate::rejection::Rejection>;
/// Identifies an event about somebody's attendance.
pub type AttendanceEventId = Id<crate::attendance::AttendanceEvent>;
/// Identifies the receipt of an erasure.
pub type ErasureReceiptId = Id<crate::erasure::ErasureReceipt>;
/// Identifies a request to be erased.
pub type ErasureRequestId = Id<crate::erasure::ErasureRequest>;
/// Identifies a frame.
pub type FrameId = Id<crate::frame::FrameHeader>;

impl<T> Id<T> {
    /// A new identifier; version 7, so identifiers made later sort later.
    #[must_use]
    pub fn new() -> Self {
        Self(Uuid::now_v7(), PhantomData)
    }

    /// The identifier with this UUID.
    #[must_use]
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// The UUID.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

#[cfg(feature = "openapi")]
impl<T> utoipa::PartialSchema for Id<T> {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
        let uuid = SchemaFormat::KnownFormat(KnownFormat::Uuid);
        ObjectBuilder::new().schema_type(Type::String).format(Some(uuid)).into()
    }
}

#[cfg(feature = "openapi")]
impl<T> utoipa::ToSchema for Id<T> {
    fn name() -> std::borrow::Cow<'static, str> {
        std::borrow::Cow::Borrowed("Id")
    }
}

impl<T> Default for Id<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Id<T> {}

impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T> Eq for Id<T> {}

impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

impl<T> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl<T> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl<T> FromStr for Id<T> {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self::from_uuid)
    }
}

impl<T> From<Uuid> for Id<T> {
    fn from(uuid: Uuid) -> Self {
        Self::from_uuid(uuid)
    }
}

impl<T> Serialize for Id<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T> Deserialize<'de> for Id<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Uuid::deserialize(deserializer).map(Self::from_uuid)
    }
}
