//! Logging in.

use actix_web::web::{Data, Form, Json};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock;
use crate::error::ApiError;
use crate::state::Gateway;

/// The form of OAuth2's password grant (RFC 6749, 4.3). What it calls the username is the e-mail address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Login {
    /// `password`, where it is sent.
    #[schema(pattern = "^password$")]
    grant_type: Option<String>,
    /// The e-mail address, in whatever case.
    username: String,
    #[schema(value_type = String, format = Password)]
    password: SecretString,
    /// Taken and ignored, for clients that always send it.
    #[serde(rename = "scope")]
    _scope: Option<String>,
    /// Taken and ignored, for clients that always send it.
    #[serde(rename = "client_id")]
    _client_id: Option<String>,
    /// Taken and ignored, for clients that always send it.
    #[serde(rename = "client_secret")]
    _client_secret: Option<String>,
}

/// An access token.
#[derive(Serialize, ToSchema)]
pub(crate) struct Token {
    /// Send it as `Authorization: Bearer`.
    access_token: String,
    #[schema(example = "bearer")]
    token_type: &'static str,
    /// For how many seconds it is good.
    expires_in: i64,
}

/// Logs a user in.
///
/// Takes as long for an unknown address as for a wrong password.
#[utoipa::path(post, path = "/api/v1/auth/token", tag = "auth", security(()),
    request_body(content = Login, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "Welcome.", body = Token)))]
pub(crate) async fn create_token(gateway: Data<Gateway>, form: Form<Login>) -> Result<Json<Token>, ApiError> {
    let form = form.into_inner();
    if form.grant_type.is_some_and(|grant| grant != "password") {
        return Err(ApiError::invalid("/grant_type", "invalid", "must be `password`"));
    }
    let username = form.username.trim();
    if username.contains('\0') {
        return Err(ApiError::invalid("/username", "invalid", "must not hold control characters"));
    }
    let login = {
        let mut conn = gateway.connection().await?;
        store::users::find_login(&mut conn, username).await?
    };
    let user = gateway.passwords.check(form.password, login).await?;
    let access_token = gateway.tokens.issue(&user, clock::now())?;
    Ok(Json(Token { access_token, token_type: "bearer", expires_in: gateway.tokens.lifetime_seconds() }))
}
