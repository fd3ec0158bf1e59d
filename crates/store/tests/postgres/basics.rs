//! Organizations, users, people, courses and cameras: what goes in comes out, and clashes are told.

use domain::id::{Id, UserId};
use domain::organization::Organization;
use domain::person::{Person, PersonKind};
use domain::session::Camera;
use domain::user::{Role, User};
use store::courses::CourseFilter;
use store::people::PeopleFilter;
use store::{StoreError, cameras, courses, organizations, people, users};

use crate::fixtures::{Ground, at, course, new_organization, new_person, organization, person};

fn check_conflict<T: std::fmt::Debug>(result: Result<T, StoreError>, expected: &str) {
    match result {
        Err(StoreError::Conflict { what }) => assert_eq!(what, expected),
        other => panic!("{other:?} is no conflict about {expected}"),
    }
}

#[tokio::test]
async fn organizations_are_listed_in_pages() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let second = organization(&mut conn, "Second").await;
    let third = organization(&mut conn, "Third").await;
    let found = organizations::find(&mut conn, second).await.unwrap();
    let expected = Organization { id: second, ..new_organization("Second") };
    assert_eq!(found, expected);
    let page = organizations::list(&mut conn, None, 2).await.unwrap();
    assert_eq!(page.iter().map(|o| o.id).collect::<Vec<_>>(), [ground.organization, second]);
    let page = organizations::list(&mut conn, Some(second.uuid()), 2).await.unwrap();
    assert_eq!(page.iter().map(|o| o.id).collect::<Vec<_>>(), [third]);
    check_conflict(organizations::insert(&mut conn, &Organization { id: Id::new(), ..expected }).await, "name");
}

#[tokio::test]
async fn users_log_in_by_their_address_in_any_case() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let new = User {
        id: Id::new(),
        organization_id: Some(ground.organization),
        email: "Head@Example.org".to_owned(),
        role: Role::Teacher,
        person_id: None,
        created_at: at(0),
    };
    users::insert(&mut conn, &new, "hash").await.unwrap();
    let stored = User { email: "head@example.org".to_owned(), ..new.clone() };
    let found = users::find_login(&mut conn, "HEAD@example.org").await.unwrap();
    assert_eq!(found, Some((stored.clone(), "hash".to_owned())));
    assert_eq!(users::find(&mut conn, new.id).await.unwrap(), stored);
    assert_eq!(users::find_login(&mut conn, "nobody@example.org").await.unwrap(), None);
    assert!(matches!(users::find(&mut conn, UserId::new()).await, Err(StoreError::NotFound)));
    check_conflict(users::insert(&mut conn, &User { id: Id::new(), ..new.clone() }, "hash").await, "email");
    let lost = User { id: Id::new(), email: "x@y".to_owned(), organization_id: Some(Id::new()), ..new };
    assert!(matches!(users::insert(&mut conn, &lost, "hash").await, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn people_are_found_listed_named_and_changed() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let new = Person {
        kind: PersonKind::Employee,
        email: Some("p@example.org".to_owned()),
        ..new_person(ground.organization, "PRN-1")
    };
    people::insert(&mut conn, &new).await.unwrap();
    let second = person(&mut conn, ground.organization, "PRN-2").await;
    assert_eq!(people::find(&mut conn, ground.organization, new.id).await.unwrap(), new);
    let page =
        people::list(&mut conn, ground.organization, &PeopleFilter::default(), Some(new.id.uuid()), 10).await.unwrap();
    assert_eq!(page.iter().map(|p| p.id).collect::<Vec<_>>(), [second]);
    check_conflict(people::insert(&mut conn, &new_person(ground.organization, "PRN-1")).await, "external_id");

    let labels = people::labels(&mut conn, ground.organization, &[second, new.id, Id::new()]).await.unwrap();
    let named: Vec<&str> = labels.iter().map(|l| l.external_id.as_str()).collect();
    assert_eq!(named, ["PRN-1", "PRN-2"]);

    let on = course(&mut conn, ground.organization, "A").await;
    store::rosters::add(&mut conn, ground.organization, on, &[new.id], at(0)).await.unwrap();
    let renamed = Person { name: "Renamed".to_owned(), email: None, ..new.clone() };
    assert_eq!(people::update(&mut conn, &renamed).await.unwrap(), [(on, 3)]);
    assert_eq!(people::find(&mut conn, ground.organization, new.id).await.unwrap(), renamed);
    let clashing = Person { external_id: "PRN-2".to_owned(), ..renamed };
    check_conflict(people::update(&mut conn, &clashing).await, "external_id");
}

#[tokio::test]
async fn courses_have_a_code_of_their_own() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let first = course(&mut conn, ground.organization, "A").await;
    let second = course(&mut conn, ground.organization, "B").await;
    let found = courses::find(&mut conn, ground.organization, first).await.unwrap();
    assert_eq!((found.code.as_str(), found.roster_version), ("A", 1));
    let page =
        courses::list(&mut conn, ground.organization, &CourseFilter::default(), Some(first.uuid()), 10).await.unwrap();
    assert_eq!(page.iter().map(|c| c.id).collect::<Vec<_>>(), [second]);
    let clashing = domain::course::Course { id: Id::new(), ..found };
    check_conflict(courses::insert(&mut conn, &clashing).await, "code");
}

#[tokio::test]
async fn a_revoked_camera_is_nobody() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let course = course(&mut conn, ground.organization, "A").await;
    let new = Camera {
        id: Id::new(),
        organization_id: ground.organization,
        name: "Door".to_owned(),
        course_id: Some(course),
        session_id: None,
        created_at: at(0),
        revoked_at: None,
        last_seen_at: None,
    };
    cameras::insert(&mut conn, &new, &[7; 32]).await.unwrap();
    check_conflict(cameras::insert(&mut conn, &Camera { id: Id::new(), ..new.clone() }, &[7; 32]).await, "key");
    assert_eq!(cameras::find_by_key_hash(&mut conn, &[7; 32]).await.unwrap(), Some(new.clone()));
    assert_eq!(cameras::find_by_key_hash(&mut conn, &[8; 32]).await.unwrap(), None);

    let revoked = cameras::revoke(&mut conn, ground.organization, new.id, at(5)).await.unwrap();
    assert_eq!((revoked.0.revoked_at, revoked.1), (Some(at(5)), true));
    let again = cameras::revoke(&mut conn, ground.organization, new.id, at(9)).await.unwrap();
    assert_eq!(again, (revoked.0.clone(), false));
    assert_eq!(cameras::find_by_key_hash(&mut conn, &[7; 32]).await.unwrap(), None);
    assert_eq!(cameras::list(&mut conn, ground.organization, None, 10).await.unwrap(), [revoked.0]);
}
