//! The OpenAPI document, made from the handlers and from the types that they speak.

use domain::audit::AuditAction;
use domain::event::Event;
use domain::import::oneroster::ExternalId;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{ArrayItems, Schema, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Flow, HttpAuthScheme, HttpBuilder, OAuth2, Password, Scopes, SecurityScheme,
};
use utoipa::openapi::{Content, HeaderBuilder, ObjectBuilder, Ref, RefOr, Required, Response, ResponseBuilder};
use utoipa::{Modify, OpenApi};

use crate::problem::{self, Problem};
use crate::routes::frame_stream::FrameAnswer;
use crate::routes::people::ConsentQuery;
use crate::routes::{
    archives, attendance, attendance_history, audit_log, auth, cameras, check_ins, class_photos, consents, courses,
    dead_letters, duplicates, enrollments, erasure_requests, erasures, exports, frame_stream, frames, guided_captures,
    holidays, imports, indexes, live, mark_by_picture, marking, my_face, organizations, own_attendance, passwords,
    people, person_faces, person_statistics, pins, presence, queues, recognition, records, rejections, roster,
    roster_history, series, series_preview, sessions, statistics, students, teachers, users,
};

/// The API of Rollcall.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Rollcall",
        version = "1",
        description = "Attendance by face. Times are UTC; ids are UUIDs; `similarity` is a raw cosine in -1..1, never a \
            probability. Lists come in pages: pass `next` as `cursor`. Errors are RFC 9457 problems. Administrators of \
            the installation name an organization in the header `X-Organization-Id`; other users are confined to \
            theirs.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(
        auth::create_token,
        auth::log_in,
        auth::refresh,
        auth::log_out,
        users::show_me,
    my_face::capture_myself, my_face::enroll_myself, my_face::give_my_consent, my_face::list_my_consents, my_face::list_my_enrollments, my_face::send_my_look, my_face::show_my_capture, my_face::show_my_enrollment, my_face::show_my_person, my_face::withdraw_my_consent, passwords::change_my_password, passwords::reset_password, users::change_user, users::create_user, users::delete_user, users::list_users, users::show_user,
        organizations::create_organization,
        organizations::list_organizations,
        organizations::show_organization,
        organizations::change_organization,
        organizations::set_settings,
        organizations::set_recognition_policy,
        people::create_person,
        people::list_people,
        people::show_person,
        imports::import_people,
        imports::import_oneroster,
        archives::enroll_archive,
        people::change_person,
        people::delete_person,
        person_faces::list_templates,
        person_faces::list_courses_of_person,
        consents::give_consent,
        consents::list_consents,
        consents::withdraw_consent,
        enrollments::create_enrollment,
        enrollments::list_enrollments,
        enrollments::list_all_enrollments,
        enrollments::show_enrollment,
        duplicates::confirm_distinct,
        duplicates::dismiss,
        guided_captures::create_guided_capture,
        guided_captures::show_guided_capture,
        guided_captures::send_look,
        courses::create_course,
        courses::list_courses,
        courses::show_course,
        courses::update_course,
        courses::set_course_policy,
        teachers::list_teachers,
        teachers::add_teacher,
        teachers::remove_teacher,
        roster::add_people,
        roster::list_roster,
        roster::add_person,
        roster::remove_person,
        roster_history::show_roster_history,
        series::create_series,
        series::list_series,
        series_preview::preview_series,
        series::show_series,
        series::update_series,
        series::delete_series,
        holidays::create_holiday,
        holidays::list_holidays,
        holidays::delete_holiday,
        sessions::create_session,
        sessions::list_sessions,
        sessions::show_session,
        sessions::update_session,
        sessions::cancel_session,
        sessions::start_session,
        sessions::close_session,
        attendance::list_attendance,
        attendance::list_sightings,
        marking::mark,
        marking::void_event,
        attendance_history::show_history,
        attendance_history::list_changes,
        presence::list_present,
        presence::list_present_on_day,
        own_attendance::list_attendance_of_person,
        own_attendance::list_own_attendance,
        check_ins::show_code,
        check_ins::check_in,
        check_ins::check_in_by_pin,
        pins::show_pin,
        pins::set_pin,
        pins::remove_pin,
        pins::set_own_pin,
        pins::remove_own_pin,
        recognition::show_recognition,
        rejections::reject_sighting,
        rejections::show_rejection,
        rejections::undo_rejection,
        rejections::list_rejections,
        class_photos::create_class_photo,
        class_photos::list_class_photos,
        class_photos::show_class_photo,
        class_photos::show_annotated_picture,
        frames::send_frame,
        frame_stream::stream_frames,
        cameras::create_camera,
        cameras::list_cameras,
        cameras::revoke_camera,
        erasures::erase_person,
        erasures::list_receipts,
        erasures::show_receipt_key,
        erasures::show_receipt,
        erasure_requests::request_erasure,
        erasure_requests::show_my_request,
        erasure_requests::list_requests,
        erasure_requests::decline_request,
        audit_log::list_audit_log,
        audit_log::verify_audit_log,
        indexes::show_indexes,
        indexes::rebuild_indexes,
        indexes::list_index_builds,
        indexes::show_index_build,
        queues::list_queues,
        dead_letters::list_dead_letters,
        dead_letters::retry_dead_letter,
        dead_letters::discard_dead_letter,
        live::create_ticket,
        live::watch,
        statistics::show_course_statistics,
        statistics::list_at_risk,
        statistics::list_days,
        person_statistics::show_person_statistics,
        person_statistics::show_my_statistics,
        exports::export_session,
        exports::export_course,
        mark_by_picture::mark_attendance,
        records::list_records,
        students::create_student,
        students::list_students,
        students::show_student,
        students::create_employee,
        students::list_employees,
        students::show_employee,
    ),
    // Those that no body names, but an event or a parameter does.
    components(schemas(Problem, Event, FrameAnswer, AuditAction, ConsentQuery, ExternalId)),
    security(("token" = [])),
    modifiers(&SecuritySchemes, &OrganizationHeader, &NamedRows, &ProblemsEverywhere),
)]
struct Document;

/// The document.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// The document as it is committed: indented, with a newline at the end.
///
/// # Errors
/// When the document cannot be written as JSON, which a test would show.
pub fn json() -> Result<String, serde_json::Error> {
    Ok(document().to_pretty_json()? + "\n")
}

struct SecuritySchemes;

impl Modify for SecuritySchemes {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let login = Flow::Password(Password::new("/api/v1/auth/token", Scopes::new()));
        components.add_security_scheme("token", SecurityScheme::OAuth2(OAuth2::new([login])));
        let key = ApiKey::Header(ApiKeyValue::with_description("x-api-key", "A camera's key."));
        components.add_security_scheme("camera_key", SecurityScheme::ApiKey(key));
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("A camera's key."));
        components.add_security_scheme("camera_bearer", SecurityScheme::Http(bearer.build()));
    }
}

/// Operations within an organization take its id in a header.
struct OrganizationHeader;

impl Modify for OrganizationHeader {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let elsewhere =
            ["/api/v1/auth/", "/api/v1/users/me", "/api/v1/organizations", "/api/v1/queues", "/api/v1/dead-letters"];
        for (path, item) in &mut document.paths.paths {
            if path == "/api/v1/live" || elsewhere.iter().any(|start| path.starts_with(start)) {
                continue;
            }
            for operation in operations(item) {
                operation.parameters.get_or_insert_default().push(RefOr::T(organization_header()));
            }
        }
    }
}

fn organization_header() -> Parameter {
    ParameterBuilder::new()
        .name("X-Organization-Id")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("The organization, for administrators of the installation."))
        .schema(Some(Ref::from_schema_name("Id")))
        .build()
}

/// The rows of a page are the resource's own schema, not a copy of it.
struct NamedRows;

impl Modify for NamedRows {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        for (name, schema) in &mut components.schemas {
            let (Some(row), RefOr::T(Schema::Object(page))) = (name.strip_prefix("Page_"), schema) else { continue };
            if let Some(RefOr::T(Schema::Array(items))) = page.properties.get_mut("items") {
                items.items = ArrayItems::RefOrSchema(Box::new(Ref::from_schema_name(row).into()));
            }
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, post, put, patch, delete, .. } = item;
    [get, post, put, patch, delete].into_iter().filter_map(Option::as_mut)
}

/// Every operation may answer with a problem.
struct ProblemsEverywhere;

impl Modify for ProblemsEverywhere {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        for item in document.paths.paths.values_mut() {
            for operation in operations(item) {
                operation.responses.responses.insert("default".to_owned(), RefOr::T(problem_response()));
            }
        }
    }
}

fn problem_response() -> Response {
    let seconds = ObjectBuilder::new().schema_type(Type::Integer).build();
    ResponseBuilder::new()
        .description("It was not carried out; `code` says why, see /docs/errors.md.")
        .content(problem::MEDIA_TYPE, Content::new(Some(Ref::from_schema_name("Problem"))))
        .header(
            "Retry-After",
            HeaderBuilder::new().schema(Some(seconds)).description(Some("With 429 and 503: seconds to wait.")).build(),
        )
        .build()
}
