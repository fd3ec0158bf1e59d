//! What attendance is counted over.

use std::ops::RangeInclusive;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use diesel::sql_types::{Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::id::{CourseId, OrganizationId, PersonId, SessionId};
use domain::session::{Session, SessionState};
use domain::statistics::Tally;
use store::statistics::{WantedSessions, by_person, grouped, marks, records, sessions_on};
use store::{Conn, StoreError};

use crate::fixtures::{Ground, at, class, course, evidence, frame, new_session, seen};

fn days(from: &str, to: &str) -> RangeInclusive<NaiveDate> {
    from.parse().expect("a day")..=to.parse().expect("a day")
}

fn all(days: &RangeInclusive<NaiveDate>) -> WantedSessions<'_> {
    WantedSessions { days, courses: None, person: None, state: None }
}

async fn planned(conn: &mut Conn, ground: &Ground, course: CourseId, starts_at: &str) -> Session {
    let starts_at = starts_at.parse::<DateTime<Utc>>().expect("a time");
    let new = Session { starts_at, ..new_session(ground.organization, course) };
    store::sessions::insert(conn, &new).await.expect("a session");
    new
}

async fn set_zone(conn: &mut Conn, course: CourseId, zone: Option<&str>) {
    let update = diesel::sql_query("UPDATE courses SET time_zone = $1 WHERE id = $2");
    let update = update.bind::<Nullable<Text>, _>(zone).bind::<SqlUuid, _>(course.uuid());
    update.execute(conn).await.expect("a course");
}

async fn zone(conn: &mut Conn, organization: OrganizationId, course: CourseId) -> Result<Tz, StoreError> {
    let course = store::courses::find(conn, organization, course).await?;
    store::zones::of_course(conn, &course).await
}

#[tokio::test]
async fn a_session_belongs_to_the_day_of_its_course() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    // The organization's zone is Asia/Kolkata; this course is taught in Zurich.
    let (here, abroad) =
        (course(&mut conn, ground.organization, "A").await, course(&mut conn, ground.organization, "B").await);
    set_zone(&mut conn, abroad, Some("Europe/Zurich")).await;
    assert_eq!(zone(&mut conn, ground.organization, here).await.unwrap().name(), "Asia/Kolkata");
    assert_eq!(zone(&mut conn, ground.organization, abroad).await.unwrap().name(), "Europe/Zurich");

    let starts = [
        // Midnight in Kolkata.
        (here, "2026-03-28T18:29:59Z", "2026-03-28"),
        (here, "2026-03-28T18:30:00Z", "2026-03-29"),
        // In Zurich the 29th of March has 23 hours, and the 25th of October 25.
        (abroad, "2026-03-28T22:59:59Z", "2026-03-28"),
        (abroad, "2026-03-28T23:00:00Z", "2026-03-29"),
        (abroad, "2026-03-29T21:59:59Z", "2026-03-29"),
        (abroad, "2026-03-29T22:00:00Z", "2026-03-30"),
        (abroad, "2026-10-25T22:59:59Z", "2026-10-25"),
        (abroad, "2026-10-25T23:00:00Z", "2026-10-26"),
    ];
    for (course, starts_at, _) in starts {
        planned(&mut conn, &ground, course, starts_at).await;
    }
    let found = sessions_on(&mut conn, ground.organization, &all(&days("1970-01-01", "9999-12-31"))).await.unwrap();
    let mut dated: Vec<_> = found.expect("not too many").into_iter().map(|s| (s.starts_at, s.day)).collect();
    dated.sort_unstable();
    let mut expected: Vec<(DateTime<Utc>, NaiveDate)> =
        starts.iter().map(|(_, starts_at, day)| (starts_at.parse().unwrap(), day.parse().unwrap())).collect();
    expected.sort_unstable();
    assert_eq!(dated, expected);
    for (_, starts_at, day) in starts {
        let of_day = sessions_on(&mut conn, ground.organization, &all(&days(day, day))).await.unwrap();
        let of_day = of_day.expect("not too many");
        assert!(of_day.iter().any(|s| s.starts_at == starts_at.parse::<DateTime<Utc>>().unwrap()), "{starts_at}");
        assert!(of_day.iter().all(|s| s.day == day.parse::<NaiveDate>().unwrap()), "{day}");
    }
    assert!(zone(&mut conn, ground.another("B").await.organization, here).await.is_err());
}

/// Sessions of a course at hours 0, 1 and 2: the first two people come to all, the third leaves the roster after the first
/// and the fourth joins after it. The second is excused from the last.
async fn term(ground: &Ground) -> (CourseId, Vec<PersonId>, Vec<SessionId>) {
    let mut conn = ground.conn().await;
    let (course, people) = class(ground, 4).await;
    store::rosters::remove(&mut conn, ground.organization, course, &people[3..], at(1)).await.expect("a roster");
    let mut sessions = Vec::new();
    for hour in 0..3 {
        let begin = 3600 * hour;
        if hour == 1 {
            store::rosters::remove(&mut conn, ground.organization, course, &people[2..3], at(begin))
                .await
                .expect("a roster");
            store::rosters::add(&mut conn, ground.organization, course, &people[3..], at(begin))
                .await
                .expect("a roster");
        }
        let new = Session { starts_at: at(begin), ..new_session(ground.organization, course) };
        store::sessions::insert(&mut conn, &new).await.expect("a session");
        let session =
            store::sessions::start(&mut conn, ground.organization, new.id, at(begin)).await.expect("it is active");
        for (person, minutes) in [(people[0], 1), (people[1], 11)] {
            let time = begin + 60 * minutes;
            let result = seen(&[person], at(time + 1));
            store::sightings::record(&mut conn, &frame(&session, at(time)), &result, &evidence())
                .await
                .expect("it is recorded");
        }
        store::sessions::close(&mut conn, ground.organization, session.id, at(begin + 3000))
            .await
            .expect("it is closed");
        sessions.push(session.id);
    }
    let excuse = diesel::sql_query("UPDATE attendance SET state = 'excused' WHERE session_id = $1 AND person_id = $2");
    let excuse = excuse.bind::<SqlUuid, _>(sessions[2].uuid()).bind::<SqlUuid, _>(people[1].uuid());
    excuse.execute(&mut conn).await.expect("a row");
    (course, people, sessions)
}

#[tokio::test]
async fn people_are_held_to_the_sessions_of_their_time() {
    let ground = Ground::new().await;
    let (course, people, sessions) = term(&ground).await;
    let mut conn = ground.conn().await;
    let tallies = by_person(&mut conn, ground.organization, &sessions).await.unwrap();
    let found: Vec<_> = tallies.iter().map(|row| (row.person.external_id.as_str(), row.tally)).collect();
    let expected = [
        ("1", Tally { present: 3, ..Tally::default() }),
        ("2", Tally { late: 2, excused: 1, ..Tally::default() }),
        ("3", Tally { absent: 1, ..Tally::default() }),
        ("4", Tally { absent: 2, ..Tally::default() }),
    ];
    assert_eq!(found, expected);

    // Grouped: the first session, and the two others.
    let groups = [(sessions[0], 7), (sessions[1], 8), (sessions[2], 8)];
    let counted = grouped(&mut conn, ground.organization, None, groups).await.unwrap();
    assert_eq!(counted.len(), 2);
    assert_eq!(counted[&7].tally, Tally { present: 1, late: 1, absent: 1, ..Tally::default() });
    assert_eq!((counted[&7].expected_people, counted[&7].attended_people), (3, 2));
    assert_eq!(counted[&8].tally, Tally { present: 2, late: 1, absent: 2, excused: 1, ..Tally::default() });
    assert_eq!((counted[&8].expected_people, counted[&8].attended_people), (3, 2));
    let of_one = grouped(&mut conn, ground.organization, Some(people[3]), groups).await.unwrap();
    assert_eq!(of_one.get(&7), None);
    assert_eq!(of_one[&8].tally, Tally { absent: 2, ..Tally::default() });

    // Another organization sees nothing of it, even where it knows the ids.
    let other = ground.another("Other").await.organization;
    assert_eq!(by_person(&mut conn, other, &sessions).await.unwrap(), []);
    assert!(grouped(&mut conn, other, None, groups).await.unwrap().is_empty());
    assert_eq!(marks(&mut conn, other, &sessions).await.unwrap(), []);
    assert_eq!(records(&mut conn, other, &sessions, None, None, 10).await.unwrap(), []);

    // And the listings narrow down.
    let whole = days("2026-09-01", "2026-09-01");
    let narrowed = async |conn: &mut Conn, courses: Option<&[CourseId]>, person, state| {
        let wanted = WantedSessions { days: &whole, courses, person, state };
        sessions_on(conn, ground.organization, &wanted).await.unwrap().expect("not too many").len()
    };
    assert_eq!(narrowed(&mut conn, None, None, None).await, 3);
    assert_eq!(narrowed(&mut conn, Some(&[course]), None, Some(SessionState::Closed)).await, 3);
    assert_eq!(narrowed(&mut conn, Some(&[]), None, None).await, 0);
    assert_eq!(narrowed(&mut conn, None, Some(people[3]), None).await, 2);
    assert_eq!(narrowed(&mut conn, None, None, Some(SessionState::Active)).await, 0);
}

#[tokio::test]
async fn records_are_listed_in_pages() {
    let ground = Ground::new().await;
    let (_, people, sessions) = term(&ground).await;
    let mut conn = ground.conn().await;
    let whole = records(&mut conn, ground.organization, &sessions, None, None, 100).await.unwrap();
    let all_marks = marks(&mut conn, ground.organization, &sessions).await.unwrap();
    assert_eq!((whole.len(), all_marks.len()), (9, 9));
    let mut walked = Vec::new();
    let mut after = None;
    loop {
        let page = records(&mut conn, ground.organization, &sessions, None, after, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.cursor());
        walked.extend(page);
    }
    assert_eq!(walked, whole);
    let of_one = records(&mut conn, ground.organization, &sessions, Some(people[3]), None, 100).await.unwrap();
    assert_eq!(of_one.iter().map(|record| record.session_id).collect::<Vec<_>>(), sessions[1..]);
}
