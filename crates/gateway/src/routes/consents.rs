//! Who agreed to be recognised, and who does so no more.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path, Query};
use chrono::{DateTime, TimeDelta, Utc};
use domain::audit::AuditAction;
use domain::consent::{Consent, ConsentPurpose};
use domain::id::{ConsentId, OrganizationId, PersonId, UserId};
use domain::person::{ConsentState, LONGEST_NAME};
use domain::wire::Page;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::consents::Withdrawal;
use utoipa::ToSchema;

use crate::auth::access::Allowed;
use crate::auth::permission::{RecordConsents, SeeDirectory};
use crate::clock;
use crate::error::ApiError;
use crate::idempotency::IdempotencyKey;
use crate::page::PageQuery;
use crate::reply;
use crate::state::Gateway;
use crate::validation::Validation;

const LONGEST_VERSION: usize = 64;
/// By how much the clock of whoever tells may be ahead of ours.
const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// A consent that was given.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewConsent {
    #[serde(default)]
    purpose: ConsentPurpose,
    /// Which version of the text was agreed to, 1 to 64 characters.
    #[schema(min_length = 1, max_length = 64)]
    version: String,
    /// When; now where it is not said. A form may have been signed earlier, but not later.
    at: Option<DateTime<Utc>>,
    /// Name of the guardian who agreed for the person; left out where the person did.
    #[schema(min_length = 1, max_length = 200)]
    guardian: Option<String>,
}

/// A consent that is withdrawn.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewWithdrawal {
    #[serde(default)]
    purpose: ConsentPurpose,
    /// When it was said; now where it is not said.
    at: Option<DateTime<Utc>>,
    /// Name of the guardian who said so for the person.
    #[schema(min_length = 1, max_length = 200)]
    guardian: Option<String>,
}

/// A consent that was withdrawn, and what is gone with it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsentWithdrawn {
    consent: Consent,
    erased: ErasedFace,
}

/// What of a face was erased.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErasedFace {
    templates: usize,
    /// Photos of enrollments that were kept.
    photos: usize,
    /// Enrollments that were not finished and are given up.
    enrollments: usize,
    /// Guided captures that were not finished and are given up.
    guided_captures: usize,
}

/// About whom something is written down, and who does so.
#[derive(Debug, Clone, Copy)]
pub(crate) struct About {
    pub organization_id: OrganizationId,
    pub person_id: PersonId,
    pub recorded_by: UserId,
}

impl NewConsent {
    pub(crate) fn parse(&self, about: About) -> Result<Consent, ApiError> {
        let mut validation = Validation::default();
        let version = validation.text("/version", &self.version, LONGEST_VERSION);
        let said = Said { purpose: self.purpose, at: self.at, guardian: self.guardian.as_deref() };
        let consent = said.check(&mut validation, about);
        validation.finish(Consent { state: ConsentState::Given, version: Some(version), ..consent })
    }
}

impl NewWithdrawal {
    pub(crate) fn parse(&self, about: About) -> Result<Consent, ApiError> {
        let mut validation = Validation::default();
        let said = Said { purpose: self.purpose, at: self.at, guardian: self.guardian.as_deref() };
        let consent = said.check(&mut validation, about);
        validation.finish(consent)
    }
}

struct Said<'a> {
    purpose: ConsentPurpose,
    at: Option<DateTime<Utc>>,
    guardian: Option<&'a str>,
}

impl Said<'_> {
    fn check(&self, validation: &mut Validation, about: About) -> Consent {
        let now = clock::now();
        let guardian = self.guardian.map(|name| validation.text("/guardian", name, LONGEST_NAME));
        if self.at.is_some_and(|at| at > now + AHEAD) {
            validation.wrong("/at", "out_of_range", "must not be in the future");
        }
        Consent {
            id: ConsentId::new(),
            organization_id: about.organization_id,
            person_id: about.person_id,
            purpose: self.purpose,
            state: ConsentState::Withdrawn,
            version: None,
            at: self.at.unwrap_or(now),
            recorded_at: now,
            guardian,
            recorded_by: Some(about.recorded_by),
        }
    }
}

/// What the audit log is told of a consent: neither names nor the text.
pub(crate) fn details(consent: &Consent) -> serde_json::Value {
    json!({"consent_id": consent.id, "version": consent.version, "by_guardian": consent.guardian.is_some()})
}

/// The same of a withdrawal.
pub(crate) fn withdrawal_details(withdrawal: &Withdrawal) -> serde_json::Value {
    let (consent, erased) = (&withdrawal.consent, withdrawal.erased);
    json!({
        "consent_id": consent.id, "by_guardian": consent.guardian.is_some(), "templates": erased.templates,
        "photos": erased.photos, "enrollments": erased.enrollments, "guided_captures": erased.captures,
    })
}

/// Tells the workers of a withdrawal, and answers with it.
pub(crate) async fn told(gateway: &Gateway, withdrawal: Withdrawal) -> Json<ConsentWithdrawn> {
    gateway.raise_course_versions(&withdrawal.bumped).await;
    gateway.raise_template_revision(withdrawal.consent.organization_id).await;
    let erased = ErasedFace {
        templates: withdrawal.erased.templates,
        photos: withdrawal.erased.photos,
        enrollments: withdrawal.erased.enrollments,
        guided_captures: withdrawal.erased.captures,
    };
    Json(ConsentWithdrawn { consent: withdrawal.consent, erased })
}

/// Writes down that a person consents to be recognised.
#[utoipa::path(post, path = "/api/v1/people/{person_id}/consents", tag = "consents",
    params(("person_id" = PersonId, Path), IdempotencyKey),
    responses((status = 201, description = "It is on record.", body = Consent)))]
pub(crate) async fn give_consent(
    access: Allowed<RecordConsents>,
    key: IdempotencyKey,
    gateway: Data<Gateway>,
    path: Path<PersonId>,
    body: Json<NewConsent>,
) -> Result<HttpResponse, ApiError> {
    let person_id = path.into_inner();
    let about = About { organization_id: access.organization_id, person_id, recorded_by: access.actor.user_id };
    let consent = body.parse(about)?;
    let once = key.of(&access.actor, Some(access.organization_id), &*body)?;
    let made = once
        .run(&gateway, StatusCode::CREATED, async |tx| {
            let recorded = store::consents::record(tx, &consent).await?.consent;
            let entry = access.entry(AuditAction::ConsentGiven, person_id.uuid(), details(&recorded));
            store::audit::append(tx, &entry).await?;
            Ok(recorded)
        })
        .await?;
    Ok(reply::created(format!("/api/v1/people/{person_id}/consents"), made))
}

/// Lists what is on record about a person's consent; the last one counts.
#[utoipa::path(get, path = "/api/v1/people/{person_id}/consents", tag = "consents",
    params(("person_id" = PersonId, Path), PageQuery),
    responses((status = 200, description = "A page of them, oldest first.", body = Page<Consent>)))]
pub(crate) async fn list_consents(
    access: Allowed<SeeDirectory>,
    gateway: Data<Gateway>,
    path: Path<PersonId>,
    query: Query<PageQuery>,
) -> Result<Json<Page<Consent>>, ApiError> {
    listed(&gateway, access.organization_id, path.into_inner(), &query).await
}

/// One page of a person's consents.
pub(crate) async fn listed(
    gateway: &Gateway,
    organization_id: OrganizationId,
    person_id: PersonId,
    query: &PageQuery,
) -> Result<Json<Page<Consent>>, ApiError> {
    let wanted = query.read()?;
    let mut conn = gateway.connection().await?;
    store::people::find(&mut conn, organization_id, person_id).await?;
    let rows = store::consents::list(&mut conn, organization_id, person_id, wanted.after, wanted.fetch()).await?;
    Ok(Json(wanted.page(rows, |row| row.id.uuid())))
}

/// Writes down that a person consents no more, and forgets their face.
///
/// Templates and retained photos are erased at once, enrollments that were not finished are given up, and from the next
/// frame on no worker recognises the person. They are not enrolled again until they consent anew. Attendance stays.
#[utoipa::path(post, path = "/api/v1/people/{person_id}/consents/withdraw", tag = "consents",
    params(("person_id" = PersonId, Path)),
    responses((status = 200, description = "It is on record, and the face is forgotten.", body = ConsentWithdrawn)))]
pub(crate) async fn withdraw_consent(
    access: Allowed<RecordConsents>,
    gateway: Data<Gateway>,
    path: Path<PersonId>,
    body: Json<NewWithdrawal>,
) -> Result<Json<ConsentWithdrawn>, ApiError> {
    let person_id = path.into_inner();
    let about = About { organization_id: access.organization_id, person_id, recorded_by: access.actor.user_id };
    let consent = body.parse(about)?;
    let withdrawal = gateway
        .change(async |tx| {
            let withdrawal = store::consents::record(tx, &consent).await?;
            let details = withdrawal_details(&withdrawal);
            let entry = access.entry(AuditAction::ConsentWithdrawn, person_id.uuid(), details);
            store::audit::append(tx, &entry).await?;
            Ok(withdrawal)
        })
        .await?;
    Ok(told(&gateway, withdrawal).await)
}
