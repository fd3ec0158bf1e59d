//! Whoever watches the events.

use std::pin::Pin;

use anyhow::{Context, bail};
use domain::event::{Event, EventBody, PersonLabel, PhotoOutcome};
use domain::id::{EnrollmentId, FrameId, PersonId};
use domain::sighting::{FrameResult, Outcome};
use futures_util::{Stream, StreamExt};
use messaging::{Live, Redis};

use crate::school::LIMIT;

pub(crate) struct Watch(Pin<Box<dyn Stream<Item = Live> + Send>>);

/// A frame that was recognised.
#[derive(Debug)]
pub(crate) struct Recognised {
    pub(crate) result: FrameResult,
    pub(crate) people: Vec<PersonLabel>,
}

impl Recognised {
    /// Outcome and person of each face.
    pub(crate) fn faces(&self) -> Vec<(Outcome, Option<PersonId>)> {
        self.result.sightings.iter().map(|sighting| (sighting.outcome, sighting.person_id)).collect()
    }
}

impl Watch {
    /// Watches from now on.
    pub(crate) async fn begin(redis: &Redis) -> anyhow::Result<Self> {
        let mut live = redis.subscribe().boxed();
        // The subscription stands as soon as it says that it had not stood before.
        tokio::time::timeout(LIMIT, live.next()).await?;
        Ok(Self(live))
    }

    /// Waits until a frame is recognised; other events are passed over.
    pub(crate) async fn recognised(&mut self, wanted: FrameId) -> anyhow::Result<Recognised> {
        self.recognised_any(&[wanted]).await
    }

    /// Waits until one of these frames is recognised.
    pub(crate) async fn recognised_any(&mut self, wanted: &[FrameId]) -> anyhow::Result<Recognised> {
        loop {
            if let EventBody::FrameRecognized { frame_id, result, people, .. } = self.next().await?.body
                && wanted.contains(&frame_id)
            {
                return Ok(Recognised { result, people });
            }
        }
    }

    /// Waits until an enrollment is finished; other events are passed over.
    pub(crate) async fn enrolled(&mut self, wanted: EnrollmentId) -> anyhow::Result<Vec<PhotoOutcome>> {
        loop {
            if let EventBody::EnrollmentFinished { enrollment_id, photos, .. } = self.next().await?.body
                && enrollment_id == wanted
            {
                return Ok(photos);
            }
        }
    }

    pub(crate) async fn next(&mut self) -> anyhow::Result<Event> {
        match tokio::time::timeout(LIMIT, self.0.next()).await.context("no event")? {
            Some(Live::Event(event)) => Ok(*event),
            other => bail!("{other:?}, not an event"),
        }
    }
}
