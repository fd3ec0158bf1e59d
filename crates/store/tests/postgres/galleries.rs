//! What an index is built of, as of one moment.

use std::collections::BTreeMap;

use domain::enrollment::Gallery;
use domain::id::{Id, PersonId, TemplateId};
use domain::person::Person;
use store::galleries::{Reading, Searched};
use store::{StoreError, people, templates};

use crate::fixtures::{Ground, at, changes, class, contract, enroll};

/// All pages of this length.
async fn all(ground: &Ground, gallery: Gallery, limit: i64) -> Vec<Searched> {
    let mut conn = ground.conn().await;
    let mut reading =
        Reading::begin(&mut conn, &ground.sealer, ground.organization, &contract(), gallery).await.expect("a reading");
    let mut read: Vec<Searched> = Vec::new();
    loop {
        let page = reading.page(read.last().map(|last| last.template_id), limit).await.expect("a page");
        assert!(page.len() <= usize::try_from(limit).expect("a limit"));
        if page.is_empty() {
            break;
        }
        read.extend(page);
    }
    let ids: Vec<TemplateId> = read.iter().map(|searched| searched.template_id).collect();
    assert!(ids.is_sorted());
    assert_eq!(reading.ids().await.expect("ids"), ids);
    assert_eq!(reading.some(&ids).await.expect("some"), read);
    reading.end().await.expect("an end");
    read
}

/// What is left after replaying the log from the beginning.
async fn replayed(ground: &Ground, gallery: Gallery) -> BTreeMap<TemplateId, PersonId> {
    let mut left = BTreeMap::new();
    for change in changes(ground, gallery, 0, 1000).await {
        match change.embedding {
            Some(_) => left.insert(change.template_id, change.person_id),
            None => left.remove(&change.template_id),
        };
    }
    left
}

#[tokio::test]
async fn what_is_read_is_what_the_log_leaves() {
    let ground = Ground::new().await;
    let other = ground.another("Another College").await;
    let mut conn = ground.conn().await;
    let (_, everyone) = class(&ground, 5).await;
    for (person, photos) in everyone.iter().zip([1, 2, 3, 1, 2]) {
        enroll(&ground, *person, photos).await;
    }
    let (_, theirs) = class(&other, 1).await;
    enroll(&other, theirs[0], 2).await;
    enroll(&ground, everyone[1], 1).await;
    people::delete(&mut conn, ground.organization, everyone[2]).await.unwrap();
    let away = people::find(&mut conn, ground.organization, everyone[3]).await.unwrap();
    people::update(&mut conn, &Person { is_active: false, updated_at: at(9), ..away }).await.unwrap();

    for (gallery, expected) in [(Gallery::Pooled, 3), (Gallery::Samples, 6)] {
        let left = replayed(&ground, gallery).await;
        assert_eq!(left.len(), expected, "{gallery:?}");
        for limit in [1, 2, 100] {
            let read = all(&ground, gallery, limit).await;
            let read: BTreeMap<_, _> = read.into_iter().map(|one| (one.template_id, one.person_id)).collect();
            assert_eq!(read, left, "{gallery:?}, {limit} at once");
        }
    }
    let log = changes(&ground, Gallery::Samples, 0, 1000).await;
    for searched in all(&ground, Gallery::Samples, 100).await {
        let logged = log.iter().find(|change| change.template_id == searched.template_id && change.embedding.is_some());
        assert_eq!(logged.and_then(|change| change.embedding.as_ref()), Some(&searched.embedding));
    }
    assert_eq!(all(&other, Gallery::Pooled, 10).await.len(), 1);
}

#[tokio::test]
async fn a_reading_does_not_see_what_comes_after_it_began() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let (_, everyone) = class(&ground, 4).await;
    for person in &everyone[..3] {
        enroll(&ground, *person, 1).await;
    }
    let before = templates::revision(&mut conn, ground.organization).await.unwrap();
    let mut own = ground.conn().await;
    let mut reading =
        Reading::begin(&mut own, &ground.sealer, ground.organization, &contract(), Gallery::Pooled).await.unwrap();
    let first = reading.page(None, 1).await.unwrap();

    people::delete(&mut conn, ground.organization, everyone[1]).await.unwrap();
    let away = people::find(&mut conn, ground.organization, everyone[2]).await.unwrap();
    people::update(&mut conn, &Person { is_active: false, updated_at: at(9), ..away }).await.unwrap();
    enroll(&ground, everyone[3], 1).await;

    let rest = reading.page(Some(first[0].template_id), 10).await.unwrap();
    let seen: Vec<PersonId> = first.iter().chain(&rest).map(|searched| searched.person_id).collect();
    assert_eq!(seen, everyone[..3]);
    let ids = reading.ids().await.unwrap();
    assert_eq!(reading.some(&ids).await.unwrap().len(), 3, "with the keys that opened them then");
    assert_eq!(reading.watermark(), before);
    reading.end().await.unwrap();

    let after = templates::revision(&mut conn, ground.organization).await.unwrap();
    let reading = Reading::begin(&mut own, &ground.sealer, ground.organization, &contract(), Gallery::Pooled).await;
    let mut reading = reading.expect("the connection is of use again");
    assert_eq!(reading.watermark(), after);
    let seen = reading.page(None, 10).await.unwrap();
    assert_eq!(seen.iter().map(|one| one.person_id).collect::<Vec<_>>(), [everyone[0], everyone[3]]);
    assert_eq!(reading.some(&ids).await.unwrap().len(), 1, "who is gone is not searched");
    reading.end().await.unwrap();
}

#[tokio::test]
async fn an_organization_that_is_not_there_is_not_read() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let begun = Reading::begin(&mut conn, &ground.sealer, Id::new(), &contract(), Gallery::Pooled).await;
    assert!(matches!(begun, Err(StoreError::NotFound)));
    drop(begun);
    // Nothing is left of the transaction.
    let nobody = all(&ground, Gallery::Pooled, 10).await;
    assert!(nobody.is_empty());
    people::insert(&mut conn, &crate::fixtures::new_person(ground.organization, "7")).await.unwrap();
}

#[tokio::test]
async fn a_connection_whose_reading_was_dropped_is_not_used_again() {
    let ground = Ground::new().await;
    let mut conn = ground.conn().await;
    let begun = Reading::begin(&mut conn, &ground.sealer, ground.organization, &contract(), Gallery::Pooled).await;
    drop(begun.unwrap());
    let refused = people::insert(&mut conn, &crate::fixtures::new_person(ground.organization, "7")).await;
    assert!(matches!(refused, Err(StoreError::Database(_))), "it is still in the transaction: {refused:?}");
    drop(conn);
    // The only one in the pool was that one.
    people::insert(&mut *ground.conn().await, &crate::fixtures::new_person(ground.organization, "7")).await.unwrap();
}
