//! Bytes between the threads that compute and those that talk to the store.

use std::io::Read;

use bytes::{Buf, Bytes};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use crate::error::IndexError;

/// What went through.
pub(super) struct Sum {
    /// SHA-256 (FIPS 180-4) in hex.
    pub(super) sha256: String,
    pub(super) bytes: u64,
}

/// On its way to the store.
pub(super) struct Outgoing {
    pieces: mpsc::Sender<Vec<u8>>,
    hash: Sha256,
    bytes: u64,
}

impl Outgoing {
    pub(super) fn new(pieces: mpsc::Sender<Vec<u8>>) -> Self {
        Self { pieces, hash: Sha256::new(), bytes: 0 }
    }

    /// Waits until there is room. Not on an async thread.
    pub(super) fn send(&mut self, piece: Vec<u8>) -> Result<(), IndexError> {
        self.hash.update(&piece);
        self.bytes += piece.len() as u64;
        self.pieces.blocking_send(piece).map_err(|_gone| IndexError::BrokenOff)
    }

    pub(super) fn finish(self) -> Sum {
        Sum { sha256: hex::encode(self.hash.finalize()), bytes: self.bytes }
    }
}

/// On its way from the store. Reading waits; not on an async thread.
pub(super) struct Incoming {
    pieces: mpsc::Receiver<Bytes>,
    current: Bytes,
    hash: Sha256,
    bytes: u64,
}

impl Incoming {
    pub(super) fn new(pieces: mpsc::Receiver<Bytes>) -> Self {
        Self { pieces, current: Bytes::new(), hash: Sha256::new(), bytes: 0 }
    }

    /// What was read so far.
    pub(super) fn finish(self) -> Sum {
        Sum { sha256: hex::encode(self.hash.finalize()), bytes: self.bytes }
    }
}

impl Read for Incoming {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.current.is_empty() {
            let Some(piece) = self.pieces.blocking_recv() else { return Ok(0) };
            self.hash.update(&piece);
            self.bytes += piece.len() as u64;
            self.current = piece;
        }
        let length = buffer.len().min(self.current.len());
        self.current.copy_to_slice(&mut buffer[..length]);
        Ok(length)
    }
}
