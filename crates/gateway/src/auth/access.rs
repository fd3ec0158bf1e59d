//! Extractors that let a handler run only for those who may.

use std::marker::PhantomData;

use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use domain::audit::{AuditAction, AuditActor, NewAuditEntry};
use domain::id::{CourseId, OrganizationId, PersonId};
use domain::user::Role;
use futures_util::future::LocalBoxFuture;
use store::Conn;
use uuid::Uuid;

use crate::auth::permission::Permission;
use crate::auth::token::Actor;
use crate::clock;
use crate::error::ApiError;
use crate::request::RequestId;
use crate::state::Gateway;

const ORGANIZATION_HEADER: &str = "X-Organization-Id";

/// Any logged-in user.
#[derive(Debug)]
pub(crate) struct CurrentUser {
    /// Who.
    pub actor: Actor,
    request_id: RequestId,
}

/// An administrator of the installation, who belongs to no organization.
#[derive(Debug)]
pub(crate) struct InstallationAdmin(pub CurrentUser);

/// A user whose own attendance is taken, as themselves.
#[derive(Debug)]
pub(crate) struct Myself {
    /// Who.
    pub user: CurrentUser,
    /// Where.
    pub organization_id: OrganizationId,
    /// The person that the user is.
    pub person_id: PersonId,
}

/// A user whose role has the permission `P`, in an organization.
#[derive(Debug)]
pub(crate) struct Allowed<P> {
    /// Who.
    pub actor: Actor,
    /// Where: the user's own, or the one that an administrator of the installation names.
    pub organization_id: OrganizationId,
    request_id: RequestId,
    permission: PhantomData<P>,
}

impl CurrentUser {
    /// What the audit log is told when this user has changed something.
    pub(crate) fn entry(
        &self,
        organization_id: Option<OrganizationId>,
        action: AuditAction,
        subject_id: impl Into<Option<Uuid>>,
        details: serde_json::Value,
    ) -> NewAuditEntry {
        let actor = AuditActor::User(self.actor.user_id);
        entry(&self.request_id, organization_id, actor, action, subject_id.into(), details)
    }
}

impl<P: Permission> Allowed<P> {
    /// What the audit log is told when this user has changed something: to be appended last in the transaction of the
    /// change. `details` names ids, never names of people.
    pub(crate) fn entry(
        &self,
        action: AuditAction,
        subject_id: impl Into<Option<Uuid>>,
        details: serde_json::Value,
    ) -> NewAuditEntry {
        let actor = AuditActor::User(self.actor.user_id);
        entry(&self.request_id, Some(self.organization_id), actor, action, subject_id.into(), details)
    }

    /// The courses that this user is confined to: those that a teacher teaches; `None` for administrators, who have all.
    pub(crate) async fn own_courses(&self, conn: &mut Conn) -> Result<Option<Vec<CourseId>>, ApiError> {
        if self.actor.role == Role::Admin {
            return Ok(None);
        }
        Ok(Some(store::teachers::courses_of(conn, self.organization_id, self.actor.user_id).await?))
    }

    /// Refuses whoever is no administrator and does not teach the course. To be asked after the course was found.
    pub(crate) async fn require_course(&self, conn: &mut Conn, course_id: CourseId) -> Result<(), ApiError> {
        let may = self.actor.role == Role::Admin
            || store::teachers::teaches(conn, self.organization_id, course_id, self.actor.user_id).await?;
        if may { Ok(()) } else { Err(ApiError::Forbidden) }
    }
}

/// An entry of the audit log.
pub(super) fn entry(
    request_id: &RequestId,
    organization_id: Option<OrganizationId>,
    actor: AuditActor,
    action: AuditAction,
    subject_id: Option<Uuid>,
    details: serde_json::Value,
) -> NewAuditEntry {
    let request_id = Some(request_id.as_str().to_owned());
    NewAuditEntry { organization_id, at: clock::now(), actor, action, subject_id, details, request_id }
}

impl FromRequest for CurrentUser {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let user = current_user(request);
        Box::pin(async move { user })
    }
}

impl FromRequest for InstallationAdmin {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let user = current_user(request);
        Box::pin(async move {
            let user = user?;
            let is_one = user.actor.role == Role::Admin && user.actor.organization_id.is_none();
            if is_one { Ok(Self(user)) } else { Err(ApiError::Forbidden) }
        })
    }
}

impl FromRequest for Myself {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (user, gateway) = (current_user(request), gateway(request));
        Box::pin(async move {
            let user = user?;
            let mut conn = gateway.connection().await?;
            let found = store::users::find(&mut conn, user.actor.user_id).await?;
            match (found.organization_id, found.person_id) {
                (Some(organization_id), Some(person_id)) => Ok(Self { user, organization_id, person_id }),
                _ => Err(ApiError::NoPerson),
            }
        })
    }
}

impl<P: Permission> FromRequest for Allowed<P> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let gateway = gateway(request);
        let (actor, request_id) = (actor(request).and_then(permitted::<P>), RequestId::of(request));
        let named = named_organization(request);
        Box::pin(async move {
            let actor = actor?;
            let organization_id = organization_of(&gateway, &actor, named?).await?;
            Ok(Self { actor, organization_id, request_id, permission: PhantomData })
        })
    }
}

/// The gateway that serves this request.
pub(super) fn gateway(request: &HttpRequest) -> web::Data<Gateway> {
    request.app_data::<web::Data<Gateway>>().cloned().expect("the application holds the gateway's state")
}

/// What follows `Bearer` in the `Authorization` header.
pub(super) fn bearer(request: &HttpRequest) -> Option<&str> {
    let (scheme, token) = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn current_user(request: &HttpRequest) -> Result<CurrentUser, ApiError> {
    Ok(CurrentUser { actor: actor(request)?, request_id: RequestId::of(request) })
}

fn actor(request: &HttpRequest) -> Result<Actor, ApiError> {
    let token = bearer(request).ok_or(ApiError::Unauthenticated)?;
    gateway(request).tokens.read(token)
}

fn permitted<P: Permission>(actor: Actor) -> Result<Actor, ApiError> {
    if P::ROLES.contains(&actor.role) { Ok(actor) } else { Err(ApiError::Forbidden) }
}

fn named_organization(request: &HttpRequest) -> Result<Option<OrganizationId>, ApiError> {
    let invalid = ApiError::InvalidHeader { name: ORGANIZATION_HEADER, reason: "is not a UUID" };
    match request.headers().get(ORGANIZATION_HEADER) {
        None => Ok(None),
        Some(value) => match value.to_str().map(str::parse) {
            Ok(Ok(id)) => Ok(Some(id)),
            _ => Err(invalid),
        },
    }
}

/// The organization that a request is about. A user's own is the only one that it can name.
async fn organization_of(
    gateway: &Gateway,
    actor: &Actor,
    named: Option<OrganizationId>,
) -> Result<OrganizationId, ApiError> {
    match (actor.organization_id, named) {
        (Some(own), None) => Ok(own),
        (Some(own), Some(named)) if own == named => Ok(own),
        (Some(_), Some(_)) => Err(ApiError::NotFound),
        (None, None) => Err(ApiError::OrganizationRequired),
        (None, Some(named)) => {
            let mut conn = gateway.connection().await?;
            store::organizations::find(&mut conn, named).await?;
            Ok(named)
        }
    }
}
