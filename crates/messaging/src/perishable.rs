//! Pictures that are worth little when they are late, with what is known of them.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use domain::frame::FrameHeader;
use domain::id::{FrameId, GuidedCaptureId, OrganizationId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A picture and its header.
#[derive(Debug)]
pub struct Perishable<H> {
    /// What is known of it.
    pub header: H,
    /// The picture, as it was sent.
    pub jpeg: Bytes,
}

/// A frame of a session.
pub type Frame = Perishable<FrameHeader>;

/// A frame of a guided capture.
pub type Look = Perishable<LookHeader>;

/// What travels beside the bytes of a [`Look`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookHeader {
    /// Version of this format.
    pub v: u8,
    /// Minted by the gateway.
    pub look_id: FrameId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The capture that it was sent to.
    pub guided_capture_id: GuidedCaptureId,
    /// When the gateway took it in.
    pub received_at: DateTime<Utc>,
}

impl LookHeader {
    /// The header of a frame that was taken in at `received_at`, with an id of its own.
    #[must_use]
    pub fn new(
        organization_id: OrganizationId,
        guided_capture_id: GuidedCaptureId,
        received_at: DateTime<Utc>,
    ) -> Self {
        Self { v: 1, look_id: FrameId::new(), organization_id, guided_capture_id, received_at }
    }
}

/// What may be the header of a perishable picture.
pub(crate) trait Header: Serialize + DeserializeOwned {
    /// The AMQP header in which it travels, as JSON.
    const NAME: &'static str;

    /// Whether it is of a version that we know.
    fn is_known(&self) -> bool;
}

impl Header for FrameHeader {
    const NAME: &'static str = "rollcall-frame";

    fn is_known(&self) -> bool {
        true
    }
}

impl Header for LookHeader {
    const NAME: &'static str = "rollcall-look";

    fn is_known(&self) -> bool {
        self.v == 1
    }
}
