//! Photos of many people, each in a folder of their own.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::audit::AuditAction;
use domain::id::{EnrollmentId, OrganizationId, PersonId};
use domain::import::photos::Owner;
use domain::person::{Person, PersonKind};
use serde_json::json;
use uuid::Uuid;

use crate::enrollments::{NewEnrollment, NewPhoto};
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::people;
use crate::sealer::Sealer;
use crate::{consents, enrollments};

/// The photos of one folder.
#[derive(Clone)]
pub struct FolderPhotos {
    /// Whom the folder is named after.
    pub owner: Owner,
    /// What somebody is who is not known yet.
    pub kind: PersonKind,
    /// The photos, at least one.
    pub photos: Vec<NewPhoto>,
}

/// Why nobody was enrolled with a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FolderRefusal {
    /// Nobody has this external id, and the folder says no name.
    #[error("nobody has this external id, and without a name after `_` nobody can be registered")]
    NameMissing,
    /// None of the photos can be read.
    #[error("none of the photos can be read")]
    PhotosUnusable,
    /// The person has not consented, or does so no more.
    #[error("the person has not consented to be recognised, or does so no more")]
    ConsentRequired,
}

impl FolderRefusal {
    /// The stable word for it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NameMissing => "name_missing",
            Self::PhotosUnusable => "photos_unusable",
            Self::ConsentRequired => "consent_required",
        }
    }
}

/// What a folder came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// Whose photos they are.
    pub person_id: PersonId,
    /// Whether they were registered with it.
    pub is_new: bool,
    /// The enrollment, which is pending: the caller publishes its job.
    pub enrollment_id: EnrollmentId,
}

impl Taken {
    /// What the audit log is told of it: action, subject and details.
    #[must_use]
    pub fn told(&self) -> Vec<(AuditAction, Uuid, serde_json::Value)> {
        let registered = (AuditAction::PersonCreated, self.person_id.uuid(), json!({}));
        let details = json!({"person_id": self.person_id, "from": "archive"});
        let enrolled = (AuditAction::EnrollmentCreated, self.enrollment_id.uuid(), details);
        self.is_new.then_some(registered).into_iter().chain([enrolled]).collect()
    }
}

/// Makes an enrollment of the photos of a folder, and registers its person where nobody has the external id; where nobody
/// may be enrolled, nothing is written.
///
/// # Errors
/// [`StoreError::Conflict`] when somebody else takes the external id at the same moment.
pub async fn folder(
    tx: &mut Conn,
    sealer: &Sealer,
    organization: OrganizationId,
    folder: FolderPhotos,
    now: DateTime<Utc>,
) -> Result<Result<Taken, FolderRefusal>, StoreError> {
    if folder.photos.iter().all(|photo| photo.image.is_err()) {
        return Ok(Err(FolderRefusal::PhotosUnusable));
    }
    let taken = tx
        .transaction(async |tx| {
            let known = find(tx, organization, &folder.owner.external_id).await?;
            let (person_id, is_new) = match (known, folder.owner.name) {
                (Some(id), _) => (id, false),
                (None, None) => return Err(Undone::Refused(FolderRefusal::NameMissing)),
                (None, Some(name)) => {
                    let new = Person::new(organization, folder.kind, folder.owner.external_id, name, now);
                    crate::people::insert(tx, &new).await?;
                    (new.id, true)
                }
            };
            match consents::require(tx, organization, person_id).await {
                Err(StoreError::Conflict { what: "consent" }) => {
                    return Err(Undone::Refused(FolderRefusal::ConsentRequired));
                }
                other => other?,
            }
            let id = EnrollmentId::new();
            let new = NewEnrollment { id, organization_id: organization, person_id, photos: folder.photos };
            enrollments::insert(tx, sealer, new, now).await?;
            Ok(Taken { person_id, is_new, enrollment_id: id })
        })
        .await;
    match taken {
        Ok(taken) => Ok(Ok(taken)),
        Err(Undone::Refused(refusal)) => Ok(Err(refusal)),
        Err(Undone::Failed(error)) => Err(error),
    }
}

/// Why what was begun is taken back.
enum Undone {
    Refused(FolderRefusal),
    Failed(StoreError),
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl From<diesel::result::Error> for Undone {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(error.into())
    }
}

async fn find(
    conn: &mut Conn,
    organization: OrganizationId,
    external_id: &str,
) -> Result<Option<PersonId>, StoreError> {
    let found: Option<Uuid> = people::table
        .filter(people::organization_id.eq(organization.uuid()))
        .filter(people::external_id.eq(external_id))
        .select(people::id)
        .first(conn)
        .await
        .optional()?;
    Ok(found.map(Into::into))
}
