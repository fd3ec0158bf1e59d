//! What an admin says about two people who look the same.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use domain::audit::AuditAction;
use domain::event::{Event, EventBody, PhotoOutcome};
use domain::id::EnrollmentId;
use serde_json::json;
use store::StoreError;

use crate::auth::access::Allowed;
use crate::auth::permission::JudgeDuplicates;
use crate::clock;
use crate::error::ApiError;
use crate::jobs::publish_enrollment;
use crate::reply;
use crate::routes::enrollments::{Enrollment, find_shown};
use crate::state::Gateway;

/// Says that the person of an enrollment and the one who looks the same are two people.
///
/// Only for an enrollment that is `duplicate_suspected`; it is pending again, and its photos are looked at again.
#[utoipa::path(post, path = "/api/v1/enrollments/{enrollment_id}/confirm-distinct", tag = "enrollments",
    params(("enrollment_id" = EnrollmentId, Path)),
    responses((status = 202, description = "The photos will be looked at again.", body = Enrollment)))]
pub(crate) async fn confirm_distinct(
    access: Allowed<JudgeDuplicates>,
    gateway: Data<Gateway>,
    path: Path<EnrollmentId>,
) -> Result<HttpResponse, ApiError> {
    let (organization_id, id) = (access.organization_id, path.into_inner());
    let enrollment = gateway
        .change(async |tx| {
            let confirmed = store::enrollments::confirm_distinct(tx, organization_id, id, clock::now()).await;
            confirmed.map_err(not_suspected)?;
            let enrollment = find_shown(tx, organization_id, id).await?;
            let entry = access.entry(AuditAction::EnrollmentConfirmedDistinct, id.uuid(), about(&enrollment));
            store::audit::append(tx, &entry).await?;
            Ok(enrollment)
        })
        .await?;
    publish_enrollment(&gateway, organization_id, id).await;
    Ok(reply::accepted(format!("/api/v1/enrollments/{id}"), enrollment))
}

/// Gives an enrollment up whose person is somebody else who was enrolled before.
///
/// Only for an enrollment that is `duplicate_suspected`; it has failed then, and its pictures are gone.
#[utoipa::path(post, path = "/api/v1/enrollments/{enrollment_id}/dismiss", tag = "enrollments",
    params(("enrollment_id" = EnrollmentId, Path)),
    responses((status = 200, description = "It is given up.", body = Enrollment)))]
pub(crate) async fn dismiss(
    access: Allowed<JudgeDuplicates>,
    gateway: Data<Gateway>,
    path: Path<EnrollmentId>,
) -> Result<Json<Enrollment>, ApiError> {
    let (organization_id, id) = (access.organization_id, path.into_inner());
    let enrollment = gateway
        .change(async |tx| {
            store::enrollments::dismiss(tx, organization_id, id, clock::now()).await.map_err(not_suspected)?;
            let enrollment = find_shown(tx, organization_id, id).await?;
            let entry = access.entry(AuditAction::EnrollmentDismissed, id.uuid(), about(&enrollment));
            store::audit::append(tx, &entry).await?;
            Ok(enrollment)
        })
        .await?;
    gateway.announce(&Event { organization_id, body: finished(&enrollment) }).await;
    Ok(Json(enrollment))
}

/// What the audit log is told: who it is about, and who looks the same.
fn about(enrollment: &Enrollment) -> serde_json::Value {
    json!({"person_id": enrollment.person_id, "duplicate_of": enrollment.duplicate_of()})
}

fn not_suspected(error: StoreError) -> ApiError {
    match error {
        StoreError::Conflict { .. } => ApiError::EnrollmentState,
        other => other.into(),
    }
}

fn finished(enrollment: &Enrollment) -> EventBody {
    let photos = enrollment.photos.iter().map(|photo| PhotoOutcome {
        photo_id: photo.id,
        state: photo.state,
        rejection: photo.rejection,
        quality: photo.quality,
    });
    EventBody::EnrollmentFinished {
        enrollment_id: enrollment.id,
        person_id: enrollment.person_id,
        state: enrollment.state,
        photos: photos.collect(),
    }
}
