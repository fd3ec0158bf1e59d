//! `Idempotency-Key`: a POST that is sent again is answered again, not carried out again.
//!
//! A key belongs to a user and to one request: method, path, organization and body. Only success is kept; after a
//! failure, or when a process dies at work, the key is free: all is one transaction.

use std::future::{Ready, ready};

use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use domain::id::{OrganizationId, UserId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use store::idempotency::{Begun, begin, finish};
use store::{Conn, StoreError};
use utoipa::IntoParams;

use crate::auth::token::Actor;
use crate::clock;
use crate::error::ApiError;
use crate::state::Gateway;

const HEADER: &str = "Idempotency-Key";
const LONGEST: usize = 255;

/// The key of a request, where it has one.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
pub(crate) struct IdempotencyKey {
    /// Chosen by the client, new for each thing that it wants made: a request that is sent again with the same key
    /// and the same body is answered again, not carried out again.
    #[param(rename = "Idempotency-Key", min_length = 1, max_length = 255)]
    key: Option<String>,
    #[param(ignore)]
    method_and_path: String,
}

/// A request that is to be carried out once.
#[derive(Debug)]
pub(crate) struct Once {
    taken: Option<Taken>,
}

#[derive(Debug)]
struct Taken {
    user_id: UserId,
    key: String,
    request_hash: [u8; 32],
}

impl FromRequest for IdempotencyKey {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let key = match request.headers().get(HEADER).map(|value| value.to_str()) {
            None => None,
            Some(Ok(key)) if (1..=LONGEST).contains(&key.len()) => Some(key.to_owned()),
            Some(_) => {
                let reason = "must have 1 to 255 visible ASCII characters";
                return ready(Err(ApiError::InvalidHeader { name: HEADER, reason }));
            }
        };
        let method_and_path = format!("{} {}", request.method(), request.path());
        ready(Ok(Self { key, method_and_path }))
    }
}

impl IdempotencyKey {
    /// Binds the key to a user and to what it asks for.
    pub(crate) fn of(
        self,
        actor: &Actor,
        organization_id: Option<OrganizationId>,
        body: &impl Serialize,
    ) -> Result<Once, ApiError> {
        let Some(key) = self.key else { return Ok(Once { taken: None }) };
        let request = serde_json::to_vec(&(self.method_and_path, organization_id, body));
        let request_hash = Sha256::digest(request.map_err(ApiError::internal)?).into();
        Ok(Once { taken: Some(Taken { user_id: actor.user_id, key, request_hash }) })
    }
}

impl Once {
    /// Carries the request out with `make`, or answers what it was answered before. `status` is that of success.
    ///
    /// Taking the key, the work and keeping the answer are one transaction: whoever sends the same request meanwhile
    /// waits for its end.
    pub(crate) async fn run<T: Serialize + DeserializeOwned>(
        self,
        gateway: &Gateway,
        status: StatusCode,
        make: impl AsyncFnOnce(&mut Conn) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let mut conn = gateway.connection().await?;
        store::transaction::run(&mut conn, async |tx| {
            let Some(taken) = self.taken else { return make(tx).await };
            if let Some(earlier) = taken.earlier_answer(tx).await? {
                return serde_json::from_value(earlier).map_err(ApiError::internal);
            }
            let made = make(tx).await?;
            taken.keep(tx, status, &made).await?;
            Ok(made)
        })
        .await
    }
}

impl Taken {
    async fn earlier_answer(&self, conn: &mut Conn) -> Result<Option<serde_json::Value>, ApiError> {
        match begin(conn, self.user_id, &self.key, &self.request_hash, clock::now()).await {
            Ok(Begun::New) => Ok(None),
            Ok(Begun::Answered { body, .. }) => Ok(Some(body.unwrap_or_default())),
            Ok(Begun::Different) => Err(ApiError::IdempotencyMismatch),
            // The token is good, but its user was deleted.
            Err(StoreError::NotFound) => Err(ApiError::Unauthenticated),
            Err(error) => Err(error.into()),
        }
    }

    async fn keep<T: Serialize>(&self, tx: &mut Conn, status: StatusCode, made: &T) -> Result<(), ApiError> {
        let body = serde_json::to_value(made).map_err(ApiError::internal)?;
        let status = i16::try_from(status.as_u16()).map_err(ApiError::internal)?;
        Ok(finish(tx, self.user_id, &self.key, status, Some(&body)).await?)
    }
}
