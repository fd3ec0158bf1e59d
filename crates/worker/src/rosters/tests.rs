use std::sync::Arc;

use domain::calibration::Calibration;
use domain::contract::ContractId;
use domain::enrollment::Gallery;
use domain::id::CourseId;
use domain::organization::{LivenessPolicy, RecognitionPolicy};
use domain::policy::CoursePolicy;
use vision::EncoderFacts;

use super::{CourseRoster, Rosters};
use crate::campus::{Campus, DIMENSION, contract};
use crate::model_thread::Facts;
use crate::outcome::{JobOutcome, Reason};

fn rosters(campus: &Campus, limit_bytes: usize) -> Rosters {
    let calibration = Calibration::try_from(vec![(1e-1, 0.2), (1e-2, 0.3)]).expect("a calibration");
    let encoder = EncoderFacts { contract: contract(), dimension: DIMENSION, calibration: Some(calibration) };
    let facts = Facts { encoders: vec![encoder] };
    let (pool, sealer, redis) = (campus.pool.clone(), campus.sealer.clone(), campus.redis.clone());
    Rosters::new(pool, sealer, redis, facts, Gallery::Pooled, limit_bytes)
}

async fn current(rosters: &Rosters, campus: &Campus, course: CourseId) -> Arc<CourseRoster> {
    rosters.current(campus.organization, course).await.expect("a roster")
}

#[tokio::test]
async fn a_change_is_seen_and_nothing_is_loaded_twice() {
    let campus = Campus::new().await;
    let (first, second) = (campus.enrolled(0.0).await, campus.enrolled(1.0).await);
    let course = campus.course(&[first]).await;
    let rosters = rosters(&campus, usize::MAX);
    let all = futures_util::future::join_all((0..8).map(|_| current(&rosters, &campus, course))).await;
    assert!(all.iter().all(|roster| Arc::ptr_eq(roster, &all[0])), "eight asked, one was loaded");
    assert_eq!((all[0].index.people(), all[0].labels.len()), (1, 1));

    campus.add_to_roster(course, second).await;
    let changed = current(&rosters, &campus, course).await;
    assert_eq!(changed.index.people(), 2);
    assert!(changed.members.contains(&second));
    assert!(Arc::ptr_eq(&changed, &current(&rosters, &campus, course).await));
}

#[tokio::test]
async fn when_nobody_told_of_a_version_the_database_does() {
    let campus = Campus::new().await;
    let course = campus.course(&[]).await;
    let rosters = rosters(&campus, usize::MAX);
    assert_eq!(campus.redis.course_version(course).await.expect("redis"), None);
    let roster = current(&rosters, &campus, course).await;
    let told = campus.redis.course_version(course).await.expect("redis");
    assert_eq!(told, Some(roster.index.version()), "the next one need not ask");
}

#[tokio::test]
async fn the_least_recently_used_goes_first() {
    let campus = Campus::new().await;
    let person = campus.enrolled(0.0).await;
    let mut courses = Vec::new();
    for _ in 0..3 {
        courses.push(campus.course(&[person]).await);
    }
    let one = super::bytes(&*current(&rosters(&campus, usize::MAX), &campus, courses[0]).await);
    let rosters = rosters(&campus, one * 2);
    let first = current(&rosters, &campus, courses[0]).await;
    let second = current(&rosters, &campus, courses[1]).await;
    assert!(Arc::ptr_eq(&first, &current(&rosters, &campus, courses[0]).await));
    current(&rosters, &campus, courses[2]).await;
    assert!(Arc::ptr_eq(&first, &current(&rosters, &campus, courses[0]).await), "used a moment ago");
    assert!(!Arc::ptr_eq(&second, &current(&rosters, &campus, courses[1]).await), "went, and was loaded again");
}

#[tokio::test]
async fn a_course_that_is_not_there_has_no_roster() {
    let campus = Campus::new().await;
    let rosters = rosters(&campus, usize::MAX);
    let found = rosters.current(campus.organization, CourseId::new()).await;
    assert!(matches!(found, Err(JobOutcome::Never(Reason::NotFound))));
    // Nor has one of another organization, whatever was told of its version.
    let course = campus.course(&[]).await;
    campus.redis.raise_course_version(course, 1).await.expect("redis");
    current(&rosters, &campus, course).await;
    let found = rosters.current(domain::id::Id::new(), course).await;
    assert!(matches!(found, Err(JobOutcome::Never(Reason::NotFound))));
}

#[tokio::test]
async fn the_policy_is_as_new_as_the_roster() {
    let campus = Campus::new().await;
    let course = campus.course(&[campus.enrolled(0.0).await]).await;
    let rosters = rosters(&campus, usize::MAX);
    assert_eq!(current(&rosters, &campus, course).await.policy, RecognitionPolicy::default());
    let policy = RecognitionPolicy { liveness: LivenessPolicy::Required, ..RecognitionPolicy::default() };
    let bumped = store::organizations::set_policy(&mut *campus.conn().await, campus.organization, &policy).await;
    for (course, version) in bumped.expect("an organization") {
        campus.redis.raise_course_version(course, version).await.expect("redis");
    }
    assert_eq!(current(&rosters, &campus, course).await.policy, policy);
}

#[tokio::test]
async fn a_course_may_want_it_otherwise_than_its_organization() {
    let campus = Campus::new().await;
    let person = campus.enrolled(0.0).await;
    let wanted = RecognitionPolicy { false_match_rate: Some(0.01), ..RecognitionPolicy::default() };
    store::organizations::set_policy(&mut *campus.conn().await, campus.organization, &wanted).await.expect("set");
    let strict = CoursePolicy { liveness: Some(LivenessPolicy::Required), ..CoursePolicy::default() };
    let lax = CoursePolicy { false_match_rate: Some(0.1), ..CoursePolicy::default() };
    let rosters = rosters(&campus, usize::MAX);
    for (course, expected) in [
        (CoursePolicy::default(), wanted),
        (strict, RecognitionPolicy { liveness: LivenessPolicy::Required, ..wanted }),
        (lax, RecognitionPolicy { false_match_rate: Some(0.1), ..wanted }),
    ] {
        let course = campus.course_with(&[person], course).await;
        assert_eq!(current(&rosters, &campus, course).await.policy, expected);
    }
}

#[tokio::test]
async fn an_organization_on_another_encoder_is_refused_with_both_names() {
    let campus = Campus::new().await;
    let course = campus.course(&[campus.enrolled(0.0).await]).await;
    let other = ContractId::new("other-2/1");
    store::organizations::set_contract(&mut *campus.conn().await, campus.organization, &other).await.expect("set");
    let refused = rosters(&campus, usize::MAX).current(campus.organization, course).await;
    let Err(JobOutcome::Never(reason @ Reason::ContractMismatch { .. })) = refused else { panic!("{refused:?}") };
    assert_eq!(reason.to_string(), "the organization is on the contract other-2/1; this worker has angle-2/1");
}
