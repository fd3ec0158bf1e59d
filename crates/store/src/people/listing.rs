//! Finding people by what is known of them.

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::id::{CourseId, OrganizationId};
use domain::person::{ConsentState, Person, PersonKind};
use uuid::Uuid;

use super::PersonRow;
use crate::column::{containing, text};
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::{people, roster_entries, templates};

/// Which people are wanted; `None` everywhere: all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeopleFilter {
    /// A part of name, external id, second id or e-mail address, in whatever case.
    pub search: Option<String>,
    /// Students or employees.
    pub kind: Option<PersonKind>,
    /// Whoever has exactly this external id.
    pub external_id: Option<String>,
    /// Exactly this class.
    pub class: Option<String>,
    /// Exactly this section.
    pub section: Option<String>,
    /// Whether they are active.
    pub is_active: Option<bool>,
    /// Those on the roster of this course.
    pub course: Option<CourseId>,
    /// Whether there are templates of their face.
    pub is_enrolled: Option<bool>,
    /// What is on record of their consent; `Some(None)`: nothing.
    pub consent: Option<Option<ConsentState>>,
}

/// The organization's people who pass `filter`, after `after`, at most `limit`.
///
/// # Errors
/// Only those of the database.
pub async fn list(
    conn: &mut Conn,
    organization: OrganizationId,
    filter: &PeopleFilter,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Person>, StoreError> {
    let mut query = people::table
        .filter(people::organization_id.eq(organization.uuid()))
        .filter(people::id.gt(after.unwrap_or(Uuid::nil())))
        .order(people::id)
        .limit(limit)
        .select(PersonRow::as_select())
        .into_boxed();
    if let Some(search) = &filter.search {
        let pattern = containing(search);
        let named = people::name.ilike(pattern.clone()).or(people::external_id.ilike(pattern.clone()));
        // Not `or` with what may be NULL: that would be NULL too.
        let known = people::second_id.is_not_null().and(people::second_id.assume_not_null().ilike(pattern.clone()));
        let written = people::email.is_not_null().and(people::email.assume_not_null().ilike(pattern));
        query = query.filter(named.or(known).or(written));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(people::kind.eq(text(kind)));
    }
    if let Some(external_id) = &filter.external_id {
        query = query.filter(people::external_id.eq(external_id.clone()));
    }
    if let Some(class) = &filter.class {
        query = query.filter(people::class.eq(class.clone()));
    }
    if let Some(section) = &filter.section {
        query = query.filter(people::section.eq(section.clone()));
    }
    if let Some(is_active) = filter.is_active {
        query = query.filter(people::is_active.eq(is_active));
    }
    if let Some(course) = filter.course {
        let on_roster = roster_entries::table
            .filter(roster_entries::course_id.eq(course.uuid()))
            .filter(roster_entries::organization_id.eq(organization.uuid()))
            .select(roster_entries::person_id);
        query = query.filter(people::id.eq_any(on_roster));
    }
    if let Some(is_enrolled) = filter.is_enrolled {
        let of_them = templates::table.filter(templates::person_id.eq(people::id));
        query = if is_enrolled { query.filter(exists(of_them)) } else { query.filter(not(exists(of_them))) };
    }
    query = match filter.consent {
        None => query,
        Some(None) => query.filter(people::consent.is_null()),
        Some(Some(state)) => query.filter(people::consent.eq(text(state))),
    };
    let rows: Vec<PersonRow> = query.load(conn).await?;
    rows.into_iter().map(TryInto::try_into).collect()
}
