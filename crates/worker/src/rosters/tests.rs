use std::sync::Arc;

use domain::calibration::Calibration;
use domain::id::CourseId;

use super::{CourseRoster, Rosters};
use crate::campus::{Campus, DIMENSION, contract};
use crate::model_thread::Facts;
use crate::outcome::{JobOutcome, Reason};

fn rosters(campus: &Campus, limit_bytes: usize) -> Rosters {
    let calibration = Calibration::try_from(vec![(1e-1, 0.2), (1e-2, 0.3)]).expect("a calibration");
    let facts = Facts { contract: contract(), dimension: DIMENSION, calibration };
    Rosters::new(campus.pool.clone(), campus.sealer.clone(), campus.redis.clone(), &facts, limit_bytes)
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
