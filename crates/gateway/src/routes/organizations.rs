//! Tenants.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path, Query};
use domain::audit::AuditAction;
use domain::id::OrganizationId;
use domain::organization::{Organization, OrganizationSettings, PolicyError, RecognitionPolicy};
use domain::wire::Page;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::auth::access::{CurrentUser, InstallationAdmin};
use crate::clock;
use crate::error::ApiError;
use crate::idempotency::IdempotencyKey;
use crate::page::PageQuery;
use crate::reply;
use crate::state::Gateway;
use crate::validation::Validation;

/// An organization to make.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOrganization {
    /// Unique in the installation, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// IANA time zone of its site.
    #[schema(example = "Europe/Zurich")]
    time_zone: String,
}

impl NewOrganization {
    fn parse(&self) -> Result<Organization, ApiError> {
        let mut validation = Validation::default();
        let name = validation.text("/name", &self.name, 200);
        let (time_zone, policy) = (validation.time_zone("/time_zone", &self.time_zone), RecognitionPolicy::default());
        let settings = OrganizationSettings::default();
        let (id, created_at) = (OrganizationId::new(), clock::now());
        validation.finish(Organization { id, name, time_zone, contract: None, policy, settings, created_at })
    }
}

/// Makes an organization.
///
/// Only administrators of the installation may.
#[utoipa::path(post, path = "/api/v1/organizations", tag = "organizations", params(IdempotencyKey),
    responses((status = 201, description = "It was made.", body = Organization)))]
pub(crate) async fn create_organization(
    InstallationAdmin(user): InstallationAdmin,
    key: IdempotencyKey,
    gateway: Data<Gateway>,
    body: Json<NewOrganization>,
) -> Result<HttpResponse, ApiError> {
    let organization = body.parse()?;
    let once = key.of(&user.actor, None, &*body)?;
    let made = once
        .run(&gateway, StatusCode::CREATED, async |tx| {
            store::organizations::insert(tx, &organization).await?;
            let (id, action) = (organization.id, AuditAction::OrganizationCreated);
            store::audit::append(tx, &user.entry(Some(id), action, id.uuid(), json!({}))).await?;
            Ok(organization.clone())
        })
        .await?;
    Ok(reply::created(format!("/api/v1/organizations/{}", made.id), made))
}

/// Lists the organizations that the user may see: all, or its own.
#[utoipa::path(get, path = "/api/v1/organizations", tag = "organizations", params(PageQuery),
    responses((status = 200, description = "A page of them, oldest first.", body = Page<Organization>)))]
pub(crate) async fn list_organizations(
    user: CurrentUser,
    gateway: Data<Gateway>,
    query: Query<PageQuery>,
) -> Result<Json<Page<Organization>>, ApiError> {
    let wanted = query.read()?;
    let mut conn = gateway.connection().await?;
    let rows = match user.actor.organization_id {
        Some(own) => vec![store::organizations::find(&mut conn, own).await?],
        None => store::organizations::list(&mut conn, wanted.after, wanted.fetch()).await?,
    };
    Ok(Json(wanted.page(rows, |row| row.id.uuid())))
}

/// Shows an organization.
#[utoipa::path(get, path = "/api/v1/organizations/{organization_id}", tag = "organizations",
    params(("organization_id" = OrganizationId, Path)),
    responses((status = 200, description = "The organization.", body = Organization)))]
pub(crate) async fn show_organization(
    user: CurrentUser,
    gateway: Data<Gateway>,
    path: Path<OrganizationId>,
) -> Result<Json<Organization>, ApiError> {
    let id = path.into_inner();
    if user.actor.organization_id.is_some_and(|own| own != id) {
        return Err(ApiError::NotFound);
    }
    let mut conn = gateway.connection().await?;
    Ok(Json(store::organizations::find(&mut conn, id).await?))
}

/// What is to be changed of an organization; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrganizationPatch {
    /// Unique in the installation, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
    /// IANA time zone of its site.
    #[schema(example = "Europe/Zurich")]
    time_zone: Option<String>,
}

/// Changes the name or the time zone of an organization.
///
/// Days are those of the new zone from now on, those that have been too. Only administrators may.
#[utoipa::path(patch, path = "/api/v1/organizations/{organization_id}", tag = "organizations",
    params(("organization_id" = OrganizationId, Path)),
    responses((status = 200, description = "It is changed.", body = Organization)))]
pub(crate) async fn change_organization(
    user: CurrentUser,
    gateway: Data<Gateway>,
    path: Path<OrganizationId>,
    body: Json<OrganizationPatch>,
) -> Result<Json<Organization>, ApiError> {
    let id = path.into_inner();
    user.require_admin_of(id)?;
    let mut validation = Validation::default();
    let name = body.name.as_deref().map(|name| validation.text("/name", name, 200));
    let time_zone = body.time_zone.as_deref().map(|zone| validation.time_zone("/time_zone", zone));
    validation.finish(())?;
    let organization = gateway
        .change(async |tx| {
            let (name, time_zone) = (name.as_deref(), time_zone.as_deref());
            let (before, after) = store::organizations::rename(tx, id, name, time_zone).await?;
            if before != after {
                let details = json!({"name_changed": before.name != after.name, "time_zone": after.time_zone});
                let entry = user.entry(Some(id), AuditAction::OrganizationUpdated, id.uuid(), details);
                store::audit::append(tx, &entry).await?;
            }
            Ok(after)
        })
        .await?;
    Ok(Json(organization))
}

/// Sets what an organization has settled beside recognition: who may enroll, whether consent is asked, and how long what
/// is kept.
///
/// The body is all of it: what it leaves out goes back to its default. Only administrators may.
#[utoipa::path(put, path = "/api/v1/organizations/{organization_id}/settings", tag = "organizations",
    params(("organization_id" = OrganizationId, Path)),
    responses((status = 200, description = "It is set.", body = Organization)))]
pub(crate) async fn set_settings(
    user: CurrentUser,
    gateway: Data<Gateway>,
    path: Path<OrganizationId>,
    settings: Json<OrganizationSettings>,
) -> Result<Json<Organization>, ApiError> {
    let id = path.into_inner();
    user.require_admin_of(id)?;
    let mut validation = Validation::default();
    for field in settings.retention.out_of_range() {
        validation.wrong(&format!("/retention/{field}"), "out_of_range", "must be in 1..=36500");
    }
    validation.finish(())?;
    let organization = gateway
        .change(async |tx| {
            store::organizations::set_settings(tx, id, &settings).await?;
            let action = AuditAction::OrganizationSettingsChanged;
            store::audit::append(tx, &user.entry(Some(id), action, id.uuid(), json!(*settings))).await?;
            Ok(store::organizations::find(tx, id).await?)
        })
        .await?;
    Ok(Json(organization))
}

/// Sets how an organization wants its people recognised.
///
/// The body is the whole policy: what it leaves out goes back to its default. Workers follow it from the next frame on.
/// Only administrators may.
#[utoipa::path(put, path = "/api/v1/organizations/{organization_id}/recognition-policy", tag = "organizations",
    params(("organization_id" = OrganizationId, Path)),
    responses((status = 200, description = "It is set.", body = Organization)))]
pub(crate) async fn set_recognition_policy(
    user: CurrentUser,
    gateway: Data<Gateway>,
    path: Path<OrganizationId>,
    policy: Json<RecognitionPolicy>,
) -> Result<Json<Organization>, ApiError> {
    let id = path.into_inner();
    user.require_admin_of(id)?;
    policy.check().map_err(out_of_range)?;
    let (organization, bumped) = gateway
        .change(async |tx| {
            let bumped = store::organizations::set_policy(tx, id, &policy).await?;
            let action = AuditAction::RecognitionPolicyChanged;
            store::audit::append(tx, &user.entry(Some(id), action, id.uuid(), json!(*policy))).await?;
            Ok((store::organizations::find(tx, id).await?, bumped))
        })
        .await?;
    gateway.raise_course_versions(&bumped).await;
    Ok(Json(organization))
}

fn out_of_range(error: PolicyError) -> ApiError {
    let pointer = match error {
        PolicyError::FalseMatchRate => "/false_match_rate",
        PolicyError::ForcedThreshold => "/forced_threshold",
    };
    ApiError::invalid(pointer, "out_of_range", error.to_string())
}
