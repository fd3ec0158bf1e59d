//! The log that indexes replay.

use domain::contract::ContractId;
use domain::enrollment::Gallery;
use store::enrollments::Judged;
use store::{enrollments, people, templates};

use crate::fixtures::{Ground, accepted, at, changes, class, contract, enroll, enrollment, face};

#[tokio::test]
async fn additions_and_removals_are_replayed_in_order() {
    let ground = Ground::new().await;
    let organization = ground.organization;
    let mut conn = ground.conn().await;
    let (_, everyone) = class(&ground, 2).await;
    enroll(&ground, everyone[0], 2).await;
    enroll(&ground, everyone[1], 1).await;
    assert_eq!(templates::revision(&mut conn, organization).await.unwrap(), 5);
    let log = changes(&ground, Gallery::Samples, 0, 10).await;
    assert_eq!(
        log.iter().map(|c| (c.revision, c.person_id)).collect::<Vec<_>>(),
        [(1, everyone[0]), (2, everyone[0]), (3, everyone[0]), (4, everyone[1]), (5, everyone[1])]
    );
    let similarity = log[1].embedding.as_ref().expect("an addition").similarity(&face(0.1));
    assert!(similarity > 0.999_999, "{similarity}");

    people::delete(&mut conn, organization, everyone[0]).await.unwrap();
    let gone = changes(&ground, Gallery::Samples, 5, 10).await;
    assert_eq!(
        gone.iter().map(|c| (c.revision, c.template_id)).collect::<Vec<_>>(),
        [(6, log[0].template_id), (7, log[1].template_id), (8, log[2].template_id)]
    );
    assert!(gone.iter().all(|c| c.embedding.is_none() && c.person_id == everyone[0]));

    // Whoever begins anew is not given the faces of the deleted.
    let page = changes(&ground, Gallery::Samples, 1, 4).await;
    let kept: Vec<_> = page.iter().map(|c| (c.revision, c.embedding.is_some())).collect();
    assert_eq!(kept, [(2, false), (3, false), (4, true), (5, false)], "the last is a pooled one");
}

#[tokio::test]
async fn contracts_do_not_mix() {
    let ground = Ground::new().await;
    let organization = ground.organization;
    let mut conn = ground.conn().await;
    let (_, everyone) = class(&ground, 1).await;
    enroll(&ground, everyone[0], 1).await;
    let other = ContractId::new("mobilefacenet-192/1");
    let id = enrollment(&ground, everyone[0], 1).await;
    let photo = enrollments::find(&mut conn, organization, id).await.unwrap().photos[0].id;
    let verdicts = [(photo, accepted(face(0.3)))];
    let judged = Judged { contract: &other, verdicts: &verdicts, duplicate: None };
    enrollments::finish(&mut conn, &ground.sealer, organization, id, &judged, at(9)).await.unwrap();

    assert_eq!(templates::contracts(&mut conn, organization).await.unwrap(), [contract(), other.clone()]);
    for (of, revisions) in [(contract(), [1, 2]), (other, [3, 4])] {
        let log = templates::changes_since(&mut conn, &ground.sealer, organization, &of, Gallery::Samples, 0, 10)
            .await
            .unwrap();
        assert_eq!(log.iter().map(|c| c.revision).collect::<Vec<_>>(), revisions);
    }
}
