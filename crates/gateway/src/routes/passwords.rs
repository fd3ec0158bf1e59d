//! Choosing another password, for oneself or for somebody who has lost theirs.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::audit::AuditAction;
use domain::id::UserId;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::auth::access::{Allowed, AnyUser};
use crate::auth::login;
use crate::auth::permission::ManageUsers;
use crate::clock;
use crate::error::ApiError;
use crate::request::RequestId;
use crate::routes::auth::{Token, own_page, welcome};
use crate::state::Gateway;
use crate::validation::Validation;

/// Another password for oneself.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordChange {
    /// The one until now.
    #[schema(value_type = String, format = Password)]
    current_password: SecretString,
    /// The one from now on: at least 12 characters and at most 71 bytes.
    #[schema(value_type = String, format = Password, min_length = 12)]
    new_password: SecretString,
    /// Whether the refresh token of the new login goes into a cookie, for the pages of this gateway.
    #[serde(default)]
    cookie: bool,
}

/// A password for somebody who has lost theirs.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordReset {
    /// Tell them: at least 12 characters and at most 71 bytes. At the next log-in they must choose another one.
    #[schema(value_type = String, format = Password, min_length = 12)]
    new_password: SecretString,
}

/// Chooses another password.
///
/// All logins of the user end, this one too; the answer has the tokens of a new one. A wrong `current_password` counts as
/// a failure to log in.
#[utoipa::path(post, path = "/api/v1/users/me/password", tag = "auth",
    responses((status = 200, description = "It is changed.", body = Token)))]
pub(crate) async fn change_my_password(
    AnyUser { user, .. }: AnyUser,
    request: RequestId,
    gateway: Data<Gateway>,
    http: HttpRequest,
    body: Json<PasswordChange>,
) -> Result<HttpResponse, ApiError> {
    let PasswordChange { current_password, new_password, cookie } = body.into_inner();
    let page = own_page(&gateway, &http, cookie)?;
    let mut validation = Validation::default();
    validation.password("/new_password", &new_password);
    if new_password.expose_secret() == current_password.expose_secret() {
        validation.wrong("/new_password", "unchanged", "must not be the current password");
    }
    validation.finish(())?;
    let me = store::users::find(&mut *gateway.connection().await?, user.actor.user_id).await?;
    let checked = login::check_password(&gateway, &request, &me.email, current_password).await;
    checked.map_err(|error| match error {
        // Not 401: the token is good.
        ApiError::InvalidCredentials => ApiError::invalid("/current_password", "wrong", "is not the password"),
        other => other,
    })?;
    let hash = gateway.passwords.hash(new_password).await?;
    let tokens = gateway
        .change(async |tx| {
            store::users::changes::set_password(tx, me.id, &hash, false, clock::now()).await?;
            let tokens = login::begin(&gateway, tx, &me).await?;
            let entry = user.entry(me.organization_id, AuditAction::PasswordChanged, me.id.uuid(), json!({}));
            store::audit::append(tx, &entry).await?;
            Ok(tokens)
        })
        .await?;
    Ok(welcome(&gateway, tokens, page))
}

/// Gives a user another password, which must be changed at the next log-in.
///
/// All logins of the user end, and a lock after failures to log in is lifted. Nobody resets their own (403): a token alone
/// is not to be enough for that.
#[utoipa::path(post, path = "/api/v1/users/{user_id}/reset-password", tag = "users",
    params(("user_id" = UserId, Path)),
    responses((status = 204, description = "It is changed.")))]
pub(crate) async fn reset_password(
    access: Allowed<ManageUsers>,
    gateway: Data<Gateway>,
    path: Path<UserId>,
    body: Json<PasswordReset>,
) -> Result<HttpResponse, ApiError> {
    let (organization_id, id) = (access.organization_id, path.into_inner());
    if id == access.actor.user_id {
        return Err(ApiError::Forbidden);
    }
    let mut validation = Validation::default();
    validation.password("/new_password", &body.new_password);
    // Whether there is such a user first: hashing takes long.
    let account = store::users::find_account(&mut *gateway.connection().await?, organization_id, id).await?;
    validation.finish(())?;
    let hash = gateway.passwords.hash(body.into_inner().new_password).await?;
    gateway
        .change(async |tx| {
            store::users::changes::set_password(tx, id, &hash, true, clock::now()).await?;
            store::lockouts::forgive(tx, &login::address_hash(&account.user.email)).await?;
            store::audit::append(tx, &access.entry(AuditAction::PasswordReset, id.uuid(), json!({}))).await?;
            Ok(())
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
