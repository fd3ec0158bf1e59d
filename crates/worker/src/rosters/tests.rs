use std::sync::Arc;

use domain::calibration::Calibration;
use domain::contract::ContractId;
use domain::enrollment::Gallery;
use domain::id::CourseId;
use domain::organization::{LivenessPolicy, RecognitionPolicy};
use domain::policy::CoursePolicy;
use messaging::Redis;
use store::Pool;
use vision::EncoderFacts;

use super::{CourseRoster, Rosters};
use crate::campus::{Campus, DIMENSION, contract, face};
use crate::model_thread::Facts;
use crate::outcome::{JobOutcome, Reason};

fn rosters(campus: &Campus, limit_bytes: usize) -> Rosters {
    rosters_by(campus, campus.pool.clone(), campus.redis.clone(), limit_bytes)
}

/// The rosters of a campus, by these ways to it.
pub(crate) fn rosters_by(campus: &Campus, pool: Pool, redis: Redis, limit_bytes: usize) -> Rosters {
    let calibration = Calibration::try_from(vec![(1e-1, 0.2), (1e-2, 0.3)]).expect("a calibration");
    let encoder = EncoderFacts { contract: contract(), dimension: DIMENSION, calibration: Some(calibration) };
    let facts = Facts { encoders: vec![encoder] };
    Rosters::new(pool, campus.sealer.clone(), redis, facts, Gallery::Pooled, limit_bytes)
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
async fn however_many_ask_at_once_one_load_answers_them_all() {
    let campus = Campus::new().await;
    let course = campus.course(&[campus.enrolled(0.0).await]).await;
    let rosters = Arc::new(rosters(&campus, usize::MAX));
    let asking = (0..200).map(|_| {
        let (rosters, organization) = (Arc::clone(&rosters), campus.organization);
        tokio::spawn(async move { rosters.current(organization, course).await.expect("a roster") })
    });
    let asking: Vec<_> = asking.collect();
    let all: Vec<Arc<CourseRoster>> =
        futures_util::future::join_all(asking).await.into_iter().map(|asked| asked.expect("no panic")).collect();
    assert!(all.iter().all(|roster| Arc::ptr_eq(roster, &all[0])));
}

#[tokio::test]
async fn a_load_that_fails_fails_for_those_who_wait_once_and_not_for_ever() {
    let campus = Campus::new().await;
    let course = campus.course(&[campus.enrolled(0.0).await]).await;
    campus.redis.raise_course_version(course, 2).await.expect("redis");
    let (network, pool) = campus.pool_by_a_network().await;
    let rosters = rosters_by(&campus, pool, campus.redis.clone(), usize::MAX);
    network.cut();
    for _ in 0..2 {
        let asking = (0..50).map(|_| rosters.current(campus.organization, course));
        let causes = futures_util::future::join_all(asking).await.into_iter().map(|asked| match asked {
            Err(JobOutcome::Later(Reason::DatabaseAway(cause))) => cause,
            other => panic!("{other:?}"),
        });
        let causes: Vec<_> = causes.collect();
        assert!(causes.iter().all(|cause| Arc::ptr_eq(cause, &causes[0])), "fifty asked, one tried");
    }
    assert!(rosters.held().is_empty());
    network.heal();
    current(&rosters, &campus, course).await;

    // What is there stays there, and is given to nobody who wants a newer one.
    network.cut();
    campus.redis.raise_course_version(course, 9).await.expect("redis");
    let refused = rosters.current(campus.organization, course).await;
    assert!(matches!(refused, Err(JobOutcome::Later(Reason::DatabaseAway(_)))), "{refused:?}");
    assert_eq!(rosters.held().len(), 1);
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

/// An organization that has rejected many faces has rosters that take more.
#[tokio::test]
async fn what_a_roster_takes_counts_names_and_rejected_faces() {
    let campus = Campus::new().await;
    let person = campus.enrolled(0.0).await;
    let course = campus.course(&[person]).await;
    let one = current(&rosters(&campus, usize::MAX), &campus, course).await;
    let CourseRoster { members, labels, policy, encoder, .. } = &*one;
    let with = |rejected: usize, name: &str| {
        let template = domain::enrollment::Template {
            id: domain::id::Id::new(),
            person_id: person,
            contract: contract(),
            embedding: face(0.0),
            quality: 90.0,
            origin: domain::enrollment::TemplateOrigin::Pooled,
        };
        let mut labels = labels.clone();
        labels.values_mut().for_each(|label| label.name = name.to_owned());
        super::bytes(&CourseRoster {
            index: index::RosterIndex::build(1, &contract(), DIMENSION, &[template]).expect("a roster"),
            members: members.clone(),
            labels,
            policy: *policy,
            rejected: (0..rejected).map(|n| (person, face(n as f32))).collect(),
            encoder: encoder.clone(),
        })
    };
    let face_bytes = DIMENSION * size_of::<f32>();
    assert!(with(100, "") >= with(0, "") + 100 * face_bytes);
    assert_eq!(with(0, &"x".repeat(1000)), with(0, "") + 1000);
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
