//! What a session's faces were held against.

use actix_web::web::{Data, Json, Path};
use domain::contract::ContractId;
use domain::id::SessionId;
use domain::organization::LivenessPolicy;
use serde::Serialize;
use store::sessions::UsedThreshold;
use utoipa::ToSchema;

use crate::auth::access::Allowed;
use crate::auth::permission::SeeAttendance;
use crate::error::ApiError;
use crate::state::Gateway;

/// What was wanted of the recognition in a session, and what was used.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionRecognition {
    /// How often a stranger may be marked as somebody, 0 to 1, as the course wants it now, else the organization; `null`:
    /// as the workers are set.
    false_match_rate: Option<f64>,
    /// The cosine that the organization wants used whatever the rate says, -1 to 1.
    forced_threshold: Option<f32>,
    /// What the course, else the organization, wants done about pictures of faces.
    liveness: LivenessPolicy,
    /// What of this the course says itself.
    course: CourseRecognition,
    /// What the session's sightings were held against: one for each contract and threshold.
    used: Vec<ThresholdUse>,
}

/// What a course says about the recognition; where it says nothing, its organization does.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CourseRecognition {
    false_match_rate: Option<f64>,
    liveness: Option<LivenessPolicy>,
}

/// A threshold that sightings were held against.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ThresholdUse {
    /// Which model made the comparison.
    contract: ContractId,
    /// The cosine that was needed, -1 to 1.
    threshold: f32,
    /// How many sightings were held against it.
    sightings: i64,
    /// How many of them marked somebody.
    marked: i64,
}

impl From<UsedThreshold> for ThresholdUse {
    fn from(used: UsedThreshold) -> Self {
        let UsedThreshold { contract, threshold, sightings, marked } = used;
        Self { contract, threshold, sightings, marked }
    }
}

/// Shows what is wanted of the recognition in a session's course, and the thresholds that its faces were held against.
///
/// Recognition follows the course and the organization as they are now, not the copy of the course's policy that the
/// session keeps for its attendance.
#[utoipa::path(get, path = "/api/v1/sessions/{session_id}/recognition", tag = "attendance",
    params(("session_id" = SessionId, Path)),
    responses((status = 200, description = "What was wanted and used.", body = SessionRecognition)))]
pub(crate) async fn show_recognition(
    access: Allowed<SeeAttendance>,
    gateway: Data<Gateway>,
    path: Path<SessionId>,
) -> Result<Json<SessionRecognition>, ApiError> {
    let mut conn = gateway.connection().await?;
    let organization_id = access.organization_id;
    let session = access.require_session(&mut conn, path.into_inner()).await?;
    let used = store::sessions::thresholds(&mut conn, organization_id, session.id).await?;
    let course = store::courses::find(&mut conn, organization_id, session.course_id).await?.policy;
    let policy = course.recognition(store::organizations::find(&mut conn, organization_id).await?.policy);
    Ok(Json(SessionRecognition {
        false_match_rate: policy.false_match_rate,
        forced_threshold: policy.forced_threshold,
        liveness: policy.liveness,
        course: CourseRecognition { false_match_rate: course.false_match_rate, liveness: course.liveness },
        used: used.into_iter().map(Into::into).collect(),
    }))
}
