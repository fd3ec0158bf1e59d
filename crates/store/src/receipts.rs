//! Receipts of erasures: never changed, never deleted.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::erasure::SignedReceipt;
use domain::id::{ErasureReceiptId, OrganizationId};
use uuid::Uuid;

use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::erasure_receipts;

/// Keeps a receipt.
///
/// # Errors
/// [`StoreError::Corrupt`] when the hash of its audit entry is none; else only those of the database.
pub async fn insert(tx: &mut Conn, new: &SignedReceipt) -> Result<(), StoreError> {
    let receipt = &new.receipt;
    let hash = hex::decode(&receipt.audit_hash).ok().ok_or_else(|| StoreError::corrupt("a hash that is none"))?;
    let document = serde_json::to_string(new).expect("a receipt is JSON");
    diesel::insert_into(erasure_receipts::table)
        .values((
            erasure_receipts::id.eq(receipt.id.uuid()),
            erasure_receipts::organization_id.eq(receipt.organization_id.uuid()),
            erasure_receipts::person_id.eq(receipt.person_id.uuid()),
            erasure_receipts::erased_at.eq(receipt.erased_at),
            erasure_receipts::audit_sequence.eq(receipt.audit_sequence),
            erasure_receipts::audit_hash.eq(hash),
            erasure_receipts::document.eq(document),
        ))
        .execute(tx)
        .await?;
    Ok(())
}

/// The receipt with this id.
///
/// # Errors
/// [`StoreError::NotFound`] when the organization has none.
pub async fn find(
    conn: &mut Conn,
    organization: OrganizationId,
    id: ErasureReceiptId,
) -> Result<SignedReceipt, StoreError> {
    let document: String = erasure_receipts::table
        .filter(erasure_receipts::organization_id.eq(organization.uuid()))
        .filter(erasure_receipts::id.eq(id.uuid()))
        .select(erasure_receipts::document)
        .first(conn)
        .await?;
    read(&document)
}

/// The organization's receipts after `after`, at most `limit`.
///
/// # Errors
/// [`StoreError::Corrupt`] when one cannot be read.
pub async fn list(
    conn: &mut Conn,
    organization: OrganizationId,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<SignedReceipt>, StoreError> {
    let documents: Vec<String> = erasure_receipts::table
        .filter(erasure_receipts::organization_id.eq(organization.uuid()))
        .filter(erasure_receipts::id.gt(after.unwrap_or(Uuid::nil())))
        .order(erasure_receipts::id)
        .limit(limit)
        .select(erasure_receipts::document)
        .load(conn)
        .await?;
    documents.iter().map(|document| read(document)).collect()
}

/// The audit entries that receipts vouch for, by number and hash.
///
/// # Errors
/// [`StoreError::Corrupt`] when a hash is none.
pub async fn vouched(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<(i64, [u8; 32])>, StoreError> {
    let rows: Vec<(i64, Vec<u8>)> = erasure_receipts::table
        .filter(erasure_receipts::organization_id.eq(organization.uuid()))
        .select((erasure_receipts::audit_sequence, erasure_receipts::audit_hash))
        .load(conn)
        .await?;
    let none = || StoreError::corrupt("a hash that is none");
    rows.into_iter().map(|(sequence, hash)| Ok((sequence, hash.try_into().ok().ok_or_else(none)?))).collect()
}

fn read(document: &str) -> Result<SignedReceipt, StoreError> {
    serde_json::from_str(document)
        .map_err(|error| StoreError::Corrupt { what: "a receipt that is none", source: Some(Box::new(error)) })
}
