use proptest::prelude::*;

use super::*;
use crate::geometry::{FaceBox, Point};

const POLICY: CapturePolicy = CapturePolicy { min_face_px: 60.0, min_clarity: 20, same_person_cosine: 0.5 };

/// An average head of 100 pixels between the eyes, turned by `yaw` degrees.
fn head(yaw: f64, pitch: f64) -> Landmarks {
    let points = [(-0.5, 0.0, 0.0), (0.5, 0.0, 0.0), (0.0, 0.5, 0.43), (-0.4, 1.0, 0.02), (0.4, 1.0, 0.02)];
    let (yaw, pitch) = (yaw.to_radians(), pitch.to_radians());
    points.map(|(x, y, z)| {
        let (y, z) = (y * pitch.cos() - z * pitch.sin(), z * pitch.cos() + y * pitch.sin());
        let x = x * yaw.cos() + z * yaw.sin();
        Point { x: (200.0 + 100.0 * x) as f32, y: (200.0 + 100.0 * y) as f32 }
    })
}

fn look(landmarks: Landmarks, degrees: f32) -> (DetectedFace, Embedding, u8) {
    let face_box = FaceBox { x_min: 100.0, y_min: 100.0, x_max: 300.0, y_max: 350.0 };
    let angle = degrees.to_radians();
    let embedding = Embedding::normalized(vec![angle.cos(), angle.sin()]).expect("a direction");
    (DetectedFace { face_box, landmarks, detection_score: 0.99 }, embedding, 80)
}

fn taken(yaw: f64, degrees: f32) -> TakenPose {
    let (face, embedding, _) = look(head(yaw, 0.0), degrees);
    TakenPose { landmarks: face.landmarks, embedding }
}

fn check(wanted: Facing, before: &[TakenPose], seen: &[(DetectedFace, Embedding, u8)], expected: Step) {
    assert_eq!(judge(wanted, before, seen, &POLICY), expected, "{wanted:?}");
}

#[test]
fn the_pose_that_is_asked_for_is_taken() {
    let ahead = [taken(0.0, 0.0)];
    check(Facing::Centre, &[], &[look(head(3.0, 2.0), 0.0)], Step::Take);
    check(Facing::Left, &ahead, &[look(head(25.0, 0.0), 20.0)], Step::Take);
    check(Facing::Right, &ahead, &[look(head(-25.0, 0.0), 20.0)], Step::Take);
}

#[test]
fn a_person_is_told_what_to_do() {
    let wait = |advice| Step::Wait(advice);
    let one = look(head(0.0, 0.0), 0.0);
    check(Facing::Centre, &[], &[], wait(Advice::ComeIntoView));
    check(Facing::Centre, &[], &[one.clone(), one.clone()], wait(Advice::OnePersonOnly));
    check(Facing::Centre, &[], &[look(head(20.0, 0.0), 0.0)], wait(Advice::LookAhead));
    check(Facing::Left, &[], &[look(head(-25.0, 0.0), 0.0)], wait(Advice::TurnLeft));
    check(Facing::Right, &[], &[look(head(5.0, 0.0), 0.0)], wait(Advice::TurnRight));
    check(Facing::Right, &[], &[look(head(-70.0, 0.0), 0.0)], wait(Advice::TurnLess));
    check(Facing::Centre, &[], &[look(head(0.0, 35.0), 0.0)], wait(Advice::LevelHead));
    let (face, embedding, _) = one.clone();
    check(Facing::Centre, &[], &[(face, embedding.clone(), 10)], wait(Advice::MoreLight));
    let far = DetectedFace { face_box: FaceBox { x_min: 0.0, y_min: 0.0, x_max: 50.0, y_max: 60.0 }, ..face };
    check(Facing::Centre, &[], &[(far, embedding, 80)], wait(Advice::ComeCloser));
}

#[test]
fn another_person_and_a_still_picture_speak_against_it() {
    let ahead = [taken(0.0, 0.0)];
    let turned = head(25.0, 0.0);
    check(Facing::Left, &ahead, &[look(turned, 80.0)], Step::Strike(CaptureFailure::NotSamePerson));
    check(Facing::Left, &ahead, &[look(turned, 1.0)], Step::Strike(CaptureFailure::SpoofSuspected));
    // A picture that shows a turned head, taken for the first pose by somebody who lied about where it looks.
    let flat = [TakenPose { landmarks: turned, ..taken(0.0, 0.0) }];
    check(Facing::Left, &flat, &[look(turned, 20.0)], Step::Strike(CaptureFailure::SpoofSuspected));
}

#[test]
fn one_side_after_the_other_in_either_order() {
    assert_eq!(poses(true), [Facing::Centre, Facing::Left, Facing::Right]);
    assert_eq!(poses(false), [Facing::Centre, Facing::Right, Facing::Left]);
}

proptest! {
    /// However a still picture is moved, scaled, turned or held at an angle, no pose but the first is ever taken of it.
    #[test]
    fn a_still_picture_never_passes(
        yaw in -12.0..12.0f64, a in 0.3..1.5f32, b in -0.6..0.6f32, c in -0.6..0.6f32, d in 0.3..1.5f32,
        degrees in 3.0..30.0f32, side in prop::bool::ANY,
    ) {
        prop_assume!(a * d - b * c > 0.15);
        let picture = head(yaw, 0.0);
        let moved = picture.map(|Point { x, y }| Point { x: a * x + b * y + 40.0, y: c * x + d * y - 9.0 });
        prop_assert!(parallax(&picture, &moved) < 0.01);
        let wanted = if side { Facing::Left } else { Facing::Right };
        let before = [TakenPose { landmarks: picture, ..taken(0.0, 0.0) }];
        prop_assert!(judge(wanted, &before, &[look(moved, degrees)], &POLICY) != Step::Take);
    }

    #[test]
    fn a_head_that_turns_shows_parallax(yaw in 18.0..45.0f64, pitch in -10.0..10.0f64) {
        prop_assert!(parallax(&head(0.0, 0.0), &head(yaw, pitch)) > LEAST_PARALLAX);
        prop_assert!(parallax(&head(0.0, 0.0), &head(-yaw, pitch)) > LEAST_PARALLAX);
    }
}
