//! Builds that are asked for, begun, told of and ended.

use domain::contract::ContractId;
use domain::id::Id;
use domain::index::{BuildCause, BuildStage, BuildState};
use store::StoreError;
use store::index_builds::{IndexBuild, begin, end, find, interrupted, latest, list, progress, prune, request, waiting};
use uuid::Uuid;

use crate::fixtures::{Ground, at, contract};

#[tokio::test]
async fn one_that_waits_is_answered_and_not_doubled() {
    let ground = Ground::new().await;
    let other = ground.another("Another College").await;
    let mut conn = ground.conn().await;
    let asked = request(&mut conn, ground.organization, &contract(), BuildCause::Requested, at(0)).await.unwrap();
    assert_eq!(
        asked,
        IndexBuild {
            id: asked.id,
            organization_id: ground.organization,
            contract: contract(),
            cause: BuildCause::Requested,
            state: BuildState::Waiting,
            stage: None,
            templates_done: 0,
            templates_total: 0,
            problem: None,
            version_id: None,
            requested_at: at(0),
            started_at: None,
            ended_at: None,
            updated_at: at(0),
        }
    );
    let (mut a, mut b) = (ground.conn().await, ground.conn().await);
    let of = contract();
    let (again, too) = tokio::join!(
        request(&mut a, ground.organization, &of, BuildCause::Growth, at(5)),
        request(&mut b, ground.organization, &of, BuildCause::Removal, at(5)),
    );
    for again in [again.unwrap(), too.unwrap()] {
        assert_eq!(again, IndexBuild { updated_at: at(5), ..asked.clone() });
    }
    let theirs = request(&mut conn, other.organization, &of, BuildCause::Requested, at(1)).await.unwrap();
    let other_contract =
        request(&mut conn, ground.organization, &ContractId::new("b/1"), BuildCause::Requested, at(2)).await.unwrap();
    let ids: Vec<Uuid> = waiting(&mut conn).await.unwrap().into_iter().map(|build| build.id).collect();
    assert_eq!(ids, [asked.id, theirs.id, other_contract.id]);

    // While it runs, another can wait.
    let begun = begin(&mut conn, ground.organization, &of, BuildCause::Nightly, at(6)).await.unwrap();
    assert_eq!((begun.id, begun.cause, begun.state), (asked.id, BuildCause::Requested, BuildState::Running));
    assert_eq!((begun.requested_at, begun.started_at, begun.ended_at), (at(0), Some(at(6)), None));
    let next = request(&mut conn, ground.organization, &of, BuildCause::Requested, at(7)).await.unwrap();
    assert_ne!(next.id, begun.id);
    let unknown = request(&mut conn, Id::new(), &of, BuildCause::Requested, at(0)).await;
    assert!(matches!(unknown, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn a_build_is_told_of_while_it_runs_and_not_after() {
    let ground = Ground::new().await;
    let organization = ground.organization;
    let mut conn = ground.conn().await;
    let build = begin(&mut conn, organization, &contract(), BuildCause::Nightly, at(0)).await.unwrap();
    assert_eq!((build.cause, build.state), (BuildCause::Nightly, BuildState::Running));
    assert!(waiting(&mut conn).await.unwrap().is_empty());
    progress(&mut conn, build.id, BuildStage::Adding, 2_000, 1_000_000, at(3)).await.unwrap();
    let told = find(&mut conn, organization, build.id).await.unwrap();
    assert_eq!((told.stage, told.templates_done, told.templates_total), (Some(BuildStage::Adding), 2_000, 1_000_000));
    assert_eq!(told.updated_at, at(3));
    let version = Uuid::now_v7();
    let ended = end(&mut conn, build.id, BuildState::New, Some(version), None, at(9)).await.unwrap();
    assert_eq!((ended.state, ended.version_id, ended.ended_at), (BuildState::New, Some(version), Some(at(9))));
    assert_eq!(find(&mut conn, organization, build.id).await.unwrap(), ended);

    let late = progress(&mut conn, build.id, BuildStage::Writing, 1, 2, at(10)).await;
    assert!(matches!(late, Err(StoreError::NotFound)));
    let twice = end(&mut conn, build.id, BuildState::Failed, None, Some("late"), at(10)).await;
    assert!(matches!(twice, Err(StoreError::NotFound)));
    assert!(matches!(find(&mut conn, Id::new(), build.id).await, Err(StoreError::NotFound)));

    let failing = begin(&mut conn, organization, &contract(), BuildCause::Growth, at(11)).await.unwrap();
    let failed = end(&mut conn, failing.id, BuildState::Failed, None, Some("the disk is full"), at(12)).await.unwrap();
    assert_eq!((failed.state, failed.problem.as_deref()), (BuildState::Failed, Some("the disk is full")));
    // A new one has a version, and what is over has ended.
    let odd = begin(&mut conn, organization, &contract(), BuildCause::Growth, at(13)).await.unwrap();
    for state in [BuildState::New, BuildState::Running, BuildState::Waiting] {
        assert!(end(&mut conn, odd.id, state, None, None, at(14)).await.is_err(), "{state:?}");
    }
}

#[tokio::test]
async fn what_was_interrupted_is_asked_for_again() {
    let ground = Ground::new().await;
    let organization = ground.organization;
    let mut conn = ground.conn().await;
    let (first, second) = (contract(), ContractId::new("b/1"));
    let over = begin(&mut conn, organization, &first, BuildCause::Nightly, at(0)).await.unwrap();
    end(&mut conn, over.id, BuildState::Unchanged, None, None, at(1)).await.unwrap();
    let a = begin(&mut conn, organization, &first, BuildCause::Growth, at(2)).await.unwrap();
    progress(&mut conn, a.id, BuildStage::Training, 1, 2, at(3)).await.unwrap();
    let b = begin(&mut conn, organization, &second, BuildCause::Removal, at(4)).await.unwrap();
    let asked = request(&mut conn, organization, &second, BuildCause::Requested, at(5)).await.unwrap();

    let found = interrupted(&mut conn, at(9)).await.unwrap();
    assert_eq!(
        found.iter().map(|build| (build.id, build.state)).collect::<Vec<_>>(),
        [(a.id, BuildState::Interrupted), (b.id, BuildState::Interrupted)]
    );
    assert_eq!((found[0].stage, found[0].ended_at), (Some(BuildStage::Training), Some(at(9))));
    let again = waiting(&mut conn).await.unwrap();
    assert_eq!(
        again.iter().map(|build| (&build.contract, build.cause)).collect::<Vec<_>>(),
        [(&second, BuildCause::Requested), (&first, BuildCause::Growth)]
    );
    assert_eq!(again[0].id, asked.id);
    assert!(interrupted(&mut conn, at(10)).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_history_is_listed_and_pruned() {
    let ground = Ground::new().await;
    let organization = ground.organization;
    let mut conn = ground.conn().await;
    let (first, second) = (contract(), ContractId::new("b/1"));
    let mut ended = Vec::new();
    for second_ended in 1..=4 {
        let build = begin(&mut conn, organization, &first, BuildCause::Nightly, at(second_ended)).await.unwrap();
        ended.push(end(&mut conn, build.id, BuildState::Unchanged, None, None, at(second_ended)).await.unwrap());
    }
    let other = begin(&mut conn, organization, &second, BuildCause::Nightly, at(5)).await.unwrap();
    let other = end(&mut conn, other.id, BuildState::Emptied, None, None, at(6)).await.unwrap();
    let runs = begin(&mut conn, organization, &first, BuildCause::Requested, at(7)).await.unwrap();
    let waits = request(&mut conn, organization, &first, BuildCause::Requested, at(8)).await.unwrap();

    let all = [&waits, &runs, &other, &ended[3], &ended[2], &ended[1], &ended[0]].map(Clone::clone);
    assert_eq!(list(&mut conn, organization, 100).await.unwrap(), all);
    assert_eq!(list(&mut conn, organization, 2).await.unwrap(), all[..2]);
    assert!(list(&mut conn, Id::new(), 2).await.unwrap().is_empty());
    let newest = [&other, &waits, &runs, &ended[3]].map(Clone::clone);
    assert_eq!(latest(&mut conn, organization).await.unwrap(), newest);

    assert_eq!(prune(&mut conn, organization, &first, 2).await.unwrap(), 2);
    assert_eq!(prune(&mut conn, organization, &first, 2).await.unwrap(), 0);
    assert_eq!(list(&mut conn, organization, 100).await.unwrap(), all[..5]);
}
