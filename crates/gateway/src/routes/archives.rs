//! Photos of many people in one archive, each in a folder of their own.

use std::io::Cursor;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data, Payload, Query, block};
use actix_web::{HttpRequest, HttpResponse};
use domain::id::{EnrollmentId, OrganizationId, PersonId};
use domain::import::archive::{Archive, Entry, Limits};
use domain::import::photos::{Folder, folders};
use domain::person::PersonKind;
use domain::picture::MAX_BYTES;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::Conn;
use store::enrollments::NewPhoto;
use store::imports::{FolderPhotos, Taken};
use utoipa::{IntoParams, ToSchema};

use crate::auth::access::Allowed;
use crate::auth::permission::EnrollFaces;
use crate::clock;
use crate::error::ApiError;
use crate::idempotency::IdempotencyKey;
use crate::jobs::publish_enrollment;
use crate::limits::MULTIPART_BYTES;
use crate::routes::imports::refused_archive;
use crate::routes::photos::File;
use crate::routes::upload;
use crate::state::Gateway;

/// What an archive may hold. Pictures are packed already: unpacked it is hardly larger.
const LIMITS: Limits =
    Limits { entries: 20_000, entry_bytes: 2 * MULTIPART_BYTES as u64, total_bytes: 2 * MULTIPART_BYTES as u64 };
const MOST_FOLDERS: usize = 1000;
/// How long telling the workers of all folders may take; the sweep tells them of the rest.
const PUBLISH_TIME: Duration = Duration::from_secs(5);

/// An archive of photos.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the multipart body in the OpenAPI document")]
pub(crate) struct PhotoArchive {
    /// A ZIP of at most 64 MiB and 1000 folders, each named after a person (`S001_Ada Lovelace`), with 1 to 20 JPEG, PNG or
    /// still WebP pictures of at most 10 MiB and 40 megapixels.
    file: File,
}

/// How an archive is to be taken.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ArchiveQuery {
    /// Says what would happen, and does nothing.
    #[serde(default)]
    dry_run: bool,
    /// What those are who are registered with it.
    #[serde(default = "students")]
    #[param(default = "student")]
    kind: PersonKind,
}

fn students() -> PersonKind {
    PersonKind::Student
}

/// What an archive came to, or would come to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ArchiveTaken {
    dry_run: bool,
    /// How many folders became enrollments.
    enrolled: usize,
    /// How many did not.
    refused: usize,
    /// Files that are in no folder, or whose ending is not that of a picture.
    ignored_files: usize,
    /// In the order of their names.
    folders: Vec<FolderTaken>,
}

/// What a folder came to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct FolderTaken {
    folder: String,
    external_id: Option<String>,
    /// Pictures in it.
    photos: usize,
    /// Those of them that cannot be read.
    unreadable: usize,
    /// Whether the person was registered with it.
    registered: bool,
    /// Whose photos they are; `null` in a dry run and where it was refused.
    person_id: Option<PersonId>,
    /// Follow it as any enrollment; `null` in a dry run and where it was refused.
    enrollment_id: Option<EnrollmentId>,
    /// Why nobody was enrolled: `invalid_name`, `too_many`, `duplicate`, `name_missing`, `photos_unusable` or
    /// `consent_required`; `null` where somebody was.
    code: Option<String>,
    /// The same in words.
    detail: Option<String>,
}

/// Enrolls many people with an archive of photos: one folder for each, named `S001_Ada Lovelace`.
///
/// Whoever has not that external id is registered. Each folder becomes an enrollment or says why not; the others are taken
/// all the same. Follow each enrollment at its address.
#[utoipa::path(post, path = "/api/v1/enrollments/archives", tag = "imports", params(ArchiveQuery, IdempotencyKey),
    request_body(content = PhotoArchive, content_type = "multipart/form-data"),
    responses((status = 202, description = "The photos will be looked at, or would be.", body = ArchiveTaken)))]
pub(crate) async fn enroll_archive(
    access: Allowed<EnrollFaces>,
    key: IdempotencyKey,
    gateway: Data<Gateway>,
    query: Query<ArchiveQuery>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let organization_id = access.organization_id;
    let upload = upload::read(&gateway, &request, payload, MULTIPART_BYTES).await?;
    let once =
        key.of(&access.actor, Some(organization_id), &(hex::encode(Sha256::digest(&upload.file)), query.kind))?;
    let file = upload.file.clone();
    let mut opened = block(move || Opened::new(file)).await.map_err(ApiError::internal)??;
    // One folder at a time is unpacked, and sealed beside that.
    let _memory = gateway.admission.admit(opened.largest_folder().saturating_mul(2))?;
    let of = (organization_id, query.kind);
    if query.dry_run {
        let mut conn = gateway.connection().await?;
        let rehearsed =
            store::transaction::rehearse(&mut conn, async |tx| take(&gateway, tx, &mut opened, of, |_| ()).await);
        let mut taken = rehearsed.await?;
        taken.dry_run = true;
        for folder in &mut taken.folders {
            (folder.person_id, folder.enrollment_id) = (None, None);
        }
        return Ok(HttpResponse::Accepted().json(taken));
    }
    let mut stored_now: Vec<Taken> = Vec::new();
    let taken = once
        .run(&gateway, StatusCode::ACCEPTED, async |tx| {
            let answer = take(&gateway, tx, &mut opened, of, |taken| stored_now.push(taken)).await?;
            for taken in &stored_now {
                for (action, subject, details) in taken.told() {
                    store::audit::append(tx, &access.entry(action, subject, details)).await?;
                }
            }
            Ok(answer)
        })
        .await?;
    let publishing = async {
        for taken in stored_now {
            publish_enrollment(&gateway, organization_id, taken.enrollment_id).await;
        }
    };
    if tokio::time::timeout(PUBLISH_TIME, publishing).await.is_err() {
        tracing::warn!("jobs of an archive are left to the sweep");
    }
    Ok(HttpResponse::Accepted().json(taken))
}

/// Makes enrollments of all folders that can be.
async fn take(
    gateway: &Gateway,
    tx: &mut Conn,
    opened: &mut Opened,
    (organization_id, kind): (OrganizationId, PersonKind),
    mut tell: impl FnMut(Taken),
) -> Result<ArchiveTaken, ApiError> {
    let mut told = Vec::new();
    for folder in std::mem::take(&mut opened.folders) {
        let mut answer = FolderTaken::new(&folder);
        match folder.owner.clone() {
            Err(problem) => answer.refuse(problem.code(), problem.to_string()),
            Ok(owner) => {
                let photos = opened.photos(folder).await?;
                answer.unreadable = photos.iter().filter(|photo| photo.image.is_err()).count();
                let folder = FolderPhotos { owner, kind, photos };
                match store::imports::folder(tx, &gateway.sealer, organization_id, folder, clock::now()).await? {
                    Ok(taken) => {
                        answer.registered = taken.is_new;
                        (answer.person_id, answer.enrollment_id) = (Some(taken.person_id), Some(taken.enrollment_id));
                        tell(taken);
                    }
                    Err(refusal) => answer.refuse(refusal.code(), refusal.to_string()),
                }
            }
        }
        told.push(answer);
    }
    let refused = told.iter().filter(|folder| folder.code.is_some()).count();
    let (enrolled, ignored_files) = (told.len() - refused, opened.ignored);
    Ok(ArchiveTaken { dry_run: false, enrolled, refused, ignored_files, folders: told })
}

impl FolderTaken {
    fn new(folder: &Folder<Entry>) -> Self {
        Self {
            folder: folder.name.clone(),
            external_id: folder.owner.as_ref().ok().map(|owner| owner.external_id.clone()),
            photos: folder.pictures.len(),
            unreadable: 0,
            registered: false,
            person_id: None,
            enrollment_id: None,
            code: None,
            detail: None,
        }
    }

    fn refuse(&mut self, code: &str, detail: String) {
        (self.code, self.detail) = (Some(code.to_owned()), Some(detail));
    }
}

/// An archive that was looked through.
struct Opened {
    /// `None` only while a folder is unpacked.
    archive: Option<Archive<Cursor<Bytes>>>,
    folders: Vec<Folder<Entry>>,
    ignored: usize,
}

impl Opened {
    fn new(file: Bytes) -> Result<Self, ApiError> {
        let archive = Archive::open(Cursor::new(file), LIMITS).map_err(|problem| refused_archive(&problem))?;
        let files: Vec<(Vec<String>, Entry)> =
            archive.entries().iter().map(|entry| (entry.path.clone(), entry.clone())).collect();
        let (folders, ignored) = folders(files);
        if folders.is_empty() || folders.len() > MOST_FOLDERS {
            let detail = format!("must hold 1 to {MOST_FOLDERS} folders with pictures");
            return Err(ApiError::invalid("/file", "count", detail));
        }
        Ok(Self { archive: Some(archive), folders, ignored })
    }

    /// In bytes, without those that are too large to be read.
    fn largest_folder(&self) -> usize {
        let bytes = |folder: &Folder<Entry>| {
            folder.pictures.iter().map(|(_, entry)| entry.bytes).filter(|bytes| *bytes <= MAX_BYTES as u64).sum::<u64>()
        };
        let taken = self.folders.iter().filter(|folder| folder.owner.is_ok());
        usize::try_from(taken.map(bytes).max().unwrap_or_default()).unwrap_or(usize::MAX)
    }

    /// The photos of a folder, unpacked and inspected.
    async fn photos(&mut self, folder: Folder<Entry>) -> Result<Vec<NewPhoto>, ApiError> {
        let taken = self.archive.take().ok_or_else(|| ApiError::internal("an archive that is read twice at once"))?;
        let unpacking = move || {
            let mut archive = taken;
            let unpacked =
                folder.pictures.iter().map(|(name, entry)| NewPhoto::unpacked(name, archive.read_photo(entry)));
            let photos: Vec<NewPhoto> = unpacked.collect();
            (archive, photos)
        };
        let (archive, photos) = block(unpacking).await.map_err(ApiError::internal)?;
        self.archive = Some(archive);
        Ok(photos)
    }
}
