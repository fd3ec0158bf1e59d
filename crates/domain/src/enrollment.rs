//! Giving a person's face to the system: photos in, templates out.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::contract::ContractId;
use crate::embedding::Embedding;
use crate::id::{EnrollmentId, OrganizationId, PersonId, PhotoId, TemplateId};

mod photo;

pub use photo::{PhotoFace, PhotoPolicy, enrollable};

/// Most photos that one enrollment may hold.
pub const MAX_PHOTOS: usize = 20;

/// Where an enrollment is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EnrollmentState {
    /// Waits for a worker.
    Pending,
    /// At least one photo became a template.
    Completed,
    /// No photo was usable.
    Failed,
    /// Somebody else of the organization looks the same. Nothing was enrolled: an admin says whether they are two people.
    DuplicateSuspected,
}

/// What became of one photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PhotoState {
    /// Waits for a worker.
    Pending,
    /// Became a template.
    Accepted,
    /// Was of no use; the rejection says why.
    Rejected,
}

/// Why a photo was of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PhotoRejection {
    /// The bytes are no picture of a kind that we read.
    NotAnImage,
    /// The picture breaks off or is damaged.
    ImageDamaged,
    /// More bytes or pixels than allowed.
    ImageTooLarge,
    /// No face was found.
    FaceNotFound,
    /// More than one face was found.
    MultipleFaces,
    /// The face has too few pixels.
    FaceTooSmall,
    /// The face is out of focus or moved.
    FaceBlurred,
    /// Too little light on the face.
    FaceTooDark,
    /// Too much light on the face.
    FaceTooBright,
    /// The face looks to the side, up or down.
    FaceTurnedAway,
    /// Part of the face seems to be covered: the detector is not sure of it.
    FaceHidden,
    /// The face seems to be a picture of a face.
    SpoofSuspected,
    /// The face is unlike the person's other photos.
    NotSamePerson,
    /// The person withdrew their consent before it was looked at.
    NoConsent,
}

impl PhotoRejection {
    /// What to do about it, in words for the person who took the photo.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::NotAnImage => "Send a JPEG, PNG or WebP picture.",
            Self::ImageDamaged => "The picture is incomplete or damaged: send it again.",
            Self::ImageTooLarge => "Send a picture of at most 10 MiB and 40 megapixels.",
            Self::FaceNotFound => "No face was found: look at the camera, in good light, without covering the face.",
            Self::MultipleFaces => "Several faces were found: send a picture that shows only this person.",
            Self::FaceTooSmall => "The face is too small: come closer to the camera.",
            Self::FaceBlurred => "The face is blurred: hold the camera still and let it focus.",
            Self::FaceTooDark => "The face is too dark: turn towards the light.",
            Self::FaceTooBright => "The face is too bright: avoid direct light and flash.",
            Self::FaceTurnedAway => "The face is turned away: look straight at the camera.",
            Self::FaceHidden => {
                "Part of the face is hidden: take off mask, sunglasses or cap, and move hair and hands away."
            }
            Self::SpoofSuspected => "This looks like a photo of a photo or screen: take a picture of the person.",
            Self::NoConsent => "The person withdrew their consent: their face is not enrolled.",
            Self::NotSamePerson => "The face is unlike the other photos: check that they all show the same person.",
        }
    }
}

/// Photos of one person that were sent together.
#[derive(Debug, Clone, PartialEq)]
pub struct Enrollment {
    /// Its id.
    pub id: EnrollmentId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// Whose face it is.
    pub person_id: PersonId,
    /// Where it is in its life.
    pub state: EnrollmentState,
    /// Its photos, in the order in which they were sent.
    pub photos: Vec<EnrollmentPhoto>,
    /// Somebody else who looks the same.
    pub duplicate: Option<Duplicate>,
    /// Whether an admin has said that the two are different people.
    pub distinct_confirmed: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was completed or failed.
    pub finished_at: Option<DateTime<Utc>>,
}

/// Somebody else who looks like the person of an enrollment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Duplicate {
    /// Who.
    pub person_id: PersonId,
    /// How much so: raw cosine, -1..=1.
    pub similarity: f32,
}

/// One photo of an enrollment, without its pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct EnrollmentPhoto {
    /// Its id.
    pub id: PhotoId,
    /// File name as it was sent.
    pub file_name: String,
    /// What became of it.
    pub state: PhotoState,
    /// Why it was of no use.
    pub rejection: Option<PhotoRejection>,
    /// How good its face is, 0..=100; `None` where no face was found.
    pub quality: Option<u8>,
}

/// What a worker found in one photo.
#[derive(Debug, Clone, PartialEq)]
pub enum PhotoVerdict {
    /// One good face.
    Accepted {
        /// The face.
        embedding: Embedding,
        /// The same face, changed a little: further samples.
        augmented: Vec<Embedding>,
        /// How good it is, 0..=100.
        quality: u8,
    },
    /// Of no use.
    Rejected {
        /// Why.
        reason: PhotoRejection,
        /// How good the face is, 0..=100; `None` where there was none.
        quality: Option<u8>,
    },
}

/// Where a template came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TemplateOrigin {
    /// The photo as it was sent.
    Original,
    /// A changed copy of the photo.
    Augmented,
    /// The pooled template of all samples of the person.
    Pooled,
}

/// Which templates of a person are searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gallery {
    /// The pooled one: [`crate::pooling`].
    #[default]
    Pooled,
    /// All samples; the closest counts.
    Samples,
}

impl Gallery {
    /// Whether a template of this origin is searched.
    #[must_use]
    pub fn holds(self, origin: TemplateOrigin) -> bool {
        (self == Self::Pooled) == (origin == TemplateOrigin::Pooled)
    }
}

/// One embedding of one person.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// Its id.
    pub id: TemplateId,
    /// Whose face it is.
    pub person_id: PersonId,
    /// What made the embedding.
    pub contract: ContractId,
    /// The face.
    pub embedding: Embedding,
    /// How good the face is, 0..=100; of a pooled template the mean of its samples.
    pub quality: f32,
    /// Where it came from.
    pub origin: TemplateOrigin,
}

/// Rejects the photos whose face is unlike the person's others.
///
/// A photo stays when its similarity to the mean of the other accepted ones is at least `threshold_cosine`.
/// Two photos that disagree are both kept out: nothing says which of them is the person. The least similar photo
/// goes first, and the rest are compared again without it, so that one stranger does not drag the others out.
pub fn reject_strangers(verdicts: &mut [PhotoVerdict], threshold_cosine: f32) {
    loop {
        let accepted: Vec<(usize, &Embedding)> = verdicts
            .iter()
            .enumerate()
            .filter_map(|(position, verdict)| match verdict {
                PhotoVerdict::Accepted { embedding, .. } => Some((position, embedding)),
                PhotoVerdict::Rejected { .. } => None,
            })
            .collect();
        if accepted.len() < 2 {
            return;
        }
        let worst = accepted
            .iter()
            .map(|(position, embedding)| {
                let others: Vec<&Embedding> =
                    accepted.iter().filter(|(other, _)| other != position).map(|(_, other)| *other).collect();
                (*position, Embedding::mean(&others).map_or(-1.0, |mean| mean.similarity(embedding)))
            })
            .min_by(|a, b| a.1.total_cmp(&b.1));
        let Some((position, similarity)) = worst else { return };
        if similarity >= threshold_cosine {
            return;
        }
        let disagreeing = if accepted.len() == 2 { accepted.iter().map(|(p, _)| *p).collect() } else { vec![position] };
        for position in disagreeing {
            let quality = match &verdicts[position] {
                PhotoVerdict::Accepted { quality, .. } => Some(*quality),
                PhotoVerdict::Rejected { quality, .. } => *quality,
            };
            verdicts[position] = PhotoVerdict::Rejected { reason: PhotoRejection::NotSamePerson, quality };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{PhotoRejection, PhotoVerdict, reject_strangers};
    use crate::embedding::Embedding;

    fn check(angles: &[f32], kept: &[bool]) {
        let mut verdicts: Vec<PhotoVerdict> = angles
            .iter()
            .map(|angle| PhotoVerdict::Accepted {
                embedding: Embedding::normalized(vec![angle.cos(), angle.sin()]).expect("a unit vector"),
                augmented: Vec::new(),
                quality: 90,
            })
            .collect();
        reject_strangers(&mut verdicts, 0.5);
        let found: Vec<bool> = verdicts.iter().map(|v| matches!(v, PhotoVerdict::Accepted { .. })).collect();
        assert_eq!(found, kept, "{angles:?}");
        assert!(verdicts.iter().all(|v| match v {
            PhotoVerdict::Rejected { reason, .. } => *reason == PhotoRejection::NotSamePerson,
            PhotoVerdict::Accepted { .. } => true,
        }));
    }

    #[test]
    fn the_photo_that_is_somebody_else_goes() {
        check(&[], &[]);
        check(&[0.0], &[true]);
        check(&[0.0, 0.3], &[true, true]);
        check(&[0.0, 2.0], &[false, false]);
        check(&[0.0, 0.1, 2.5], &[true, true, false]);
        check(&[2.5, 0.0, 0.1, -0.2, -2.5], &[false, true, true, true, false]);
    }
}
