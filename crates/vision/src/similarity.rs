//! The turn, scale and shift that bring five points closest to five others.

use domain::geometry::{Landmarks, Point};

/// ArcFace's template: where eyes, nose and mouth corners lie in a crop of 112 x 112 pixels.
/// Source: Deng et al., "ArcFace" (2019), as in InsightFace's alignment.
pub(crate) const ARCFACE: Landmarks = [
    Point { x: 38.2946, y: 51.6963 },
    Point { x: 73.5318, y: 51.5014 },
    Point { x: 56.0252, y: 71.7366 },
    Point { x: 41.5493, y: 92.3655 },
    Point { x: 70.7299, y: 92.2041 },
];

/// dlib's template: where the same points lie in a chip of 150 x 150 pixels as dlib's encoder was trained with.
/// Source: the mean of such points over chips that dlib itself cut out, with a quarter of padding.
pub(crate) const DLIB: Landmarks = [
    Point { x: 48.72, y: 46.57 },
    Point { x: 102.35, y: 46.60 },
    Point { x: 75.42, y: 79.25 },
    Point { x: 51.95, y: 105.75 },
    Point { x: 98.25, y: 105.70 },
];

/// `x' = a x - b y + x0`, `y' = b x + a y + y0`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Similarity {
    pub(crate) a: f64,
    pub(crate) b: f64,
    pub(crate) x0: f64,
    pub(crate) y0: f64,
}

impl Similarity {
    /// The least-squares solution without mirroring (Umeyama 1991, which has a closed form in the plane: with points as
    /// complex numbers about their means, `a + bi` is the sum of `conj(from) to` over the sum of `|from|^2`).
    /// `None` when all of `from` are one point, or not finite.
    pub(crate) fn between(from: &Landmarks, to: &Landmarks) -> Option<Self> {
        let (from_x, from_y) = mean(from);
        let (to_x, to_y) = mean(to);
        let (mut real, mut imaginary, mut spread) = (0.0, 0.0, 0.0);
        for (p, q) in from.iter().zip(to) {
            let (px, py) = (f64::from(p.x) - from_x, f64::from(p.y) - from_y);
            let (qx, qy) = (f64::from(q.x) - to_x, f64::from(q.y) - to_y);
            real += px * qx + py * qy;
            imaginary += px * qy - py * qx;
            spread += px * px + py * py;
        }
        let (a, b) = (real / spread, imaginary / spread);
        let is_sound = spread.is_finite() && spread > 1e-6 && a.hypot(b) > 1e-9;
        is_sound.then_some(Self { a, b, x0: to_x - (a * from_x - b * from_y), y0: to_y - (b * from_x + a * from_y) })
    }

    /// A clockwise turn that brings `from` to `to` (y grows downwards).
    pub(crate) fn turn(degrees: f64, from: (f64, f64), to: (f64, f64)) -> Self {
        let (b, a) = degrees.to_radians().sin_cos();
        Self { a, b, x0: to.0 - (a * from.0 - b * from.1), y0: to.1 - (b * from.0 + a * from.1) }
    }

    /// This one, and all made `factor` times as large.
    pub(crate) fn scaled(&self, factor: f64) -> Self {
        Self { a: self.a * factor, b: self.b * factor, x0: self.x0 * factor, y0: self.y0 * factor }
    }

    /// This one first, then the other.
    pub(crate) fn then(&self, next: &Self) -> Self {
        Self {
            a: next.a * self.a - next.b * self.b,
            b: next.b * self.a + next.a * self.b,
            x0: next.a * self.x0 - next.b * self.y0 + next.x0,
            y0: next.b * self.x0 + next.a * self.y0 + next.y0,
        }
    }

    /// Rows of the 2 x 3 matrix.
    pub(crate) fn rows(&self) -> [[f64; 3]; 2] {
        [[self.a, -self.b, self.x0], [self.b, self.a, self.y0]]
    }
}

fn mean(points: &Landmarks) -> (f64, f64) {
    let count = points.len() as f64;
    let sum = |of: fn(&Point) -> f32| points.iter().map(|point| f64::from(of(point))).sum::<f64>();
    (sum(|point| point.x) / count, sum(|point| point.y) / count)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{ARCFACE, Landmarks, Point, Similarity};

    #[test]
    fn points_without_extent_have_no_solution() {
        assert_eq!(Similarity::between(&[Point { x: 3.0, y: 4.0 }; 5], &ARCFACE), None);
        assert_eq!(Similarity::between(&[Point { x: f32::NAN, y: 4.0 }; 5], &ARCFACE), None);
    }

    #[test]
    fn a_mirrored_face_is_not_mirrored_back() {
        let mirrored = ARCFACE.map(|point| Point { x: 112.0 - point.x, y: point.y });
        let found = Similarity::between(&mirrored, &ARCFACE).expect("points have extent");
        assert!(found.a > 0.0 && found.b.abs() < 0.1);
    }

    #[test]
    fn turns_are_clockwise_and_about_a_point() {
        let turn = Similarity::turn(90.0, (10.0, 20.0), (5.0, 5.0)).rows();
        let moved = |x: f64, y: f64| turn.map(|[a, b, c]| (a * x + b * y + c).round());
        assert_eq!([moved(10.0, 20.0), moved(11.0, 20.0), moved(10.0, 21.0)], [[5.0, 5.0], [5.0, 6.0], [4.0, 5.0]]);
    }

    proptest! {
        #[test]
        fn one_after_the_other_is_one(degrees in -180f64..180.0, factor in 0.1f64..10.0, x in -99f64..99.0, y in -99f64..99.0) {
            let first = Similarity::turn(degrees, (x, y), (y, x)).scaled(factor);
            let second = Similarity::turn(-30.0, (0.0, 0.0), (3.0, x));
            let at = |rows: [[f64; 3]; 2], x: f64, y: f64| rows.map(|[a, b, c]| a * x + b * y + c);
            let [between_x, between_y] = at(first.rows(), x, 7.0);
            let [expected_x, expected_y] = at(second.rows(), between_x, between_y);
            let [found_x, found_y] = at(first.then(&second).rows(), x, 7.0);
            prop_assert!((found_x - expected_x).abs() < 1e-6 && (found_y - expected_y).abs() < 1e-6);
        }

        #[test]
        fn finds_the_turn_scale_and_shift_that_was_made(
            angle in -3.1f64..3.1, scale in 0.1f64..10.0, x0 in -500f64..500.0, y0 in -500f64..500.0,
        ) {
            let (a, b) = (scale * angle.cos(), scale * angle.sin());
            let moved: Landmarks = ARCFACE.map(|point| {
                let (x, y) = (f64::from(point.x), f64::from(point.y));
                Point { x: (a * x - b * y + x0) as f32, y: (b * x + a * y + y0) as f32 }
            });
            let found = Similarity::between(&ARCFACE, &moved).expect("points have extent");
            prop_assert!((found.a - a).abs() < 1e-3 && (found.b - b).abs() < 1e-3);
            prop_assert!((found.x0 - x0).abs() < 0.1 && (found.y0 - y0).abs() < 0.1);
        }
    }
}
