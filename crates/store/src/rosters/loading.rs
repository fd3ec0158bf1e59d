//! What a worker needs to recognise the people of a course.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::contract::ContractId;
use domain::enrollment::{Gallery, Template, TemplateOrigin};
use domain::event::PersonLabel;
use domain::id::{CourseId, OrganizationId};
use domain::organization::{Organization, RecognitionPolicy};
use domain::rejection::RejectedFaces;

use crate::column::text;
use crate::courses;
use crate::error::StoreError;
use crate::organizations;
use crate::people::LabelRow;
use crate::pool::Conn;
use crate::rejections;
use crate::schema::{people, person_keys, roster_entries, templates};
use crate::sealer::Sealer;
use crate::templates::TemplateRow;

/// A roster as it was at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Roster {
    /// Its version.
    pub version: i64,
    /// Everybody on it who is active, also those without a template, by id.
    pub people: Vec<PersonLabel>,
    /// Those of their templates, of one contract, that are searched.
    pub templates: Vec<Template>,
    /// The organization, with its policy and the contract that its people are recognised with.
    pub organization: Organization,
    /// How people are recognised in this course: what it says itself comes before what its organization wants.
    pub recognition: RecognitionPolicy,
    /// Faces of the same contract that are not to be taken for people of the organization again.
    pub rejected: RejectedFaces,
}

/// A course's active people and their templates, of `contract` or else of the organization's, that are in `gallery`, all as of
/// one version; `None` when the organization has no such course.
///
/// # Errors
/// [`StoreError::Corrupt`] when a template does not open.
pub async fn load(
    conn: &mut Conn,
    sealer: &Sealer,
    organization: OrganizationId,
    course: CourseId,
    contract: Option<&ContractId>,
    gallery: Gallery,
) -> Result<Option<Roster>, StoreError> {
    let mut snapshot = conn.build_transaction().repeatable_read().read_only();
    let read = snapshot.run(async |tx| {
        let Some(version) = super::version(tx, organization, course).await? else {
            return Ok::<_, StoreError>(None);
        };
        let owner = organizations::find(tx, organization).await?;
        let recognition = courses::find(tx, organization, course).await?.policy.recognition(owner.policy);
        let contract = contract.or(owner.contract.as_ref()).map_or("", ContractId::as_str).to_owned();
        let origins: Vec<String> = [TemplateOrigin::Original, TemplateOrigin::Augmented, TemplateOrigin::Pooled]
            .into_iter()
            .filter(|origin| gallery.holds(*origin))
            .map(text)
            .collect();
        // People, templates and keys in one statement: a row for each template, or one for somebody without any.
        let theirs = templates::person_id
            .eq(people::id)
            .and(templates::contract.eq(contract.clone()))
            .and(templates::origin.eq_any(origins));
        let rows: Vec<(LabelRow, Option<TemplateRow>, Option<Vec<u8>>)> = roster_entries::table
            .inner_join(people::table.on(people::id.eq(roster_entries::person_id)))
            .left_join(templates::table.on(theirs))
            .left_join(person_keys::table.on(person_keys::person_id.eq(people::id)))
            .filter(roster_entries::organization_id.eq(organization.uuid()))
            .filter(roster_entries::course_id.eq(course.uuid()))
            .filter(people::is_active)
            .order((people::id, templates::id))
            .select((LabelRow::as_select(), Option::<TemplateRow>::as_select(), person_keys::key.nullable()))
            .load(tx)
            .await?;
        let rejected = rejections::heeded(tx, organization, course, &contract).await?;
        Ok(Some((version, owner, recognition, rows, rejected)))
    });
    let Some((version, owner, recognition, rows, rejected)) = read.await? else { return Ok(None) };
    let mut people: Vec<PersonLabel> = Vec::new();
    let mut sealed = Vec::new();
    for (label, template, key) in rows {
        let label = PersonLabel::from(label);
        if people.last().is_none_or(|last| last.person_id != label.person_id) {
            people.push(label);
        }
        sealed.extend(template.map(|template| (template, key)));
    }
    let templates = crate::templates::open(sealer, sealed).await?;
    let rejected = rejections::open(sealer, rejected).await?.into_iter().collect();
    Ok(Some(Roster { version, people, templates, organization: owner, recognition, rejected }))
}
