//! Connections, migrations and locks.

use store::{StoreError, locks};
use testkit::TestDatabase;

use crate::fixtures::{Ground, organization, settings};

#[tokio::test]
async fn migrations_are_applied_once_and_can_be_asked_for() {
    let database = TestDatabase::empty().await.unwrap();
    let pool = store::connect(&settings(database.url())).unwrap();
    let mut conn = store::get(&pool).await.unwrap();
    assert!(!store::is_migrated(&mut conn).await.unwrap());
    let url = settings(database.url()).url;
    let (first, second) = tokio::join!(store::migrate(&url), store::migrate(&url));
    let mut applied = [first.unwrap().len(), second.unwrap().len()];
    applied.sort_unstable();
    assert_eq!(applied[0], 0, "one of the two found nothing to do");
    assert!(applied[1] > 0);
    assert!(store::is_migrated(&mut conn).await.unwrap());
}

#[tokio::test]
async fn a_lock_has_one_holder() {
    let ground = Ground::new().await;
    let (mut first, mut second) = (ground.conn().await, ground.conn().await);
    // Postgres shows the halves of a key apart.
    let large = 0x6e69_6768_746c_7900;
    assert!(!locks::is_held(&mut first, 7).await.unwrap());
    assert!(locks::try_lock(&mut first, large).await.unwrap());
    assert!(locks::try_lock(&mut first, 7).await.unwrap());
    for key in [7, large] {
        assert!(locks::is_held(&mut first, key).await.unwrap());
        assert!(!locks::is_held(&mut second, key).await.unwrap(), "somebody else holds it");
    }
    assert!(!locks::try_lock(&mut second, 7).await.unwrap());
    assert!(locks::try_lock(&mut second, 8).await.unwrap());
    assert!(!locks::unlock(&mut second, 7).await.unwrap());
    assert!(locks::unlock(&mut first, 7).await.unwrap());
    assert!(locks::try_lock(&mut second, 7).await.unwrap());
}

#[tokio::test]
async fn a_server_that_is_away_is_unavailable() {
    // Port 1 refuses.
    let pool = store::connect(&settings("postgres://nobody@127.0.0.1:1/nothing")).unwrap();
    assert!(matches!(store::get(&pool).await, Err(StoreError::Unavailable(_))));
    let url = settings("postgres://nobody@127.0.0.1:1/nothing").url;
    assert!(matches!(store::migrate(&url).await, Err(StoreError::Unavailable(_))));
}

#[tokio::test]
async fn connections_that_the_server_ended_are_replaced() {
    let ground = Ground::new().await;
    drop(ground.conn().await);
    let mut admin = ground.conn().await;
    end_connections(&mut admin).await;
    drop(admin);
    let mut conn = ground.conn().await;
    organization(&mut conn, "After").await;

    // In the middle of its use, too, the loss is told as what it is.
    let mut other = ground.conn().await;
    end_connections(&mut other).await;
    let result = store::organizations::list(&mut conn, None, 1).await;
    assert!(matches!(result, Err(StoreError::Unavailable(_))), "{result:?}");
}

async fn end_connections(conn: &mut store::Conn) {
    use diesel_async::RunQueryDsl;
    let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    diesel::sql_query(sql).execute(conn).await.expect("a superuser, or the owner of the connections");
}

#[test]
fn settings_that_cannot_work_are_refused_and_never_printed() {
    let mut settings = settings("postgres://user:hidden@127.0.0.1/x");
    assert!(!format!("{settings:?}").contains("hidden"));
    settings.pool_size = 0;
    assert!(matches!(store::connect(&settings), Err(StoreError::Settings(_))));
}
