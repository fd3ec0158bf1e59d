//! Whole rosters out of files: all of a file or, where something is wrong with it, nothing.

use std::collections::BTreeMap;
use std::io::Cursor;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data, Json, Payload, Query, block};
use domain::audit::AuditAction;
use domain::day;
use domain::import::ImportProblem;
use domain::import::archive::{Archive, ArchiveProblem, Limits};
use domain::import::oneroster::{self, ExternalId, file_name};
use domain::import::people::{self, Mapping};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use store::imports::{Imported, PeopleImport, RosterImport};
use utoipa::{IntoParams, ToSchema};

use crate::auth::access::Allowed;
use crate::auth::permission::ImportPeople;
use crate::clock;
use crate::error::ApiError;
use crate::idempotency::IdempotencyKey;
use crate::limits::{ROSTER_BYTES, TABLE_BYTES};
use crate::routes::photos::File;
use crate::routes::upload::{self, Upload};
use crate::state::Gateway;

/// Memory that a table takes while it is read: its text, its cells and its rows.
const TIMES_A_TABLE: usize = 4;
/// What a OneRoster archive may hold.
const ROSTER_LIMITS: Limits = Limits { entries: 100, entry_bytes: 32 * 1024 * 1024, total_bytes: 64 * 1024 * 1024 };

/// A table of people.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the multipart body in the OpenAPI document")]
pub(crate) struct PeopleFile {
    /// Comma-, semicolon- or tab-separated values with a heading, of at most 8 MiB and 20,000 rows.
    file: File,
    /// Which column is what; where it is left out, columns are known by their headings.
    mapping: Option<Mapping>,
}

/// A OneRoster archive.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the multipart body in the OpenAPI document")]
pub(crate) struct RosterFile {
    /// A ZIP of OneRoster 1.2 or 1.1 CSV files, of at most 16 MiB.
    file: File,
}

/// Whether something is to be written.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ImportQuery {
    /// Says what would happen, and does nothing.
    #[serde(default)]
    dry_run: bool,
}

/// How a OneRoster archive is to be read.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RosterQuery {
    /// Says what would happen, and does nothing.
    #[serde(default)]
    dry_run: bool,
    /// What of a user is the external id of the person.
    #[serde(default)]
    external_id: ExternalId,
}

/// What an import of people came to, or would come to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct PeopleImported {
    dry_run: bool,
    #[serde(flatten)]
    people: ImportCounts,
    /// What is wrong with the file: only in a dry run, else the request is refused.
    problems: Vec<ImportProblem>,
}

/// What an import of a OneRoster archive came to, or would come to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct RosterImported {
    dry_run: bool,
    people: ImportCounts,
    courses: ImportCounts,
    /// Entries that rosters got, and lost.
    roster_added: usize,
    roster_removed: usize,
    /// Teachers that courses got, and lost.
    teachers_added: usize,
    teachers_removed: usize,
    /// Teachers of the files whose e-mail address no account has.
    teachers_unknown: usize,
    /// What is wrong with the files: only in a dry run, else the request is refused.
    problems: Vec<ImportProblem>,
}

/// How many of one kind are new, changed and as they were.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub(crate) struct ImportCounts {
    created: usize,
    updated: usize,
    unchanged: usize,
}

impl From<Imported> for ImportCounts {
    fn from(counts: Imported) -> Self {
        Self { created: counts.created, updated: counts.updated, unchanged: counts.unchanged }
    }
}

impl From<&PeopleImport> for ImportCounts {
    fn from(import: &PeopleImport) -> Self {
        Self { created: import.created, updated: import.updated, unchanged: import.unchanged }
    }
}

/// Registers the people of a table, and changes those who are registered already, by their external id.
///
/// All of them or, where something is wrong with a row, none: with `dry_run` the answer tells what is wrong, line by line;
/// without, the request is refused with the same. An empty cell leaves what is known as it is.
#[utoipa::path(post, path = "/api/v1/people/imports", tag = "imports", params(ImportQuery, IdempotencyKey),
    request_body(content = PeopleFile, content_type = "multipart/form-data"),
    responses((status = 200, description = "They are registered, or would be.", body = PeopleImported)))]
pub(crate) async fn import_people(
    access: Allowed<ImportPeople>,
    key: IdempotencyKey,
    gateway: Data<Gateway>,
    query: Query<ImportQuery>,
    request: HttpRequest,
    payload: Payload,
) -> Result<Json<PeopleImported>, ApiError> {
    let organization_id = access.organization_id;
    let upload = upload::read(&gateway, &request, payload, TABLE_BYTES).await?;
    let _memory = gateway.admission.admit(upload.file.len() * TIMES_A_TABLE)?;
    let (mapping, file): (Mapping, _) = (upload.mapping()?, upload.file.clone());
    let asked = (digest(&upload), &mapping);
    let once = key.of(&access.actor, Some(organization_id), &asked)?;
    let reading = mapping.clone();
    let table = block(move || people::read(&file, &reading)).await.map_err(ApiError::internal)?;
    if query.dry_run {
        let mut conn = gateway.connection().await?;
        let rehearsed = store::transaction::rehearse(&mut conn, async |tx| {
            store::imports::people(tx, organization_id, table, clock::now()).await
        });
        let import = rehearsed.await?;
        return Ok(Json(PeopleImported { dry_run: true, people: (&import).into(), problems: import.problems }));
    }
    let mut bumped = Vec::new();
    let imported = once
        .run(&gateway, StatusCode::OK, async |tx| {
            let import = store::imports::people(tx, organization_id, table, clock::now()).await?;
            refuse(&import.problems)?;
            let counts = ImportCounts::from(&import);
            let details = json!({"format": "table", "people": counts});
            store::audit::append(tx, &access.entry(AuditAction::PeopleImported, None, details)).await?;
            bumped = import.bumped;
            Ok(PeopleImported { dry_run: false, people: counts, problems: Vec::new() })
        })
        .await?;
    gateway.raise_course_versions(&bumped).await;
    gateway.raise_template_revision(organization_id).await;
    Ok(Json(imported))
}

/// Takes over students, classes, rosters and teachers of a OneRoster archive.
///
/// Students become people, classes courses; whoever teaches a class here has the e-mail address of a user. All of it or,
/// where something is wrong with a row, nothing. What the files do not name is left as it is.
#[utoipa::path(post, path = "/api/v1/people/imports/oneroster", tag = "imports", params(RosterQuery, IdempotencyKey),
    request_body(content = RosterFile, content_type = "multipart/form-data"),
    responses((status = 200, description = "It is taken over, or would be.", body = RosterImported)))]
pub(crate) async fn import_oneroster(
    access: Allowed<ImportPeople>,
    key: IdempotencyKey,
    gateway: Data<Gateway>,
    query: Query<RosterQuery>,
    request: HttpRequest,
    payload: Payload,
) -> Result<Json<RosterImported>, ApiError> {
    let organization_id = access.organization_id;
    let upload = upload::read(&gateway, &request, payload, ROSTER_BYTES).await?;
    let once = key.of(&access.actor, Some(organization_id), &(digest(&upload), query.external_id))?;
    let file = upload.file.clone();
    let opened = block(move || Archive::open(Cursor::new(file), ROSTER_LIMITS)).await.map_err(ApiError::internal)?;
    let archive = opened.map_err(|problem| refused_archive(&problem))?;
    let wanted: u64 = archive.entries().iter().filter(|entry| file_name(&entry.path).is_some()).map(|e| e.bytes).sum();
    let _memory =
        gateway.admission.admit(usize::try_from(wanted).unwrap_or(usize::MAX).saturating_mul(TIMES_A_TABLE))?;
    let mut conn = gateway.connection().await?;
    let zone = store::organizations::find(&mut conn, organization_id).await?.time_zone;
    drop(conn);
    let today = day::of(clock::now(), zone.parse().unwrap_or(chrono_tz::UTC));
    let external_id = query.external_id;
    let roster = block(move || Ok::<_, ArchiveProblem>(oneroster::read(&unpack(archive)?, external_id, today)))
        .await
        .map_err(ApiError::internal)?
        .map_err(|problem| refused_archive(&problem))?;
    if query.dry_run {
        let mut conn = gateway.connection().await?;
        let rehearsed = store::transaction::rehearse(&mut conn, async |tx| {
            store::imports::oneroster(tx, organization_id, roster, clock::now()).await
        });
        return Ok(Json(shown(true, rehearsed.await?)));
    }
    let mut bumped = Vec::new();
    let imported = once
        .run(&gateway, StatusCode::OK, async |tx| {
            let mut import = store::imports::oneroster(tx, organization_id, roster, clock::now()).await?;
            refuse(&import.people.problems)?;
            bumped = std::mem::take(&mut import.people.bumped);
            let imported = shown(false, import);
            let details = json!({
                "format": "oneroster", "people": imported.people, "courses": imported.courses,
                "roster_added": imported.roster_added, "roster_removed": imported.roster_removed,
                "teachers_added": imported.teachers_added, "teachers_removed": imported.teachers_removed,
            });
            store::audit::append(tx, &access.entry(AuditAction::PeopleImported, None, details)).await?;
            Ok(imported)
        })
        .await?;
    gateway.raise_course_versions(&bumped).await;
    gateway.raise_template_revision(organization_id).await;
    Ok(Json(imported))
}

fn shown(dry_run: bool, import: RosterImport) -> RosterImported {
    RosterImported {
        dry_run,
        people: (&import.people).into(),
        courses: import.courses.into(),
        roster_added: import.added,
        roster_removed: import.removed,
        teachers_added: import.teachers_added,
        teachers_removed: import.teachers_removed,
        teachers_unknown: import.teachers_unknown,
        problems: import.people.problems,
    }
}

/// The files of an archive that are read.
fn unpack(mut archive: Archive<Cursor<Bytes>>) -> Result<BTreeMap<String, Vec<u8>>, ArchiveProblem> {
    let entries = archive.entries().to_vec();
    let mut files = BTreeMap::new();
    for (name, entry) in entries.iter().filter_map(|entry| Some((file_name(&entry.path)?, entry))) {
        files.insert(name.to_owned(), archive.read(entry)?);
    }
    Ok(files)
}

fn digest(upload: &Upload) -> String {
    hex::encode(Sha256::digest(&upload.file))
}

/// Refuses a file with which something is wrong.
fn refuse(problems: &[ImportProblem]) -> Result<(), ApiError> {
    if problems.is_empty() { Ok(()) } else { Err(ApiError::import_refused(problems)) }
}

/// Refuses an archive that cannot be read.
pub(crate) fn refused_archive(problem: &ArchiveProblem) -> ApiError {
    ApiError::import_refused(&[ImportProblem::whole(problem.code(), problem.to_string())])
}
