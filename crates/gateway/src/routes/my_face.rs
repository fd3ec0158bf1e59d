//! What members do about their own face: consent, enroll, and take both back.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path, Payload, Query};
use actix_web::{HttpRequest, HttpResponse};
use domain::audit::AuditAction;
use domain::consent::Consent;
use domain::id::{EnrollmentId, GuidedCaptureId};
use domain::person::Person;
use domain::wire::Page;

use crate::auth::access::Myself;
use crate::error::ApiError;
use crate::idempotency::IdempotencyKey;
use crate::live::waiting::WaitQuery;
use crate::page::PageQuery;
use crate::reply;
use crate::routes::consents::{self, About, ConsentWithdrawn, NewConsent, NewWithdrawal};
use crate::routes::enrollments::{self, Enrollment, Photos};
use crate::routes::guided_captures::{self, Capture};
use crate::state::Gateway;

fn about(me: &Myself) -> About {
    About { organization_id: me.organization_id, person_id: me.person_id, recorded_by: me.user.actor.user_id }
}

/// Refuses where the organization does not let members enroll themselves.
async fn check_allowed(gateway: &Gateway, me: &Myself) -> Result<(), ApiError> {
    let organization = store::organizations::find(&mut *gateway.connection().await?, me.organization_id).await?;
    if organization.settings.members_may_enroll { Ok(()) } else { Err(ApiError::Forbidden) }
}

/// Shows the person that you are, without the notes of staff.
#[utoipa::path(get, path = "/api/v1/users/me/person", tag = "me",
    responses((status = 200, description = "The person.", body = Person)))]
pub(crate) async fn show_my_person(me: Myself, gateway: Data<Gateway>) -> Result<Json<Person>, ApiError> {
    let mut conn = gateway.connection().await?;
    let person = store::people::find(&mut conn, me.organization_id, me.person_id).await?;
    Ok(Json(Person { notes: None, ..person }))
}

/// Consents to be recognised.
#[utoipa::path(post, path = "/api/v1/users/me/consents", tag = "me", params(IdempotencyKey),
    responses((status = 201, description = "It is on record.", body = Consent)))]
pub(crate) async fn give_my_consent(
    me: Myself,
    key: IdempotencyKey,
    gateway: Data<Gateway>,
    body: Json<NewConsent>,
) -> Result<HttpResponse, ApiError> {
    let consent = body.parse(about(&me))?;
    let once = key.of(&me.user.actor, Some(me.organization_id), &*body)?;
    let made = once
        .run(&gateway, StatusCode::CREATED, async |tx| {
            let recorded = store::consents::record(tx, &consent).await?.consent;
            let (subject, details) = (me.person_id.uuid(), consents::details(&recorded));
            let entry = me.user.entry(Some(me.organization_id), AuditAction::ConsentGiven, subject, details);
            store::audit::append(tx, &entry).await?;
            Ok(recorded)
        })
        .await?;
    Ok(reply::created("/api/v1/users/me/consents".to_owned(), made))
}

/// Lists what is on record about your consent; the last one counts.
#[utoipa::path(get, path = "/api/v1/users/me/consents", tag = "me", params(PageQuery),
    responses((status = 200, description = "A page of them, oldest first.", body = Page<Consent>)))]
pub(crate) async fn list_my_consents(
    me: Myself,
    gateway: Data<Gateway>,
    query: Query<PageQuery>,
) -> Result<Json<Page<Consent>>, ApiError> {
    consents::listed(&gateway, me.organization_id, me.person_id, &query).await
}

/// Consents no more, and has your face forgotten, at once.
#[utoipa::path(post, path = "/api/v1/users/me/consents/withdraw", tag = "me",
    responses((status = 200, description = "It is on record, and the face is forgotten.", body = ConsentWithdrawn)))]
pub(crate) async fn withdraw_my_consent(
    me: Myself,
    gateway: Data<Gateway>,
    body: Json<NewWithdrawal>,
) -> Result<Json<ConsentWithdrawn>, ApiError> {
    let consent = body.parse(about(&me))?;
    let withdrawal = gateway
        .change(async |tx| {
            let withdrawal = store::consents::record(tx, &consent).await?;
            let (subject, details) = (me.person_id.uuid(), consents::withdrawal_details(&withdrawal));
            let entry = me.user.entry(Some(me.organization_id), AuditAction::ConsentWithdrawn, subject, details);
            store::audit::append(tx, &entry).await?;
            Ok(withdrawal)
        })
        .await?;
    Ok(consents::told(&gateway, withdrawal).await)
}

/// Enrolls your own face with photos, where the organization lets its members.
#[utoipa::path(post, path = "/api/v1/users/me/enrollments", tag = "me", params(IdempotencyKey),
    request_body(content = Photos, content_type = "multipart/form-data"),
    responses((status = 202, description = "The photos will be looked at.", body = Enrollment)))]
pub(crate) async fn enroll_myself(
    me: Myself,
    key: IdempotencyKey,
    gateway: Data<Gateway>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    check_allowed(&gateway, &me).await?;
    let photos = enrollments::receive(&gateway, &request, payload).await?;
    let once = key.of(&me.user.actor, Some(me.organization_id), &photos.digests())?;
    let entry = |id: EnrollmentId, details| {
        me.user.entry(Some(me.organization_id), AuditAction::EnrollmentCreated, id.uuid(), details)
    };
    let enrollment =
        enrollments::enroll(&gateway, once, (me.organization_id, me.person_id), photos, entry).await?.of_member();
    Ok(reply::accepted(format!("/api/v1/users/me/enrollments/{}", enrollment.id), enrollment))
}

/// Lists your enrollments.
#[utoipa::path(get, path = "/api/v1/users/me/enrollments", tag = "me", params(PageQuery),
    responses((status = 200, description = "A page of them, oldest first.", body = Page<Enrollment>)))]
pub(crate) async fn list_my_enrollments(
    me: Myself,
    gateway: Data<Gateway>,
    query: Query<PageQuery>,
) -> Result<Json<Page<Enrollment>>, ApiError> {
    let page = enrollments::listed(&gateway, me.organization_id, me.person_id, &query).await?;
    Ok(Json(Page { items: page.items.into_iter().map(Enrollment::of_member).collect(), next: page.next }))
}

/// Shows one of your enrollments, and what became of each photo.
#[utoipa::path(get, path = "/api/v1/users/me/enrollments/{enrollment_id}", tag = "me",
    params(("enrollment_id" = EnrollmentId, Path)),
    responses((status = 200, description = "The enrollment.", body = Enrollment)))]
pub(crate) async fn show_my_enrollment(
    me: Myself,
    gateway: Data<Gateway>,
    path: Path<EnrollmentId>,
) -> Result<Json<Enrollment>, ApiError> {
    let mut conn = gateway.connection().await?;
    let enrollment = enrollments::find_shown(&mut conn, me.organization_id, path.into_inner()).await?;
    if enrollment.person_id == me.person_id { Ok(Json(enrollment.of_member())) } else { Err(ApiError::NotFound) }
}

/// Begins a guided capture of your own face, where the organization lets its members enroll.
#[utoipa::path(post, path = "/api/v1/users/me/guided-captures", tag = "me",
    responses((status = 201, description = "It takes frames.", body = Capture)))]
pub(crate) async fn capture_myself(me: Myself, gateway: Data<Gateway>) -> Result<HttpResponse, ApiError> {
    check_allowed(&gateway, &me).await?;
    let entry = |id: GuidedCaptureId, details| {
        me.user.entry(Some(me.organization_id), AuditAction::GuidedCaptureCreated, id.uuid(), details)
    };
    let capture = guided_captures::begin(&gateway, me.organization_id, me.person_id, entry).await?;
    Ok(reply::created(format!("/api/v1/users/me/guided-captures/{}", capture.id), capture))
}

/// Shows one of your guided captures.
#[utoipa::path(get, path = "/api/v1/users/me/guided-captures/{guided_capture_id}", tag = "me",
    params(("guided_capture_id" = GuidedCaptureId, Path)),
    responses((status = 200, description = "The capture.", body = Capture)))]
pub(crate) async fn show_my_capture(
    me: Myself,
    gateway: Data<Gateway>,
    path: Path<GuidedCaptureId>,
) -> Result<Json<Capture>, ApiError> {
    guided_captures::shown(&gateway, me.organization_id, Some(me.person_id), path.into_inner()).await
}

/// Sends one frame to one of your guided captures.
#[utoipa::path(post, path = "/api/v1/users/me/guided-captures/{guided_capture_id}/frames", tag = "me",
    params(("guided_capture_id" = GuidedCaptureId, Path), WaitQuery),
    request_body(content = Vec<u8>, content_type = "image/jpeg", description = "A JPEG of at most 10 MiB."),
    responses((status = 200, description = "It was looked at in time.", body = Capture),
        (status = 202, description = "It will be looked at; how the capture stands now.", body = Capture)))]
pub(crate) async fn send_my_look(
    me: Myself,
    gateway: Data<Gateway>,
    path: Path<GuidedCaptureId>,
    query: Query<WaitQuery>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let of = (me.organization_id, Some(me.person_id), path.into_inner());
    guided_captures::look(&gateway, of, query.read()?, &request, payload).await
}
