//! A request that is sent again gets the answer that was given.

use domain::id::{Id, UserId};
use domain::user::{Role, User};
use serde_json::json;
use store::idempotency::{Begun, abandon, begin, finish, forget_before, look};
use store::{Conn, StoreError, users};

use crate::fixtures::{Ground, at};

async fn user(conn: &mut Conn) -> UserId {
    let new = User {
        id: Id::new(),
        organization_id: None,
        email: "a@b".to_owned(),
        role: Role::Admin,
        person_id: None,
        created_at: at(0),
    };
    users::insert(conn, &new, "hash").await.expect("a user");
    new.id
}

#[tokio::test]
async fn the_first_works_and_the_others_wait_for_its_answer() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let user = user(&mut conn).await;
    let stale = at(-60);
    assert_eq!(look(&mut conn, user, "k", &[1; 32]).await.unwrap(), None);
    assert_eq!(begin(&mut conn, user, "k", &[1; 32], at(0), stale).await.unwrap(), Begun::New);
    assert_eq!(begin(&mut conn, user, "k", &[1; 32], at(1), stale).await.unwrap(), Begun::Running);
    assert_eq!(begin(&mut conn, user, "k", &[2; 32], at(1), stale).await.unwrap(), Begun::Different);
    finish(&mut conn, user, "k", 201, Some(&json!({"id": 1}))).await.unwrap();
    let answered = Begun::Answered { status: 201, body: Some(json!({"id": 1})) };
    assert_eq!(begin(&mut conn, user, "k", &[1; 32], at(2), stale).await.unwrap(), answered);
    assert_eq!(look(&mut conn, user, "k", &[1; 32]).await.unwrap(), Some(answered));
    assert!(matches!(finish(&mut conn, user, "k", 500, None).await, Err(StoreError::NotFound)));
    assert_eq!(begin(&mut conn, user, "other", &[1; 32], at(2), stale).await.unwrap(), Begun::New);
    assert!(matches!(begin(&mut conn, Id::new(), "k", &[1; 32], at(2), stale).await, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn a_key_without_an_answer_is_given_back_taken_over_or_forgotten() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let user = user(&mut conn).await;
    begin(&mut conn, user, "k", &[1; 32], at(0), at(-60)).await.unwrap();
    abandon(&mut conn, user, "k").await.unwrap();
    assert_eq!(begin(&mut conn, user, "k", &[1; 32], at(1), at(-60)).await.unwrap(), Begun::New);
    assert_eq!(begin(&mut conn, user, "k", &[1; 32], at(90), at(30)).await.unwrap(), Begun::New, "taken over");
    assert_eq!(begin(&mut conn, user, "k", &[1; 32], at(91), at(31)).await.unwrap(), Begun::Running);

    finish(&mut conn, user, "k", 204, None).await.unwrap();
    abandon(&mut conn, user, "k").await.unwrap();
    let answered = Begun::Answered { status: 204, body: None };
    assert_eq!(look(&mut conn, user, "k", &[1; 32]).await.unwrap(), Some(answered), "an answer stays");
    assert_eq!(forget_before(&mut conn, at(90)).await.unwrap(), 0);
    assert_eq!(forget_before(&mut conn, at(91)).await.unwrap(), 1);
    assert_eq!(look(&mut conn, user, "k", &[1; 32]).await.unwrap(), None);
}
