//! Enrollment before a camera: look ahead, turn to one side, turn to the other, in an order that is not known beforehand.
//!
//! It proves that a person stands there, not a photo: a flat picture moved about keeps its nose where it is between the
//! eyes ([`crate::pose`]), and every affine image of it stays one ([`parallax`]); two frames of a still picture are more
//! alike than two of a living face. It does not stop a film of the same person doing the same in the same order, which is
//! why the order is drawn for each capture, and why passive liveness is asked beside it where an organization requires it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::embedding::Embedding;
use crate::geometry::{DetectedFace, Landmarks};
use crate::id::{EnrollmentId, GuidedCaptureId, OrganizationId, PersonId};
use crate::pose::pose;

mod parallax;

pub use parallax::parallax;

/// Frames that one capture may use.
pub const MAX_LOOKS: i32 = 120;
/// Frames that may speak against it (another person, a still picture) before it fails.
pub const MAX_STRIKES: i32 = 3;
/// Most degrees away from straight ahead for [`Facing::Centre`].
pub const CENTRE_WITHIN: f32 = 12.0;
/// Least and most degrees of a turn to the side.
pub const TURN: std::ops::RangeInclusive<f32> = 18.0..=45.0;
/// Most degrees of nodding.
pub const NOD_WITHIN: f32 = 25.0;
/// Two frames whose faces have at least this cosine show a still picture: of living faces neighbouring frames have 0.98
/// to 0.995, of pictures 0.999 and more (field data of the facelock project).
pub const STILL_COSINE: f32 = 0.998;
/// Least parallax, in distances between the eyes, of a head that has really turned by [`TURN`]; a plane has none.
pub const LEAST_PARALLAX: f64 = 0.05;

/// Where the person is asked to look. Left and right are the person's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Facing {
    /// Straight at the camera.
    Centre,
    /// To the person's left, which is the right of the picture.
    Left,
    /// To the person's right.
    Right,
}

/// Where a capture is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CaptureState {
    /// Takes frames.
    Open,
    /// All poses were seen; an enrollment was made of them.
    Completed,
    /// Given up; the failure says why.
    Failed,
}

/// What the person should do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Advice {
    /// The pose was taken: go on with the next.
    NextPose,
    /// No face: come before the camera.
    ComeIntoView,
    /// Several faces: only one person, please.
    OnePersonOnly,
    /// Come closer.
    ComeCloser,
    /// More or better light, or hold still.
    MoreLight,
    /// Look at the camera.
    LookAhead,
    /// Turn to your left.
    TurnLeft,
    /// Turn to your right.
    TurnRight,
    /// Turn less.
    TurnLess,
    /// Lift or lower the head until it is level.
    LevelHead,
}

/// Why a capture was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CaptureFailure {
    /// More frames than allowed.
    TooManyTries,
    /// The faces are not those of one person.
    NotSamePerson,
    /// A picture was held before the camera, or seemed to be.
    SpoofSuspected,
    /// Not finished in time.
    Expired,
    /// The person withdrew their consent meanwhile.
    NoConsent,
}

/// One capture, without what was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct GuidedCapture {
    /// Its id.
    pub id: GuidedCaptureId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// Whose face it is.
    pub person_id: PersonId,
    /// Where it is in its life.
    pub state: CaptureState,
    /// The poses wanted, in their order.
    pub poses: Vec<Facing>,
    /// How many of them were taken.
    pub taken: usize,
    /// Frames that were looked at.
    pub looks: i32,
    /// Frames that spoke against it.
    pub strikes: i32,
    /// What the person should do next.
    pub advice: Option<Advice>,
    /// Why it was given up.
    pub failure: Option<CaptureFailure>,
    /// The enrollment that was made of it.
    pub enrollment_id: Option<EnrollmentId>,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// Until when it takes frames.
    pub expires_at: DateTime<Utc>,
}

impl GuidedCapture {
    /// The pose that is wanted now; `None` when all were taken.
    #[must_use]
    pub fn wanted(&self) -> Option<Facing> {
        self.poses.get(self.taken).copied()
    }
}

/// The poses of a new capture: straight ahead first, so that there is something to compare with, then both sides in the
/// order that `coin` says.
#[must_use]
pub fn poses(coin: bool) -> Vec<Facing> {
    if coin {
        vec![Facing::Centre, Facing::Left, Facing::Right]
    } else {
        vec![Facing::Centre, Facing::Right, Facing::Left]
    }
}

/// One pose that was taken.
#[derive(Debug, Clone, PartialEq)]
pub struct TakenPose {
    /// Where the landmarks were.
    pub landmarks: Landmarks,
    /// The face.
    pub embedding: Embedding,
}

/// What a frame means for a capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It shows the pose that is wanted.
    Take,
    /// Not yet.
    Wait(Advice),
    /// It speaks against the capture.
    Strike(CaptureFailure),
}

/// What is required of a frame's face.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CapturePolicy {
    /// Shorter side of the smallest face, in pixels.
    pub min_face_px: f32,
    /// Least quality but for the pose, 0..=100: the least of exposure and sharpness.
    pub min_clarity: u8,
    /// Least cosine of the faces of one person in different poses.
    pub same_person_cosine: f32,
}

/// What a frame with these faces means, where `wanted` is asked for and `taken` were taken before.
///
/// `clarity` is the lesser of the exposure and sharpness parts of the face's quality.
#[must_use]
pub fn judge(
    wanted: Facing,
    taken: &[TakenPose],
    faces: &[(DetectedFace, Embedding, u8)],
    policy: &CapturePolicy,
) -> Step {
    let [(face, embedding, clarity)] = faces else {
        return Step::Wait(if faces.is_empty() { Advice::ComeIntoView } else { Advice::OnePersonOnly });
    };
    if face.face_box.width().min(face.face_box.height()) < policy.min_face_px {
        return Step::Wait(Advice::ComeCloser);
    }
    if *clarity < policy.min_clarity {
        return Step::Wait(Advice::MoreLight);
    }
    let Some(seen) = pose(&face.landmarks) else { return Step::Wait(Advice::LookAhead) };
    if seen.pitch.abs() > NOD_WITHIN {
        return Step::Wait(Advice::LevelHead);
    }
    // The person's left is the right of the picture, where yaw is positive.
    let turn = match wanted {
        Facing::Centre => {
            if seen.yaw.abs() > CENTRE_WITHIN {
                return Step::Wait(Advice::LookAhead);
            }
            None
        }
        Facing::Left => Some((seen.yaw, Advice::TurnLeft)),
        Facing::Right => Some((-seen.yaw, Advice::TurnRight)),
    };
    if let Some((degrees, advice)) = turn {
        if degrees < *TURN.start() {
            return Step::Wait(advice);
        }
        if degrees > *TURN.end() {
            return Step::Wait(Advice::TurnLess);
        }
    }
    if taken.iter().any(|before| before.embedding.similarity(embedding) < policy.same_person_cosine) {
        return Step::Strike(CaptureFailure::NotSamePerson);
    }
    let is_still = taken.iter().any(|before| before.embedding.similarity(embedding) >= STILL_COSINE);
    let is_flat = turn.is_some()
        && taken.first().is_some_and(|ahead| parallax(&ahead.landmarks, &face.landmarks) < LEAST_PARALLAX);
    if is_still || is_flat { Step::Strike(CaptureFailure::SpoofSuspected) } else { Step::Take }
}

#[cfg(test)]
mod tests;
