//! Who may log in, as what, and how long.

use domain::id::{Id, LoginId, OrganizationId, UserId};
use domain::lockout::LockoutPolicy;
use domain::user::{Login, Role, User};
use store::lockouts::{self, Failed};
use store::logins::{self, Exchanged, NewRefreshToken};
use store::users::changes::{self, UserChange};
use store::users::{self, UserFilter};
use store::{Conn, StoreError};

use crate::fixtures::{Ground, at, organization, person};

async fn user(conn: &mut Conn, organization: Option<OrganizationId>, role: Role) -> UserId {
    let id = UserId::new();
    let new = User {
        id,
        organization_id: organization,
        email: format!("{id}@example.org"),
        role,
        person_id: None,
        created_at: at(0),
    };
    users::insert(conn, &new, "hash").await.expect("a user");
    id
}

fn token(number: u8, seconds: i64) -> NewRefreshToken {
    NewRefreshToken { hash: [number; 32], created_at: at(seconds), expires_at: at(seconds + 1000) }
}

async fn begin(conn: &mut Conn, user_id: UserId, number: u8) -> LoginId {
    let login = Login { id: Id::new(), user_id, created_at: at(0) };
    logins::begin(conn, &login, &token(number, 0)).await.expect("a login");
    login.id
}

fn disabled(disabled: bool) -> UserChange {
    UserChange { disabled: Some(disabled), ..UserChange::default() }
}

fn role(role: Role) -> UserChange {
    UserChange { role: Some(role), ..UserChange::default() }
}

fn check_last_admin<T: std::fmt::Debug>(result: &Result<T, StoreError>) {
    assert!(matches!(result, Err(StoreError::Conflict { what: "last_admin" })), "{result:?}");
}

#[tokio::test]
async fn an_organization_keeps_an_admin() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let here = ground.organization;
    let elsewhere = organization(&mut conn, "Elsewhere").await;
    user(&mut conn, Some(elsewhere), Role::Admin).await;
    let (first, second) =
        (user(&mut conn, Some(here), Role::Admin).await, user(&mut conn, Some(here), Role::Admin).await);

    let (before, after) = changes::change(&mut conn, here, second, &role(Role::Teacher), at(1)).await.unwrap();
    assert_eq!((before.user.role, after.user.role), (Role::Admin, Role::Teacher));
    check_last_admin(&changes::change(&mut conn, here, first, &role(Role::Member), at(1)).await);
    check_last_admin(&changes::change(&mut conn, here, first, &disabled(true), at(1)).await);
    check_last_admin(&changes::delete(&mut conn, here, first).await);

    // A disabled one administers nothing.
    changes::change(&mut conn, here, second, &role(Role::Admin), at(2)).await.unwrap();
    let (_, after) = changes::change(&mut conn, here, second, &disabled(true), at(3)).await.unwrap();
    assert_eq!(after.disabled_at, Some(at(3)));
    check_last_admin(&changes::delete(&mut conn, here, first).await);
    changes::change(&mut conn, here, second, &disabled(false), at(4)).await.unwrap();
    changes::delete(&mut conn, here, first).await.unwrap();
    assert!(matches!(users::find_account(&mut conn, here, first).await, Err(StoreError::NotFound)));
    assert!(matches!(changes::delete(&mut conn, elsewhere, second).await, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn of_two_admins_who_resign_at_once_one_stays() {
    let ground = Ground::new().await;
    for _ in 0..5 {
        let here = organization(&mut *ground.conn().await, &Id::<User>::new().to_string()).await;
        let mut conn = ground.conn().await;
        let (first, second) =
            (user(&mut conn, Some(here), Role::Admin).await, user(&mut conn, Some(here), Role::Admin).await);
        let resign =
            async |id| changes::change(&mut *ground.conn().await, here, id, &role(Role::Member), at(1)).await.is_ok();
        let (one, other) = tokio::join!(resign(first), resign(second));
        assert!(one != other, "{one} {other}");
    }
}

#[tokio::test]
async fn a_user_changes_in_what_is_said() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let here = ground.organization;
    let (id, other) =
        (user(&mut conn, Some(here), Role::Member).await, user(&mut conn, Some(here), Role::Member).await);
    let person = person(&mut conn, here, "S1").await;
    let change = UserChange {
        email: Some("New@Example.org".to_owned()),
        person_id: Some(Some(person)),
        ..UserChange::default()
    };
    changes::change(&mut conn, here, id, &change, at(1)).await.unwrap();
    let found = users::find_account(&mut conn, here, id).await.unwrap();
    assert_eq!(
        (found.user.email.as_str(), found.user.person_id, found.user.role),
        ("new@example.org", Some(person), Role::Member)
    );
    for (what, change) in [
        ("email", UserChange { email: Some("NEW@example.org".to_owned()), ..UserChange::default() }),
        ("person_id", UserChange { person_id: Some(Some(person)), ..UserChange::default() }),
    ] {
        let clash = changes::change(&mut conn, here, other, &change, at(1)).await;
        assert!(matches!(clash, Err(StoreError::Conflict { what: found }) if found == what), "{what}: {clash:?}");
    }
    let stranger = UserChange { person_id: Some(Some(Id::new())), ..UserChange::default() };
    assert!(matches!(changes::change(&mut conn, here, id, &stranger, at(1)).await, Err(StoreError::NotFound)));
    changes::change(&mut conn, here, id, &UserChange { person_id: Some(None), ..UserChange::default() }, at(1))
        .await
        .unwrap();
    assert_eq!(users::find_account(&mut conn, here, id).await.unwrap().user.person_id, None);

    let admin = user(&mut conn, Some(here), Role::Admin).await;
    let listed = async |conn: &mut Conn, role, part: Option<&str>| {
        let filter = UserFilter { role, email_part: part.map(str::to_owned) };
        let rows = users::list(conn, here, &filter, None, 9).await.unwrap();
        rows.into_iter().map(|account| account.user.id).collect::<Vec<_>>()
    };
    assert_eq!(listed(&mut conn, None, None).await, [id, other, admin]);
    assert_eq!(listed(&mut conn, Some(Role::Admin), None).await, [admin]);
    assert_eq!(listed(&mut conn, None, Some("NEW@")).await, [id]);
    assert_eq!(listed(&mut conn, None, Some("%")).await, []);
    assert_eq!(listed(&mut conn, None, Some("\\")).await, []);
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_shown_again_ends_the_login() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let id = user(&mut conn, Some(ground.organization), Role::Teacher).await;
    let login = begin(&mut conn, id, 1).await;
    let exchange = async |conn: &mut Conn, shown: u8, next: u8, seconds| {
        logins::exchange(conn, &[shown; 32], &token(next, seconds), at(seconds)).await.unwrap()
    };
    assert!(matches!(exchange(&mut conn, 1, 2, 10).await, Exchanged::Next(of, l) if of.user.id == id && l == login));
    assert!(matches!(exchange(&mut conn, 2, 3, 20).await, Exchanged::Next(..)));
    assert_eq!(exchange(&mut conn, 99, 4, 20).await, Exchanged::Refused);
    assert!(logins::account(&mut conn, id, login).await.unwrap().is_some());

    assert!(matches!(exchange(&mut conn, 1, 4, 30).await, Exchanged::Reused { ended_now: true, .. }));
    assert!(matches!(exchange(&mut conn, 1, 4, 30).await, Exchanged::Reused { ended_now: false, .. }));
    assert_eq!(exchange(&mut conn, 3, 4, 30).await, Exchanged::Refused);
    assert_eq!(logins::account(&mut conn, id, login).await.unwrap(), None);

    // Too old, logged out, disabled.
    let old = begin(&mut conn, id, 5).await;
    assert_eq!(exchange(&mut conn, 5, 6, 1000).await, Exchanged::Refused);
    let gone = begin(&mut conn, id, 7).await;
    assert!(logins::end(&mut conn, gone, at(1)).await.unwrap());
    assert!(!logins::end(&mut conn, gone, at(2)).await.unwrap());
    assert_eq!(exchange(&mut conn, 7, 8, 30).await, Exchanged::Refused);
    assert!(logins::account(&mut conn, id, old).await.unwrap().is_some());
    assert_eq!(logins::account(&mut conn, Id::new(), old).await.unwrap(), None, "of somebody else");
    changes::change(&mut conn, ground.organization, id, &disabled(true), at(3)).await.unwrap();
    assert_eq!(logins::account(&mut conn, id, old).await.unwrap(), None);
    assert_eq!(users::find_login(&mut conn, &format!("{id}@example.org")).await.unwrap(), None);

    assert_eq!(logins::forget(&mut conn, at(1000)).await.unwrap(), 2, "one has a younger token");
    assert_eq!(logins::forget(&mut conn, at(1020)).await.unwrap(), 1);
}

#[tokio::test]
async fn of_many_who_show_a_token_at_once_one_gets_the_next() {
    let ground = Ground::new().await;
    let id = user(&mut *ground.conn().await, None, Role::Admin).await;
    begin(&mut *ground.conn().await, id, 1).await;
    let exchange =
        async |next: u8| logins::exchange(&mut *ground.conn().await, &[1; 32], &token(next, 5), at(5)).await.unwrap();
    let results = futures_util::future::join_all((10..18).map(exchange)).await;
    let next = results.iter().filter(|result| matches!(result, Exchanged::Next(..))).count();
    let ended = results.iter().filter(|result| matches!(result, Exchanged::Reused { ended_now: true, .. })).count();
    assert_eq!((next, ended), (1, 1), "{results:?}");
}

#[tokio::test]
async fn another_password_ends_all_logins() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let id = user(&mut conn, Some(ground.organization), Role::Teacher).await;
    let logins = [begin(&mut conn, id, 1).await, begin(&mut conn, id, 2).await];
    changes::set_password(&mut conn, id, "other", true, at(1)).await.unwrap();
    for login in logins {
        assert_eq!(logins::account(&mut conn, id, login).await.unwrap(), None);
    }
    assert!(users::find_account(&mut conn, ground.organization, id).await.unwrap().must_change_password);
    let (_, hash) = users::find_login(&mut conn, &format!("{id}@example.org")).await.unwrap().unwrap();
    assert_eq!(hash, "other");
    assert!(matches!(changes::set_password(&mut conn, Id::new(), "x", true, at(1)).await, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn of_many_failures_at_once_each_counts() {
    let ground = Ground::new().await;
    let minutes = chrono::TimeDelta::minutes(15);
    let policy = LockoutPolicy { attempts: 5, window: minutes, lock: minutes };
    let address = [7; 32];
    let fail = async || lockouts::fail(&mut *ground.conn().await, &address, &policy, at(0)).await.unwrap();
    let failed = futures_util::future::join_all((0..8).map(|_| fail())).await;
    let count = |wanted| failed.iter().filter(|failed| **failed == wanted).count();
    assert_eq!([count(Failed::Counted), count(Failed::Locks(at(900))), count(Failed::Locked(at(900)))], [4, 1, 3]);

    let mut conn = ground.conn().await;
    assert_eq!(lockouts::locked(&mut conn, &address, at(899)).await.unwrap(), Some(at(900)));
    assert_eq!(lockouts::succeed(&mut conn, &address, at(899)).await.unwrap(), Some(at(900)), "right, but too late");
    assert_eq!(lockouts::locked(&mut conn, &[8; 32], at(0)).await.unwrap(), None);
    assert_eq!(lockouts::forget_before(&mut conn, at(500), at(899)).await.unwrap(), 0);
    assert_eq!(lockouts::succeed(&mut conn, &address, at(900)).await.unwrap(), None);
    assert_eq!(lockouts::forget_before(&mut conn, at(500), at(900)).await.unwrap(), 0, "it is forgotten already");
    fail().await;
    lockouts::forgive(&mut conn, &address).await.unwrap();
    fail().await;
    assert_eq!(lockouts::forget_before(&mut conn, at(0), at(900)).await.unwrap(), 0);
    assert_eq!(lockouts::forget_before(&mut conn, at(1), at(1)).await.unwrap(), 1);
}
