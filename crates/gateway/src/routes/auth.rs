//! Logging in, staying logged in, and logging out.

use actix_web::dev::Payload;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_LENGTH, SET_COOKIE, TRANSFER_ENCODING};
use actix_web::web::{self, Data, Form, Json};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use domain::audit::AuditAction;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::auth::access::AnyUser;
use crate::auth::cookie::{self, OwnPage};
use crate::auth::login::{self, Tokens};
use crate::clock;
use crate::error::ApiError;
use crate::request::RequestId;
use crate::state::Gateway;
use crate::validation::Validation;

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

/// Somebody who logs in with JSON: `email`, or `username` with the same meaning.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct JsonLogin {
    /// The e-mail address, in whatever case.
    email: Option<String>,
    /// Another name for `email`.
    username: Option<String>,
    #[schema(value_type = String, format = Password)]
    password: SecretString,
    /// Whether the refresh token goes into a cookie, for the pages of this gateway.
    #[serde(default)]
    cookie: bool,
}

/// A refresh token to be exchanged.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refresh {
    /// That of the last answer.
    #[schema(value_type = String, format = Password)]
    refresh_token: SecretString,
}

/// An access token, and the refresh token for the next one.
#[derive(Serialize, ToSchema)]
pub(crate) struct Token {
    /// Send it as `Authorization: Bearer`.
    access_token: String,
    #[schema(example = "bearer")]
    token_type: &'static str,
    /// For how many seconds it is good.
    expires_in: i64,
    /// Exchange it at `/auth/refresh` for the next pair of tokens: it is good once. Shown again it ends the login. `null`
    /// where it is in the cookie.
    #[schema(example = "rrt_…")]
    refresh_token: Option<String>,
    /// For how many seconds the refresh token is good.
    refresh_expires_in: i64,
    /// Whether nothing is open to the user but `POST /users/me/password`.
    password_change_required: bool,
}

/// The answer to somebody who is logged in now. Nothing on the way is to keep it (RFC 6749, 5.1).
/// `page`: the page whose browser keeps the refresh token in a cookie; others are told it.
pub(crate) fn welcome(gateway: &Gateway, tokens: Tokens, page: Option<OwnPage>) -> HttpResponse {
    let Tokens { access, refresh, must_change_password } = tokens;
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CACHE_CONTROL, "no-store"));
    let refresh = match page {
        None => Some(refresh),
        Some(page) => {
            answer.insert_header((SET_COOKIE, page.keep(&refresh, gateway.refresh_lifetime)));
            None
        }
    };
    answer.json(Token {
        access_token: access,
        token_type: "bearer",
        expires_in: gateway.tokens.lifetime_seconds(),
        refresh_token: refresh,
        refresh_expires_in: gateway.refresh_lifetime.num_seconds(),
        password_change_required: must_change_password,
    })
}

/// The page that a request comes from, where its refresh token goes by cookie.
pub(crate) fn own_page(gateway: &Gateway, request: &HttpRequest, cookie: bool) -> Result<Option<OwnPage>, ApiError> {
    let page = || OwnPage::of(request, gateway.insecure_cookie, gateway.behind_proxy);
    cookie.then(page).transpose()
}

/// Logs a user in.
///
/// Takes as long for an unknown address as for a wrong password. After five failures in 15 minutes there is no answer for
/// that address for 15 minutes (429 `too_many_attempts`), right or wrong, known or not.
#[utoipa::path(post, path = "/api/v1/auth/token", tag = "auth", security(()),
    request_body(content = Login, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "Welcome.", body = Token)))]
pub(crate) async fn create_token(
    request: RequestId,
    gateway: Data<Gateway>,
    form: Form<Login>,
) -> Result<HttpResponse, ApiError> {
    let form = form.into_inner();
    if form.grant_type.is_some_and(|grant| grant != "password") {
        return Err(ApiError::invalid("/grant_type", "invalid", "must be `password`"));
    }
    let email = address("/username", &form.username)?;
    Ok(welcome(&gateway, login::log_in(&gateway, &request, &email, form.password).await?, None))
}

/// Logs a user in, with JSON.
///
/// The same as `/auth/token`, for clients that speak no forms. With `"cookie": true` the refresh token goes into a cookie
/// that only `/auth/refresh` and `/auth/logout` read, and only for pages of this origin (403 `cross_site`).
#[utoipa::path(post, path = "/api/v1/auth/login", tag = "auth", security(()),
    responses((status = 200, description = "Welcome.", body = Token)))]
pub(crate) async fn log_in(
    request: RequestId,
    gateway: Data<Gateway>,
    http: HttpRequest,
    body: Json<JsonLogin>,
) -> Result<HttpResponse, ApiError> {
    let JsonLogin { email, username, password, cookie } = body.into_inner();
    let page = own_page(&gateway, &http, cookie)?;
    let email = match (email, username) {
        (Some(email), None) => address("/email", &email)?,
        (None, Some(username)) => address("/username", &username)?,
        _ => return Err(ApiError::invalid("", "invalid", "must have one of `email` and `username`")),
    };
    Ok(welcome(&gateway, login::log_in(&gateway, &request, &email, password).await?, page))
}

/// Exchanges a refresh token for the next pair of tokens.
///
/// Each is good once. One that is shown again was stolen, by this caller or from it: the login ends, and all tokens that
/// came from it open nothing any more (401 `refresh_reused`). Without a body the token is that of the cookie, where the next
/// one goes too.
#[utoipa::path(post, path = "/api/v1/auth/refresh", tag = "auth", security(()), request_body = Option<Refresh>,
    responses((status = 200, description = "The next pair.", body = Token)))]
pub(crate) async fn refresh(
    request: RequestId,
    gateway: Data<Gateway>,
    http: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, actix_web::Error> {
    let told = if has_body(&http) { body(&http, payload).await? } else { None };
    let page = own_page(&gateway, &http, told.is_none())?;
    let kept = || cookie::shown(&http).ok_or(ApiError::InvalidRefreshToken);
    let shown = told.map_or_else(kept, |body| Ok(body.refresh_token))?;
    let tokens = login::refresh(&gateway, &request, shown.expose_secret()).await?;
    Ok(welcome(&gateway, tokens, page))
}

fn has_body(request: &HttpRequest) -> bool {
    let headers = request.headers();
    headers.contains_key(TRANSFER_ENCODING) || headers.get(CONTENT_LENGTH).is_some_and(|length| length != "0")
}

async fn body(request: &HttpRequest, payload: web::Payload) -> Result<Option<Refresh>, actix_web::Error> {
    let mut payload: Payload = payload.into_inner();
    Ok(Json::<Option<Refresh>>::from_request(request, &mut payload).await?.into_inner())
}

/// Logs the user out: the login that this token comes from ends, with all its tokens; the cookie of a page is cleared.
#[utoipa::path(post, path = "/api/v1/auth/logout", tag = "auth",
    responses((status = 204, description = "Good-bye.")))]
pub(crate) async fn log_out(
    AnyUser { user, .. }: AnyUser,
    gateway: Data<Gateway>,
    http: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let page = own_page(&gateway, &http, cookie::shown(&http).is_some())?;
    let actor = user.actor;
    gateway
        .change(async |tx| {
            if store::logins::end(tx, actor.login_id, clock::now()).await? {
                let (action, id) = (AuditAction::UserLoggedOut, actor.user_id.uuid());
                store::audit::append(tx, &user.entry(actor.organization_id, action, id, json!({}))).await?;
            }
            Ok(())
        })
        .await?;
    let mut answer = HttpResponse::NoContent();
    if let Some(page) = page {
        answer.insert_header((SET_COOKIE, page.forget()));
    }
    Ok(answer.finish())
}

/// The address that somebody logs in with. What no address can be is refused before it is looked for.
fn address(pointer: &str, text: &str) -> Result<String, ApiError> {
    let (mut validation, text) = (Validation::default(), text.trim());
    if text.chars().any(char::is_control) {
        validation.wrong(pointer, "invalid", "must not hold control characters");
    }
    validation.finish(text.to_owned())
}
