//! Erasing people, and the receipts that prove it.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path, Query};
use domain::audit::{AuditAction, AuditEntry};
use domain::erasure::{ErasureReceipt, SignedReceipt};
use domain::id::{ErasureReceiptId, OrganizationId, PersonId};
use domain::wire::Page;
use serde::Serialize;
use serde_json::json;
use store::erasures::Erased;
use store::signer::ALGORITHM;
use utoipa::ToSchema;

use crate::auth::access::{Allowed, CurrentUser};
use crate::auth::permission::ErasePeople;
use crate::error::ApiError;
use crate::idempotency::IdempotencyKey;
use crate::page::PageQuery;
use crate::reply;
use crate::state::Gateway;

/// Erases a person for good, and answers with a signed receipt.
///
/// Goes: the key that their templates and photos are sealed with (copies of these in dumps and replicas do not open any
/// more), templates, photos, enrollments, roster entries, sightings, attendance, and a member's account. From the next
/// frame on no worker recognises the person; snapshots that hold them are replaced within minutes. The receipt names nobody.
#[utoipa::path(post, path = "/api/v1/people/{person_id}/erasure", tag = "erasure",
    params(("person_id" = PersonId, Path), IdempotencyKey),
    responses((status = 201, description = "The person is gone; the receipt.", body = SignedReceipt)))]
pub(crate) async fn erase_person(
    access: Allowed<ErasePeople>,
    key: IdempotencyKey,
    gateway: Data<Gateway>,
    path: Path<PersonId>,
) -> Result<HttpResponse, ApiError> {
    let (organization, person) = (access.organization_id, path.into_inner());
    let once = key.of(&access.actor, Some(organization), &json!({}))?;
    let mut gone: Option<Erased> = None;
    let signed = once
        .run(&gateway, StatusCode::CREATED, async |tx| {
            let erased = store::erasures::erase(tx, organization, person).await?;
            let id = ErasureReceiptId::new();
            let details = json!({"receipt_id": id, "deleted": erased.deleted});
            let entry = access.entry(AuditAction::PersonErased, person.uuid(), details);
            let entry = store::audit::append(tx, &entry).await?;
            let signed = gateway.signer.sign(receipt(&gateway, organization, person, id, &erased, &entry));
            store::receipts::insert(tx, &signed).await?;
            gone = Some(erased);
            Ok(signed)
        })
        .await?;
    if let Some(erased) = gone {
        gateway.tell_of_removal(organization, &erased).await;
    }
    Ok(reply::created(format!("/api/v1/erasure-receipts/{}", signed.receipt.id), signed))
}

fn receipt(
    gateway: &Gateway,
    organization_id: OrganizationId,
    person_id: PersonId,
    id: ErasureReceiptId,
    erased: &Erased,
    entry: &AuditEntry,
) -> ErasureReceipt {
    ErasureReceipt {
        id,
        organization_id,
        person_id,
        external_id_hmac: gateway.signer.external_id_hmac(organization_id, &erased.external_id),
        requested_at: erased.requested_at,
        erased_at: entry.at,
        deleted: erased.deleted.clone(),
        audit_sequence: entry.sequence,
        audit_hash: hex::encode(entry.hash),
    }
}

/// Lists the receipts of the organization's erasures.
#[utoipa::path(get, path = "/api/v1/erasure-receipts", tag = "erasure", params(PageQuery),
    responses((status = 200, description = "A page of them, oldest first.", body = Page<SignedReceipt>)))]
pub(crate) async fn list_receipts(
    access: Allowed<ErasePeople>,
    gateway: Data<Gateway>,
    query: Query<PageQuery>,
) -> Result<Json<Page<SignedReceipt>>, ApiError> {
    let wanted = query.read()?;
    let mut conn = gateway.connection().await?;
    let rows = store::receipts::list(&mut conn, access.organization_id, wanted.after, wanted.fetch()).await?;
    Ok(Json(wanted.page(rows, |row| row.receipt.id.uuid())))
}

/// Shows a receipt.
#[utoipa::path(get, path = "/api/v1/erasure-receipts/{erasure_receipt_id}", tag = "erasure",
    params(("erasure_receipt_id" = ErasureReceiptId, Path)),
    responses((status = 200, description = "The receipt.", body = SignedReceipt)))]
pub(crate) async fn show_receipt(
    access: Allowed<ErasePeople>,
    gateway: Data<Gateway>,
    path: Path<ErasureReceiptId>,
) -> Result<Json<SignedReceipt>, ApiError> {
    let mut conn = gateway.connection().await?;
    Ok(Json(store::receipts::find(&mut conn, access.organization_id, path.into_inner()).await?))
}

/// What receipts are checked with.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReceiptKey {
    /// `Ed25519` (RFC 8032).
    algorithm: String,
    /// How receipts name it.
    key_id: String,
    /// The public key, in base64.
    public_key: String,
}

/// Shows the public key that receipts are checked with: `rollcall receipt verify` does it, or any Ed25519 library, over the
/// receipt as compact JSON with its members sorted.
#[utoipa::path(get, path = "/api/v1/erasure-receipts/key", tag = "erasure",
    responses((status = 200, description = "The key.", body = ReceiptKey)))]
pub(crate) async fn show_receipt_key(_user: CurrentUser, gateway: Data<Gateway>) -> Json<ReceiptKey> {
    let signer = &gateway.signer;
    let (key_id, public_key) = (signer.key_id(), signer.public_key());
    Json(ReceiptKey { algorithm: ALGORITHM.to_owned(), key_id, public_key })
}
