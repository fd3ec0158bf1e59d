//! Counting how people stood.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{Array, Int4, Int8, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::event::PersonLabel;
use domain::id::{OrganizationId, PersonId, SessionId};
use domain::statistics::Tally;
use uuid::Uuid;

use crate::error::StoreError;
use crate::pool::Conn;

/// How people stood in some sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counted {
    /// How many times they stood how.
    pub tally: Tally,
    /// How many different people were expected.
    pub expected_people: i64,
    /// How many different people were there.
    pub attended_people: i64,
}

/// How one person stood in some sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonTally {
    /// Who.
    pub person: PersonLabel,
    /// How many times they stood how.
    pub tally: Tally,
}

/// How people stood in groups of sessions: each session comes with the number of its group. Groups in which nobody has
/// attendance are left out. Counts one person where one is named.
///
/// # Errors
/// Only those of the database.
pub async fn grouped(
    conn: &mut Conn,
    organization: OrganizationId,
    person: Option<PersonId>,
    sessions: impl IntoIterator<Item = (SessionId, i32)>,
) -> Result<HashMap<i32, Counted>, StoreError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Int4)]
        number: i32,
        #[diesel(embed)]
        tally: TallyRow,
        #[diesel(sql_type = Int8)]
        expected_people: i64,
        #[diesel(sql_type = Int8)]
        attended_people: i64,
    }
    let (ids, numbers): (Vec<Uuid>, Vec<i32>) =
        sessions.into_iter().map(|(session, number)| (session.uuid(), number)).unzip();
    let rows: Vec<Row> = diesel::sql_query(GROUPED)
        .bind::<SqlUuid, _>(organization.uuid())
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<Int4>, _>(numbers)
        .bind::<Nullable<SqlUuid>, _>(person.map(PersonId::uuid))
        .load(conn)
        .await?;
    let counted = rows.into_iter().map(|row| {
        let Row { number, tally, expected_people, attended_people } = row;
        (number, Counted { tally: tally.into(), expected_people, attended_people })
    });
    Ok(counted.collect())
}

const GROUPED: &str = "
    SELECT g.number,
        count(*) FILTER (WHERE a.state = 'present') AS present,
        count(*) FILTER (WHERE a.state = 'late') AS late,
        count(*) FILTER (WHERE a.state = 'left_early') AS left_early,
        count(*) FILTER (WHERE a.state = 'absent') AS absent,
        count(*) FILTER (WHERE a.state = 'excused') AS excused,
        count(DISTINCT a.person_id) FILTER (WHERE a.state <> 'excused') AS expected_people,
        count(DISTINCT a.person_id) FILTER (WHERE a.state IN ('present', 'late', 'left_early')) AS attended_people
    FROM unnest($2, $3) AS g (session_id, number)
    JOIN attendance a ON a.session_id = g.session_id
    WHERE a.organization_id = $1 AND ($4 IS NULL OR a.person_id = $4)
    GROUP BY g.number";

/// How each person stood in some sessions, by external id. Who has attendance in none of them is left out.
///
/// # Errors
/// Only those of the database.
pub async fn by_person(
    conn: &mut Conn,
    organization: OrganizationId,
    sessions: &[SessionId],
) -> Result<Vec<PersonTally>, StoreError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        person_id: Uuid,
        #[diesel(sql_type = Text)]
        external_id: String,
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(embed)]
        tally: TallyRow,
    }
    let ids: Vec<Uuid> = sessions.iter().map(|id| id.uuid()).collect();
    let rows: Vec<Row> = diesel::sql_query(BY_PERSON)
        .bind::<SqlUuid, _>(organization.uuid())
        .bind::<Array<SqlUuid>, _>(ids)
        .load(conn)
        .await?;
    let tallies = rows.into_iter().map(|row| {
        let Row { person_id, external_id, name, tally } = row;
        PersonTally { person: PersonLabel { person_id: person_id.into(), external_id, name }, tally: tally.into() }
    });
    Ok(tallies.collect())
}

const BY_PERSON: &str = "
    SELECT p.id AS person_id, p.external_id, p.name,
        count(*) FILTER (WHERE a.state = 'present') AS present,
        count(*) FILTER (WHERE a.state = 'late') AS late,
        count(*) FILTER (WHERE a.state = 'left_early') AS left_early,
        count(*) FILTER (WHERE a.state = 'absent') AS absent,
        count(*) FILTER (WHERE a.state = 'excused') AS excused
    FROM attendance a
    JOIN people p ON p.organization_id = a.organization_id AND p.id = a.person_id
    WHERE a.organization_id = $1 AND a.session_id = ANY($2)
    GROUP BY p.id
    ORDER BY p.external_id, p.id";

#[derive(QueryableByName)]
struct TallyRow {
    #[diesel(sql_type = Int8)]
    present: i64,
    #[diesel(sql_type = Int8)]
    late: i64,
    #[diesel(sql_type = Int8)]
    left_early: i64,
    #[diesel(sql_type = Int8)]
    absent: i64,
    #[diesel(sql_type = Int8)]
    excused: i64,
}

impl From<TallyRow> for Tally {
    fn from(row: TallyRow) -> Self {
        let TallyRow { present, late, left_early, absent, excused } = row;
        Self { present, late, left_early, absent, excused }
    }
}
