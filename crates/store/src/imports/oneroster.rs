//! People, courses, rosters and teachers of a OneRoster archive.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::course::Course;
use domain::id::{CourseId, OrganizationId, PersonId, UserId};
use domain::import::oneroster::{CourseRow, Roster};
use domain::policy::CoursePolicy;
use domain::user::Role;
use uuid::Uuid;

use super::people::{PeopleImport, planned};
use crate::column::{moment, text};
use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::{courses, people, roster_entries, users};
use crate::{rosters, teachers};

/// How many of one kind are new, changed and as they were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    /// New ones.
    pub created: usize,
    /// Those that changed.
    pub updated: usize,
    /// Those that are as the file says.
    pub unchanged: usize,
}

/// What an import came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RosterImport {
    /// The people, what is wrong, and the courses whose roster is otherwise now.
    pub people: PeopleImport,
    /// The courses.
    pub courses: Imported,
    /// Entries that rosters got.
    pub added: usize,
    /// Entries that rosters lost.
    pub removed: usize,
    /// Teachers that courses got.
    pub teachers_added: usize,
    /// Teachers that courses lost.
    pub teachers_removed: usize,
    /// Teachers who have no account here, by address.
    pub teachers_unknown: usize,
}

/// Carries out what the files say.
///
/// A class is the course with its code and no section; one that is not there is made. Nobody is taken off a roster whom
/// the files do not name.
///
/// # Errors
/// [`StoreError::Conflict`] when somebody else takes an id or a code at the same moment.
pub async fn oneroster(
    tx: &mut Conn,
    organization: OrganizationId,
    mut roster: Roster,
    now: DateTime<Utc>,
) -> Result<RosterImport, StoreError> {
    let planned = planned(tx, organization, roster.take_people(), now).await?;
    let people = planned.outcome();
    if !people.problems.is_empty() {
        return Ok(RosterImport { people, ..RosterImport::default() });
    }
    planned.carry_out(tx, organization).await?;
    lock_courses(tx, organization).await?;
    let mut import = RosterImport { people, ..RosterImport::default() };
    let ids = settle_courses(tx, organization, &roster.courses, &mut import.courses, now).await?;
    let mut versions: BTreeMap<CourseId, i64> = BTreeMap::new();
    settle_rosters(tx, organization, &roster, &ids, &mut import, &mut versions, now).await?;
    settle_teachers(tx, organization, &roster, &ids, &mut import, now).await?;
    let changed: Vec<Uuid> = planned.plan.changed.iter().map(|person| person.id.uuid()).collect();
    versions.extend(rosters::bump_courses_of_all(tx, organization, &changed).await?);
    import.people.bumped = versions.into_iter().collect();
    Ok(import)
}

/// All of them at once, so that nobody who wants several of them waits for us while we wait for them.
async fn lock_courses(tx: &mut Conn, organization: OrganizationId) -> Result<(), StoreError> {
    courses::table
        .filter(courses::organization_id.eq(organization.uuid()))
        .order(courses::id)
        .select(courses::id)
        .for_no_key_update()
        .load::<Uuid>(tx)
        .await?;
    Ok(())
}

/// Makes and changes courses, and answers with their ids in the order of the rows.
async fn settle_courses(
    tx: &mut Conn,
    organization: OrganizationId,
    rows: &[CourseRow],
    counts: &mut Imported,
    now: DateTime<Utc>,
) -> Result<Vec<CourseId>, StoreError> {
    let codes: Vec<&str> = rows.iter().map(|row| row.code.as_str()).collect();
    let known: Vec<(Uuid, String, String, bool)> = courses::table
        .filter(courses::organization_id.eq(organization.uuid()))
        .filter(courses::section.eq(""))
        .filter(courses::code.eq_any(codes))
        .select((courses::id, courses::code, courses::title, courses::is_active))
        .load(tx)
        .await?;
    let known: HashMap<String, (Uuid, String, bool)> =
        known.into_iter().map(|(id, code, title, is_active)| (code, (id, title, is_active))).collect();
    let mut ids = Vec::with_capacity(rows.len());
    for row in rows {
        let Some((id, title, is_active)) = known.get(&row.code) else {
            let course = new_course(organization, row, now);
            crate::courses::insert(tx, &course).await?;
            counts.created += 1;
            ids.push(course.id);
            continue;
        };
        ids.push((*id).into());
        if (title, is_active) == (&row.title, &row.is_active) {
            counts.unchanged += 1;
            continue;
        }
        diesel::update(courses::table.find(id))
            .set((courses::title.eq(&row.title), courses::is_active.eq(row.is_active)))
            .execute(tx)
            .await?;
        counts.updated += 1;
    }
    Ok(ids)
}

fn new_course(organization: OrganizationId, row: &CourseRow, now: DateTime<Utc>) -> Course {
    Course {
        id: CourseId::new(),
        organization_id: organization,
        code: row.code.clone(),
        section: String::new(),
        title: row.title.clone(),
        time_zone: None,
        is_active: row.is_active,
        policy: CoursePolicy::default(),
        roster_version: 1,
        created_at: moment(now),
    }
}

async fn settle_rosters(
    tx: &mut Conn,
    organization: OrganizationId,
    roster: &Roster,
    courses: &[CourseId],
    import: &mut RosterImport,
    versions: &mut BTreeMap<CourseId, i64>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let people = people_by_id(tx, organization, roster).await?;
    let mut wanted: BTreeMap<CourseId, BTreeMap<PersonId, bool>> = BTreeMap::new();
    for member in &roster.members {
        let Some(person) = people.get(&member.external_id) else { continue };
        // Somebody who left and came back has two rows: one that holds is enough.
        *wanted.entry(courses[member.course]).or_default().entry(*person).or_default() |= member.is_member;
    }
    for (course, members) in wanted {
        let on_it: HashSet<Uuid> = roster_entries::table
            .filter(roster_entries::organization_id.eq(organization.uuid()))
            .filter(roster_entries::course_id.eq(course.uuid()))
            .select(roster_entries::person_id)
            .load(tx)
            .await?
            .into_iter()
            .collect();
        let differing = |is_member: bool| -> Vec<PersonId> {
            let named = members.iter().filter(|(_, wanted)| **wanted == is_member).map(|(person, _)| *person);
            named.filter(|person| on_it.contains(&person.uuid()) != is_member).collect()
        };
        let (coming, going) = (differing(true), differing(false));
        if !coming.is_empty() {
            versions.insert(course, rosters::add(tx, organization, course, &coming, now).await?);
        }
        if !going.is_empty() {
            versions.insert(course, rosters::remove(tx, organization, course, &going, now).await?);
        }
        import.added += coming.len();
        import.removed += going.len();
    }
    Ok(())
}

async fn people_by_id(
    tx: &mut Conn,
    organization: OrganizationId,
    roster: &Roster,
) -> Result<HashMap<String, PersonId>, StoreError> {
    let ids: HashSet<&str> = roster.members.iter().map(|member| member.external_id.as_str()).collect();
    let rows: Vec<(String, Uuid)> = people::table
        .filter(people::organization_id.eq(organization.uuid()))
        .filter(people::external_id.eq_any(ids))
        .select((people::external_id, people::id))
        .load(tx)
        .await?;
    Ok(rows.into_iter().map(|(external_id, id)| (external_id, id.into())).collect())
}

async fn settle_teachers(
    tx: &mut Conn,
    organization: OrganizationId,
    roster: &Roster,
    courses: &[CourseId],
    import: &mut RosterImport,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let emails: HashSet<&str> = roster.teachers.iter().map(|teacher| teacher.email.as_str()).collect();
    let known: Vec<(String, Uuid)> = users::table
        .filter(users::organization_id.eq(organization.uuid()))
        .filter(users::email.eq_any(&emails))
        .filter(users::role.ne(text(Role::Member)))
        .select((users::email, users::id))
        .load(tx)
        .await?;
    let known: HashMap<String, UserId> = known.into_iter().map(|(email, id)| (email, id.into())).collect();
    import.teachers_unknown = emails.len() - known.len();
    let mut wanted: BTreeMap<(CourseId, UserId), bool> = BTreeMap::new();
    for teacher in &roster.teachers {
        let Some(user) = known.get(&teacher.email) else { continue };
        *wanted.entry((courses[teacher.course], *user)).or_default() |= teacher.is_teacher;
    }
    for ((course, user), is_teacher) in wanted {
        if is_teacher {
            import.teachers_added += usize::from(teachers::add(tx, organization, course, user, now).await?);
        } else {
            import.teachers_removed += usize::from(teachers::remove(tx, organization, course, user).await?);
        }
    }
    Ok(())
}
