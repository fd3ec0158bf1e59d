//! Where a face is in a picture.

use serde::{Deserialize, Serialize};

/// An axis-aligned box in pixels of the upright picture; the origin is its top left corner.
///
/// May reach beyond the picture where the face does.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FaceBox {
    /// Left edge.
    pub x_min: f32,
    /// Top edge.
    pub y_min: f32,
    /// Right edge, not less than `x_min`.
    pub x_max: f32,
    /// Bottom edge, not less than `y_min`.
    pub y_max: f32,
}

impl FaceBox {
    /// Width in pixels.
    #[must_use]
    pub fn width(&self) -> f32 {
        self.x_max - self.x_min
    }

    /// Height in pixels.
    #[must_use]
    pub fn height(&self) -> f32 {
        self.y_max - self.y_min
    }

    /// Area in square pixels.
    #[must_use]
    pub fn area(&self) -> f32 {
        self.width() * self.height()
    }

    /// Intersection over union with another box, in 0..=1.
    #[must_use]
    pub fn iou(&self, other: &Self) -> f32 {
        let width = (self.x_max.min(other.x_max) - self.x_min.max(other.x_min)).max(0.0);
        let height = (self.y_max.min(other.y_max) - self.y_min.max(other.y_min)).max(0.0);
        let shared = width * height;
        let all = self.area() + other.area() - shared;
        if all > 0.0 { shared / all } else { 0.0 }
    }
}

/// A point in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Distance from the left edge.
    pub x: f32,
    /// Distance from the top edge.
    pub y: f32,
}

/// The five landmarks that MTCNN, RetinaFace and YuNet give, as seen in the picture:
/// left eye, right eye, nose tip, left and right corner of the mouth.
pub type Landmarks = [Point; 5];

/// One detected face.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DetectedFace {
    /// Where it is.
    #[serde(rename = "box")]
    pub face_box: FaceBox,
    /// Its five landmarks.
    pub landmarks: Landmarks,
    /// How sure the detector is, 0..=1. Not a similarity.
    pub detection_score: f32,
}
