//! What is kept of somebody's face, and where it is looked for.

use actix_web::web::{Data, Json, Path, Query};
use chrono::{DateTime, Utc};
use domain::contract::ContractId;
use domain::course::Course;
use domain::enrollment::TemplateOrigin;
use domain::id::{EnrollmentId, PersonId, TemplateId};
use domain::wire::Page;
use serde::Serialize;
use store::courses::CourseFilter;
use store::templates::TemplateFacts;
use utoipa::ToSchema;

use crate::auth::access::Allowed;
use crate::auth::permission::SeeDirectory;
use crate::error::ApiError;
use crate::page::PageQuery;
use crate::state::Gateway;

/// A template, without the embedding, which leaves the database for nobody but workers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PersonTemplate {
    id: TemplateId,
    /// What made it.
    contract: ContractId,
    /// How good the face is for telling people apart, 0 to 100; of a pooled one the mean of its samples.
    quality: f32,
    /// `original` (the photo as it was sent) and `augmented` (a changed copy of it) are samples, `pooled` is made of all.
    origin: TemplateOrigin,
    /// The enrollment whose photo it was made of; `null` of a pooled one.
    enrollment_id: Option<EnrollmentId>,
    created_at: DateTime<Utc>,
}

impl From<TemplateFacts> for PersonTemplate {
    fn from(facts: TemplateFacts) -> Self {
        Self {
            id: facts.id,
            contract: facts.contract,
            quality: facts.quality,
            origin: facts.origin,
            enrollment_id: facts.enrollment_id,
            created_at: facts.created_at,
        }
    }
}

/// Somebody's templates.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PersonTemplates {
    /// How many there are; 0: the person is not enrolled.
    count: usize,
    /// All of them, the oldest first.
    items: Vec<PersonTemplate>,
}

/// Lists somebody's templates: what each is of and how good it is, never what it holds.
#[utoipa::path(get, path = "/api/v1/people/{person_id}/templates", tag = "people",
    params(("person_id" = PersonId, Path)),
    responses((status = 200, description = "The templates.", body = PersonTemplates)))]
pub(crate) async fn list_templates(
    access: Allowed<SeeDirectory>,
    gateway: Data<Gateway>,
    path: Path<PersonId>,
) -> Result<Json<PersonTemplates>, ApiError> {
    let mut conn = gateway.connection().await?;
    let facts = store::templates::facts(&mut conn, access.organization_id, path.into_inner()).await?;
    let items: Vec<PersonTemplate> = facts.into_iter().map(Into::into).collect();
    Ok(Json(PersonTemplates { count: items.len(), items }))
}

/// Lists the courses whose roster somebody is on.
#[utoipa::path(get, path = "/api/v1/people/{person_id}/courses", tag = "people",
    params(("person_id" = PersonId, Path), PageQuery),
    responses((status = 200, description = "A page of them, oldest first.", body = Page<Course>)))]
pub(crate) async fn list_courses_of_person(
    access: Allowed<SeeDirectory>,
    gateway: Data<Gateway>,
    path: Path<PersonId>,
    query: Query<PageQuery>,
) -> Result<Json<Page<Course>>, ApiError> {
    let (person, organization) = (path.into_inner(), access.organization_id);
    let wanted = query.read()?;
    let mut conn = gateway.connection().await?;
    store::people::find(&mut conn, organization, person).await?;
    let filter = CourseFilter { person: Some(person), ..CourseFilter::default() };
    let rows = store::courses::list(&mut conn, organization, &filter, wanted.after, wanted.fetch()).await?;
    Ok(Json(wanted.page(rows, |row| row.id.uuid())))
}
