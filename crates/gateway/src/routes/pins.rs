//! The numbers with which people check in at a kiosk.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use chrono::{DateTime, Utc};
use domain::audit::AuditAction;
use domain::id::PersonId;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::auth::access::{Allowed, Myself};
use crate::auth::permission::SetPins;
use crate::clock;
use crate::error::ApiError;
use crate::state::Gateway;

/// A PIN to set.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPin {
    /// 4 to 8 digits. It is never shown again.
    #[schema(min_length = 4, max_length = 8, pattern = "^[0-9]{4,8}$")]
    pin: String,
}

impl NewPin {
    fn parse(&self) -> Result<&str, ApiError> {
        if !(4..=8).contains(&self.pin.len()) || !self.pin.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ApiError::invalid("/pin", "invalid", "must have 4 to 8 digits"));
        }
        Ok(&self.pin)
    }
}

/// Whether somebody has a PIN.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Pin {
    is_set: bool,
    /// Since when; `null` where there is none.
    set_at: Option<DateTime<Utc>>,
}

/// Shows whether somebody has a PIN. The PIN itself is never shown.
#[utoipa::path(get, path = "/api/v1/people/{person_id}/pin", tag = "check-in",
    params(("person_id" = PersonId, Path)),
    responses((status = 200, description = "Whether there is one.", body = Pin)))]
pub(crate) async fn show_pin(
    access: Allowed<SetPins>,
    gateway: Data<Gateway>,
    path: Path<PersonId>,
) -> Result<Json<Pin>, ApiError> {
    let mut conn = gateway.connection().await?;
    let set_at = store::check_ins::pin_set_at(&mut conn, access.organization_id, path.into_inner()).await?;
    Ok(Json(Pin { is_set: set_at.is_some(), set_at }))
}

/// Gives somebody a PIN for kiosks, in place of the one that they had.
#[utoipa::path(put, path = "/api/v1/people/{person_id}/pin", tag = "check-in",
    params(("person_id" = PersonId, Path)),
    responses((status = 204, description = "It opens from now on.")))]
pub(crate) async fn set_pin(
    access: Allowed<SetPins>,
    gateway: Data<Gateway>,
    path: Path<PersonId>,
    body: Json<NewPin>,
) -> Result<HttpResponse, ApiError> {
    let (pin, person, organization) = (body.parse()?, path.into_inner(), access.organization_id);
    gateway
        .change(async |tx| {
            store::check_ins::set_pin(tx, &gateway.sealer, organization, person, pin, clock::now()).await?;
            store::audit::append(tx, &access.entry(AuditAction::PinSet, person.uuid(), json!({}))).await?;
            Ok(())
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes somebody's PIN away.
#[utoipa::path(delete, path = "/api/v1/people/{person_id}/pin", tag = "check-in",
    params(("person_id" = PersonId, Path)),
    responses((status = 204, description = "They have none.")))]
pub(crate) async fn remove_pin(
    access: Allowed<SetPins>,
    gateway: Data<Gateway>,
    path: Path<PersonId>,
) -> Result<HttpResponse, ApiError> {
    let (person, organization) = (path.into_inner(), access.organization_id);
    gateway
        .change(async |tx| {
            if store::check_ins::remove_pin(tx, organization, person).await? {
                store::audit::append(tx, &access.entry(AuditAction::PinRemoved, person.uuid(), json!({}))).await?;
            }
            Ok(())
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Gives oneself a PIN for kiosks, in place of the one before.
#[utoipa::path(put, path = "/api/v1/users/me/pin", tag = "check-in",
    responses((status = 204, description = "It opens from now on.")))]
pub(crate) async fn set_own_pin(
    me: Myself,
    gateway: Data<Gateway>,
    body: Json<NewPin>,
) -> Result<HttpResponse, ApiError> {
    let (pin, person, organization) = (body.parse()?, me.person_id, me.organization_id);
    gateway
        .change(async |tx| {
            store::check_ins::set_pin(tx, &gateway.sealer, organization, person, pin, clock::now()).await?;
            let entry = me.user.entry(Some(organization), AuditAction::PinSet, person.uuid(), json!({}));
            store::audit::append(tx, &entry).await?;
            Ok(())
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes one's own PIN away.
#[utoipa::path(delete, path = "/api/v1/users/me/pin", tag = "check-in",
    responses((status = 204, description = "There is none.")))]
pub(crate) async fn remove_own_pin(me: Myself, gateway: Data<Gateway>) -> Result<HttpResponse, ApiError> {
    let (person, organization) = (me.person_id, me.organization_id);
    gateway
        .change(async |tx| {
            if store::check_ins::remove_pin(tx, organization, person).await? {
                let entry = me.user.entry(Some(organization), AuditAction::PinRemoved, person.uuid(), json!({}));
                store::audit::append(tx, &entry).await?;
            }
            Ok(())
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
