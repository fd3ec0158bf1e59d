//! Changed copies of a face, so that one photo stands for more cameras and lights than its own.
//!
//! Which changes a copy gets is drawn by a generator of our own that starts from the face's pixels: the same photo always
//! gives the same copies, so a job that is run twice makes the same templates.

use sha2::{Digest, Sha256};

/// Largest turn in the plane of the picture, in degrees.
const TURN_DEGREES: f64 = 8.0;
/// Largest share by which brightness and contrast change.
const LIGHT: f64 = 0.2;

/// What makes a copy different.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Change {
    /// Clockwise, in degrees.
    pub(crate) turn: f64,
    /// Left and right are swapped.
    pub(crate) is_mirrored: bool,
    /// Factor on all values.
    pub(crate) brightness: f64,
    /// Factor on all values' distances from their mean.
    pub(crate) contrast: f64,
}

/// What the copies of the face in these pixels are to be like.
pub(crate) fn changes(crop: &[u8], count: usize) -> Vec<Change> {
    let seed = Sha256::digest(crop).first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let mut draw = Draw(seed);
    (0..count)
        .map(|_number| Change {
            turn: TURN_DEGREES * draw.signed(),
            is_mirrored: draw.signed() < 0.0,
            brightness: 1.0 + LIGHT * draw.signed(),
            contrast: 1.0 + LIGHT * draw.signed(),
        })
        .collect()
}

impl Change {
    /// Changes pixels in place, in rows of `width`. The turn is not made here: it needs what lies outside of the crop.
    pub(crate) fn apply(&self, crop: &mut [u8], width: usize) {
        let mean = crop.iter().map(|value| f64::from(*value)).sum::<f64>() / crop.len().max(1) as f64;
        let changed: [u8; 256] = std::array::from_fn(|value| {
            // A cast to an integer of 8 bits keeps to 0..=255.
            (((value as f64 - mean) * self.contrast + mean) * self.brightness).round() as u8
        });
        crop.iter_mut().for_each(|value| *value = changed[usize::from(*value)]);
        if self.is_mirrored {
            mirror(crop, width);
        }
    }
}

/// Swaps left and right of RGB pixels, in rows of `width`.
pub(crate) fn mirror(crop: &mut [u8], width: usize) {
    for row in crop.chunks_exact_mut(width * 3) {
        let (pixels, _) = row.as_chunks_mut::<3>();
        pixels.reverse();
    }
}

/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Evenly in -1..1.
    fn signed(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Change, Draw, changes, mirror};

    const SAME: Change = Change { turn: 0.0, is_mirrored: false, brightness: 1.0, contrast: 1.0 };

    /// A row of two pixels.
    fn check(change: Change, pixels: [u8; 6], expected: [u8; 6]) {
        let mut crop = pixels;
        change.apply(&mut crop, 2);
        assert_eq!(crop, expected, "{change:?}");
    }

    #[test]
    fn copies_are_lighter_darker_flatter_and_mirrored() {
        let pixels = [90, 100, 110, 90, 100, 110];
        check(SAME, pixels, pixels);
        check(Change { brightness: 1.2, ..SAME }, pixels, [108, 120, 132, 108, 120, 132]);
        check(Change { contrast: 0.8, ..SAME }, pixels, [92, 100, 108, 92, 100, 108]);
        check(Change { brightness: 1.2, ..SAME }, [250, 255, 240, 0, 1, 2], [255, 255, 255, 0, 1, 2]);
        check(Change { is_mirrored: true, ..SAME }, [1, 2, 3, 4, 5, 6], [4, 5, 6, 1, 2, 3]);
    }

    #[test]
    fn the_generator_gives_what_its_authors_publish() {
        let mut draw = Draw(1_234_567);
        assert_eq!([draw.next(), draw.next()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }

    proptest! {
        #[test]
        fn the_same_face_gets_the_same_copies_within_limits(crop in prop::collection::vec(any::<u8>(), 3..60)) {
            let drawn = changes(&crop, 5);
            prop_assert_eq!(&drawn[..3], changes(&crop, 3));
            for change in drawn {
                prop_assert!(change.turn.abs() <= 8.0);
                prop_assert!((0.8..=1.2).contains(&change.brightness) && (0.8..=1.2).contains(&change.contrast));
            }
            let mut other = crop.clone();
            other[0] ^= 1;
            prop_assert_ne!(changes(&crop, 1), changes(&other, 1));
        }

        #[test]
        fn mirroring_twice_changes_nothing(crop in prop::collection::vec(any::<u8>(), 24)) {
            let mut twice = crop.clone();
            mirror(&mut twice, 4);
            mirror(&mut twice, 4);
            prop_assert_eq!(twice, crop);
        }
    }
}
