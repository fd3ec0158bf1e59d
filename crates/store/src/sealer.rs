//! Encryption of faces at rest.

use std::fmt;
use std::sync::Arc;

use aes_gcm::aead::{Aead, AeadCore, KeyInit, OsRng, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::StoreError;
use crate::pool::DatabaseSettings;

/// Seals bytes with AES-256-GCM (NIST SP 800-38D) for the row that they are stored in.
///
/// The row's id is associated data: what is moved to another row does not open. Sealed bytes are what they are sealed with
/// (one byte: 1, a master key; 2, a person's key; 3, a person's key that is itself sealed with a master key), a random
/// 12-byte nonce, the ciphertext and its 16-byte tag.
///
/// The sealer of the installation has the master key, and perhaps older ones that only open. A person's sealer
/// ([`crate::keys`]) seals with the person's key, and also opens what was sealed with a master key before the person had one.
#[derive(Clone)]
pub struct Sealer(Arc<Keys>);

struct Keys {
    kind: u8,
    own: Key,
    /// Only open.
    old: Vec<Key>,
    /// Of a person's sealer: that of the installation.
    master: Option<Sealer>,
}

struct Key {
    cipher: Aes256Gcm,
    fingerprint: String,
}

const MASTER: u8 = 1;
const PERSON: u8 = 2;
const PERSON_KEY: u8 = 3;
const NONCE_BYTES: usize = 12;

impl Key {
    fn new(bytes: &[u8]) -> Option<Self> {
        let digest = Sha256::new().chain_update(b"rollcall key fingerprint\0").chain_update(bytes).finalize();
        Some(Self { cipher: Aes256Gcm::new_from_slice(bytes).ok()?, fingerprint: hex::encode(&digest[..8]) })
    }

    fn from_text(text: &str) -> Result<Self, StoreError> {
        // The causes are dropped: a decoder's error quotes the key.
        let bytes = STANDARD.decode(text).ok().ok_or(StoreError::Settings("template_key is not base64"))?;
        Self::new(&bytes).ok_or(StoreError::Settings("template_key is not of 32 bytes"))
    }

    fn seal(&self, kind: u8, id: Uuid, plain: &[u8]) -> Vec<u8> {
        let nonce = Aes256Gcm::generate_nonce(&mut OsRng);
        let ciphertext = self
            .cipher
            .encrypt(&nonce, Payload { msg: plain, aad: &associated(kind, id) })
            .expect("AES-GCM only refuses more than 64 GiB");
        let mut sealed = Vec::with_capacity(1 + NONCE_BYTES + ciphertext.len());
        sealed.push(kind);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&ciphertext);
        sealed
    }

    fn open(&self, id: Uuid, sealed: &[u8]) -> Option<Vec<u8>> {
        let (kind, rest) = sealed.split_first()?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload { msg: ciphertext, aad: &associated(*kind, id) };
        self.cipher.decrypt(&Nonce::from(*nonce), payload).ok()
    }
}

impl Sealer {
    /// The sealer of the installation with this key, 32 bytes in base64, and no older one.
    ///
    /// # Errors
    /// [`StoreError::Settings`] when the key is anything else.
    pub fn new(template_key: &SecretString) -> Result<Self, StoreError> {
        let own = Key::from_text(template_key.expose_secret())?;
        Ok(Self(Arc::new(Keys { kind: MASTER, own, old: Vec::new(), master: None })))
    }

    /// The sealer of the installation with the keys of these settings.
    ///
    /// # Errors
    /// As [`Self::new`], of any of the keys.
    pub fn of(settings: &DatabaseSettings) -> Result<Self, StoreError> {
        let own = Key::from_text(settings.template_key.expose_secret())?;
        let old = settings.old_template_keys.expose_secret().split(',').map(str::trim).filter(|key| !key.is_empty());
        let old = old.map(Key::from_text).collect::<Result<_, _>>()?;
        Ok(Self(Arc::new(Keys { kind: MASTER, own, old, master: None })))
    }

    /// Names the key that it seals with, and tells nothing about it.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.0.own.fingerprint
    }

    /// Seals `plain` for the row `id`.
    #[must_use]
    pub fn seal(&self, id: Uuid, plain: &[u8]) -> Vec<u8> {
        self.0.own.seal(self.0.kind, id, plain)
    }

    /// Opens what was sealed for the row `id`.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the bytes were changed, belong to another row or were sealed with another key.
    pub fn open(&self, id: Uuid, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        match (sealed.first(), &self.0.master) {
            (Some(kind), _) if *kind == self.0.kind => self.open_with_any(id, sealed),
            (Some(&MASTER), Some(master)) => master.open(id, sealed),
            _ => Err(broken()),
        }
    }

    fn open_with_any(&self, id: Uuid, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        let mut keys = std::iter::once(&self.0.own).chain(&self.0.old);
        keys.find_map(|key| key.open(id, sealed)).ok_or_else(broken)
    }

    /// A new key of a person, sealed.
    pub(crate) fn new_person_key(&self, person: Uuid) -> Vec<u8> {
        let key = Aes256Gcm::generate_key(&mut OsRng);
        self.0.own.seal(PERSON_KEY, person, &key)
    }

    /// The sealer of a person with this key, as [`Self::new_person_key`] sealed it; that of the installation, which opens what
    /// was sealed before there were such keys, where there is none.
    pub(crate) fn of_person(&self, person: Uuid, sealed_key: Option<&[u8]>) -> Result<Self, StoreError> {
        let Some(sealed) = sealed_key else { return Ok(self.clone()) };
        if sealed.first() != Some(&PERSON_KEY) {
            return Err(broken());
        }
        let own = Key::new(&self.open_with_any(person, sealed)?).ok_or_else(broken)?;
        Ok(Self(Arc::new(Keys { kind: PERSON, own, old: Vec::new(), master: Some(self.clone()) })))
    }

    /// What is sealed with an older master key, or a person's key that is, sealed with the present one; `None` where it
    /// is already.
    pub(crate) fn reseal(&self, id: Uuid, sealed: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let kind = *sealed.first().filter(|kind| [MASTER, PERSON_KEY].contains(kind)).ok_or_else(broken)?;
        if self.0.own.open(id, sealed).is_some() {
            return Ok(None);
        }
        Ok(Some(self.0.own.seal(kind, id, &self.open_with_any(id, sealed)?)))
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

fn broken() -> StoreError {
    StoreError::corrupt("a seal that does not open")
}

fn associated(kind: u8, id: Uuid) -> [u8; 17] {
    let mut bytes = [kind; 17];
    bytes[1..].copy_from_slice(id.as_bytes());
    bytes
}

pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
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
    use crate::pool::DatabaseSettings;

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

    proptest! {
        #[test]
        fn what_a_person_has_opens_with_their_key_only(plain in prop::collection::vec(any::<u8>(), 0..99), id: u128, person: u128) {
            prop_assume!(id != person);
            let ours = sealer(&[1; 32]).expect("a key of 32 bytes");
            let (id, person) = (Uuid::from_u128(id), Uuid::from_u128(person));
            let key = ours.new_person_key(person);
            let theirs = ours.of_person(person, Some(&key)).expect("a person's key");
            let sealed = theirs.seal(id, &plain);
            prop_assert_eq!(theirs.open(id, &sealed).expect("its own seal"), plain.clone());
            let again = ours.of_person(person, Some(&key)).expect("a person's key");
            prop_assert_eq!(again.open(id, &sealed).expect("the same key"), plain.clone());
            // Whoever has the rows and the master key, but not the person's key, has nothing.
            prop_assert!(is_corrupt(&ours.open(id, &sealed)));
            let other = ours.of_person(person, Some(&ours.new_person_key(person))).expect("another key");
            prop_assert!(is_corrupt(&other.open(id, &sealed)));
            // Keys are bound to their person, and nothing else passes for one.
            prop_assert!(ours.of_person(id, Some(&key)).is_err());
            prop_assert!(ours.of_person(person, Some(&ours.seal(person, &[7; 32]))).is_err());
            prop_assert!(is_corrupt(&ours.open(person, &key)));
            // What was sealed before they had a key.
            prop_assert_eq!(theirs.open(id, &ours.seal(id, &plain)).expect("the master key's"), plain.clone());
            prop_assert_eq!(ours.of_person(person, None).expect("no key").open(id, &ours.seal(id, &plain)).expect("it"), plain);
        }
    }

    #[test]
    fn old_keys_open_until_all_is_sealed_anew() {
        let settings = |own: &[u8], old: &[&[u8]]| DatabaseSettings {
            url: String::new().into(),
            pool_size: 1,
            template_key: STANDARD.encode(own).into(),
            old_template_keys: old.iter().map(|key| STANDARD.encode(key)).collect::<Vec<_>>().join(", ").into(),
        };
        let (before, after) = (sealer(&[1; 32]).expect("a key"), sealer(&[2; 32]).expect("a key"));
        let both = Sealer::of(&settings(&[2; 32], &[&[3; 32], &[1; 32]])).expect("keys");
        assert_eq!((both.fingerprint(), before.fingerprint() == after.fingerprint()), (after.fingerprint(), false));
        let id = Uuid::now_v7();
        let (sealed, key) = (before.seal(id, b"face"), before.new_person_key(id));
        assert!(is_corrupt(&after.open(id, &sealed)) && after.of_person(id, Some(&key)).is_err());
        assert_eq!(both.open(id, &sealed).expect("the old key"), b"face");
        let anew = both.reseal(id, &sealed).expect("it opens").expect("it was the old key's");
        assert_eq!(after.open(id, &anew).expect("the new key"), b"face");
        assert_eq!(both.reseal(id, &anew).expect("it opens"), None);
        let theirs = before.of_person(id, Some(&key)).expect("a key").seal(id, b"face");
        let key = both.reseal(id, &key).expect("it opens").expect("it was the old key's");
        assert_eq!(after.of_person(id, Some(&key)).expect("the same key").open(id, &theirs).expect("it"), b"face");
        assert!(after.reseal(id, &sealed).is_err() && both.reseal(id, &theirs).is_err());
        assert!(Sealer::of(&settings(&[2; 32], &[&[1; 31]])).is_err());
        assert_eq!(Sealer::of(&settings(&[2; 32], &[])).expect("no old keys").open(id, &anew).expect("it"), b"face");
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
