//! People of a file: registered, changed or left as they are.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::id::{CourseId, OrganizationId, PersonId};
use domain::import::ImportProblem;
use domain::import::people::{People, Plan, plan};
use domain::person::Person;
use uuid::Uuid;

use crate::column::{moment, text};
use crate::error::StoreError;
use crate::people::{PersonRow, insert_all};
use crate::pool::Conn;
use crate::schema::people;
use crate::{rosters, templates};

/// What an import of people came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeopleImport {
    /// How many were registered.
    pub created: usize,
    /// How many were changed.
    pub updated: usize,
    /// How many were as the file says.
    pub unchanged: usize,
    /// What is wrong with the file; where there is something, nothing was written.
    pub problems: Vec<ImportProblem>,
    /// The courses whose roster is otherwise now, each with its new version.
    pub bumped: Vec<(CourseId, i64)>,
}

/// Registers the people of a file whose external id is new, and changes the others.
///
/// # Errors
/// [`StoreError::Conflict`] when somebody else takes one of the ids at the same moment.
pub async fn people(
    tx: &mut Conn,
    organization: OrganizationId,
    file: People,
    now: DateTime<Utc>,
) -> Result<PeopleImport, StoreError> {
    let planned = planned(tx, organization, file, now).await?;
    if !planned.plan.problems.is_empty() {
        return Ok(planned.outcome());
    }
    planned.carry_out(tx, organization).await?;
    let changed: Vec<Uuid> = planned.plan.changed.iter().map(|person| person.id.uuid()).collect();
    let bumped = rosters::bump_courses_of_all(tx, organization, &changed).await?;
    Ok(PeopleImport { bumped, ..planned.outcome() })
}

/// What is to be done, and what was.
pub(super) struct Planned {
    pub(super) plan: Plan,
    known: Vec<Person>,
}

/// Works out what is to be done, for people whose rows are locked from now on.
pub(super) async fn planned(
    tx: &mut Conn,
    organization: OrganizationId,
    file: People,
    now: DateTime<Utc>,
) -> Result<Planned, StoreError> {
    let ids: Vec<&str> = file.rows.iter().map(|row| row.external_id.as_str()).collect();
    let second_ids: Vec<&str> = file.rows.iter().filter_map(|row| row.second_id.as_deref()).collect();
    let rows: Vec<PersonRow> = people::table
        .filter(people::organization_id.eq(organization.uuid()))
        .filter(people::external_id.eq_any(ids).or(people::second_id.eq_any(second_ids).is_not_distinct_from(true)))
        .order(people::id)
        .select(PersonRow::as_select())
        .for_no_key_update()
        .load(tx)
        .await?;
    let known: Vec<Person> = rows.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
    Ok(Planned { plan: plan(organization, file, &known, moment(now)), known })
}

impl Planned {
    pub(super) fn outcome(&self) -> PeopleImport {
        let Plan { created, changed, unchanged, problems } = &self.plan;
        if !problems.is_empty() {
            return PeopleImport { problems: problems.clone(), ..PeopleImport::default() };
        }
        let (created, updated, unchanged) = (created.len(), changed.len(), *unchanged);
        PeopleImport { created, updated, unchanged, ..PeopleImport::default() }
    }

    /// Writes all of it but the versions of rosters.
    pub(super) async fn carry_out(&self, tx: &mut Conn, organization: OrganizationId) -> Result<(), StoreError> {
        let known: HashMap<PersonId, &Person> = self.known.iter().map(|person| (person.id, person)).collect();
        let before = |person: &Person| known.get(&person.id);
        // First of all nobody has the second ids that are to change hands.
        let moving =
            self.plan.changed.iter().filter(|now| before(now).is_some_and(|was| was.second_id != now.second_id));
        let moving: Vec<Uuid> = moving.map(|person| person.id.uuid()).collect();
        diesel::update(people::table.filter(people::id.eq_any(moving)))
            .set(people::second_id.eq(None::<String>))
            .execute(tx)
            .await?;
        update_all(tx, organization, &self.plan.changed).await?;
        insert_all(tx, &self.plan.created).await?;
        for person in &self.plan.changed {
            match (before(person).is_some_and(|was| was.is_active), person.is_active) {
                (true, false) => templates::log_removal(tx, organization, person.id).await?,
                (false, true) => templates::log_return(tx, organization, person.id).await?,
                (true, true) | (false, false) => {}
            }
        }
        Ok(())
    }
}

/// Writes people as they are now, in one statement.
async fn update_all(tx: &mut Conn, organization: OrganizationId, changed: &[Person]) -> Result<(), StoreError> {
    let Some(updated_at) = changed.first().map(|person| person.updated_at) else { return Ok(()) };
    let texts = |field: fn(&Person) -> &Option<String>| -> Vec<Option<&str>> {
        changed.iter().map(|person| field(person).as_deref()).collect()
    };
    diesel::sql_query(
        "UPDATE people SET kind = new.kind, name = new.name, second_id = new.second_id, email = new.email, \
                phone = new.phone, class = new.class, section = new.section, notes = new.notes, \
                is_active = new.is_active, updated_at = $11 \
         FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
              AS new (id, kind, name, second_id, email, phone, class, section, notes, is_active) \
         WHERE people.organization_id = $12 AND people.id = new.id",
    )
    .bind::<Array<SqlUuid>, _>(changed.iter().map(|person| person.id.uuid()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(changed.iter().map(|person| text(person.kind)).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(changed.iter().map(|person| person.name.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(texts(|person| &person.second_id))
    .bind::<Array<Nullable<Text>>, _>(texts(|person| &person.email))
    .bind::<Array<Nullable<Text>>, _>(texts(|person| &person.phone))
    .bind::<Array<Nullable<Text>>, _>(texts(|person| &person.class))
    .bind::<Array<Nullable<Text>>, _>(texts(|person| &person.section))
    .bind::<Array<Nullable<Text>>, _>(texts(|person| &person.notes))
    .bind::<Array<Bool>, _>(changed.iter().map(|person| person.is_active).collect::<Vec<_>>())
    .bind::<Timestamptz, _>(updated_at)
    .bind::<SqlUuid, _>(organization.uuid())
    .execute(tx)
    .await?;
    Ok(())
}
