//! Encryption of faces at rest.

use std::fmt;
use std::sync::Arc;

use aes_gcm::aead::{Aead, AeadCore, KeyInit, OsRng, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::error::StoreError;

/// Seals bytes with AES-256-GCM (NIST SP 800-38D) for the row that they are stored in.
///
/// The row's id is associated data: what is moved to another row does not open. Sealed bytes are the number of the
/// key (one byte, for rotation; now always 1), a random 12-byte nonce, the ciphertext and its 16-byte tag.
#[derive(Clone)]
pub struct Sealer(Arc<Aes256Gcm>);

const KEY_NUMBER: u8 = 1;
const NONCE_BYTES: usize = 12;

impl Sealer {
    /// The sealer with this key: 32 bytes in base64.
    ///
    /// # Errors
    /// [`StoreError::Settings`] when the key is anything else.
    pub fn new(template_key: &SecretString) -> Result<Self, StoreError> {
        // The causes are dropped: a decoder's error quotes the key.
        let key = STANDARD.decode(template_key.expose_secret()).ok();
        let key = key.ok_or(StoreError::Settings("template_key is not base64"))?;
        let cipher = Aes256Gcm::new_from_slice(&key).ok();
        let cipher = cipher.ok_or(StoreError::Settings("template_key is not of 32 bytes"))?;
        Ok(Self(Arc::new(cipher)))
    }

    /// Seals `plain` for the row `id`.
    #[must_use]
    pub fn seal(&self, id: Uuid, plain: &[u8]) -> Vec<u8> {
        let nonce = Aes256Gcm::generate_nonce(&mut OsRng);
        let ciphertext = self
            .0
            .encrypt(&nonce, Payload { msg: plain, aad: &associated(KEY_NUMBER, id) })
            .expect("AES-GCM only refuses more than 64 GiB");
        let mut sealed = Vec::with_capacity(1 + NONCE_BYTES + ciphertext.len());
        sealed.push(KEY_NUMBER);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&ciphertext);
        sealed
    }

    /// Opens what was sealed for the row `id`.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the bytes were changed, belong to another row or were sealed with another key.
    pub fn open(&self, id: Uuid, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        let broken = || StoreError::corrupt("a seal that does not open");
        let (key_number, rest) = sealed.split_first().ok_or_else(broken)?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_BYTES>().ok_or_else(broken)?;
        if *key_number != KEY_NUMBER {
            return Err(broken());
        }
        self.0
            .decrypt(&Nonce::from(*nonce), Payload { msg: ciphertext, aad: &associated(*key_number, id) })
            .ok()
            .ok_or_else(broken)
    }

    /// [`Self::seal`] off the async threads, for what is large.
    pub(crate) async fn seal_large(&self, id: Uuid, plain: Vec<u8>) -> Vec<u8> {
        let sealer = self.clone();
        blocking(move || sealer.seal(id, &plain)).await
    }

    /// [`Self::seal`] for many rows, off the async threads.
    pub(crate) async fn seal_all(&self, rows: Vec<(Uuid, Vec<u8>)>) -> Vec<(Uuid, Vec<u8>)> {
        let sealer = self.clone();
        blocking(move || rows.into_iter().map(|(id, plain)| (id, sealer.seal(id, &plain))).collect()).await
    }

    /// [`Self::open`] for many rows, off the async threads.
    pub(crate) async fn open_all(&self, rows: Vec<(Uuid, Vec<u8>)>) -> Result<Vec<(Uuid, Vec<u8>)>, StoreError> {
        let sealer = self.clone();
        blocking(move || rows.into_iter().map(|(id, sealed)| Ok((id, sealer.open(id, &sealed)?))).collect()).await
    }
}

fn associated(key_number: u8, id: Uuid) -> [u8; 17] {
    let mut bytes = [key_number; 17];
    bytes[1..].copy_from_slice(id.as_bytes());
    bytes
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer")
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::Sealer;
    use crate::error::StoreError;

    fn sealer(key: &[u8]) -> Result<Sealer, StoreError> {
        Sealer::new(&STANDARD.encode(key).into())
    }

    fn is_corrupt(result: &Result<Vec<u8>, StoreError>) -> bool {
        matches!(result, Err(StoreError::Corrupt { .. }))
    }

    proptest! {
        #[test]
        fn opens_only_what_was_sealed_for_the_row_with_the_key(
            plain in prop::collection::vec(any::<u8>(), 0..600),
            id: u128, other_id: u128, key: [u8; 32], other_key: [u8; 32],
            position: prop::sample::Index, flip in 1u8..=255,
        ) {
            prop_assume!(id != other_id && key != other_key);
            let ours = sealer(&key).expect("a key of 32 bytes");
            let (id, other_id) = (Uuid::from_u128(id), Uuid::from_u128(other_id));
            let sealed = ours.seal(id, &plain);
            prop_assert_eq!(ours.open(id, &sealed).expect("its own seal"), plain.clone());
            prop_assert_ne!(ours.seal(id, &plain), sealed.clone(), "a nonce is never used twice");

            prop_assert!(is_corrupt(&ours.open(other_id, &sealed)));
            prop_assert!(is_corrupt(&sealer(&other_key).expect("a key of 32 bytes").open(id, &sealed)));
            let mut tampered = sealed.clone();
            tampered[position.index(sealed.len())] ^= flip;
            prop_assert!(is_corrupt(&ours.open(id, &tampered)));
            prop_assert!(is_corrupt(&ours.open(id, &sealed[..position.index(sealed.len())])));
        }
    }

    #[test]
    fn a_key_has_32_bytes_and_is_never_printed() {
        for key in [&b""[..], &[1; 16], &[1; 31], &[1; 33]] {
            assert!(matches!(sealer(key), Err(StoreError::Settings(_))));
        }
        assert!(matches!(Sealer::new(&"not base64!".to_owned().into()), Err(StoreError::Settings(_))));
        assert_eq!(format!("{:?}", sealer(&[1; 32])), "Ok(Sealer)");
    }
}
