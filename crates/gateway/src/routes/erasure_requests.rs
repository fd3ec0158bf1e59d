//! Members who want to be erased, and those who decide.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};
use domain::audit::AuditAction;
use domain::erasure::{ErasureRequest, ErasureRequestState};
use domain::id::ErasureRequestId;
use domain::wire::Page;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::StoreError;
use utoipa::{IntoParams, ToSchema};

use crate::auth::access::{Allowed, Myself};
use crate::auth::permission::ErasePeople;
use crate::clock;
use crate::error::ApiError;
use crate::page::PageQuery;
use crate::reply;
use crate::state::Gateway;
use crate::validation::Validation;

const MY_REQUEST: &str = "/api/v1/users/me/erasure-request";

/// Asks to be erased. An administrator erases the person, or declines and says why.
#[utoipa::path(post, path = "/api/v1/users/me/erasure-request", tag = "erasure",
    responses((status = 201, description = "It was taken note of.", body = ErasureRequest)))]
pub(crate) async fn request_erasure(myself: Myself, gateway: Data<Gateway>) -> Result<HttpResponse, ApiError> {
    let (organization, person) = (myself.organization_id, myself.person_id);
    let made = gateway
        .change(async |tx| {
            let made = store::erasure_requests::insert(tx, organization, person, clock::now()).await?;
            let details = json!({"request_id": made.id});
            let entry = myself.user.entry(Some(organization), AuditAction::ErasureRequested, person.uuid(), details);
            store::audit::append(tx, &entry).await?;
            Ok(made)
        })
        .await?;
    Ok(reply::created(MY_REQUEST.to_owned(), made))
}

/// Shows what became of the last request.
#[utoipa::path(get, path = "/api/v1/users/me/erasure-request", tag = "erasure",
    responses((status = 200, description = "The request.", body = ErasureRequest)))]
pub(crate) async fn show_my_request(myself: Myself, gateway: Data<Gateway>) -> Result<Json<ErasureRequest>, ApiError> {
    let mut conn = gateway.connection().await?;
    Ok(Json(store::erasure_requests::newest_of(&mut conn, myself.organization_id, myself.person_id).await?))
}

/// Which requests are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ErasureRequestQuery {
    /// Only those that stand so.
    state: Option<ErasureRequestState>,
    /// How many rows at most, 1 to 200; 50 where it is not said.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Lists the requests of members to be erased. Those that were met are gone with their person; the receipt says when it
/// was asked for.
#[utoipa::path(get, path = "/api/v1/erasure-requests", tag = "erasure", params(ErasureRequestQuery),
    responses((status = 200, description = "A page of them, oldest first.", body = Page<ErasureRequest>)))]
pub(crate) async fn list_requests(
    access: Allowed<ErasePeople>,
    gateway: Data<Gateway>,
    query: Query<ErasureRequestQuery>,
) -> Result<Json<Page<ErasureRequest>>, ApiError> {
    let ErasureRequestQuery { state, limit, cursor } = query.into_inner();
    let wanted = PageQuery { limit, cursor }.read()?;
    let mut conn = gateway.connection().await?;
    let organization = access.organization_id;
    let rows = store::erasure_requests::list(&mut conn, organization, state, wanted.after, wanted.fetch()).await?;
    Ok(Json(wanted.page(rows, |row| row.id.uuid())))
}

/// Why a request is declined.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refusal {
    /// What the member is told, 1 to 1000 characters.
    #[schema(min_length = 1, max_length = 1000)]
    reason: String,
}

/// Declines a request to be erased.
#[utoipa::path(post, path = "/api/v1/erasure-requests/{erasure_request_id}/decline", tag = "erasure",
    params(("erasure_request_id" = ErasureRequestId, Path)),
    responses((status = 200, description = "It was declined.", body = ErasureRequest)))]
pub(crate) async fn decline_request(
    access: Allowed<ErasePeople>,
    gateway: Data<Gateway>,
    path: Path<ErasureRequestId>,
    body: Json<Refusal>,
) -> Result<Json<ErasureRequest>, ApiError> {
    let mut validation = Validation::default();
    let reason = validation.text("/reason", &body.reason, 1000);
    let reason = validation.finish(reason)?;
    let (organization, by) = (access.organization_id, access.actor.user_id);
    let id = path.into_inner();
    let declined = gateway
        .change(async |tx| {
            let declined = store::erasure_requests::decline(tx, organization, id, &reason, by, clock::now()).await;
            let declined = declined.map_err(|error| match error {
                StoreError::Conflict { .. } => ApiError::ErasureRequestState,
                other => other.into(),
            })?;
            let details = json!({"request_id": id});
            let entry = access.entry(AuditAction::ErasureRequestDeclined, declined.person_id.uuid(), details);
            store::audit::append(tx, &entry).await?;
            Ok(declined)
        })
        .await?;
    Ok(Json(declined))
}
