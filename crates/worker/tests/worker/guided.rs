use chrono::{TimeDelta, Utc};
use domain::enrollment::EnrollmentState;
use domain::event::EventBody;
use domain::guided::{Advice, CaptureFailure, CaptureState, Facing, GuidedCapture, MAX_STRIKES};
use domain::id::{FrameId, GuidedCaptureId, Id, PersonId};
use messaging::LookHeader;

use crate::photos::{BEN, group, looking, nobody, seen};
use crate::school::{LIMIT, School};
use crate::watch::Watch;

impl School {
    async fn begin_capture(&self, person: PersonId, poses: &[Facing]) -> anyhow::Result<GuidedCaptureId> {
        let now = Utc::now();
        let capture = GuidedCapture {
            id: Id::new(),
            organization_id: self.organization,
            person_id: person,
            state: CaptureState::Open,
            poses: poses.to_vec(),
            taken: 0,
            looks: 0,
            strikes: 0,
            advice: None,
            failure: None,
            enrollment_id: None,
            created_at: now,
            expires_at: now + TimeDelta::minutes(3),
        };
        store::guided::insert(&mut *self.conn().await?, &capture).await?;
        Ok(capture.id)
    }

    async fn show(&self, capture: GuidedCaptureId, jpeg: Vec<u8>) -> anyhow::Result<()> {
        let header = LookHeader {
            v: 1,
            look_id: FrameId::new(),
            organization_id: self.organization,
            guided_capture_id: capture,
            received_at: Utc::now(),
        };
        self.broker.wait_until_ready(LIMIT).await?;
        Ok(self.broker.publish_look(&header, jpeg).await?)
    }
}

impl Watch {
    /// Advice, poses taken and state, after the next frame of a capture.
    async fn progress(&mut self) -> anyhow::Result<(Option<Advice>, usize, CaptureState)> {
        loop {
            if let EventBody::CaptureProgressed { advice, taken, state, .. } = self.next().await?.body {
                return Ok((advice, taken, state));
            }
        }
    }
}

#[tokio::test]
async fn a_still_photo_gets_no_further_than_the_first_pose() -> anyhow::Result<()> {
    let school = School::open().await?;
    let worker = school.worker().await?;
    let mut watch = Watch::begin(&school.redis).await?;
    let capture =
        school.begin_capture(school.person("S001").await?, &[Facing::Centre, Facing::Left, Facing::Right]).await?;
    school.show(capture, nobody()).await?;
    assert_eq!(watch.progress().await?, (Some(Advice::ComeIntoView), 0, CaptureState::Open));
    school.show(capture, group()?).await?;
    assert_eq!(watch.progress().await?.0, Some(Advice::OnePersonOnly));
    school.show(capture, looking(Facing::Centre)?).await?;
    assert_eq!(watch.progress().await?, (Some(Advice::NextPose), 1, CaptureState::Open));
    for _ in 0..3 {
        school.show(capture, looking(Facing::Centre)?).await?;
        assert_eq!(watch.progress().await?, (Some(Advice::TurnLeft), 1, CaptureState::Open));
    }
    worker.stop().await
}

#[tokio::test]
async fn the_poses_that_were_asked_for_become_an_enrollment() -> anyhow::Result<()> {
    let school = School::open().await?;
    let worker = school.worker().await?;
    let mut watch = Watch::begin(&school.redis).await?;
    let person = school.person("S001").await?;
    let poses = [Facing::Centre, Facing::Right, Facing::Left];
    let capture = school.begin_capture(person, &poses).await?;
    for (taken, facing) in poses.into_iter().enumerate() {
        school.show(capture, looking(facing)?).await?;
        let state = if taken == 2 { CaptureState::Completed } else { CaptureState::Open };
        let (_, now_taken, now_state) = watch.progress().await?;
        assert_eq!((now_taken, now_state), (taken + 1, state), "{facing:?}");
    }
    let done = store::guided::find(&mut *school.conn().await?, school.organization, capture).await?;
    let Some(enrollment) = done.enrollment_id else { panic!("an enrollment follows: {done:?}") };
    let enrolled = school.finished(enrollment).await?;
    assert_eq!((enrolled.state, enrolled.person_id), (EnrollmentState::Completed, person));
    assert_eq!(enrolled.photos.iter().map(|photo| photo.rejection).collect::<Vec<_>>(), [None; 3]);
    worker.stop().await
}

#[tokio::test]
async fn somebody_else_who_takes_over_ends_it() -> anyhow::Result<()> {
    let school = School::open().await?;
    let worker = school.worker().await?;
    let mut watch = Watch::begin(&school.redis).await?;
    let poses = [Facing::Centre, Facing::Centre, Facing::Right];
    let capture = school.begin_capture(school.person("S001").await?, &poses).await?;
    school.show(capture, looking(Facing::Centre)?).await?;
    assert_eq!(watch.progress().await?.1, 1);
    for strike in 1..=MAX_STRIKES {
        school.show(capture, seen(BEN)?).await?;
        let state = if strike == MAX_STRIKES { CaptureState::Failed } else { CaptureState::Open };
        assert_eq!(watch.progress().await?.2, state);
    }
    let done = store::guided::find(&mut *school.conn().await?, school.organization, capture).await?;
    assert_eq!(done.failure, Some(CaptureFailure::NotSamePerson));
    worker.stop().await
}
