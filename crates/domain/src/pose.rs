//! Which way a head is turned, from five landmarks.

use crate::geometry::{Landmarks, Point};

/// How far the nose tip stands out of the plane of eyes and mouth, in distances between the eyes' centres, and where a
/// face that looks straight ahead has it between the line of the eyes (0) and that of the mouth (1); how far apart those
/// lines are. Of an average adult head: eyes 63 mm apart, nose tip 27 mm before them, mouth 64 mm below. The resting place
/// is the median of MTCNN's landmarks on the 115 portraits that the tests use, half of which lie within 0.08 of it.
const NOSE_DEPTH: f64 = 27.0 / 63.0;
const NOSE_HEIGHT: f64 = 0.57;
const MOUTH_DROP: f64 = 64.0 / 63.0;

/// Which way a head is turned, in degrees. An estimate: people's noses differ by several degrees' worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pose {
    /// Turned to the side, -90..=90; positive towards the right edge of the picture.
    pub yaw: f32,
    /// Nodding, -90..=90; positive upwards.
    pub pitch: f32,
    /// Tilted in the plane of the picture, -180..=180; positive clockwise.
    pub roll: f32,
}

/// The pose of a face; `None` when its landmarks are not those of one (eyes in one point, mouth above the eyes).
///
/// Under weak perspective a nose that stands `d` out of a face of width 1 moves by `d sin(yaw)` while the eyes come as
/// close as `cos(yaw)`, so yaw is the arc tangent of its shift in eye distances over `d`; pitch likewise from its height.
#[must_use]
pub fn pose(landmarks: &Landmarks) -> Option<Pose> {
    let [left, right, nose, mouth_left, mouth_right] = landmarks.map(|Point { x, y }| (f64::from(x), f64::from(y)));
    let eyes = middle(left, right);
    let (across_x, across_y) = (right.0 - left.0, right.1 - left.1);
    let distance = across_x.hypot(across_y);
    if !distance.is_finite() || distance < 1e-3 {
        return None;
    }
    // Into a frame with the eyes level and one unit apart.
    let (cos, sin) = (across_x / distance, across_y / distance);
    let level = |point: (f64, f64)| {
        let (x, y) = (point.0 - eyes.0, point.1 - eyes.1);
        ((x * cos + y * sin) / distance, (y * cos - x * sin) / distance)
    };
    let (nose, mouth) = (level(nose), level(middle(mouth_left, mouth_right)));
    if !nose.0.is_finite() || mouth.1.is_nan() || mouth.1 < 0.1 {
        return None;
    }
    // Where the face's middle line is at the height of the nose: it leans with what roll the eyes do not show.
    let height = nose.1 / mouth.1;
    let shift = nose.0 - mouth.0 * height;
    Some(Pose {
        yaw: (shift / NOSE_DEPTH).atan().to_degrees() as f32,
        pitch: ((NOSE_HEIGHT - height) * MOUTH_DROP / NOSE_DEPTH).atan().to_degrees() as f32,
        roll: sin.atan2(cos).to_degrees() as f32,
    })
}

fn middle(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    ((a.0 + b.0) / 2.0, (a.1 + b.1) / 2.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{MOUTH_DROP, NOSE_DEPTH, NOSE_HEIGHT, pose};
    use crate::geometry::{Landmarks, Point};

    /// The average head, turned and seen from far away.
    fn seen(yaw: f64, pitch: f64, roll: f64, scale: f64) -> Landmarks {
        let head = [
            (-0.5, 0.0, 0.0),
            (0.5, 0.0, 0.0),
            (0.0, NOSE_HEIGHT * MOUTH_DROP, NOSE_DEPTH),
            (-0.4, MOUTH_DROP, 0.0),
            (0.4, MOUTH_DROP, 0.0),
        ];
        let [yaw, pitch, roll] = [yaw, pitch, roll].map(f64::to_radians);
        head.map(|(x, y, z)| {
            let (y, z) = (y * pitch.cos() - z * pitch.sin(), z * pitch.cos() + y * pitch.sin());
            let x = x * yaw.cos() + z * yaw.sin();
            let (x, y) = (x * roll.cos() - y * roll.sin(), y * roll.cos() + x * roll.sin());
            Point { x: (200.0 + x * scale) as f32, y: (150.0 + y * scale) as f32 }
        })
    }

    fn check(yaw: f64, pitch: f64, roll: f64, tolerance: f32) {
        let found = pose(&seen(yaw, pitch, roll, 60.0)).expect("a face");
        for (found, wanted) in [(found.yaw, yaw), (found.pitch, pitch), (found.roll, roll)] {
            assert!((found - wanted as f32).abs() < tolerance, "{found}, not {wanted}");
        }
    }

    #[test]
    fn turned_heads_are_seen_turned() {
        check(0.0, 0.0, 0.0, 0.1);
        check(20.0, 0.0, 0.0, 1.0);
        check(-35.0, 0.0, 0.0, 1.0);
        check(0.0, 15.0, 0.0, 2.0);
        check(0.0, -20.0, 0.0, 2.0);
        check(0.0, 0.0, 25.0, 0.1);
        check(25.0, 0.0, -40.0, 2.0);
    }

    #[test]
    fn what_is_no_face_has_no_pose() {
        let point = Point { x: 1.0, y: 1.0 };
        assert_eq!(pose(&[point; 5]), None);
        let mut upside_down = seen(0.0, 0.0, 0.0, 60.0);
        upside_down.swap(0, 3);
        upside_down.swap(1, 4);
        assert_eq!(pose(&upside_down), None);
        assert_eq!(pose(&[Point { x: f32::NAN, y: 0.0 }; 5]), None);
    }

    proptest! {
        /// What a picture of a face can be made to do: moved, scaled, turned in its plane, squeezed by being held at an
        /// angle. None of it changes yaw, which is why a still photo does not pass for a turned head.
        #[test]
        fn a_flat_picture_moved_about_keeps_its_yaw(
            yaw in -40.0..40.0f64, squeeze in 0.4..1.0f32, roll in -30.0..30.0f64, scale in 20.0..200.0f64,
        ) {
            let flat = seen(yaw, 0.0, 0.0, scale);
            let held = flat.map(|point| Point { x: point.x * squeeze, ..point });
            let [before, after] = [&flat, &held].map(|face| pose(face).expect("a face").yaw);
            prop_assert!((before - after).abs() < 0.5, "{before} {after}");
            let turned = pose(&seen(yaw, 0.0, roll, scale)).expect("a face").yaw;
            prop_assert!((before - turned).abs() < 0.5, "{before} {turned}");
        }
    }
}
