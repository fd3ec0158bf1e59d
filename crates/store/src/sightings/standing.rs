//! The last word on whom a worker has found: its indexes may be a moment behind.

use std::collections::HashMap;

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::contract::ContractId;
use domain::id::PersonId;
use domain::session::Session;
use domain::sighting::{Outcome, Sighting};
use uuid::Uuid;

use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::{people, roster_entries, template_changes, templates};

/// Which of the people that `found` names may be named, locked against deletion, and whether they are on the roster: those
/// who exist, are active, and have not given up the templates of `contract` that they had.
pub(super) async fn standing(
    tx: &mut Conn,
    session: &Session,
    contract: &ContractId,
    found: &[Sighting],
) -> Result<HashMap<PersonId, bool>, StoreError> {
    let named: Vec<Uuid> = found.iter().filter_map(|s| s.person_id).map(|id| id.uuid()).collect();
    if named.is_empty() {
        return Ok(HashMap::new());
    }
    // First the locks, in one order: whoever withdraws their consent right now holds one, and the second statement sees
    // what came of it, which one statement for both would not.
    let there: Vec<Uuid> = people::table
        .filter(people::organization_id.eq(session.organization_id.uuid()))
        .filter(people::id.eq_any(named))
        .order(people::id)
        .select(people::id)
        .for_key_share()
        .load(tx)
        .await?;
    let entry = roster_entries::table
        .filter(roster_entries::course_id.eq(session.course_id.uuid()))
        .filter(roster_entries::person_id.eq(people::id));
    let held =
        templates::table.filter(templates::person_id.eq(people::id)).filter(templates::contract.eq(contract.as_str()));
    let logged = template_changes::table
        .filter(template_changes::organization_id.eq(people::organization_id))
        .filter(template_changes::person_id.eq(people::id))
        .filter(template_changes::contract.eq(contract.as_str()));
    let rows: Vec<(Uuid, bool)> = people::table
        .filter(people::id.eq_any(there))
        .filter(people::is_active)
        .filter(exists(held).or(not(exists(logged))))
        .select((people::id, exists(entry)))
        .load(tx)
        .await?;
    Ok(rows.into_iter().map(|(id, on_roster)| (id.into(), on_roster)).collect())
}

/// What a sighting comes to by its person's standing.
pub(super) fn settle(sighting: &Sighting, standing: &HashMap<PersonId, bool>) -> Sighting {
    let Some(person) = sighting.person_id else { return sighting.clone() };
    match (standing.get(&person), sighting.outcome) {
        (None, _) => Sighting { person_id: None, outcome: Outcome::Unknown, ..sighting.clone() },
        (Some(false), Outcome::Likely) => Sighting { person_id: None, outcome: Outcome::Unknown, ..sighting.clone() },
        (Some(false), Outcome::Present) => Sighting { outcome: Outcome::NotOnRoster, ..sighting.clone() },
        (Some(_), _) => sighting.clone(),
    }
}
