//! "Not this person": what is said about a face that was taken for somebody else.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path, Query};
use domain::attendance::AttendanceChange;
use domain::audit::AuditAction;
use domain::event::{Event, EventBody};
use domain::id::{CourseId, FrameId, OrganizationId, PersonId, RejectionId, SessionId};
use domain::rejection::Rejection;
use domain::wire::Page;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::StoreError;
use store::rejections::{NewRejection, RejectedSighting};
use utoipa::ToSchema;

use crate::auth::access::Allowed;
use crate::auth::permission::{RejectMatches, SeeAttendance};
use crate::clock;
use crate::error::ApiError;
use crate::idempotency::IdempotencyKey;
use crate::page::PageQuery;
use crate::reply;
use crate::state::Gateway;
use crate::validation::Validation;

/// Most characters of a reason.
const REASON: usize = 500;

/// What is wrong about a match.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NotThisPerson {
    /// Whose face it is, if that is known; they are marked then.
    actual_person_id: Option<PersonId>,
    /// Why, in words, 1 to 500 characters.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// What has to be told once a change is committed.
struct News {
    session_id: SessionId,
    changes: Vec<AttendanceChange>,
    bumped: Vec<(CourseId, i64)>,
}

impl News {
    async fn tell(self, gateway: &Gateway, organization_id: OrganizationId) {
        gateway.raise_course_versions(&self.bumped).await;
        if !self.changes.is_empty() {
            let body = EventBody::AttendanceChanged { session_id: self.session_id, changes: self.changes };
            gateway.announce(&Event { organization_id, body }).await;
        }
    }
}

/// Says that a face of a session is not the person's whom it was taken for.
///
/// The person's attendance is reckoned anew without it; whoever it really is, where that is said, is marked as having come
/// when the face was seen. The face is remembered, if it is still kept: from the next frame on faces that are more like it
/// than like the person are not taken for the person, in the whole organization.
#[utoipa::path(post, path = "/api/v1/sessions/{session_id}/sightings/{frame_id}/{face_index}/reject", tag = "attendance",
    params(("session_id" = SessionId, Path), ("frame_id" = FrameId, Path),
        ("face_index" = i16, Path, description = "Position of the face in its frame, from 0."), IdempotencyKey),
    responses((status = 201, description = "It is not that person's.", body = Rejection)))]
pub(crate) async fn reject_sighting(
    access: Allowed<RejectMatches>,
    key: IdempotencyKey,
    gateway: Data<Gateway>,
    path: Path<(SessionId, FrameId, i16)>,
    body: Json<NotThisPerson>,
) -> Result<HttpResponse, ApiError> {
    let (organization_id, (session_id, frame_id, face_index)) = (access.organization_id, path.into_inner());
    let mut validation = Validation::default();
    let reason = validation.text("/reason", &body.reason, REASON);
    let new = validation.finish(NewRejection {
        id: RejectionId::new(),
        organization_id,
        sighting: RejectedSighting { session_id, frame_id, face_index },
        actual_person_id: body.actual_person_id,
        reason,
        rejected_by: access.actor.user_id,
        at: clock::now(),
    })?;
    let once = key.of(&access.actor, Some(organization_id), &*body)?;
    let mut news = None;
    let made = once
        .run(&gateway, StatusCode::CREATED, async |tx| {
            access.require_session(tx, session_id).await?;
            let rejected = store::rejections::reject(tx, &gateway.sealer, &new).await.map_err(refused)?;
            let rejection = rejected.rejection;
            let details = json!({"session_id": session_id, "frame_id": frame_id, "face_index": face_index,
                "person_id": rejection.person_id, "actual_person_id": rejection.actual_person_id,
                "is_remembered": rejection.is_remembered});
            let entry = access.entry(AuditAction::MatchRejected, rejection.id.uuid(), details);
            store::audit::append(tx, &entry).await?;
            news = Some(News { session_id, changes: rejected.changes, bumped: rejected.bumped });
            Ok(rejection)
        })
        .await?;
    if let Some(news) = news {
        news.tell(&gateway, organization_id).await;
    }
    Ok(reply::created(format!("/api/v1/rejections/{}", made.id), made))
}

/// Shows a rejection.
#[utoipa::path(get, path = "/api/v1/rejections/{rejection_id}", tag = "attendance",
    params(("rejection_id" = RejectionId, Path)),
    responses((status = 200, description = "The rejection.", body = Rejection)))]
pub(crate) async fn show_rejection(
    access: Allowed<SeeAttendance>,
    gateway: Data<Gateway>,
    path: Path<RejectionId>,
) -> Result<Json<Rejection>, ApiError> {
    let mut conn = gateway.connection().await?;
    let rejection = store::rejections::find(&mut conn, access.organization_id, path.into_inner()).await?;
    require_session(&access, &mut conn, rejection.session_id).await?;
    Ok(Json(rejection))
}

/// Takes a rejection back: the face is forgotten, and may be taken for the person again; attendance is as it was without it.
#[utoipa::path(delete, path = "/api/v1/rejections/{rejection_id}", tag = "attendance",
    params(("rejection_id" = RejectionId, Path)),
    responses((status = 204, description = "It is taken back.")))]
pub(crate) async fn undo_rejection(
    access: Allowed<RejectMatches>,
    gateway: Data<Gateway>,
    path: Path<RejectionId>,
) -> Result<HttpResponse, ApiError> {
    let (organization_id, id) = (access.organization_id, path.into_inner());
    let news = gateway
        .change(async |tx| {
            let rejection = store::rejections::find(tx, organization_id, id).await?;
            require_session(&access, tx, rejection.session_id).await?;
            let undone = store::rejections::undo(tx, organization_id, id, access.actor.user_id, clock::now()).await?;
            let (session_id, person_id) = (undone.rejection.session_id, undone.rejection.person_id);
            let details = json!({"session_id": session_id, "person_id": person_id});
            let entry = access.entry(AuditAction::MatchRejectionUndone, id.uuid(), details);
            store::audit::append(tx, &entry).await?;
            Ok(News { session_id, changes: undone.changes, bumped: undone.bumped })
        })
        .await?;
    news.tell(&gateway, organization_id).await;
    Ok(HttpResponse::NoContent().finish())
}

/// Lists the faces that were rejected as a person's; for teachers, those of their own courses.
#[utoipa::path(get, path = "/api/v1/people/{person_id}/rejections", tag = "attendance",
    params(("person_id" = PersonId, Path), PageQuery),
    responses((status = 200, description = "A page of them, oldest first.", body = Page<Rejection>)))]
pub(crate) async fn list_rejections(
    access: Allowed<SeeAttendance>,
    gateway: Data<Gateway>,
    path: Path<PersonId>,
    query: Query<PageQuery>,
) -> Result<Json<Page<Rejection>>, ApiError> {
    let (organization_id, person_id, wanted) = (access.organization_id, path.into_inner(), query.read()?);
    let mut conn = gateway.connection().await?;
    store::people::find(&mut conn, organization_id, person_id).await?;
    let own = access.own_courses(&mut conn).await?;
    let (after, limit) = (wanted.after, wanted.fetch());
    let rows = store::rejections::list(&mut conn, organization_id, person_id, own.as_deref(), after, limit).await?;
    Ok(Json(wanted.page(rows, |row| row.id.uuid())))
}

/// Refuses whoever may not see a session's attendance. One that is gone is nobody's own: administrators only.
async fn require_session<P: crate::auth::permission::Permission>(
    access: &Allowed<P>,
    conn: &mut store::Conn,
    session_id: SessionId,
) -> Result<(), ApiError> {
    match access.require_session(conn, session_id).await {
        Ok(_session) => Ok(()),
        Err(ApiError::NotFound) if access.own_courses(conn).await?.is_some() => Err(ApiError::Forbidden),
        Err(ApiError::NotFound) => Ok(()),
        Err(error) => Err(error),
    }
}

fn refused(error: StoreError) -> ApiError {
    match error {
        StoreError::Conflict { what: "outcome" } => ApiError::NotAMatch,
        StoreError::Conflict { what: "actual_person_id" } => ApiError::invalid(
            "/actual_person_id",
            "same_person",
            "must be somebody else than whom the face was taken for",
        ),
        other => other.into(),
    }
}
