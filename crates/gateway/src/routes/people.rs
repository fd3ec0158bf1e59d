//! Those whose attendance is taken.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path, Query};
use domain::audit::AuditAction;
use domain::id::{OrganizationId, PersonId};
use domain::person::{Person, PersonKind};
use domain::wire::Page;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::auth::access::Allowed;
use crate::auth::permission::{DeletePeople, RegisterPeople, SeeDirectory};
use crate::clock;
use crate::error::ApiError;
use crate::idempotency::IdempotencyKey;
use crate::page::PageQuery;
use crate::reply;
use crate::state::Gateway;
use crate::validation::Validation;

/// A person to register.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPerson {
    kind: PersonKind,
    /// Roll number, PRN or staff number; unique in the organization, 1 to 64 characters.
    #[schema(min_length = 1, max_length = 64)]
    external_id: String,
    /// Name as people say it, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// E-mail address, where known.
    #[schema(format = Email)]
    email: Option<String>,
}

impl NewPerson {
    fn parse(&self, organization_id: OrganizationId) -> Result<Person, ApiError> {
        let mut validation = Validation::default();
        let external_id = validation.text("/external_id", &self.external_id, 64);
        let name = validation.text("/name", &self.name, 200);
        let email = self.email.as_deref().map(|email| validation.email("/email", email));
        let (id, kind, created_at) = (PersonId::new(), self.kind, clock::now());
        validation.finish(Person { id, organization_id, kind, external_id, name, email, created_at })
    }
}

/// Registers a person.
#[utoipa::path(post, path = "/api/v1/people", tag = "people", params(IdempotencyKey),
    responses((status = 201, description = "The person was registered.", body = Person)))]
pub(crate) async fn create_person(
    access: Allowed<RegisterPeople>,
    key: IdempotencyKey,
    gateway: Data<Gateway>,
    body: Json<NewPerson>,
) -> Result<HttpResponse, ApiError> {
    let person = body.parse(access.organization_id)?;
    let once = key.of(&access.actor, Some(access.organization_id), &*body)?;
    let made = once
        .run(&gateway, StatusCode::CREATED, async |tx| {
            store::people::insert(tx, &person).await?;
            let entry = access.entry(AuditAction::PersonCreated, person.id.uuid(), json!({}));
            store::audit::append(tx, &entry).await?;
            Ok(person.clone())
        })
        .await?;
    Ok(reply::created(format!("/api/v1/people/{}", made.id), made))
}

/// Lists the people of the organization.
#[utoipa::path(get, path = "/api/v1/people", tag = "people", params(PageQuery),
    responses((status = 200, description = "A page of them, in the order of registration.", body = Page<Person>)))]
pub(crate) async fn list_people(
    access: Allowed<SeeDirectory>,
    gateway: Data<Gateway>,
    query: Query<PageQuery>,
) -> Result<Json<Page<Person>>, ApiError> {
    let wanted = query.read()?;
    let mut conn = gateway.connection().await?;
    let rows = store::people::list(&mut conn, access.organization_id, wanted.after, wanted.fetch()).await?;
    Ok(Json(wanted.page(rows, |row| row.id.uuid())))
}

/// Shows a person.
#[utoipa::path(get, path = "/api/v1/people/{person_id}", tag = "people", params(("person_id" = PersonId, Path)),
    responses((status = 200, description = "The person.", body = Person)))]
pub(crate) async fn show_person(
    access: Allowed<SeeDirectory>,
    gateway: Data<Gateway>,
    path: Path<PersonId>,
) -> Result<Json<Person>, ApiError> {
    let mut conn = gateway.connection().await?;
    Ok(Json(store::people::find(&mut conn, access.organization_id, path.into_inner()).await?))
}

/// Deletes a person, with all templates, photos, sightings and attendance.
///
/// From the next frame on no worker recognises the person any more. The same as an erasure, without a receipt.
#[utoipa::path(delete, path = "/api/v1/people/{person_id}", tag = "people", params(("person_id" = PersonId, Path)),
    responses((status = 204, description = "The person is gone.")))]
pub(crate) async fn delete_person(
    access: Allowed<DeletePeople>,
    gateway: Data<Gateway>,
    path: Path<PersonId>,
) -> Result<HttpResponse, ApiError> {
    let id = path.into_inner();
    let erased = gateway
        .change(async |tx| {
            let erased = store::erasures::erase(tx, access.organization_id, id).await?;
            store::audit::append(tx, &access.entry(AuditAction::PersonDeleted, id.uuid(), json!({}))).await?;
            Ok(erased)
        })
        .await?;
    gateway.tell_of_removal(access.organization_id, &erased).await;
    Ok(HttpResponse::NoContent().finish())
}
