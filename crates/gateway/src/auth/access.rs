//! Extractors that let a handler run only for those who may.

use std::marker::PhantomData;

use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use domain::id::OrganizationId;
use domain::user::Role;
use futures_util::future::LocalBoxFuture;

use crate::auth::permission::Permission;
use crate::auth::token::Actor;
use crate::error::ApiError;
use crate::state::Gateway;

const ORGANIZATION_HEADER: &str = "X-Organization-Id";

/// Any logged-in user.
#[derive(Debug)]
pub(crate) struct CurrentUser(pub Actor);

/// An administrator of the installation, who belongs to no organization.
#[derive(Debug)]
pub(crate) struct InstallationAdmin(pub Actor);

/// A user whose role has the permission `P`, in an organization.
#[derive(Debug)]
pub(crate) struct Allowed<P> {
    /// Who.
    pub actor: Actor,
    /// Where: the user's own, or the one that an administrator of the installation names.
    pub organization_id: OrganizationId,
    permission: PhantomData<P>,
}

impl FromRequest for CurrentUser {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let actor = actor(request);
        Box::pin(async move { actor.map(Self) })
    }
}

impl FromRequest for InstallationAdmin {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let actor = actor(request);
        Box::pin(async move {
            let actor = actor?;
            let is_one = actor.role == Role::Admin && actor.organization_id.is_none();
            if is_one { Ok(Self(actor)) } else { Err(ApiError::Forbidden) }
        })
    }
}

impl<P: Permission> FromRequest for Allowed<P> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let gateway = gateway(request);
        let actor = actor(request).and_then(permitted::<P>);
        let named = named_organization(request);
        Box::pin(async move {
            let actor = actor?;
            let organization_id = organization_of(&gateway, &actor, named?).await?;
            Ok(Self { actor, organization_id, permission: PhantomData })
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
