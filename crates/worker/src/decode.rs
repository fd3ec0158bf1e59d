//! Bytes to pixels, off the async threads and off the model thread.

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use vision::{DecodeError, Picture, VisionSettings};

/// How pictures are decoded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decoder {
    /// Longer side that pictures are shrunk to.
    max_dimension: u32,
    /// How many are decoded at once: each may need a hundred megabytes on the way.
    threads: usize,
}

impl Decoder {
    pub(crate) fn new(settings: &VisionSettings) -> Self {
        Self { max_dimension: settings.max_dimension, threads: settings.threads }
    }

    /// The same for larger pictures, one at a time.
    pub(crate) fn large(max_dimension: u32) -> Self {
        Self { max_dimension, threads: 1 }
    }

    /// Decodes pictures side by side; the answers are in their order.
    pub(crate) async fn decode_all(self, encoded: Vec<Bytes>) -> Vec<Result<Picture, DecodeError>> {
        stream::iter(encoded).map(|bytes| self.decode(bytes)).buffered(self.threads).collect().await
    }

    async fn decode(self, bytes: Bytes) -> Result<Picture, DecodeError> {
        match tokio::task::spawn_blocking(move || vision::decode(&bytes, self.max_dimension)).await {
            Ok(decoded) => decoded,
            // A picture on which the decoder panics is damaged, and no reason to give up the others.
            Err(_panic) => Err(DecodeError::Refused(domain::picture::PictureProblem::Damaged)),
        }
    }
}
