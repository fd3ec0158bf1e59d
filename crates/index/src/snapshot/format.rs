//! The bytes of a snapshot.

use std::io::{Read, Write};

use domain::contract::ContractId;
use domain::embedding::Embedding;
use domain::id::{Id, OrganizationId, PersonId, TemplateId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Wanted;
use super::stream::{read_vectors, write_vectors};
use crate::error::IndexError;
use crate::factory::Factory;
use crate::global::GlobalIndex;
use crate::segment::Segment;
use crate::vectors::Vectors;

const MAGIC: &[u8] = b"rollcall index 2\n";
/// Templates whose ids are sealed together: half a megabyte.
const IDS: usize = 1 << 14;
const ID_BYTES: usize = 16;
/// Longest header or sealed chunk that is read: whoever asks for more did not write a snapshot.
const LONGEST: usize = 1 << 26;

#[derive(Debug, Serialize, Deserialize)]
struct Header {
    organization_id: OrganizationId,
    contract: ContractId,
    factory: String,
    probes: Option<u32>,
    recall: Option<f32>,
    dimension: usize,
    templates: usize,
    watermark: i64,
}

/// What a chunk holds. It begins with its number and its kind, so that no chunk can be left out or moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Template and person of some positions.
    Ids = 1,
    /// One position of the sample, and its floats.
    Sample = 2,
    /// A piece of what FAISS wrote.
    Vectors = 3,
    /// Nothing: the snapshot is whole.
    End = 4,
}

/// Why a snapshot could not be read.
pub(super) enum Unreadable {
    Corrupt(&'static str),
    Failed(IndexError),
}

impl From<IndexError> for Unreadable {
    fn from(error: IndexError) -> Self {
        Self::Failed(error)
    }
}

impl From<std::io::Error> for Unreadable {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Self::Corrupt("it breaks off"),
            // FAISS had enough, or broke off.
            std::io::ErrorKind::BrokenPipe => Self::Corrupt("it is not what FAISS wrote"),
            _ => Self::Failed(IndexError::Pipe(error)),
        }
    }
}

/// Writes what a builder made, or an index without templates, to `out`.
pub(super) fn encode(
    organization: OrganizationId,
    index: &GlobalIndex,
    seal: impl Fn(&[u8]) -> Vec<u8>,
    out: &mut impl FnMut(Vec<u8>) -> Result<(), IndexError>,
) -> Result<(), IndexError> {
    let segment = index.as_built();
    if segment.is_none() && !index.is_empty() {
        return Err(IndexError::Layered);
    }
    let header = Header {
        organization_id: organization,
        contract: index.contract().clone(),
        factory: index.factory().to_string(),
        probes: index.probes(),
        recall: index.recall(),
        dimension: segment.map_or(0, |segment| segment.vectors.dimension()),
        templates: index.len(),
        watermark: index.watermark(),
    };
    let header = serde_json::to_vec(&header).expect("a header has only JSON's types");
    out([MAGIC, &length(&header), &header].concat())?;
    let mut number: u32 = 0;
    let mut chunk = |kind: Kind, plain: &[u8]| {
        let sealed = seal(&[&number.to_le_bytes()[..], &[kind as u8], plain].concat());
        number += 1;
        out([&length(&sealed)[..], &sealed].concat())
    };
    if let Some(segment) = segment {
        for (templates, owners) in segment.templates.chunks(IDS).zip(segment.owners.chunks(IDS)) {
            let ids = templates.iter().zip(owners).flat_map(|(t, p)| [*t.uuid().as_bytes(), *p.uuid().as_bytes()]);
            chunk(Kind::Ids, &ids.flatten().collect::<Vec<u8>>())?;
        }
        for (position, face) in &segment.sample {
            let floats = face.as_slice().iter().flat_map(|value| value.to_le_bytes());
            chunk(Kind::Sample, &position.to_le_bytes().into_iter().chain(floats).collect::<Vec<u8>>())?;
        }
        write_vectors(&segment.vectors, |piece| chunk(Kind::Vectors, piece))?;
    }
    chunk(Kind::End, &[])
}

/// Reads a snapshot from `bytes`, to their end.
pub(super) fn decode(
    bytes: &mut impl Read,
    wanted: &Wanted,
    open: impl Fn(&[u8]) -> Option<Vec<u8>>,
) -> Result<GlobalIndex, Unreadable> {
    let mut magic = [0; MAGIC.len()];
    bytes.read_exact(&mut magic)?;
    if magic != *MAGIC {
        return Err(Unreadable::Corrupt("it does not begin as a snapshot does"));
    }
    let Ok(header) = serde_json::from_slice::<Header>(&part(bytes)?) else {
        return Err(Unreadable::Corrupt("its header cannot be read"));
    };
    if header.organization_id != wanted.organization_id || header.contract != wanted.contract {
        return Err(Unreadable::Corrupt("it belongs to another organization or contract"));
    }
    let Ok(factory) = header.factory.parse::<Factory>() else {
        return Err(Unreadable::Corrupt("its kind of index is not known"));
    };
    let mut chunks = Chunks { bytes, open, number: 0 };
    let index = if header.templates == 0 {
        chunks.expect_end()?;
        let mut empty = GlobalIndex::new(header.contract);
        empty.advance_to(header.watermark);
        empty
    } else {
        let (tables, read) = read_vectors(|pipe| Tables::read(&mut chunks, &header, pipe))?;
        let vectors = Vectors::of(read, factory, header.probes.unwrap_or(1))?;
        if vectors.len() != header.templates || vectors.dimension() != header.dimension {
            return Err(Unreadable::Corrupt("it holds other vectors than its header says"));
        }
        let segment = Segment::new(vectors, tables.templates, tables.owners, tables.sample);
        GlobalIndex::of(header.contract, header.watermark, segment, header.recall)
    };
    match chunks.bytes.read(&mut [0])? {
        0 => Ok(index),
        _ => Err(Unreadable::Corrupt("something follows its end")),
    }
}

/// What a snapshot holds beside the vectors.
struct Tables {
    templates: Vec<TemplateId>,
    owners: Vec<PersonId>,
    sample: Vec<(u32, Embedding)>,
}

impl Tables {
    /// Reads all chunks up to the end, and passes the vectors on.
    fn read<R: Read, O: Fn(&[u8]) -> Option<Vec<u8>>>(
        chunks: &mut Chunks<'_, R, O>,
        header: &Header,
        vectors: &mut impl Write,
    ) -> Result<Self, Unreadable> {
        let mut tables = Self { templates: Vec::new(), owners: Vec::new(), sample: Vec::new() };
        loop {
            let (kind, plain) = chunks.next()?;
            match kind {
                Kind::Ids => tables.ids(&plain)?,
                Kind::Sample => tables.sample.push(sample(&plain)?),
                Kind::Vectors => vectors.write_all(&plain)?,
                Kind::End => break,
            }
        }
        let rises = tables.templates.is_sorted_by(|a, b| a < b);
        if tables.templates.len() == header.templates && rises {
            Ok(tables)
        } else {
            Err(Unreadable::Corrupt("it holds other templates than its header says"))
        }
    }

    fn ids(&mut self, plain: &[u8]) -> Result<(), Unreadable> {
        let (ids, rest) = plain.as_chunks::<ID_BYTES>();
        if !rest.is_empty() || !ids.len().is_multiple_of(2) {
            return Err(Unreadable::Corrupt("a chunk breaks off"));
        }
        for pair in ids.chunks_exact(2) {
            self.templates.push(Id::from_uuid(Uuid::from_bytes(pair[0])));
            self.owners.push(Id::from_uuid(Uuid::from_bytes(pair[1])));
        }
        Ok(())
    }
}

fn sample(plain: &[u8]) -> Result<(u32, Embedding), Unreadable> {
    let (words, rest) = plain.as_chunks::<4>();
    let Some((position, floats)) = words.split_first().filter(|_| rest.is_empty()) else {
        return Err(Unreadable::Corrupt("a chunk breaks off"));
    };
    let face = Embedding::normalized(floats.iter().map(|float| f32::from_le_bytes(*float)).collect());
    Ok((u32::from_le_bytes(*position), face.ok_or(Unreadable::Corrupt("a face of its sample is none"))?))
}

/// The sealed chunks, one after another.
struct Chunks<'a, R, O> {
    bytes: &'a mut R,
    open: O,
    number: u32,
}

impl<R: Read, O: Fn(&[u8]) -> Option<Vec<u8>>> Chunks<'_, R, O> {
    fn next(&mut self) -> Result<(Kind, Vec<u8>), Unreadable> {
        let sealed = part(self.bytes)?;
        let Some(mut plain) = (self.open)(&sealed) else { return Err(Unreadable::Corrupt("its seal does not open")) };
        let kind = match plain.get(..5).map(|head| head.split_at(4)) {
            Some((number, kind)) if number == self.number.to_le_bytes() => kind[0],
            _ => return Err(Unreadable::Corrupt("a chunk is not in its place")),
        };
        self.number += 1;
        plain.drain(..5);
        let kinds = [Kind::Ids, Kind::Sample, Kind::Vectors, Kind::End];
        let kind = kinds.into_iter().find(|known| *known as u8 == kind);
        Ok((kind.ok_or(Unreadable::Corrupt("a chunk is of no known kind"))?, plain))
    }

    fn expect_end(&mut self) -> Result<(), Unreadable> {
        match self.next()? {
            (Kind::End, _) => Ok(()),
            _ => Err(Unreadable::Corrupt("it holds more templates than its header says")),
        }
    }
}

/// The length of a part, as it stands before it: little-endian.
fn length(part: &[u8]) -> [u8; 4] {
    u32::try_from(part.len()).expect("a part is far below 4 GiB").to_le_bytes()
}

/// A part with its length before it.
fn part(bytes: &mut impl Read) -> Result<Vec<u8>, Unreadable> {
    let mut length = [0; 4];
    bytes.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length) as usize;
    if length > LONGEST {
        return Err(Unreadable::Corrupt("a part of it is longer than any"));
    }
    let mut part = vec![0; length];
    bytes.read_exact(&mut part)?;
    Ok(part)
}
