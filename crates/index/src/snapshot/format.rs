//! The bytes of a snapshot.

use bytes::Bytes;
use domain::contract::ContractId;
use domain::id::{Id, OrganizationId, PersonId, TemplateId};
use object_store::PutPayload;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::Wanted;
use crate::error::IndexError;
use crate::global::GlobalIndex;

/// The factory string of the only kind of index that is written so far.
pub(super) const FLAT: &str = "Flat";

const MAGIC: &[u8] = b"rollcall index 1\n";
const IDS_BYTES: usize = 32;
/// Entries of a chunk: a few megabytes, to be sealed at once.
const CHUNK: usize = 4096;

#[derive(Debug, Serialize, Deserialize)]
struct Header {
    organization_id: OrganizationId,
    contract: ContractId,
    factory: String,
    dimension: usize,
    templates: usize,
    watermark: i64,
}

/// A snapshot, ready to be put somewhere.
pub(super) struct Encoded {
    pub(super) payload: PutPayload,
    pub(super) sha256: String,
    pub(super) templates: usize,
    pub(super) watermark: i64,
}

pub(super) fn encode(organization: OrganizationId, index: &GlobalIndex, seal: impl Fn(&[u8]) -> Vec<u8>) -> Encoded {
    let header = Header {
        organization_id: organization,
        contract: index.contract().clone(),
        factory: FLAT.to_owned(),
        dimension: index.dimension().unwrap_or(0),
        templates: index.len(),
        watermark: index.watermark(),
    };
    let header = serde_json::to_vec(&header).expect("a header has only JSON's types");
    let mut parts = vec![MAGIC.to_vec(), with_length(&header)];
    for start in (0..index.len()).step_by(CHUNK) {
        let mut plain = Vec::new();
        for position in start..index.len().min(start + CHUNK) {
            let (template, person, values) = index.row(position);
            plain.extend_from_slice(template.uuid().as_bytes());
            plain.extend_from_slice(person.uuid().as_bytes());
            values.iter().for_each(|value| plain.extend_from_slice(&value.to_le_bytes()));
        }
        parts.push(with_length(&seal(&plain)));
    }
    let slices: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    let sha256 = sha256(&slices);
    let payload = parts.into_iter().map(Bytes::from).collect();
    Encoded { payload, sha256, templates: index.len(), watermark: index.watermark() }
}

/// The outer error is FAISS's, the inner one says what is wrong with the bytes.
pub(super) fn decode(
    bytes: &[u8],
    wanted: &Wanted,
    open: impl Fn(&[u8]) -> Option<Vec<u8>>,
) -> Result<Result<GlobalIndex, &'static str>, IndexError> {
    let Some((header, mut rest)) = bytes.strip_prefix(MAGIC).and_then(split) else {
        return Ok(Err("it does not begin as a snapshot does"));
    };
    let Ok(header) = serde_json::from_slice::<Header>(header) else { return Ok(Err("its header cannot be read")) };
    if header.organization_id != wanted.organization_id || header.contract != wanted.contract {
        return Ok(Err("it belongs to another organization or contract"));
    }
    if header.factory != FLAT {
        return Ok(Err("its kind of index is not known"));
    }
    let mut index = GlobalIndex::new(header.contract);
    while !rest.is_empty() {
        let Some((sealed, after)) = split(rest) else { return Ok(Err("it breaks off")) };
        let Some(plain) = open(sealed) else { return Ok(Err("its seal does not open")) };
        rest = after;
        let Some(entries) = entries(&plain, header.dimension) else { return Ok(Err("a chunk breaks off")) };
        let rows: Vec<_> = entries.iter().map(|(template, person, v)| (*template, *person, v.as_slice())).collect();
        index.add(&rows)?;
    }
    if index.len() != header.templates {
        return Ok(Err("it holds another number of templates than its header says"));
    }
    index.advance_to(header.watermark);
    Ok(Ok(index))
}

/// SHA-256 (FIPS 180-4) of the parts, one after another, in hex.
pub(super) fn sha256(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    parts.iter().for_each(|part| hash.update(part));
    hex::encode(hash.finalize())
}

fn with_length(part: &[u8]) -> Vec<u8> {
    let length = u32::try_from(part.len()).expect("a chunk is far below 4 GiB");
    [&length.to_le_bytes(), part].concat()
}

/// A part with its length before it, and what follows.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(u32::from_le_bytes(*length) as usize)
}

fn entries(plain: &[u8], dimension: usize) -> Option<Vec<(TemplateId, PersonId, Vec<f32>)>> {
    let size = IDS_BYTES + dimension * size_of::<f32>();
    if dimension == 0 || !plain.len().is_multiple_of(size) {
        return None;
    }
    let read = |entry: &[u8]| {
        let (template, rest) = entry.split_first_chunk::<16>()?;
        let (person, floats) = rest.split_first_chunk::<16>()?;
        let values = floats.as_chunks::<4>().0.iter().map(|float| f32::from_le_bytes(*float)).collect();
        Some((Id::from_uuid(Uuid::from_bytes(*template)), Id::from_uuid(Uuid::from_bytes(*person)), values))
    };
    plain.chunks_exact(size).map(read).collect()
}
