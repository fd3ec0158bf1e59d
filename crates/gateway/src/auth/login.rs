//! Logging in: with a password, or with the refresh token of an earlier time.

use chrono::{DateTime, Utc};
use domain::audit::{AuditAction, AuditActor};
use domain::id::{Id, LoginId};
use domain::user::{Account, Login, User};
use secrecy::SecretString;
use serde_json::json;
use store::Conn;
use store::lockouts::{self, Failed};
use store::logins::{self, Exchanged, NewRefreshToken};

use crate::auth::secret;
use crate::clock;
use crate::error::ApiError;
use crate::request::RequestId;
use crate::state::Gateway;

/// The tokens of somebody who has just logged in or was refreshed.
pub(crate) struct Tokens {
    /// Good for a short time, for everything.
    pub access: String,
    /// Good for a long time, once, for the next pair.
    pub refresh: String,
    /// Whether nothing is open to the user but choosing another password.
    pub must_change_password: bool,
}

/// Logs somebody in.
pub(crate) async fn log_in(
    gateway: &Gateway,
    request: &RequestId,
    email: &str,
    password: SecretString,
) -> Result<Tokens, ApiError> {
    let user = check_password(gateway, request, email, password).await?;
    gateway
        .change(async |tx| {
            let tokens = begin(gateway, tx, &user).await?;
            let (id, by) = (user.id.uuid(), AuditActor::User(user.id));
            let entry = request.entry(user.organization_id, by, AuditAction::UserLoggedIn, Some(id), json!({}));
            store::audit::append(tx, &entry).await?;
            Ok(tokens)
        })
        .await
}

/// The user with this address and password.
///
/// After a few failures in a short time there is no answer for that address for a while, right or wrong, whether anybody
/// has it or not.
pub(crate) async fn check_password(
    gateway: &Gateway,
    request: &RequestId,
    email: &str,
    password: SecretString,
) -> Result<User, ApiError> {
    let address = address_hash(email);
    let login = {
        let mut conn = gateway.connection().await?;
        let now = clock::now();
        if let Some(until) = lockouts::locked(&mut conn, &address, now).await? {
            return Err(too_many_attempts(until, now));
        }
        store::users::find_login(&mut conn, email).await?
    };
    let known = login.as_ref().map(|(user, _)| user.clone());
    match gateway.passwords.check(password, login).await {
        Ok(user) => {
            let now = clock::now();
            match lockouts::succeed(&mut *gateway.connection().await?, &address, now).await? {
                None => Ok(user),
                Some(until) => Err(too_many_attempts(until, now)),
            }
        }
        Err(ApiError::InvalidCredentials) => Err(count_failure(gateway, request, &address, known.as_ref()).await?),
        Err(error) => Err(error),
    }
}

/// What an address is called in the table of failures.
pub(crate) fn address_hash(email: &str) -> [u8; 32] {
    secret::hash(&email.to_lowercase())
}

/// Begins a login of `user`, whose identity was checked. To be done in a transaction that tells the audit log.
pub(crate) async fn begin(gateway: &Gateway, tx: &mut Conn, user: &User) -> Result<Tokens, ApiError> {
    let now = clock::now();
    let login = Login { id: Id::new(), user_id: user.id, created_at: now };
    let (refresh, stored) = refresh_token(gateway, now);
    logins::begin(tx, &login, &stored).await?;
    let standing = logins::account(tx, user.id, login.id).await?.ok_or(ApiError::InvalidCredentials)?;
    tokens(gateway, &standing, login.id, refresh, now)
}

/// A new refresh token, and what is stored of it.
fn refresh_token(gateway: &Gateway, now: DateTime<Utc>) -> (String, NewRefreshToken) {
    let token = secret::mint(secret::REFRESH_TOKEN);
    let stored =
        NewRefreshToken { hash: secret::hash(&token), created_at: now, expires_at: now + gateway.refresh_lifetime };
    (token, stored)
}

/// Exchanges a refresh token for the next pair.
pub(crate) async fn refresh(gateway: &Gateway, request: &RequestId, shown: &str) -> Result<Tokens, ApiError> {
    let now = clock::now();
    let (next, stored) = refresh_token(gateway, now);
    let exchanged = gateway
        .change(async |tx| {
            let exchanged = logins::exchange(tx, &secret::hash(shown), &stored, now).await?;
            if let Exchanged::Reused { account, login_id, ended_now: true } = &exchanged {
                let (organization, details) = (account.user.organization_id, json!({"login_id": login_id}));
                let (id, action) = (account.user.id.uuid(), AuditAction::SessionFamilyRevoked);
                let entry = request.entry(organization, AuditActor::Anonymous, action, Some(id), details);
                store::audit::append(tx, &entry).await?;
            }
            Ok(exchanged)
        })
        .await?;
    match exchanged {
        Exchanged::Next(account, login_id) => tokens(gateway, &account, login_id, next, now),
        Exchanged::Reused { .. } => Err(ApiError::RefreshReused),
        Exchanged::Refused => Err(ApiError::InvalidRefreshToken),
    }
}

fn tokens(
    gateway: &Gateway,
    account: &Account,
    login_id: LoginId,
    refresh: String,
    now: DateTime<Utc>,
) -> Result<Tokens, ApiError> {
    let access = gateway.tokens.issue(&account.user, login_id, now)?;
    Ok(Tokens { access, refresh, must_change_password: account.must_change_password })
}

/// Counts a failure and answers with what the caller is told.
async fn count_failure(
    gateway: &Gateway,
    request: &RequestId,
    address: &[u8; 32],
    known: Option<&User>,
) -> Result<ApiError, ApiError> {
    let now = clock::now();
    let failed = gateway
        .change(async |tx| {
            let failed = lockouts::fail(tx, address, &gateway.lockout, now).await?;
            if let Failed::Locks(until) = failed {
                metrics::counter!("rollcall_lockouts_total").increment(1);
                let organization = known.and_then(|user| user.organization_id);
                let (subject, details) = (known.map(|user| user.id.uuid()), json!({"until": until}));
                let entry =
                    request.entry(organization, AuditActor::Anonymous, AuditAction::UserLockedOut, subject, details);
                store::audit::append(tx, &entry).await?;
            }
            Ok(failed)
        })
        .await?;
    Ok(match failed {
        Failed::Counted | Failed::Locks(_) => ApiError::InvalidCredentials,
        Failed::Locked(until) => too_many_attempts(until, now),
    })
}

fn too_many_attempts(until: DateTime<Utc>, now: DateTime<Utc>) -> ApiError {
    // Rounded up: whoever comes back then is answered.
    let seconds = u64::try_from((until - now).num_milliseconds()).unwrap_or_default().div_ceil(1000).max(1);
    ApiError::TooManyAttempts { seconds }
}
