//! Non-maximum suppression: of boxes that overlap too much, the surest stays.

use domain::geometry::{DetectedFace, FaceBox};

use crate::boxes::Candidate;

/// How overlap is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overlap {
    /// Shared area over the area of both together.
    Union,
    /// Shared area over that of the smaller box, edges counted as part of the boxes: a box inside another is dropped.
    Smaller,
}

/// The positions of the candidates that stay, surest first: each overlaps no surer one by more than `limit`.
///
/// Of equally sure ones the earlier counts as surer by [`Overlap::Union`], the later by [`Overlap::Smaller`]: scores round
/// to 1, so it matters, and facenet-pytorch has it so.
pub(crate) fn suppressed(candidates: &[Candidate], limit: f32, overlap: Overlap) -> Vec<usize> {
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    if overlap == Overlap::Smaller {
        order.reverse();
    }
    order.sort_by(|a, b| candidates[*b].score.total_cmp(&candidates[*a].score));
    let mut kept: Vec<usize> = Vec::new();
    let mut kept_boxes: Vec<FaceBox> = Vec::new();
    for position in order {
        let candidate = &candidates[position].face_box;
        // Looking at all that are kept without stopping early lets the compiler use vector instructions.
        let is_covered = match overlap {
            Overlap::Union => {
                kept_boxes.iter().fold(false, |any, other| any | (union_overlap(candidate, other) > limit))
            }
            Overlap::Smaller => kept_boxes.iter().any(|other| smaller_overlap(candidate, other) > limit),
        };
        if !is_covered {
            kept.push(position);
            kept_boxes.push(*candidate);
        }
    }
    kept
}

/// The faces, largest first, of which none overlaps a surer one by more than `limit` of the smaller one's area: of those
/// found when a picture was looked at more than once.
pub(crate) fn distinct(faces: &[DetectedFace], limit: f32) -> Vec<DetectedFace> {
    let candidates: Vec<Candidate> =
        faces.iter().map(|face| Candidate { face_box: face.face_box, score: face.detection_score }).collect();
    let kept = suppressed(&candidates, limit, Overlap::Smaller);
    let mut distinct: Vec<DetectedFace> = kept.into_iter().map(|position| faces[position]).collect();
    distinct.sort_by(|a, b| b.face_box.area().total_cmp(&a.face_box.area()));
    distinct
}

fn union_overlap(a: &FaceBox, b: &FaceBox) -> f32 {
    let shared =
        shared_side(a.x_min, a.x_max, b.x_min, b.x_max, 0.0) * shared_side(a.y_min, a.y_max, b.y_min, b.y_max, 0.0);
    // Two boxes without area give 0 / 0, which is not more than any limit.
    shared / (a.area() + b.area() - shared)
}

fn smaller_overlap(a: &FaceBox, b: &FaceBox) -> f32 {
    let area = |face_box: &FaceBox| (face_box.width() + 1.0) * (face_box.height() + 1.0);
    let shared =
        shared_side(a.x_min, a.x_max, b.x_min, b.x_max, 1.0) * shared_side(a.y_min, a.y_max, b.y_min, b.y_max, 1.0);
    shared / area(a).min(area(b))
}

fn shared_side(a_min: f32, a_max: f32, b_min: f32, b_max: f32, edge: f32) -> f32 {
    (a_max.min(b_max) - a_min.max(b_min) + edge).max(0.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Candidate, FaceBox, Overlap, smaller_overlap, suppressed, union_overlap};

    fn candidate(x_min: f32, y_min: f32, side: f32, score: f32) -> Candidate {
        Candidate { face_box: FaceBox { x_min, y_min, x_max: x_min + side, y_max: y_min + side }, score }
    }

    fn check(candidates: &[Candidate], limit: f32, overlap: Overlap, expected: &[usize]) {
        assert_eq!(suppressed(candidates, limit, overlap), expected);
    }

    #[test]
    fn the_surest_of_a_cluster_stays() {
        let cluster = [candidate(0.0, 0.0, 10.0, 0.7), candidate(1.0, 1.0, 10.0, 0.9), candidate(50.0, 0.0, 10.0, 0.8)];
        check(&cluster, 0.5, Overlap::Union, &[1, 2]);
        check(&cluster, 0.9, Overlap::Union, &[1, 2, 0]);
        check(&[], 0.5, Overlap::Union, &[]);
    }

    #[test]
    fn a_box_inside_another_goes_only_by_the_smaller_area() {
        let nested = [candidate(0.0, 0.0, 100.0, 0.9), candidate(40.0, 40.0, 20.0, 0.8)];
        check(&nested, 0.7, Overlap::Union, &[0, 1]);
        check(&nested, 0.7, Overlap::Smaller, &[0]);
    }

    #[test]
    fn equal_boxes_of_equal_score_leave_one() {
        let twins = [candidate(3.0, 3.0, 10.0, 0.8), candidate(3.0, 3.0, 10.0, 0.8)];
        check(&twins, 0.5, Overlap::Union, &[0]);
        check(&twins, 0.5, Overlap::Smaller, &[1]);
        check(&[candidate(3.0, 3.0, 0.0, 0.8), candidate(3.0, 3.0, 0.0, 0.7)], 0.5, Overlap::Union, &[0, 1]);
    }

    fn many() -> impl Strategy<Value = Vec<Candidate>> {
        let one = (0f32..200.0, 0f32..200.0, 1f32..90.0, 0f32..1.0)
            .prop_map(|(x, y, side, score)| candidate(x, y, side, score));
        prop::collection::vec(one, 0..60)
    }

    proptest! {
        #[test]
        fn those_kept_are_apart_and_those_dropped_are_covered(
            candidates in many(), limit in 0.1f32..0.9, by_smaller in any::<bool>(),
        ) {
            let (overlap, measure): (_, fn(&FaceBox, &FaceBox) -> f32) =
                if by_smaller { (Overlap::Smaller, smaller_overlap) } else { (Overlap::Union, union_overlap) };
            let kept = suppressed(&candidates, limit, overlap);
            for (rank, one) in kept.iter().enumerate() {
                for other in &kept[rank + 1..] {
                    prop_assert!(candidates[*one].score >= candidates[*other].score);
                    prop_assert!(measure(&candidates[*one].face_box, &candidates[*other].face_box) <= limit);
                }
            }
            for dropped in (0..candidates.len()).filter(|position| !kept.contains(position)) {
                let covered = kept.iter().any(|by| {
                    candidates[*by].score >= candidates[dropped].score
                        && measure(&candidates[dropped].face_box, &candidates[*by].face_box) > limit
                });
                prop_assert!(covered);
            }
        }
    }
}
