//! `/students` and `/employees`: people of one kind, with the field names of other systems. The same people as `/people`
//! has; there is nothing that only these addresses can do.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};
use chrono::{DateTime, Utc};
use domain::id::PersonId;
use domain::person::{LONGEST_ID, LONGEST_NAME, Person, PersonKind};
use domain::wire::Page;
use serde::{Deserialize, Serialize};
use store::people::PeopleFilter;
use utoipa::{IntoParams, ToSchema};

use crate::auth::access::Allowed;
use crate::auth::permission::{RegisterPeople, SeeDirectory};
use crate::clock;
use crate::error::ApiError;
use crate::idempotency::IdempotencyKey;
use crate::page::PageQuery;
use crate::reply;
use crate::routes::people;
use crate::state::Gateway;
use crate::validation::Validation;

/// A student to register.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewStudent {
    /// Becomes the person's external id; unique in the organization, 1 to 64 characters.
    #[schema(min_length = 1, max_length = 64)]
    roll_no: String,
    /// Permanent registration number, where there is one beside the roll number; becomes the person's second id, unique in
    /// the organization.
    #[schema(min_length = 1, max_length = 64)]
    prn: Option<String>,
    /// Name as people say it, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// E-mail address, where known.
    #[schema(format = Email)]
    email: Option<String>,
}

/// An employee to register.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewEmployee {
    /// Becomes the person's external id; unique in the organization, 1 to 64 characters.
    #[schema(min_length = 1, max_length = 64)]
    employee_id: String,
    /// Name as people say it, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// E-mail address, where known.
    #[schema(format = Email)]
    email: Option<String>,
}

/// A person of the kind `student`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Student {
    /// The person's id, the same as everywhere.
    id: PersonId,
    /// The person's external id.
    roll_no: String,
    /// The person's second id.
    prn: Option<String>,
    name: String,
    email: Option<String>,
    created_at: DateTime<Utc>,
}

/// A person of the kind `employee`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Employee {
    /// The person's id, the same as everywhere.
    id: PersonId,
    /// The person's external id.
    employee_id: String,
    name: String,
    email: Option<String>,
    created_at: DateTime<Utc>,
}

impl From<Person> for Student {
    fn from(person: Person) -> Self {
        let Person { id, external_id: roll_no, second_id: prn, name, email, created_at, .. } = person;
        Self { id, roll_no, prn, name, email, created_at }
    }
}

impl From<Person> for Employee {
    fn from(person: Person) -> Self {
        let Person { id, external_id: employee_id, name, email, created_at, .. } = person;
        Self { id, employee_id, name, email, created_at }
    }
}

/// Which students are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct StudentQuery {
    /// Only whoever has this number.
    roll_no: Option<String>,
    /// How many rows at most, 1 to 200; 50 where it is not said.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Which employees are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EmployeeQuery {
    /// Only whoever has this number.
    employee_id: Option<String>,
    /// How many rows at most, 1 to 200; 50 where it is not said.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Registers a student: a person of the kind `student` whose external id is the roll number.
#[utoipa::path(post, path = "/api/v1/students", tag = "familiar addresses", params(IdempotencyKey),
    responses((status = 201, description = "The student was registered.", body = Student)))]
pub(crate) async fn create_student(
    access: Allowed<RegisterPeople>,
    key: IdempotencyKey,
    gateway: Data<Gateway>,
    body: Json<NewStudent>,
) -> Result<HttpResponse, ApiError> {
    let NewStudent { roll_no, prn, name, email } = &*body;
    let given = Given { number: ("roll_no", roll_no), prn: prn.as_deref(), name, email: email.as_deref() };
    let person = given.parse(&access, PersonKind::Student)?;
    let made: Student = register(&access, key, &gateway, &*body, ("roll_no", person)).await?.into();
    Ok(reply::created(format!("/api/v1/students/{}", made.id), made))
}

/// Lists the students of the organization.
#[utoipa::path(get, path = "/api/v1/students", tag = "familiar addresses", params(StudentQuery),
    responses((status = 200, description = "A page of them, in the order of registration.", body = Page<Student>)))]
pub(crate) async fn list_students(
    access: Allowed<SeeDirectory>,
    gateway: Data<Gateway>,
    query: Query<StudentQuery>,
) -> Result<Json<Page<Student>>, ApiError> {
    let StudentQuery { roll_no, limit, cursor } = query.into_inner();
    list(&access, &gateway, PersonKind::Student, roll_no, PageQuery { limit, cursor }).await
}

/// Shows a student.
#[utoipa::path(get, path = "/api/v1/students/{person_id}", tag = "familiar addresses",
    params(("person_id" = PersonId, Path)), responses((status = 200, description = "The student.", body = Student)))]
pub(crate) async fn show_student(
    access: Allowed<SeeDirectory>,
    gateway: Data<Gateway>,
    path: Path<PersonId>,
) -> Result<Json<Student>, ApiError> {
    Ok(Json(find(&access, &gateway, PersonKind::Student, path.into_inner()).await?.into()))
}

/// Registers an employee: a person of the kind `employee` whose external id is the staff number.
#[utoipa::path(post, path = "/api/v1/employees", tag = "familiar addresses", params(IdempotencyKey),
    responses((status = 201, description = "The employee was registered.", body = Employee)))]
pub(crate) async fn create_employee(
    access: Allowed<RegisterPeople>,
    key: IdempotencyKey,
    gateway: Data<Gateway>,
    body: Json<NewEmployee>,
) -> Result<HttpResponse, ApiError> {
    let NewEmployee { employee_id, name, email } = &*body;
    let given = Given { number: ("employee_id", employee_id), prn: None, name, email: email.as_deref() };
    let person = given.parse(&access, PersonKind::Employee)?;
    let made: Employee = register(&access, key, &gateway, &*body, ("employee_id", person)).await?.into();
    Ok(reply::created(format!("/api/v1/employees/{}", made.id), made))
}

/// Lists the employees of the organization.
#[utoipa::path(get, path = "/api/v1/employees", tag = "familiar addresses", params(EmployeeQuery),
    responses((status = 200, description = "A page of them, in the order of registration.", body = Page<Employee>)))]
pub(crate) async fn list_employees(
    access: Allowed<SeeDirectory>,
    gateway: Data<Gateway>,
    query: Query<EmployeeQuery>,
) -> Result<Json<Page<Employee>>, ApiError> {
    let EmployeeQuery { employee_id, limit, cursor } = query.into_inner();
    list(&access, &gateway, PersonKind::Employee, employee_id, PageQuery { limit, cursor }).await
}

/// Shows an employee.
#[utoipa::path(get, path = "/api/v1/employees/{person_id}", tag = "familiar addresses",
    params(("person_id" = PersonId, Path)), responses((status = 200, description = "The employee.", body = Employee)))]
pub(crate) async fn show_employee(
    access: Allowed<SeeDirectory>,
    gateway: Data<Gateway>,
    path: Path<PersonId>,
) -> Result<Json<Employee>, ApiError> {
    Ok(Json(find(&access, &gateway, PersonKind::Employee, path.into_inner()).await?.into()))
}

/// What is said of a person who is to be registered.
struct Given<'a> {
    /// The field that becomes the external id, and its value.
    number: (&'a str, &'a str),
    prn: Option<&'a str>,
    name: &'a str,
    email: Option<&'a str>,
}

impl Given<'_> {
    fn parse(&self, access: &Allowed<RegisterPeople>, kind: PersonKind) -> Result<Person, ApiError> {
        let mut validation = Validation::default();
        let (field, number) = self.number;
        let external_id = validation.text(&format!("/{field}"), number, LONGEST_ID);
        let second_id = self.prn.map(|prn| validation.text("/prn", prn, LONGEST_ID));
        let name = validation.text("/name", self.name, LONGEST_NAME);
        let email = self.email.map(|email| validation.email("/email", email));
        let person = Person::new(access.organization_id, kind, external_id, name, clock::now());
        validation.finish(Person { second_id, email, ..person })
    }
}

/// Registers a person once; `field` is what these addresses call the external id.
async fn register(
    access: &Allowed<RegisterPeople>,
    key: IdempotencyKey,
    gateway: &Gateway,
    body: &impl Serialize,
    (field, person): (&'static str, Person),
) -> Result<Person, ApiError> {
    people::register(access, key, gateway, body, person).await.map_err(|error| match error {
        ApiError::AlreadyExists { field: "external_id" } => ApiError::AlreadyExists { field },
        ApiError::AlreadyExists { field: "second_id" } => ApiError::AlreadyExists { field: "prn" },
        other => other,
    })
}

async fn list<T: From<Person>>(
    access: &Allowed<SeeDirectory>,
    gateway: &Gateway,
    kind: PersonKind,
    external_id: Option<String>,
    query: PageQuery,
) -> Result<Json<Page<T>>, ApiError> {
    let wanted = query.read()?;
    let filter = PeopleFilter { kind: Some(kind), external_id, ..PeopleFilter::default() };
    let mut conn = gateway.connection().await?;
    let rows = store::people::list(&mut conn, access.organization_id, &filter, wanted.after, wanted.fetch()).await?;
    let page = wanted.page(rows, |row| row.id.uuid());
    Ok(Json(Page { items: page.items.into_iter().map(Into::into).collect(), next: page.next }))
}

/// The person with this id, if they are of this kind.
async fn find(
    access: &Allowed<SeeDirectory>,
    gateway: &Gateway,
    kind: PersonKind,
    id: PersonId,
) -> Result<Person, ApiError> {
    let mut conn = gateway.connection().await?;
    let found = store::people::find(&mut conn, access.organization_id, id).await?;
    if found.kind == kind { Ok(found) } else { Err(ApiError::NotFound) }
}
