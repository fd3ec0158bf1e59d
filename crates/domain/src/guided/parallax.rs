//! Whether five points moved as those of a head do, or as those of a flat picture.

use crate::geometry::Landmarks;

/// How far, in distances between the eyes, the landmarks of the second face lie from the nearest affine image of those of
/// the first: the greatest of the five distances. About 0 for a flat picture that was moved, turned, scaled or held at an
/// angle from afar; for a head that turned, what the nose stands out by.
///
/// The affine map is the one of least squares over the five points. Infinite where a face has no extent.
#[must_use]
pub fn parallax(before: &Landmarks, after: &Landmarks) -> f64 {
    let from = before.map(|point| [f64::from(point.x), f64::from(point.y)]);
    let to = after.map(|point| [f64::from(point.x), f64::from(point.y)]);
    let eyes = (to[1][0] - to[0][0]).hypot(to[1][1] - to[0][1]);
    let centre = |points: &[[f64; 2]; 5]| {
        let sum = points.iter().fold([0.0, 0.0], |sum, point| [sum[0] + point[0], sum[1] + point[1]]);
        [sum[0] / 5.0, sum[1] / 5.0]
    };
    let (from_centre, to_centre) = (centre(&from), centre(&to));
    let from = from.map(|point| [point[0] - from_centre[0], point[1] - from_centre[1]]);
    let to = to.map(|point| [point[0] - to_centre[0], point[1] - to_centre[1]]);
    // Normal equations: (sum of p p^T) row = sum of p q, for each row of the map.
    let sum = |f: &dyn Fn(usize) -> f64| (0..5).map(f).sum::<f64>();
    let (xx, xy, yy) =
        (sum(&|i| from[i][0] * from[i][0]), sum(&|i| from[i][0] * from[i][1]), sum(&|i| from[i][1] * from[i][1]));
    let determinant = xx * yy - xy * xy;
    if eyes < 1e-3 || determinant.abs() < 1e-6 {
        return f64::INFINITY;
    }
    let row = |axis: usize| {
        let (x, y) = (sum(&|i| from[i][0] * to[i][axis]), sum(&|i| from[i][1] * to[i][axis]));
        [(x * yy - y * xy) / determinant, (y * xx - x * xy) / determinant]
    };
    let (across, down) = (row(0), row(1));
    let off = from.iter().zip(&to).map(|(p, q)| {
        let image = [across[0] * p[0] + across[1] * p[1], down[0] * p[0] + down[1] * p[1]];
        (image[0] - q[0]).hypot(image[1] - q[1])
    });
    off.fold(0.0, f64::max) / eyes
}
