//! Those who log in.

use actix_web::web::{Data, Json};
use chrono::{DateTime, Utc};
use domain::id::{OrganizationId, PersonId, UserId};
use domain::user::Role;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::access::CurrentUser;
use crate::error::ApiError;
use crate::state::Gateway;

/// Someone who logs in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct User {
    id: UserId,
    /// The organization that it is confined to; `null` for an administrator of the installation.
    organization_id: Option<OrganizationId>,
    email: String,
    role: Role,
    /// The person that it is, where it is one whose attendance is taken.
    person_id: Option<PersonId>,
    created_at: DateTime<Utc>,
}

impl From<domain::user::User> for User {
    fn from(user: domain::user::User) -> Self {
        Self {
            id: user.id,
            organization_id: user.organization_id,
            email: user.email,
            role: user.role,
            person_id: user.person_id,
            created_at: user.created_at,
        }
    }
}

/// Shows the user whose token this is.
#[utoipa::path(get, path = "/api/v1/users/me", tag = "auth",
    responses((status = 200, description = "You.", body = User)))]
pub(crate) async fn show_me(user: CurrentUser, gateway: Data<Gateway>) -> Result<Json<User>, ApiError> {
    let mut conn = gateway.connection().await?;
    Ok(Json(store::users::find(&mut conn, user.actor.user_id).await?.into()))
}
