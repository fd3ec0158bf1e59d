//! Those who log in.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path, Query};
use chrono::{DateTime, Utc};
use domain::audit::AuditAction;
use domain::id::{OrganizationId, PersonId, UserId};
use domain::user::{Account, Role};
use domain::wire::Page;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::json;
use store::users::UserFilter;
use store::users::changes::{self, UserChange};
use utoipa::{IntoParams, ToSchema};

use crate::auth::access::{Allowed, AnyUser};
use crate::auth::permission::ManageUsers;
use crate::clock;
use crate::error::ApiError;
use crate::idempotency::IdempotencyKey;
use crate::page::PageQuery;
use crate::reply;
use crate::state::Gateway;
use crate::validation::Validation;

/// Someone who logs in.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct User {
    id: UserId,
    /// The organization that it is confined to; `null` for an administrator of the installation.
    organization_id: Option<OrganizationId>,
    email: String,
    role: Role,
    /// The person that it is, where it is one whose attendance is taken.
    person_id: Option<PersonId>,
    /// Whether nothing is open to it but choosing another password.
    must_change_password: bool,
    /// Since when it may not log in; `null` when it may.
    disabled_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

impl From<Account> for User {
    fn from(Account { user, disabled_at, must_change_password }: Account) -> Self {
        Self {
            id: user.id,
            organization_id: user.organization_id,
            email: user.email,
            role: user.role,
            person_id: user.person_id,
            must_change_password,
            disabled_at,
            created_at: user.created_at,
        }
    }
}

/// A user to make.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUser {
    /// The address that it logs in with; unique in the installation.
    #[schema(format = Email)]
    email: String,
    role: Role,
    /// At least 12 characters and at most 71 bytes.
    // Not part of what an Idempotency-Key stands for: a fast hash of that is stored. (Skipped, it would be no part of the
    // OpenAPI document either.)
    #[serde(serialize_with = "nothing")]
    #[schema(value_type = String, format = Password, min_length = 12)]
    password: SecretString,
    /// The person that it is, where it is one whose attendance is taken.
    person_id: Option<PersonId>,
    /// Whether it must choose another password at its first log-in; it must, where that is not said.
    #[serde(default = "yes")]
    #[schema(default = true)]
    must_change_password: bool,
}

fn yes() -> bool {
    true
}

fn nothing<S: Serializer>(_: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_unit()
}

impl NewUser {
    fn parse(&self, organization_id: OrganizationId) -> Result<domain::user::User, ApiError> {
        let mut validation = Validation::default();
        let email = validation.email("/email", &self.email).to_lowercase();
        validation.password("/password", &self.password);
        validation.finish(domain::user::User {
            id: UserId::new(),
            organization_id: Some(organization_id),
            email,
            role: self.role,
            person_id: self.person_id,
            created_at: clock::now(),
        })
    }
}

/// What is to be changed of a user; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserPatch {
    /// The address that it logs in with.
    #[schema(format = Email)]
    email: Option<String>,
    role: Option<Role>,
    /// The person that it is; `null`: nobody whose attendance is taken.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<PersonId>)]
    person_id: Option<Option<PersonId>>,
    /// Whether it may not log in. Its tokens stop working at once.
    disabled: Option<bool>,
}

/// What was said, even if it was `null`.
fn said<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl UserPatch {
    fn parse(self) -> Result<UserChange, ApiError> {
        let mut validation = Validation::default();
        let email = self.email.map(|email| validation.email("/email", &email));
        let (role, person_id, disabled) = (self.role, self.person_id, self.disabled);
        validation.finish(UserChange { email, role, person_id, disabled })
    }
}

/// Which users are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct UserQuery {
    /// Only those with this role.
    role: Option<Role>,
    /// Only those whose address holds this text, in whatever case.
    q: Option<String>,
    /// How many rows at most, 1 to 200; 50 where it is not said.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Shows the user whose token this is.
#[utoipa::path(get, path = "/api/v1/users/me", tag = "auth",
    responses((status = 200, description = "You.", body = User)))]
pub(crate) async fn show_me(
    AnyUser { user, must_change_password }: AnyUser,
    gateway: Data<Gateway>,
) -> Result<Json<User>, ApiError> {
    let mut conn = gateway.connection().await?;
    let me = store::users::find(&mut conn, user.actor.user_id).await?;
    // Whoever is disabled does not come here.
    Ok(Json(Account { user: me, disabled_at: None, must_change_password }.into()))
}

/// Makes a user of the organization.
#[utoipa::path(post, path = "/api/v1/users", tag = "users", params(IdempotencyKey),
    responses((status = 201, description = "It was made.", body = User)))]
pub(crate) async fn create_user(
    access: Allowed<ManageUsers>,
    key: IdempotencyKey,
    gateway: Data<Gateway>,
    body: Json<NewUser>,
) -> Result<HttpResponse, ApiError> {
    let user = body.parse(access.organization_id)?;
    let once = key.of(&access.actor, Some(access.organization_id), &*body)?;
    let must_change = body.must_change_password;
    // Before the transaction, since it takes long.
    let hash = gateway.passwords.hash(body.into_inner().password).await?;
    let made = once
        .run(&gateway, StatusCode::CREATED, async |tx| {
            store::users::insert(tx, &user, &hash).await?;
            if must_change {
                changes::set_password(tx, user.id, &hash, true, user.created_at).await?;
            }
            let details = json!({"role": user.role, "person_id": user.person_id});
            store::audit::append(tx, &access.entry(AuditAction::UserCreated, user.id.uuid(), details)).await?;
            Ok(User::from(Account { user: user.clone(), disabled_at: None, must_change_password: must_change }))
        })
        .await?;
    Ok(reply::created(format!("/api/v1/users/{}", made.id), made))
}

/// Lists the users of the organization.
#[utoipa::path(get, path = "/api/v1/users", tag = "users", params(UserQuery),
    responses((status = 200, description = "A page of them, oldest first.", body = Page<User>)))]
pub(crate) async fn list_users(
    access: Allowed<ManageUsers>,
    gateway: Data<Gateway>,
    query: Query<UserQuery>,
) -> Result<Json<Page<User>>, ApiError> {
    let UserQuery { role, q, limit, cursor } = query.into_inner();
    let wanted = PageQuery { limit, cursor }.read()?;
    if q.as_ref().is_some_and(|part| part.contains('\0')) {
        return Err(ApiError::InvalidQuery { reason: "`q` must not hold control characters".to_owned() });
    }
    let filter = UserFilter { role, email_part: q };
    let mut conn = gateway.connection().await?;
    let rows = store::users::list(&mut conn, access.organization_id, &filter, wanted.after, wanted.fetch()).await?;
    let page = wanted.page(rows, |row| row.user.id.uuid());
    Ok(Json(Page { items: page.items.into_iter().map(Into::into).collect(), next: page.next }))
}

/// Shows a user of the organization.
#[utoipa::path(get, path = "/api/v1/users/{user_id}", tag = "users", params(("user_id" = UserId, Path)),
    responses((status = 200, description = "The user.", body = User)))]
pub(crate) async fn show_user(
    access: Allowed<ManageUsers>,
    gateway: Data<Gateway>,
    path: Path<UserId>,
) -> Result<Json<User>, ApiError> {
    let mut conn = gateway.connection().await?;
    Ok(Json(store::users::find_account(&mut conn, access.organization_id, path.into_inner()).await?.into()))
}

/// Changes a user: its address, its role, the person that it is, and whether it may log in.
///
/// Holds from the user's next request on. The last admin of an organization stays one (409 `last_admin`).
#[utoipa::path(patch, path = "/api/v1/users/{user_id}", tag = "users", params(("user_id" = UserId, Path)),
    responses((status = 200, description = "It is changed.", body = User)))]
pub(crate) async fn change_user(
    access: Allowed<ManageUsers>,
    gateway: Data<Gateway>,
    path: Path<UserId>,
    body: Json<UserPatch>,
) -> Result<Json<User>, ApiError> {
    let (id, change) = (path.into_inner(), body.into_inner().parse()?);
    let after = gateway
        .change(async |tx| {
            let (before, after) = changes::change(tx, access.organization_id, id, &change, clock::now()).await?;
            for (action, details) in differences(&before, &after) {
                store::audit::append(tx, &access.entry(action, id.uuid(), details)).await?;
            }
            Ok(after)
        })
        .await?;
    Ok(Json(after.into()))
}

/// What the audit log is told: ids and roles, no address.
fn differences(before: &Account, after: &Account) -> Vec<(AuditAction, serde_json::Value)> {
    let (old, new) = (&before.user, &after.user);
    let mut told = Vec::new();
    if old != new {
        let role = (old.role != new.role).then(|| json!({"from": old.role, "to": new.role}));
        let person = (old.person_id != new.person_id).then(|| json!({"from": old.person_id, "to": new.person_id}));
        let details = json!({"email_changed": old.email != new.email, "role": role, "person_id": person});
        told.push((AuditAction::UserUpdated, details));
    }
    match (before.disabled_at, after.disabled_at) {
        (None, Some(_)) => told.push((AuditAction::UserDisabled, json!({}))),
        (Some(_), None) => told.push((AuditAction::UserEnabled, json!({}))),
        _ => {}
    }
    told
}

/// Deletes a user. What it did stays in the audit log; the person that it is stays too.
#[utoipa::path(delete, path = "/api/v1/users/{user_id}", tag = "users", params(("user_id" = UserId, Path)),
    responses((status = 204, description = "The user is gone.")))]
pub(crate) async fn delete_user(
    access: Allowed<ManageUsers>,
    gateway: Data<Gateway>,
    path: Path<UserId>,
) -> Result<HttpResponse, ApiError> {
    let id = path.into_inner();
    gateway
        .change(async |tx| {
            changes::delete(tx, access.organization_id, id).await?;
            store::audit::append(tx, &access.entry(AuditAction::UserDeleted, id.uuid(), json!({}))).await?;
            Ok(())
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
