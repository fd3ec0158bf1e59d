//! What a worker needs to recognise the people of a course.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::contract::ContractId;
use domain::enrollment::Template;
use domain::event::PersonLabel;
use domain::id::{CourseId, OrganizationId};

use crate::error::StoreError;
use crate::people::LabelRow;
use crate::pool::Conn;
use crate::schema::{people, roster_entries, templates};
use crate::sealer::Sealer;
use crate::templates::TemplateRow;

/// A roster as it was at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Roster {
    /// Its version.
    pub version: i64,
    /// Everybody on it, also those without a template, by id.
    pub people: Vec<PersonLabel>,
    /// Their templates of one contract.
    pub templates: Vec<Template>,
}

/// A course's people and their templates of `contract`, all as of one version; `None` when the organization has no
/// such course.
///
/// # Errors
/// [`StoreError::Corrupt`] when a template does not open.
pub async fn load(
    conn: &mut Conn,
    sealer: &Sealer,
    organization: OrganizationId,
    course: CourseId,
    contract: &ContractId,
) -> Result<Option<Roster>, StoreError> {
    let mut snapshot = conn.build_transaction().repeatable_read().read_only();
    let read = snapshot.run(async |tx| {
        let Some(version) = super::version(tx, organization, course).await? else {
            return Ok::<_, StoreError>(None);
        };
        let on_roster = roster_entries::table
            .filter(roster_entries::organization_id.eq(organization.uuid()))
            .filter(roster_entries::course_id.eq(course.uuid()))
            .select(roster_entries::person_id);
        let labels: Vec<LabelRow> = people::table
            .filter(people::organization_id.eq(organization.uuid()))
            .filter(people::id.eq_any(on_roster))
            .order(people::id)
            .select(LabelRow::as_select())
            .load(tx)
            .await?;
        let sealed: Vec<TemplateRow> = templates::table
            .filter(templates::organization_id.eq(organization.uuid()))
            .filter(templates::person_id.eq_any(on_roster))
            .filter(templates::contract.eq(contract.as_str()))
            .order(templates::id)
            .select(TemplateRow::as_select())
            .load(tx)
            .await?;
        Ok(Some((version, labels, sealed)))
    });
    let Some((version, labels, sealed)) = read.await? else { return Ok(None) };
    let people = labels.into_iter().map(Into::into).collect();
    Ok(Some(Roster { version, people, templates: crate::templates::open(sealer, sealed).await? }))
}
