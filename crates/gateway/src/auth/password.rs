//! Checking passwords: slow on purpose, off the async threads, and as slow for unknown users as for known ones.

use std::sync::Arc;
use std::time::Duration;

use domain::user::User;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::ApiError;

/// How many passwords are hashed at once; each takes a core for a quarter of a second.
const AT_ONCE: usize = 2;
/// How long a login waits for its turn before it is refused.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// Bcrypt cost of new hashes.
const COST: u32 = 12;

/// Checks passwords, a few at a time.
pub(crate) struct Passwords {
    turns: Arc<Semaphore>,
    /// Of a password that nobody knows.
    decoy_hash: String,
}

impl Passwords {
    /// Takes as long as one password check.
    pub(crate) fn new() -> Result<Self, bcrypt::BcryptError> {
        let nobody_knows: [u8; 32] = rand::random();
        let decoy_hash = bcrypt::non_truncating_hash(hex::encode(nobody_knows), COST)?;
        Ok(Self { turns: Arc::new(Semaphore::new(AT_ONCE)), decoy_hash })
    }

    /// The user, if `password` is its password; `login` is the user and its hash, where the name is known.
    pub(crate) async fn check(&self, password: SecretString, login: Option<(User, String)>) -> Result<User, ApiError> {
        let turn = self.turn().await?;
        let (user, hash) = match login {
            Some((user, hash)) => (Some(user), hash),
            None => (None, self.decoy_hash.clone()),
        };
        let span = tracing::Span::current();
        let matches = tokio::task::spawn_blocking(move || {
            // Bcrypt knows 72 bytes: a longer password is refused by the hash function, never cut.
            let matches = span.in_scope(|| bcrypt::non_truncating_verify(password.expose_secret(), &hash));
            drop(turn);
            matches.unwrap_or(false)
        });
        let matches = matches.await.map_err(ApiError::internal)?;
        user.filter(|_| matches).ok_or(ApiError::InvalidCredentials)
    }
    /// The hash to be stored of a password, which was checked to be one.
    pub(crate) async fn hash(&self, password: SecretString) -> Result<String, ApiError> {
        let turn = self.turn().await?;
        let span = tracing::Span::current();
        let hashing = tokio::task::spawn_blocking(move || {
            let hash = span.in_scope(|| bcrypt::non_truncating_hash(password.expose_secret(), COST));
            drop(turn);
            hash
        });
        hashing.await.map_err(ApiError::internal)?.map_err(ApiError::internal)
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        let turn = tokio::time::timeout(LONGEST_WAIT, Arc::clone(&self.turns).acquire_owned()).await;
        turn.ok().and_then(Result::ok).ok_or(ApiError::Overloaded)
    }
}
