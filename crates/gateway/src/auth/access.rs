//! Extractors that let a handler run only for those who may.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, web};
use domain::audit::{AuditAction, AuditActor, NewAuditEntry};
use domain::course::Course;
use domain::id::{CourseId, OrganizationId, PersonId, SessionId};
use domain::session::Session;
use domain::user::{Role, User};
use futures_util::future::LocalBoxFuture;
use store::Conn;
use uuid::Uuid;

use crate::auth::permission::Permission;
use crate::auth::token::{Actor, Claimed};
use crate::error::ApiError;
use crate::request::RequestId;
use crate::state::Gateway;

const ORGANIZATION_HEADER: &str = "X-Organization-Id";

/// Whose token a request has, as it was found out before its handler.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    /// Who.
    pub actor: Actor,
    must_change_password: bool,
}

/// Any logged-in user; not one who must choose another password first.
#[derive(Debug)]
pub(crate) struct CurrentUser {
    /// Who.
    pub actor: Actor,
    request_id: RequestId,
}

/// Any logged-in user, even one who must choose another password first.
#[derive(Debug)]
pub(crate) struct AnyUser {
    /// Who.
    pub user: CurrentUser,
    /// Whether nothing else is open to them but choosing another password.
    pub must_change_password: bool,
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
        self.request_id.entry(organization_id, actor, action, subject_id.into(), details)
    }

    /// Refuses whoever does not administer an organization: its own admins and those of the installation do. Others are
    /// not even told that it is there.
    pub(crate) fn require_admin_of(&self, organization_id: OrganizationId) -> Result<(), ApiError> {
        match self.actor.organization_id {
            _ if self.actor.role != Role::Admin => Err(ApiError::Forbidden),
            Some(own) if own != organization_id => Err(ApiError::NotFound),
            _ => Ok(()),
        }
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
        self.request_id.entry(Some(self.organization_id), actor, action, subject_id.into(), details)
    }

    /// The courses that this user is confined to: those that a teacher teaches; `None` for administrators, who have all.
    pub(crate) async fn own_courses(&self, conn: &mut Conn) -> Result<Option<Vec<CourseId>>, ApiError> {
        if self.actor.role == Role::Admin {
            return Ok(None);
        }
        Ok(Some(store::teachers::courses_of(conn, self.organization_id, self.actor.user_id).await?))
    }

    /// A course that this user has a say in: an administrator in any, a teacher in own ones.
    pub(crate) async fn require_course(&self, conn: &mut Conn, id: CourseId) -> Result<Course, ApiError> {
        let course = store::courses::find(conn, self.organization_id, id).await?;
        self.require_teaching(conn, id).await?;
        Ok(course)
    }

    /// The courses of which this user sees attendance: the wanted one, if they have a say in it, or else
    /// [`Self::own_courses`].
    pub(crate) async fn courses_in_view(
        &self,
        conn: &mut Conn,
        wanted: Option<CourseId>,
    ) -> Result<Option<Vec<CourseId>>, ApiError> {
        match wanted {
            None => self.own_courses(conn).await,
            Some(id) => Ok(Some(vec![self.require_course(conn, id).await?.id])),
        }
    }

    /// Refuses whoever is no administrator and does not teach the course, which is one of the organization's.
    pub(crate) async fn require_teaching(&self, conn: &mut Conn, course_id: CourseId) -> Result<(), ApiError> {
        let may = self.actor.role == Role::Admin
            || store::teachers::teaches(conn, self.organization_id, course_id, self.actor.user_id).await?;
        if may { Ok(()) } else { Err(ApiError::Forbidden) }
    }

    /// A session whose attendance this user may see: an administrator any, a teacher those of own courses.
    pub(crate) async fn require_session(&self, conn: &mut Conn, id: SessionId) -> Result<Session, ApiError> {
        let session = store::sessions::find(conn, self.organization_id, id).await?;
        self.require_teaching(conn, session.course_id).await?;
        Ok(session)
    }

    /// Refuses whoever has logged out, was disabled or has lost the permission since the request began.
    pub(crate) async fn check_still_good(&self, conn: &mut Conn) -> Result<(), ApiError> {
        let standing = standing(conn, self.actor.claimed()).await?.ok_or(ApiError::Unauthenticated)?;
        permitted::<P>(standing.actor).map(drop)
    }
}

impl FromRequest for AnyUser {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(any_user(request))
    }
}

impl FromRequest for CurrentUser {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(current_user(request))
    }
}

impl FromRequest for InstallationAdmin {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let is_one = |user: &CurrentUser| user.actor.role == Role::Admin && user.actor.organization_id.is_none();
        let user = current_user(request);
        ready(user.and_then(|user| if is_one(&user) { Ok(Self(user)) } else { Err(ApiError::Forbidden) }))
    }
}

impl FromRequest for Myself {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(current_user(request).and_then(|user| match (user.actor.organization_id, user.actor.person_id) {
            (Some(organization_id), Some(person_id)) => Ok(Self { user, organization_id, person_id }),
            _ => Err(ApiError::NoPerson),
        }))
    }
}

impl<P: Permission> FromRequest for Allowed<P> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let gateway = gateway(request);
        let user =
            current_user(request).and_then(|user| permitted::<P>(user.actor).map(|actor| (actor, user.request_id)));
        let named = named_organization(request);
        Box::pin(async move {
            let (actor, request_id) = user?;
            let organization_id = organization_of(&gateway, &actor, named?).await?;
            Ok(Self { actor, organization_id, request_id, permission: PhantomData })
        })
    }
}

/// The gateway that serves this request.
pub(crate) fn gateway(request: &HttpRequest) -> web::Data<Gateway> {
    request.app_data::<web::Data<Gateway>>().cloned().expect("the application holds the gateway's state")
}

/// What follows `Bearer` in the `Authorization` header.
pub(crate) fn bearer(request: &HttpRequest) -> Option<&str> {
    let (scheme, token) = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn any_user(request: &HttpRequest) -> Result<AnyUser, ApiError> {
    let found = request.extensions().get::<Standing>().copied();
    let Standing { actor, must_change_password } = found.ok_or(ApiError::Unauthenticated)?;
    Ok(AnyUser { user: CurrentUser { actor, request_id: RequestId::of(request) }, must_change_password })
}

fn current_user(request: &HttpRequest) -> Result<CurrentUser, ApiError> {
    let AnyUser { user, must_change_password } = any_user(request)?;
    if must_change_password { Err(ApiError::PasswordChangeRequired) } else { Ok(user) }
}

/// What the database says about a token, if it is good: roles change, users are disabled and logins end while tokens are
/// still young.
pub(crate) async fn standing(conn: &mut Conn, claimed: Claimed) -> Result<Option<Standing>, ApiError> {
    let Claimed { user_id, login_id } = claimed;
    let Some(account) = store::logins::account(conn, user_id, login_id).await? else { return Ok(None) };
    let User { organization_id, role, person_id, .. } = account.user;
    let actor = Actor { user_id, organization_id, role, person_id, login_id };
    Ok(Some(Standing { actor, must_change_password: account.must_change_password }))
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
