//! A request that is sent again gets the answer that was given.

use domain::id::{Id, UserId};
use domain::user::{Role, User};
use serde_json::json;
use store::idempotency::{Begun, begin, finish, forget_before};
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
async fn the_first_works_and_the_others_get_its_answer() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let user = user(&mut conn).await;
    assert_eq!(begin(&mut conn, user, "k", &[1; 32], at(0)).await.unwrap(), Begun::New);
    assert_eq!(begin(&mut conn, user, "k", &[2; 32], at(1)).await.unwrap(), Begun::Different);
    finish(&mut conn, user, "k", 201, Some(&json!({"id": 1}))).await.unwrap();
    let answered = Begun::Answered { status: 201, body: Some(json!({"id": 1})) };
    assert_eq!(begin(&mut conn, user, "k", &[1; 32], at(2)).await.unwrap(), answered);
    assert!(matches!(finish(&mut conn, user, "k", 500, None).await, Err(StoreError::NotFound)));
    assert_eq!(begin(&mut conn, user, "other", &[1; 32], at(2)).await.unwrap(), Begun::New);
    assert!(matches!(begin(&mut conn, Id::new(), "k", &[1; 32], at(2)).await, Err(StoreError::NotFound)));
    assert_eq!(forget_before(&mut conn, at(0)).await.unwrap(), 0);
    assert_eq!(forget_before(&mut conn, at(1)).await.unwrap(), 1);
    assert_eq!(begin(&mut conn, user, "k", &[1; 32], at(3)).await.unwrap(), Begun::New);
}

/// One request in its transaction, which is undone where `succeeds` is false.
async fn carry_out(ground: &Ground, user: UserId, succeeds: bool) -> Option<Begun> {
    let mut conn = ground.conn().await;
    let carried_out = store::transaction::run(&mut conn, async |tx| {
        let begun = begin(tx, user, "k", &[1; 32], at(0)).await?;
        if begun == Begun::New {
            finish(tx, user, "k", 204, None).await?;
        }
        if succeeds { Ok(begun) } else { Err(StoreError::NotFound) }
    });
    carried_out.await.ok()
}

#[tokio::test]
async fn of_many_at_once_one_is_new_whatever_becomes_of_others() {
    let ground = Ground::new().await;
    let user = user(&mut *ground.conn().await).await;
    let requests = (0..8).map(|number| carry_out(&ground, user, number % 2 == 1));
    let begun = futures_util::future::join_all(requests).await;
    let count = |wanted: &Begun| begun.iter().flatten().filter(|begun| *begun == wanted).count();
    assert_eq!([count(&Begun::New), count(&Begun::Answered { status: 204, body: None })], [1, 3], "{begun:?}");
}
