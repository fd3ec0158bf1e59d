//! Access tokens: JWT signed with HMAC-SHA-256, short-lived, naming the user and the login that they come from.
//!
//! They also say organization and role, for clients that want to know; what counts is what the database says.

use chrono::{DateTime, TimeDelta, Utc};
use domain::id::{LoginId, OrganizationId, PersonId, UserId};
use domain::user::{Role, User};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::error::ApiError;

/// A logged-in user, as the database says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Actor {
    /// The user.
    pub user_id: UserId,
    /// The organization that it is confined to; `None` for an administrator of the installation.
    pub organization_id: Option<OrganizationId>,
    /// What it may do.
    pub role: Role,
    /// The person that it is, where it is one whose attendance is taken.
    pub person_id: Option<PersonId>,
    /// The login that its token comes from.
    pub login_id: LoginId,
}

/// What a token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claimed {
    /// The user.
    pub user_id: UserId,
    /// The login that the token comes from.
    pub login_id: LoginId,
}

impl Actor {
    /// What its token says.
    pub(crate) fn claimed(&self) -> Claimed {
        Claimed { user_id: self.user_id, login_id: self.login_id }
    }
}

/// Makes and reads tokens.
pub(crate) struct Tokens {
    signing: EncodingKey,
    verifying: DecodingKey,
    validation: Validation,
    lifetime: TimeDelta,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: UserId,
    login: LoginId,
    org: Option<OrganizationId>,
    role: Role,
    iat: i64,
    exp: i64,
}

impl Tokens {
    /// Tokens signed with `secret` that are good for `lifetime`.
    pub(crate) fn new(secret: &SecretString, lifetime: TimeDelta) -> Self {
        let secret = secret.expose_secret().as_bytes();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = 0;
        Self {
            signing: EncodingKey::from_secret(secret),
            verifying: DecodingKey::from_secret(secret),
            validation,
            lifetime,
        }
    }

    /// For how many seconds a new token is good.
    pub(crate) fn lifetime_seconds(&self) -> i64 {
        self.lifetime.num_seconds()
    }

    /// A token for `user` and a login of theirs, made at `now`.
    pub(crate) fn issue(&self, user: &User, login_id: LoginId, now: DateTime<Utc>) -> Result<String, ApiError> {
        let claims = Claims {
            sub: user.id,
            login: login_id,
            org: user.organization_id,
            role: user.role,
            iat: now.timestamp(),
            exp: (now + self.lifetime).timestamp(),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.signing).map_err(ApiError::internal)
    }

    /// Whose token this is.
    pub(crate) fn read(&self, token: &str) -> Result<Claimed, ApiError> {
        let read = jsonwebtoken::decode::<Claims>(token, &self.verifying, &self.validation);
        let claims = read.map_err(|_any_flaw_is_the_same_answer| ApiError::Unauthenticated)?.claims;
        Ok(Claimed { user_id: claims.sub, login_id: claims.login })
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, Utc};
    use domain::id::{Id, OrganizationId, UserId};
    use domain::user::{Role, User};
    use secrecy::SecretString;

    use super::{Claimed, Tokens};

    fn tokens(secret: &str) -> Tokens {
        Tokens::new(&SecretString::from(secret.to_owned()), TimeDelta::minutes(15))
    }

    fn teacher() -> User {
        User {
            id: UserId::new(),
            organization_id: Some(OrganizationId::new()),
            email: "teacher@example.org".to_owned(),
            role: Role::Teacher,
            person_id: None,
            created_at: Utc::now(),
        }
    }

    #[test]
    fn a_token_says_who_it_is_for_until_it_is_too_old() {
        let (tokens, user, login_id) = (tokens("a secret of at least 32 bytes: yes"), teacher(), Id::new());
        let token = tokens.issue(&user, login_id, Utc::now()).expect("a token");
        assert_eq!(tokens.read(&token).expect("it is good"), Claimed { user_id: user.id, login_id });
        let old = tokens.issue(&user, login_id, Utc::now() - TimeDelta::minutes(16)).expect("a token");
        assert!(tokens.read(&old).is_err());
    }

    #[test]
    fn a_token_of_another_secret_or_algorithm_is_none() {
        let tokens = tokens("a secret of at least 32 bytes: yes");
        let foreign = super::tests::tokens("another secret of at least 32 bytes");
        let foreign = foreign.issue(&teacher(), Id::new(), Utc::now());
        assert!(tokens.read(&foreign.expect("a token")).is_err());
        // {"alg":"none"} with otherwise sound claims.
        let unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiIwMTkxZTZiMC0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDAiLCJyb2xlIjoiYWRtaW4iLCJpYXQiOjAsImV4cCI6OTk5OTk5OTk5OX0.";
        assert!(tokens.read(unsigned).is_err());
        assert!(tokens.read("").is_err());
    }
}
