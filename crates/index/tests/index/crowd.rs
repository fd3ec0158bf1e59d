//! Made-up people and their templates.

use std::collections::BTreeMap;

use domain::assignment::Candidate;
use domain::contract::ContractId;
use domain::embedding::Embedding;
use domain::enrollment::{Template, TemplateOrigin};
use domain::id::{Id, PersonId, TemplateId};
use index::TemplateChange;
use proptest::prelude::*;
use uuid::Uuid;

pub(crate) const DIMENSION: usize = 8;

pub(crate) fn contract() -> ContractId {
    ContractId::new("test-8@none.v1/cosine")
}

pub(crate) fn person(number: u8) -> PersonId {
    Id::from_uuid(Uuid::from_u128(number.into()))
}

pub(crate) fn template_id(number: usize) -> TemplateId {
    Id::from_uuid(Uuid::from_u128(number as u128))
}

pub(crate) fn embedding() -> impl Strategy<Value = Embedding> {
    prop::collection::vec(-1f32..1.0, DIMENSION).prop_filter_map("has no direction", Embedding::normalized)
}

/// Templates of up to `people` people.
pub(crate) fn templates(people: u8) -> impl Strategy<Value = Vec<Template>> {
    let one = (0..people, embedding());
    prop::collection::vec(one, 0..60).prop_map(|all| {
        all.into_iter().enumerate().map(|(number, (owner, face))| template(number, owner, face)).collect()
    })
}

pub(crate) fn template(number: usize, owner: u8, embedding: Embedding) -> Template {
    Template {
        id: template_id(number),
        person_id: person(owner),
        contract: contract(),
        embedding,
        quality: 1.0,
        origin: TemplateOrigin::Original,
    }
}

pub(crate) fn addition(revision: i64, template: &Template) -> TemplateChange {
    TemplateChange {
        revision,
        template_id: template.id,
        person_id: template.person_id,
        embedding: Some(template.embedding.clone()),
    }
}

pub(crate) fn removal(revision: i64, template: &Template) -> TemplateChange {
    TemplateChange { embedding: None, ..addition(revision, template) }
}

/// Everybody, the most alike first, by looking at every template.
pub(crate) fn brute_force(templates: &[Template], query: &Embedding) -> Vec<Candidate> {
    let mut best: BTreeMap<PersonId, f32> = BTreeMap::new();
    for template in templates {
        let similarity = template.embedding.similarity(query);
        let known = best.entry(template.person_id).or_insert(similarity);
        *known = known.max(similarity);
    }
    let mut all: Vec<Candidate> =
        best.into_iter().map(|(person_id, similarity)| Candidate { person_id, similarity }).collect();
    all.sort_by(|a, b| b.similarity.total_cmp(&a.similarity));
    all
}

/// Whether `found` is the `k` most alike of `everybody`. Sums are rounded in another order: people whose similarities
/// differ by no more than that may change places.
pub(crate) fn is_closest(found: &[Candidate], everybody: &[Candidate], k: usize) -> bool {
    const ROUNDING: f32 = 1e-5;
    let is_known = |candidate: &Candidate| {
        everybody.iter().any(|other| {
            other.person_id == candidate.person_id && (other.similarity - candidate.similarity).abs() < ROUNDING
        })
    };
    let as_alike = |(a, b): (&Candidate, &Candidate)| (a.similarity - b.similarity).abs() < ROUNDING;
    let distinct: std::collections::HashSet<_> = found.iter().map(|c| c.person_id).collect();
    found.len() == k.min(everybody.len())
        && distinct.len() == found.len()
        && found.iter().all(is_known)
        && found.iter().zip(everybody).all(as_alike)
}
