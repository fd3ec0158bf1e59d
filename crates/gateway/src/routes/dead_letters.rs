//! Jobs that failed too often: to be seen, sent to the workers again, or discarded.
//!
//! Who looks holds the letters meanwhile, so that one who looks too would see none: a lock in Postgres has all gateways
//! look one after the other. Losing it, or the broker, loses no letter.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};
use chrono::{DateTime, Utc};
use domain::audit::AuditAction;
use domain::class_photo::ClassPhotoState;
use domain::enrollment::EnrollmentState;
use domain::id::{ClassPhotoId, EnrollmentId, OrganizationId, PersonId, SessionId};
use messaging::{DeadJob, HeldLetter, JobQueue};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Conn, StoreError};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::auth::access::InstallationAdmin;
use crate::error::ApiError;
use crate::state::Gateway;

/// Letters of one answer.
const MOST_SHOWN: usize = 100;
/// Letters of one queue that are looked through.
const MOST_HELD: usize = 1000;
/// The advisory lock of whoever looks.
const LOOKING: i64 = 0x6465_6164_206C_6574;

/// A queue whose messages are laid aside when they fail too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DeadLetterQueue {
    Enrollments,
    Photos,
}

impl From<JobQueue> for DeadLetterQueue {
    fn from(queue: JobQueue) -> Self {
        match queue {
            JobQueue::Enrollments => Self::Enrollments,
            JobQueue::Photos => Self::Photos,
        }
    }
}

/// How the work of a letter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WorkState {
    /// It was never done: to be tried again.
    Pending,
    Completed,
    /// It was given up, and its pictures with it.
    Failed,
    DuplicateSuspected,
    /// It was deleted, for instance with its person.
    Gone,
    /// The letter is not one that this version knows.
    Unknown,
}

impl From<EnrollmentState> for WorkState {
    fn from(state: EnrollmentState) -> Self {
        match state {
            EnrollmentState::Pending => Self::Pending,
            EnrollmentState::Completed => Self::Completed,
            EnrollmentState::Failed => Self::Failed,
            EnrollmentState::DuplicateSuspected => Self::DuplicateSuspected,
        }
    }
}

impl From<ClassPhotoState> for WorkState {
    fn from(state: ClassPhotoState) -> Self {
        match state {
            ClassPhotoState::Pending => Self::Pending,
            ClassPhotoState::Completed => Self::Completed,
            ClassPhotoState::Failed => Self::Failed,
        }
    }
}

/// A message that failed too often. What it is about is named by ids; pictures are in no letter.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeadLetter {
    /// The same in each listing.
    id: String,
    /// The queue that it came from.
    queue: DeadLetterQueue,
    /// When it was laid aside, to the second.
    died_at: Option<DateTime<Utc>>,
    /// Why, in the words of RabbitMQ: `rejected` by a worker that cannot do it, `delivery_limit` after too many tries.
    reason: Option<String>,
    content_type: Option<String>,
    /// Length of the message.
    bytes: usize,
    organization_id: Option<OrganizationId>,
    enrollment_id: Option<EnrollmentId>,
    /// The person of the enrollment.
    person_id: Option<PersonId>,
    class_photo_id: Option<ClassPhotoId>,
    /// The session of the class photo.
    session_id: Option<SessionId>,
    /// How the work stands.
    state: WorkState,
    /// Whether trying again can help: only what is `pending`, and what is `unknown`, which another version may know.
    can_retry: bool,
}

impl DeadLetter {
    fn new(letter: &messaging::DeadLetter) -> Self {
        let (enrollment, photo) = match &letter.job {
            Some(DeadJob::Enrollment(job)) => (Some((job.organization_id, job.enrollment_id)), None),
            Some(DeadJob::ClassPhoto(job)) => (None, Some((job.organization_id, job.class_photo_id))),
            None => (None, None),
        };
        Self {
            id: letter.id.clone(),
            queue: letter.queue.into(),
            died_at: letter.died_at,
            reason: letter.reason.clone(),
            content_type: letter.content_type.clone(),
            bytes: letter.bytes,
            organization_id: enrollment.map(|(id, _)| id).or(photo.map(|(id, _)| id)),
            enrollment_id: enrollment.map(|(_, id)| id),
            person_id: None,
            class_photo_id: photo.map(|(_, id)| id),
            session_id: None,
            state: if letter.job.is_some() { WorkState::Gone } else { WorkState::Unknown },
            can_retry: letter.job.is_none(),
        }
    }

    fn stands(&mut self, state: WorkState) {
        self.state = state;
        self.can_retry = matches!(state, WorkState::Pending | WorkState::Unknown);
    }

    /// The row that it is about.
    fn subject(&self) -> Option<Uuid> {
        self.enrollment_id.map(|id| id.uuid()).or(self.class_photo_id.map(|id| id.uuid()))
    }
}

/// Looks up how the work of letters stands.
async fn look_up(conn: &mut Conn, letters: &mut [DeadLetter]) -> Result<(), StoreError> {
    let enrollments: Vec<EnrollmentId> = letters.iter().filter_map(|letter| letter.enrollment_id).collect();
    let photos: Vec<ClassPhotoId> = letters.iter().filter_map(|letter| letter.class_photo_id).collect();
    let enrollments = store::enrollments::find_all(conn, &enrollments).await?;
    let photos = store::class_photos::find_all(conn, &photos).await?;
    for letter in letters {
        let of = letter.organization_id;
        let is_it = |row: &&domain::enrollment::Enrollment| {
            Some(row.id) == letter.enrollment_id && Some(row.organization_id) == of
        };
        if let Some(enrollment) = enrollments.iter().find(is_it) {
            letter.person_id = Some(enrollment.person_id);
            letter.stands(enrollment.state.into());
        }
        let is_it = |row: &&domain::class_photo::ClassPhoto| {
            Some(row.id) == letter.class_photo_id && Some(row.organization_id) == of
        };
        if let Some(photo) = photos.iter().find(is_it) {
            letter.session_id = Some(photo.session_id);
            letter.stands(photo.state.into());
        }
    }
    Ok(())
}

/// Which letters are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeadLetterQuery {
    /// Only those of this queue.
    queue: Option<DeadLetterQueue>,
}

/// Dead letters.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeadLetters {
    /// At most 100.
    items: Vec<DeadLetter>,
}

/// Lists the jobs that failed too often, the newest first, at most 100. For administrators of the installation.
///
/// How many there are is said by `GET /api/v1/queues`.
#[utoipa::path(get, path = "/api/v1/dead-letters", tag = "queues", params(DeadLetterQuery),
    responses((status = 200, description = "The letters.", body = DeadLetters)))]
pub(crate) async fn list_dead_letters(
    _: InstallationAdmin,
    gateway: Data<Gateway>,
    query: Query<DeadLetterQuery>,
) -> Result<Json<DeadLetters>, ApiError> {
    let items = gateway
        .change(async |tx| {
            store::locks::wait(tx, LOOKING).await?;
            let mut letters = Vec::new();
            for queue in JobQueue::ALL {
                if query.queue.is_none_or(|wanted| wanted == queue.into()) {
                    let held = gateway.broker.hold_dead_letters(queue, MOST_HELD).await?;
                    letters.extend(held.letters().map(DeadLetter::new));
                    held.give_back().await?;
                }
            }
            letters.sort_by(|a, b| (b.died_at, &a.id).cmp(&(a.died_at, &b.id)));
            letters.truncate(MOST_SHOWN);
            look_up(tx, &mut letters).await?;
            Ok(letters)
        })
        .await?;
    Ok(Json(DeadLetters { items }))
}

/// Sends a dead letter to the workers once more. For administrators of the installation.
///
/// The letter goes only when the broker has the job on disk, so it may be sent twice and is never lost: jobs can be done
/// twice.
#[utoipa::path(post, path = "/api/v1/dead-letters/{dead_letter_id}/retry", tag = "queues",
    params(("dead_letter_id" = String, Path)),
    responses((status = 204, description = "It waits for a worker again.")))]
pub(crate) async fn retry_dead_letter(
    admin: InstallationAdmin,
    gateway: Data<Gateway>,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    settle(&admin, &gateway, &path, Settlement::Retry).await
}

/// Throws a dead letter away. For administrators of the installation.
///
/// What it is about stays as it is: while an enrollment is pending, the scheduler's sweep sends its job again in time.
#[utoipa::path(delete, path = "/api/v1/dead-letters/{dead_letter_id}", tag = "queues",
    params(("dead_letter_id" = String, Path)),
    responses((status = 204, description = "It is gone.")))]
pub(crate) async fn discard_dead_letter(
    admin: InstallationAdmin,
    gateway: Data<Gateway>,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    settle(&admin, &gateway, &path, Settlement::Discard).await
}

/// What becomes of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Settlement {
    Retry,
    Discard,
}

/// Deals with a letter: the job is sent, then it is written down, then the letter goes. Whoever dies in between leaves the
/// letter where it was.
async fn settle(
    admin: &InstallationAdmin,
    gateway: &Gateway,
    id: &str,
    settlement: Settlement,
) -> Result<HttpResponse, ApiError> {
    let held = gateway
        .change(async |tx| {
            store::locks::wait(tx, LOOKING).await?;
            let held = find(gateway, id).await?;
            let mut letter = DeadLetter::new(held.letter());
            look_up(tx, std::slice::from_mut(&mut letter)).await?;
            if settlement == Settlement::Retry {
                if !letter.can_retry {
                    return Err(ApiError::NothingToRetry);
                }
                held.send_again().await?;
            }
            write_down(tx, admin, &letter, settlement).await?;
            Ok(held)
        })
        .await?;
    held.remove().await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The letter with this id, held; all others are given back.
async fn find(gateway: &Gateway, id: &str) -> Result<HeldLetter, ApiError> {
    for queue in JobQueue::ALL {
        let held = gateway.broker.hold_dead_letters(queue, MOST_HELD).await?;
        if let Some(found) = held.keep(|letter| letter.id == id).await? {
            return Ok(found);
        }
    }
    Err(ApiError::NotFound)
}

/// In the log of the organization whose work it is; where there is none, in that of the installation.
async fn write_down(
    tx: &mut Conn,
    admin: &InstallationAdmin,
    letter: &DeadLetter,
    settlement: Settlement,
) -> Result<(), ApiError> {
    let action = match settlement {
        Settlement::Retry => AuditAction::DeadLetterRetried,
        Settlement::Discard => AuditAction::DeadLetterDiscarded,
    };
    let organization = match letter.organization_id {
        None => None,
        Some(id) => match store::organizations::find(tx, id).await {
            Ok(_) => Some(id),
            Err(StoreError::NotFound) => None,
            Err(error) => return Err(error.into()),
        },
    };
    let details = json!({"dead_letter_id": letter.id, "queue": letter.queue, "state": letter.state});
    store::audit::append(tx, &admin.0.entry(organization, action, letter.subject(), details)).await?;
    Ok(())
}
