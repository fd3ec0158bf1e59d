//! Who is not to be believed: those who look like somebody else, and pictures of faces.

use chrono::Utc;
use domain::contract::ContractId;
use domain::enrollment::{EnrollmentState, PhotoRejection};
use domain::guided::Facing;
use domain::organization::{LivenessPolicy, RecognitionPolicy};
use domain::policy::CoursePolicy;
use domain::sighting::Outcome;

use crate::photos::{BEN, MINDY, enrolling, looking, seen};
use crate::school::{School, eventually};
use crate::watch::Watch;
use testkit::workspace_root;

impl School {
    pub(crate) async fn set_policy(&self, policy: RecognitionPolicy) -> anyhow::Result<()> {
        let bumped = store::organizations::set_policy(&mut *self.conn().await?, self.organization, &policy).await?;
        for (course, version) in bumped {
            self.redis.raise_course_version(course, version).await?;
        }
        Ok(())
    }
}

#[tokio::test]
async fn one_person_under_two_names_is_noticed_and_twins_are_let_through() -> anyhow::Result<()> {
    let school = School::open().await?;
    let worker = school.worker().await?;
    let mindy = school.enrolled("S001", enrolling(MINDY, 5)?).await?;
    school.enrolled("S002", enrolling(BEN, 5)?).await?;
    let second_name = school.person("S003").await?;
    let id = school.begin_enrollment(second_name, vec![seen(MINDY)?]).await?;
    let suspected = school.finished(id).await?;
    assert_eq!(suspected.state, EnrollmentState::DuplicateSuspected);
    assert_eq!(suspected.duplicate.map(|duplicate| duplicate.person_id), Some(mindy));

    store::enrollments::confirm_distinct(&mut *school.conn().await?, school.organization, id, Utc::now()).await?;
    school.publish(id).await?;
    let enrolled = school.finished(id).await?;
    assert_eq!((enrolled.state, enrolled.distinct_confirmed), (EnrollmentState::Completed, true));

    // Nobody asks again whether the two are one.
    for person in [mindy, second_name] {
        let more = school.begin_enrollment(person, vec![seen(MINDY)?]).await?;
        assert_eq!(school.finished(more).await?.state, EnrollmentState::Completed);
    }
    worker.stop().await
}

#[tokio::test]
async fn where_liveness_is_required_and_cannot_be_told_nobody_is_marked_or_enrolled() -> anyhow::Result<()> {
    let school = School::open().await?;
    let worker = school.worker().await?;
    let mut watch = Watch::begin(&school.redis).await?;
    let mindy = school.enrolled("S001", enrolling(MINDY, 5)?).await?;
    let lesson = school.lesson(&[mindy]).await?;
    school.set_policy(RecognitionPolicy { liveness: LivenessPolicy::Required, ..RecognitionPolicy::default() }).await?;
    let frame = school.send(lesson, seen(MINDY)?).await?;
    assert_eq!(watch.recognised(frame).await?.faces(), [(Outcome::SpoofSuspected, Some(mindy))]);
    let listed = store::attendance::list(&mut *school.conn().await?, school.organization, lesson.session).await?;
    assert_eq!((listed[0].state, listed[0].sightings), (None, 0));
    let id = school.begin_enrollment(mindy, vec![seen(MINDY)?]).await?;
    assert_eq!(school.finished(id).await?.photos[0].rejection, Some(PhotoRejection::SpoofSuspected));

    school.set_policy(RecognitionPolicy { liveness: LivenessPolicy::Warn, ..RecognitionPolicy::default() }).await?;
    let frame = school.send(lesson, seen(MINDY)?).await?;
    assert_eq!(watch.recognised(frame).await?.faces(), [(Outcome::Present, Some(mindy))]);
    worker.stop().await
}

#[tokio::test]
async fn each_course_is_as_careful_as_it_wants_to_be() -> anyhow::Result<()> {
    let school = School::open().await?;
    let worker = school.worker().await?;
    let mut watch = Watch::begin(&school.redis).await?;
    let mindy = school.enrolled("S001", enrolling(MINDY, 5)?).await?;
    let living = CoursePolicy { liveness: Some(LivenessPolicy::Required), ..CoursePolicy::default() };
    let rare = CoursePolicy { false_match_rate: Some(1e-11), ..CoursePolicy::default() };
    let expectations = [
        (CoursePolicy::default(), (Outcome::Present, Some(mindy))),
        // There are no models of liveness here: it cannot be told.
        (living, (Outcome::SpoofSuspected, Some(mindy))),
        (rare, (Outcome::Unknown, None)),
    ];
    let mut frames = Vec::new();
    for (policy, expected) in expectations {
        let lesson = school.lesson_with(&[mindy], policy).await?;
        frames.push((school.send(lesson, seen(MINDY)?).await?, expected));
    }
    for (frame, expected) in frames {
        assert_eq!(watch.recognised(frame).await?.faces(), [expected]);
    }
    worker.stop().await
}

#[tokio::test]
async fn a_living_face_passes_where_liveness_is_required() -> anyhow::Result<()> {
    if !workspace_root().join("weights/cache/minifasnet-v2.pt").exists() {
        eprintln!("NOT TESTED: liveness in the worker; scripts/setup --models brings its models");
        return Ok(());
    }
    let mut school = School::open().await?;
    school.settings.vision.liveness = true;
    let worker = school.worker().await?;
    let mut watch = Watch::begin(&school.redis).await?;
    school.set_policy(RecognitionPolicy { liveness: LivenessPolicy::Required, ..RecognitionPolicy::default() }).await?;
    let jerry = school.enrolled("S001", vec![looking(Facing::Left)?, looking(Facing::Right)?]).await?;
    let lesson = school.lesson(&[jerry]).await?;
    let frame = school.send(lesson, looking(Facing::Centre)?).await?;
    let recognised = watch.recognised(frame).await?;
    assert_eq!(recognised.faces(), [(Outcome::Present, Some(jerry))]);
    assert!(recognised.result.sightings[0].liveness.is_some_and(|liveness| liveness > 0.5));
    worker.stop().await
}

#[tokio::test]
async fn who_is_only_likely_is_marked_when_enough_was_seen_of_them() -> anyhow::Result<()> {
    let mut school = School::open().await?;
    // Nobody is so much alike in one frame, and two that agree are enough.
    school.settings.recognition.likely_factor = 1000.0;
    school.settings.recognition.evidence_persistence = 1e-6;
    school.settings.recognition.evidence_spacing_ms = 0;
    let worker = school.worker().await?;
    let mut watch = Watch::begin(&school.redis).await?;
    let mindy = school.enrolled("S001", enrolling(MINDY, 5)?).await?;
    let lesson = school.lesson(&[mindy]).await?;
    school.set_policy(RecognitionPolicy { false_match_rate: Some(1e-11), ..RecognitionPolicy::default() }).await?;
    let first = school.send(lesson, seen(BEN)?).await?;
    assert_eq!(watch.recognised(first).await?.faces()[0].0, Outcome::Unknown, "a stranger is never likely");
    let mut outcomes = Vec::new();
    for _ in 0..3 {
        let frame = school.send(lesson, seen(MINDY)?).await?;
        outcomes.push(watch.recognised(frame).await?.faces()[0].0);
    }
    assert_eq!(outcomes, [Outcome::Likely, Outcome::Present, Outcome::Already]);
    worker.stop().await
}

#[tokio::test]
async fn frames_of_an_organization_on_another_encoder_are_refused_and_counted() -> anyhow::Result<()> {
    let school = School::open().await?;
    let worker = school.worker().await?;
    let mindy = school.enrolled("S001", enrolling(MINDY, 2)?).await?;
    let lesson = school.lesson(&[mindy]).await?;
    let other = ContractId::new("elsewhere-512/1");
    store::organizations::set_contract(&mut *school.conn().await?, school.organization, &other).await?;
    school.send(lesson, seen(MINDY)?).await?;
    eventually("the frame is refused", async || {
        let (_, metrics) = worker.get("/metrics").await?;
        let name = "rollcall_frames_dropped_total{reason=\"contract_mismatch\"} 1";
        Ok(metrics.contains(name).then_some(()))
    })
    .await?;
    worker.stop().await
}
