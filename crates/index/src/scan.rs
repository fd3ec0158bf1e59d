//! Exhaustive search for a few faces: the similarities of all vectors, each read once.
//!
//! FAISS compares fewer than 20 queries one after another with all vectors, so it reads those as often as there are queries;
//! and it is built for any x86-64, without AVX, and waits for a thread of its own at the end. A frame has a few faces, so here
//! three vectors and four queries are multiplied at a time with what the processor has (`pulp` finds that out), by the
//! thread that asks. docs/benchmarks.md, "Indexes", has both.

use pulp::{Arch, Simd, WithSimd};

/// Vectors, and queries, that are multiplied together: as many as there are registers for their sums.
const VECTORS: usize = 3;
const QUERIES: usize = 4;
/// Vectors whose similarities are kept before the best are picked; a multiple of [`VECTORS`].
const TILE: usize = 1536;
/// Similarities that are compared at once with the least that counts.
const STRIP: usize = 16;

/// For each of the `queries`, of `dimension` (at least 1) floats each, the `count` (at least 1) of `vectors` with the greatest
/// inner product, or all that there are, the greatest first.
pub(crate) fn closest(vectors: &[f32], queries: &[f32], dimension: usize, count: usize) -> Vec<Vec<(u32, f32)>> {
    let arch = Arch::new();
    let mut best: Vec<Best> = queries.chunks_exact(dimension).map(|_| Best::new(count)).collect();
    let mut products = vec![0.0; best.len() * TILE];
    for (tile, vectors) in vectors.chunks(TILE * dimension).enumerate() {
        let height = vectors.len() / dimension;
        arch.dispatch(Products { vectors, queries, dimension, products: &mut products });
        for (best, products) in best.iter_mut().zip(products.chunks_exact(TILE)) {
            best.offer((tile * TILE) as u32, &products[..height]);
        }
    }
    best.into_iter().map(Best::sorted).collect()
}

/// The greatest of what was offered, in no order: twice as many as are wanted, now and then cut down.
struct Best {
    count: usize,
    found: Vec<(u32, f32)>,
    /// There are as many as are wanted that are greater, or as great.
    least: f32,
}

impl Best {
    fn new(count: usize) -> Self {
        Self { count, found: Vec::new(), least: f32::NEG_INFINITY }
    }

    fn offer(&mut self, first: u32, products: &[f32]) {
        for (strip, products) in products.chunks(STRIP).enumerate() {
            if products.iter().fold(false, |any, product| any | (*product > self.least)) {
                for (at, product) in products.iter().enumerate().filter(|(_, product)| **product > self.least) {
                    self.found.push((first + (strip * STRIP + at) as u32, *product));
                }
                if self.found.len() >= 2 * self.count {
                    self.cut();
                }
            }
        }
    }

    fn cut(&mut self) {
        if self.found.len() > self.count {
            let (_, (_, least), _) = self.found.select_nth_unstable_by(self.count - 1, |(_, a), (_, b)| b.total_cmp(a));
            self.least = *least;
            self.found.truncate(self.count);
        }
    }

    fn sorted(mut self) -> Vec<(u32, f32)> {
        self.cut();
        self.found.sort_unstable_by(|(_, a), (_, b)| b.total_cmp(a));
        self.found
    }
}

/// Inner products of all vectors with all queries; those of a query lie [`TILE`] apart from the next one's.
struct Products<'a> {
    vectors: &'a [f32],
    queries: &'a [f32],
    dimension: usize,
    products: &'a mut [f32],
}

impl WithSimd for Products<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let height = self.vectors.len() / self.dimension;
        let whole = height - height % VECTORS;
        for vector in (0..whole).step_by(VECTORS) {
            self.queries_of::<S, VECTORS>(simd, vector);
        }
        for vector in whole..height {
            self.queries_of::<S, 1>(simd, vector);
        }
    }
}

impl Products<'_> {
    #[inline(always)]
    fn queries_of<S: Simd, const V: usize>(&mut self, simd: S, vector: usize) {
        let width = self.queries.len() / self.dimension;
        let whole = width - width % QUERIES;
        for query in (0..whole).step_by(QUERIES) {
            self.block::<S, V, QUERIES>(simd, vector, query);
        }
        for query in whole..width {
            self.block::<S, V, 1>(simd, vector, query);
        }
    }

    #[inline(always)]
    fn block<S: Simd, const V: usize, const Q: usize>(&mut self, simd: S, vector: usize, query: usize) {
        let dimension = self.dimension;
        let vectors: [&[f32]; V] = std::array::from_fn(|at| &self.vectors[(vector + at) * dimension..][..dimension]);
        let queries: [&[f32]; Q] = std::array::from_fn(|at| &self.queries[(query + at) * dimension..][..dimension]);
        let lanes = dimension / S::F32_LANES;
        // All of one length, so that it is asked for once.
        let vector_lanes = vectors.map(|vector| &S::as_simd_f32s(vector).0[..lanes]);
        let query_lanes = queries.map(|query| &S::as_simd_f32s(query).0[..lanes]);
        let mut sums = [[simd.splat_f32s(0.0); Q]; V];
        for at in 0..lanes {
            for (sums, vector) in sums.iter_mut().zip(vector_lanes) {
                for (sum, query) in sums.iter_mut().zip(query_lanes) {
                    *sum = simd.mul_add_e_f32s(vector[at], query[at], *sum);
                }
            }
        }
        let rest = lanes * S::F32_LANES;
        for (v, sums) in sums.into_iter().enumerate() {
            for (q, sum) in sums.into_iter().enumerate() {
                let beyond = vectors[v][rest..].iter().zip(&queries[q][rest..]).map(|(a, b)| a * b).sum::<f32>();
                self.products[(query + q) * TILE + vector + v] = simd.reduce_sum_f32s(sum) + beyond;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{TILE, closest};

    /// All inner products, the greatest first.
    fn one_by_one(vectors: &[f32], query: &[f32]) -> Vec<f32> {
        let product = |vector: &[f32]| vector.iter().zip(query).map(|(a, b)| a * b).sum();
        let mut all: Vec<f32> = vectors.chunks(query.len()).map(product).collect();
        all.sort_by(|a, b| b.total_cmp(a));
        all
    }

    fn check(vectors: &[f32], queries: &[f32], dimension: usize, count: usize) {
        let found = closest(vectors, queries, dimension, count);
        assert_eq!(found.len(), queries.len() / dimension);
        for (found, query) in found.iter().zip(queries.chunks(dimension)) {
            let expected = one_by_one(vectors, query);
            assert_eq!(found.len(), count.min(expected.len()));
            let positions: std::collections::HashSet<u32> = found.iter().map(|(position, _)| *position).collect();
            assert_eq!(positions.len(), found.len());
            for ((position, product), expected) in found.iter().zip(expected) {
                let vector = &vectors[*position as usize * dimension..][..dimension];
                let itself = one_by_one(vector, query)[0];
                // Sums are rounded in another order.
                assert!((product - expected).abs() < 1e-4 && (product - itself).abs() < 1e-4, "{product} {expected}");
            }
        }
    }

    /// `count` times `dimension` floats that look random.
    fn floats(count: usize, dimension: usize, seed: usize) -> Vec<f32> {
        (0..count * dimension).map(|at| (((at + seed) * 2_654_435_761 % 4093) as f32 / 2046.5 - 1.0) / 4.0).collect()
    }

    proptest! {
        #[test]
        fn finds_what_comparing_one_by_one_finds(
            dimension in 1usize..70, height in 0usize..80, width in 0usize..19, count in 1usize..100, seed in 0usize..9999,
        ) {
            check(&floats(height, dimension, seed), &floats(width, dimension, seed + 7), dimension, count);
        }
    }

    #[test]
    fn many_tiles_are_one_search() {
        for (height, count) in [(TILE, 3), (TILE + 1, 3), (3 * TILE - 1, 40), (2 * TILE + 5, 2 * TILE)] {
            check(&floats(height, 24, 1), &floats(8, 24, 2), 24, count);
        }
    }

    #[test]
    fn equal_ones_are_all_found() {
        let same = [0.6, 0.8].repeat(100);
        assert_eq!(closest(&same, &[0.6, 0.8], 2, 64)[0].len(), 64);
        assert_eq!(closest(&same, &[0.6, 0.8], 2, 100)[0].len(), 100);
    }
}
