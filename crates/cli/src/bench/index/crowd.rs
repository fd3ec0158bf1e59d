//! Made-up faces that are as hard to tell apart as real ones.
//!
//! A person's direction is made of three parts: one of [`GROUPS`] groups that the person belongs to (a share of
//! [`GROUP_SHARE`] of the squared length), what is theirs alone, and a direction that all faces have in common. Both of the
//! first are Gaussian with a decaying spectrum, variance `(j + 10)^-1.5` in the j-th direction, so that faces fill some fifty
//! directions however many floats they have. All is then turned by signs, Hadamard transforms (Fino and Algazi, IEEE
//! Transactions on Computers C-25, 1976) and a permutation, so that no float means more than another. The constants were
//! chosen so that two people are as alike as with MobileFaceNet: the report prints the quantiles beside its calibration.
//!
//! Everything follows from a seed and a number: any row can be made again, at any time, by any process.

use domain::embedding::Embedding;

/// How many groups of people there are who look alike.
const GROUPS: u64 = 150;
/// Which part of a person's squared length is their group's.
const GROUP_SHARE: f32 = 0.2;
/// Length of the direction that all faces have in common, beside a person's 1.
const COMMON: f32 = 0.15;
/// The spectrum: variance `(j + SPECTRUM_START)^-SPECTRUM_FALL`.
const SPECTRUM_START: f32 = 10.0;
const SPECTRUM_FALL: f32 = 1.5;
/// How alike the samples of one person are to the person: two of them have a cosine of its square.
const SAMPLE_SIMILARITY: f32 = 0.87;
/// Cosines of a person's faces before a camera with their template: normal, cut off.
const GENUINE_MEAN: f32 = 0.7;
const GENUINE_SPREAD: f32 = 0.1;
const GENUINE_RANGE: (f32, f32) = (0.35, 0.95);
const SEED: u64 = 20_261_121;

/// What the data are, in words, for the report.
pub(super) const MODEL: &str = "made-up unit vectors: 150 groups of people (a fifth of the squared length), what is each \
    person's own, and a common direction (0.15); Gaussian, variance (j+10)^-1.5 in direction j, turned at random; genuine \
    queries have a cosine of N(0.70, 0.10), cut off at 0.35 and 0.95, with their template, the rest is another stranger's face";
/// Named in files that are made of the data, so that those of another model are not taken for them.
pub(super) const MODEL_NUMBER: u32 = 1;

/// Which numbers are drawn: those of one stream have nothing to do with those of another.
#[derive(Clone, Copy)]
enum Stream {
    Rotation = 1,
    Common,
    Group,
    Person,
    Sample,
    Stranger,
    Rest,
    Similarity,
}

/// Makes faces of one dimension.
#[derive(Debug)]
pub(super) struct Crowd {
    dimension: usize,
    per_person: usize,
    /// Where the j-th direction of the spectrum is put, and its standard deviation.
    spectrum: Vec<(usize, f32)>,
    /// Length of the blocks that are transformed: the largest power of two that divides the dimension.
    block: usize,
    signs: [Vec<f32>; 2],
    permutation: Vec<usize>,
    common: Vec<f32>,
    groups: Vec<Vec<f32>>,
}

/// Numbers that follow from a seed (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
struct Numbers(u64);

impl Numbers {
    fn new(stream: Stream, number: u64) -> Self {
        let mut seeding = Self(SEED ^ ((stream as u64) << 56));
        let state = seeding.next();
        Self(Self(state ^ number).next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Nearly normal: the sum of four even ones. The transforms add hundreds of them up, which does the rest.
    fn normal(&mut self) -> f32 {
        // Variance of the sum of four even numbers from 0 to 65,535: (65,536² - 1) / 3.
        const SPREAD: f32 = 37_837.2;
        let drawn = self.next();
        let sum = (0..4).map(|part| ((drawn >> (part * 16)) & 0xFFFF) as f32).sum::<f32>();
        (sum - 131_070.0) / SPREAD
    }
}

impl Crowd {
    /// Faces of `dimension` floats; each person has `per_person` templates.
    pub(super) fn new(dimension: usize, per_person: usize) -> Self {
        let block = 1 << dimension.trailing_zeros();
        let blocks = dimension / block;
        let spread = |j: usize| (j as f32 + SPECTRUM_START).powf(-SPECTRUM_FALL / 2.0);
        let spectrum: Vec<(usize, f32)> =
            (0..dimension).map(|j| ((j % blocks) * block + j / blocks, spread(j))).collect();
        let mut rotation = Numbers::new(Stream::Rotation, 0);
        let signs =
            [(); 2].map(|()| (0..dimension).map(|_| if rotation.next() & 1 == 0 { 1.0 } else { -1.0 }).collect());
        let mut permutation: Vec<usize> = (0..dimension).collect();
        for place in (1..dimension).rev() {
            permutation.swap(place, (rotation.next() % (place as u64 + 1)) as usize);
        }
        let mut numbers = Numbers::new(Stream::Common, 0);
        let mut common: Vec<f32> = (0..dimension).map(|_| numbers.normal()).collect();
        scale_to(&mut common, COMMON);
        let mut crowd = Self { dimension, per_person, spectrum, block, signs, permutation, common, groups: Vec::new() };
        crowd.groups = (0..GROUPS).map(|group| crowd.own(Stream::Group, group, GROUP_SHARE.sqrt())).collect();
        crowd
    }

    pub(super) fn dimension(&self) -> usize {
        self.dimension
    }

    pub(super) fn per_person(&self) -> usize {
        self.per_person
    }

    /// Writes the templates from number `first` on to `rows`, one after another, with all processors.
    pub(super) fn fill(&self, first: usize, rows: &mut [f32]) {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let each = (rows.len() / self.dimension).div_ceil(threads).max(1);
        std::thread::scope(|scope| {
            for (part, rows) in rows.chunks_mut(each * self.dimension).enumerate() {
                scope.spawn(move || {
                    for (at, row) in rows.chunks_exact_mut(self.dimension).enumerate() {
                        row.copy_from_slice(&self.template(first + part * each + at));
                    }
                });
            }
        });
    }

    /// The template of that number. Those of a person follow one another.
    pub(super) fn template(&self, number: usize) -> Vec<f32> {
        let person = self.face(Stream::Person, (number / self.per_person) as u64);
        if self.per_person == 1 {
            return person;
        }
        let other = self.face(Stream::Sample, number as u64);
        at_similarity(&person, &other, SAMPLE_SIMILARITY)
    }

    /// The `draw`-th face of whoever has that template, as a camera sees it.
    pub(super) fn seen(&self, template: usize, draw: u64) -> Embedding {
        let mut numbers = Numbers::new(Stream::Similarity, draw);
        let similarity = GENUINE_SPREAD.mul_add(numbers.normal(), GENUINE_MEAN);
        let other = self.face(Stream::Rest, draw);
        let (least, most) = GENUINE_RANGE;
        unit(at_similarity(&self.template(template), &other, similarity.clamp(least, most)))
    }

    /// A face of somebody who has no template.
    pub(super) fn stranger(&self, draw: u64) -> Embedding {
        unit(self.face(Stream::Stranger, draw))
    }

    fn face(&self, stream: Stream, number: u64) -> Vec<f32> {
        let mut face = self.own(stream, number, (1.0 - GROUP_SHARE).sqrt());
        let group = Numbers::new(stream, !number).next() % GROUPS;
        face.iter_mut().zip(&self.groups[group as usize]).for_each(|(value, shared)| *value += shared);
        scale_to(&mut face, 1.0);
        face.iter_mut().zip(&self.common).for_each(|(value, shared)| *value += shared);
        scale_to(&mut face, 1.0);
        self.turn(&mut face);
        face
    }

    /// What is drawn of the spectrum, of that length.
    fn own(&self, stream: Stream, number: u64, length: f32) -> Vec<f32> {
        let mut numbers = Numbers::new(stream, number);
        let mut values = vec![0.0; self.dimension];
        for (place, spread) in &self.spectrum {
            values[*place] = spread * numbers.normal();
        }
        scale_to(&mut values, length);
        values
    }

    fn turn(&self, values: &mut Vec<f32>) {
        self.transform(values, &self.signs[0]);
        let mut moved: Vec<f32> = self.permutation.iter().map(|from| values[*from]).collect();
        self.transform(&mut moved, &self.signs[1]);
        *values = moved;
    }

    /// Signs, then the Hadamard transform of each block; lengths stay as they are.
    fn transform(&self, values: &mut [f32], signs: &[f32]) {
        let scale = 1.0 / (self.block as f32).sqrt();
        values.iter_mut().zip(signs).for_each(|(value, sign)| *value *= sign * scale);
        for block in values.chunks_exact_mut(self.block) {
            let mut half = 1;
            while half < block.len() {
                for pair in block.chunks_exact_mut(half * 2) {
                    let (low, high) = pair.split_at_mut(half);
                    for (a, b) in low.iter_mut().zip(high) {
                        (*a, *b) = (*a + *b, *a - *b);
                    }
                }
                half *= 2;
            }
        }
    }
}

/// A unit vector with that cosine to `own`; the rest lies where `other` does.
fn at_similarity(own: &[f32], other: &[f32], similarity: f32) -> Vec<f32> {
    let along: f32 = own.iter().zip(other).map(|(a, b)| a * b).sum();
    let mut rest: Vec<f32> = own.iter().zip(other).map(|(a, b)| b - along * a).collect();
    scale_to(&mut rest, (1.0 - similarity * similarity).sqrt());
    own.iter().zip(&rest).map(|(a, b)| similarity * a + b).collect()
}

fn scale_to(values: &mut [f32], length: f32) {
    let now = values.iter().map(|value| value * value).sum::<f32>().sqrt();
    let factor = length / now.max(f32::MIN_POSITIVE);
    values.iter_mut().for_each(|value| *value *= factor);
}

/// As an embedding; what was made has a direction.
pub(super) fn unit(values: Vec<f32>) -> Embedding {
    Embedding::normalized(values).expect("a made-up face has a direction")
}

#[cfg(test)]
mod tests {
    use super::{Crowd, unit};

    fn check(dimension: usize, per_person: usize) {
        let crowd = Crowd::new(dimension, per_person);
        let mut rows = vec![0.0; 40 * dimension];
        crowd.fill(7, &mut rows);
        for (at, row) in rows.chunks(dimension).enumerate() {
            assert_eq!(row, crowd.template(7 + at), "the same whoever makes it");
            let length: f32 = row.iter().map(|value| value * value).sum();
            assert!((length - 1.0).abs() < 1e-4, "{dimension}: {length}");
        }
    }

    #[test]
    fn a_row_is_the_same_whoever_makes_it_and_of_length_one() {
        check(1, 1);
        check(24, 5);
        check(128, 1);
        check(192, 3);
    }

    /// Mean and standard deviation.
    fn spread(values: impl Iterator<Item = f32> + Clone) -> (f32, f32) {
        let count = values.clone().count() as f32;
        let mean = values.clone().sum::<f32>() / count;
        (mean, (values.map(|value| (value - mean).powi(2)).sum::<f32>() / count).sqrt())
    }

    #[test]
    fn people_are_as_alike_as_people_and_faces_as_alike_as_faces() {
        let crowd = Crowd::new(128, 5);
        let people: Vec<_> = (0..300).map(|person| unit(crowd.template(person * 5))).collect();
        let pairs = (0..300).flat_map(|a| (0..a).map(move |b| (a, b)));
        let (mean, sd) = spread(pairs.map(|(a, b)| people[a].similarity(&people[b])));
        assert!((0.0..0.06).contains(&mean) && (0.11..0.16).contains(&sd), "{mean} {sd}");

        let seen = (0..300).map(|person| crowd.seen(person * 5, person as u64).similarity(&people[person]));
        let (mean, sd) = spread(seen);
        assert!((0.67..0.73).contains(&mean) && (0.07..0.13).contains(&sd), "{mean} {sd}");

        let samples = (0..300).map(|person| unit(crowd.template(person * 5 + 1)).similarity(&people[person]));
        let (mean, _) = spread(samples);
        assert!((0.65..0.85).contains(&mean), "two samples of one person: {mean}");
    }

    #[test]
    fn no_float_means_more_than_another() {
        let crowd = Crowd::new(64, 1);
        let mut rows = vec![0.0; 4000 * 64];
        crowd.fill(0, &mut rows);
        let mean_square = |at: usize| rows.chunks(64).map(|row| row[at] * row[at]).sum::<f32>() / 4000.0;
        let (least, most) = (0..64).map(mean_square).fold((1.0f32, 0.0f32), |(a, b), s| (a.min(s), b.max(s)));
        assert!(most < 3.0 * least, "{least} {most}");
    }
}
