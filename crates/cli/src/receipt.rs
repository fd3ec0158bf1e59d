//! `rollcall receipt verify`.

use anyhow::{Context, bail, ensure};
use domain::erasure::SignedReceipt;
use secrecy::ExposeSecret;
use serde_json::Value;
use store::{Signer, signer};

use crate::arguments::VerifyReceipt;
use crate::settings::Settings;

/// Checks the signature of a receipt and says what it tells.
pub(crate) fn verify(settings: &Settings, wanted: &VerifyReceipt) -> anyhow::Result<()> {
    let file = wanted.file.display();
    let text = std::fs::read_to_string(&wanted.file).with_context(|| format!("cannot read {file}"))?;
    let document: Value = serde_json::from_str(&text).with_context(|| format!("{file} is not JSON"))?;
    let ours = own_signer(settings)?;
    let public_key = wanted.key.clone().or_else(|| ours.as_ref().map(Signer::public_key)).context(
        "no key is named: add --key with the public key that GET /api/v1/erasure-receipts/key shows, \
         or set ROLLCALL_RECEIPTS__SIGNING_KEY",
    )?;
    let signed = signer::verify(&document, &public_key).with_context(|| file.to_string())?;
    tell(&signed);
    let Some(external_id) = &wanted.external_id else { return Ok(()) };
    let ours = ours.context("--external-id needs ROLLCALL_RECEIPTS__SIGNING_KEY, with which the receipt was signed")?;
    let expected = ours.external_id_hmac(signed.receipt.organization_id, external_id);
    ensure!(
        ours.key_id() == signed.key_id,
        "the receipt was signed with another key than ROLLCALL_RECEIPTS__SIGNING_KEY"
    );
    if expected != signed.receipt.external_id_hmac {
        bail!("the receipt is of somebody with another external id than {external_id}");
    }
    println!("it is of the person with the external id {external_id}");
    Ok(())
}

fn own_signer(settings: &Settings) -> anyhow::Result<Option<Signer>> {
    let key = &settings.receipts.signing_key;
    if key.expose_secret().is_empty() { Ok(None) } else { Ok(Some(Signer::new(key)?)) }
}

fn tell(signed: &SignedReceipt) {
    let receipt = &signed.receipt;
    println!("the receipt {} is sound, signed with the key {}", receipt.id, signed.key_id);
    println!(
        "person {} of organization {} was erased at {}",
        receipt.person_id, receipt.organization_id, receipt.erased_at
    );
    if let Some(requested_at) = receipt.requested_at {
        println!("the person asked for it at {requested_at}");
    }
    for (table, rows) in &receipt.deleted {
        println!("  {table}: {rows}");
    }
    println!("it is entry {}:{} of the audit log", receipt.audit_sequence, receipt.audit_hash);
}
