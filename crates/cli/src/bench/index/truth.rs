//! What an exhaustive search finds, for queries that are the same in every process.

use domain::embedding::Embedding;
use index::peers::Peer;
use serde::{Deserialize, Serialize};

use super::crowd::{Crowd, MODEL_NUMBER};

/// Templates that are made at once.
pub(super) const PAGE: usize = 8192;
/// How many of the most alike templates are known of each query.
const KNOWN: usize = 10;

/// Faces to look for.
#[derive(Debug)]
pub(super) struct Queries {
    /// Of people who have a template.
    pub(super) genuine: Vec<Embedding>,
    /// Number of a template of each.
    pub(super) of: Vec<usize>,
    /// Of people who have none.
    pub(super) strangers: Vec<Embedding>,
}

impl Queries {
    /// `count` of either kind, of a crowd with `templates` templates.
    pub(super) fn new(crowd: &Crowd, templates: usize, count: usize) -> Self {
        // A prime far from any power of two: the people are spread over all.
        let of: Vec<usize> = (0..count).map(|draw| (draw * 7_368_787 + 3) % templates.max(1)).collect();
        Self {
            genuine: of.iter().enumerate().map(|(draw, template)| crowd.seen(*template, draw as u64)).collect(),
            of,
            strangers: (0..count).map(|draw| crowd.stranger(draw as u64)).collect(),
        }
    }

    /// Genuine ones and strangers by turns.
    pub(super) fn mixed(&self) -> Vec<&Embedding> {
        self.genuine.iter().zip(&self.strangers).flat_map(|(one, other)| [one, other]).collect()
    }

    /// All, the genuine ones first, one after another.
    pub(super) fn flat(&self) -> Vec<f32> {
        self.genuine.iter().chain(&self.strangers).flat_map(|face| face.as_slice()).copied().collect()
    }
}

/// For each query, the genuine ones first, the positions of the most alike templates, and how alike they are.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Truth {
    pub(super) closest: Vec<Vec<(usize, f32)>>,
}

impl Truth {
    /// By comparing every query with every template, page by page.
    pub(super) fn find(crowd: &Crowd, templates: usize, queries: &Queries) -> anyhow::Result<Self> {
        let flat = queries.flat();
        let mut closest = vec![Vec::new(); flat.len() / crowd.dimension()];
        let mut page = Peer::new("Flat", crowd.dimension())?;
        pages(crowd, templates, |first, rows| {
            page.clear()?;
            page.add(rows)?;
            for (known, found) in closest.iter_mut().zip(page.search(&flat, KNOWN)?) {
                known.extend(found.into_iter().map(|(position, similarity)| (first + position, similarity)));
                known.sort_by(|(_, a): &(usize, f32), (_, b)| b.total_cmp(a));
                known.truncate(KNOWN);
            }
            Ok(())
        })?;
        Ok(Self { closest })
    }

    /// Under which name it is kept.
    pub(super) fn name(crowd: &Crowd, templates: usize, count: usize) -> String {
        format!("truth-{MODEL_NUMBER}-{templates}x{}-{}-{count}.json", crowd.dimension(), crowd.per_person())
    }
}

/// Hands all templates to `take`, page by page, each with the number of its first one.
pub(super) fn pages(
    crowd: &Crowd,
    templates: usize,
    mut take: impl FnMut(usize, &[f32]) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for first in (0..templates).step_by(PAGE) {
        rows.resize(PAGE.min(templates - first) * crowd.dimension(), 0.0);
        crowd.fill(first, &mut rows);
        take(first, &rows)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Crowd, KNOWN, PAGE, Queries, Truth};

    #[test]
    fn finds_what_comparing_one_by_one_finds_over_several_pages() {
        let (crowd, templates) = (Crowd::new(8, 1), PAGE + 100);
        let queries = Queries::new(&crowd, templates, 3);
        let truth = Truth::find(&crowd, templates, &queries).expect("a truth");
        assert_eq!(truth.closest.len(), 6);
        for (query, closest) in queries.genuine.iter().chain(&queries.strangers).zip(&truth.closest) {
            let all = (0..templates).map(|number| super::super::crowd::unit(crowd.template(number)));
            let mut similarities: Vec<f32> = all.map(|template| template.similarity(query)).collect();
            similarities.sort_by(|a, b| b.total_cmp(a));
            assert_eq!(closest.len(), KNOWN);
            for ((position, similarity), expected) in closest.iter().zip(similarities) {
                assert!((similarity - expected).abs() < 1e-5, "{similarity} {expected}");
                let itself = super::super::crowd::unit(crowd.template(*position)).similarity(query);
                assert!((similarity - itself).abs() < 1e-5, "{similarity} {itself}");
            }
        }
    }
}
