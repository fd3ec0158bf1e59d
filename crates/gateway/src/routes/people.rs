//! Those whose attendance is taken.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path, Query};
use domain::audit::AuditAction;
use domain::id::{CourseId, PersonId};
use domain::person::{ConsentState, Person, PersonKind};
use domain::wire::Page;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::people::PeopleFilter;
use utoipa::{IntoParams, ToSchema};

use crate::auth::access::Allowed;
use crate::auth::permission::{ChangePeople, DeletePeople, RegisterPeople, SeeDirectory};
use crate::clock;
use crate::error::ApiError;
use crate::idempotency::IdempotencyKey;
use crate::page::PageQuery;
use crate::reply;
use crate::routes::person_body::{NewPerson, PersonChange};
use crate::state::Gateway;

/// Which people are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PeopleQuery {
    /// A part of name, external id, second id or e-mail address, in whatever case.
    #[param(min_length = 1, max_length = 100)]
    q: Option<String>,
    kind: Option<PersonKind>,
    /// Exactly this class.
    class: Option<String>,
    /// Exactly this section.
    section: Option<String>,
    is_active: Option<bool>,
    /// Only those on the roster of this course.
    course_id: Option<CourseId>,
    /// Whether there are templates of their face.
    enrolled: Option<bool>,
    /// What is on record last about their consent.
    consent: Option<ConsentQuery>,
    /// How many rows at most, 1 to 200; 50 where it is not said.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// What may be on record about a consent.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ConsentQuery {
    Given,
    Withdrawn,
    /// Nothing is on record.
    None,
}

impl PeopleQuery {
    fn filter(self) -> Result<PeopleFilter, ApiError> {
        let search = self.q.map(|text| text.trim().to_owned());
        if search.as_ref().is_some_and(|text| text.is_empty() || text.chars().count() > 100 || text.contains('\0')) {
            return Err(ApiError::InvalidQuery { reason: "`q` must have 1 to 100 characters".to_owned() });
        }
        let consent = self.consent.map(|consent| match consent {
            ConsentQuery::Given => Some(ConsentState::Given),
            ConsentQuery::Withdrawn => Some(ConsentState::Withdrawn),
            ConsentQuery::None => None,
        });
        Ok(PeopleFilter {
            search,
            kind: self.kind,
            external_id: None,
            class: self.class,
            section: self.section,
            is_active: self.is_active,
            course: self.course_id,
            is_enrolled: self.enrolled,
            consent,
        })
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
    let person = body.parse(access.organization_id, clock::now())?;
    let made = register(&access, key, &gateway, &*body, person).await?;
    Ok(reply::created(format!("/api/v1/people/{}", made.id), made))
}

/// Registers a person once.
pub(super) async fn register(
    access: &Allowed<RegisterPeople>,
    key: IdempotencyKey,
    gateway: &Gateway,
    body: &impl Serialize,
    person: Person,
) -> Result<Person, ApiError> {
    let once = key.of(&access.actor, Some(access.organization_id), body)?;
    let made = once.run(gateway, StatusCode::CREATED, async |tx| {
        store::people::insert(tx, &person).await?;
        let entry = access.entry(AuditAction::PersonCreated, person.id.uuid(), json!({}));
        store::audit::append(tx, &entry).await?;
        Ok(person)
    });
    made.await
}

/// Lists the people of the organization, or those that are asked for.
#[utoipa::path(get, path = "/api/v1/people", tag = "people", params(PeopleQuery),
    responses((status = 200, description = "A page of them, in the order of registration.", body = Page<Person>)))]
pub(crate) async fn list_people(
    access: Allowed<SeeDirectory>,
    gateway: Data<Gateway>,
    query: Query<PeopleQuery>,
) -> Result<Json<Page<Person>>, ApiError> {
    let mut query = query.into_inner();
    let wanted = PageQuery { limit: query.limit.take(), cursor: query.cursor.take() }.read()?;
    let filter = query.filter()?;
    let mut conn = gateway.connection().await?;
    let rows = store::people::list(&mut conn, access.organization_id, &filter, wanted.after, wanted.fetch()).await?;
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

/// Changes a person: what is left out stays, `null` clears.
///
/// Whoever is not active any more is not recognised from the next frame on; they stay on their rosters.
#[utoipa::path(patch, path = "/api/v1/people/{person_id}", tag = "people", params(("person_id" = PersonId, Path)),
    responses((status = 200, description = "The person as they are now.", body = Person)))]
pub(crate) async fn change_person(
    access: Allowed<ChangePeople>,
    gateway: Data<Gateway>,
    path: Path<PersonId>,
    body: Json<PersonChange>,
) -> Result<Json<Person>, ApiError> {
    let (organization_id, id) = (access.organization_id, path.into_inner());
    let (person, bumped) = gateway
        .change(async |tx| {
            let before = store::people::lock(tx, organization_id, id).await?;
            let (changed, fields) = body.apply(&before, clock::now())?;
            if fields.is_empty() {
                return Ok((before, Vec::new()));
            }
            let bumped = store::people::update(tx, &changed).await?;
            let changed = store::people::find(tx, organization_id, id).await?;
            let details = json!({"fields": fields, "is_active": changed.is_active});
            store::audit::append(tx, &access.entry(AuditAction::PersonUpdated, id.uuid(), details)).await?;
            Ok((changed, bumped))
        })
        .await?;
    gateway.raise_course_versions(&bumped).await;
    gateway.raise_template_revision(organization_id).await;
    Ok(Json(person))
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
