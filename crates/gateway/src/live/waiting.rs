//! Requests that wait for what a worker makes of them.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::contract::ContractId;
use domain::event::{Event, EventBody, PersonLabel};
use domain::id::{FrameId, OrganizationId, PersonId, SessionId};
use domain::sighting::{Outcome, Sighting, StageTimes};
use serde::{Deserialize, Serialize};
use store::Conn;
use tokio::time::Instant;
use utoipa::{IntoParams, ToSchema};

use crate::error::ApiError;
use crate::live::hub::Feed;
use crate::state::Gateway;

const LONGEST_SECONDS: u64 = 10;

/// How long a request may wait for its result.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WaitQuery {
    /// Seconds to wait for the result, 1 to 10; it is not waited for where this is not said.
    #[param(minimum = 1, maximum = 10)]
    pub(crate) wait: Option<u64>,
}

impl WaitQuery {
    /// How long to wait, if at all.
    pub(crate) fn read(&self) -> Result<Option<Duration>, ApiError> {
        match self.wait {
            Some(seconds) if !(1..=LONGEST_SECONDS).contains(&seconds) => {
                Err(ApiError::InvalidQuery { reason: format!("`wait` must be in 1..={LONGEST_SECONDS}") })
            }
            seconds => Ok(seconds.map(Duration::from_secs)),
        }
    }
}

/// What was recognised in one frame.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct RecognizedFrame {
    pub(crate) frame_id: FrameId,
    /// Which model made the comparison.
    contract: ContractId,
    /// When the worker decided.
    decided_at: DateTime<Utc>,
    /// Where the time went; `null` when it is not known any more.
    times: Option<StageTimes>,
    /// One per face; empty when there was none.
    pub(crate) sightings: Vec<Sighting>,
    /// The people that the sightings name.
    pub(crate) people: Vec<PersonLabel>,
}

impl RecognizedFrame {
    /// Whether a face looks like a picture of a face.
    pub(crate) fn is_suspected(&self) -> bool {
        self.sightings.iter().any(|sighting| sighting.outcome == Outcome::SpoofSuspected)
    }

    /// What a message of the hub says of a frame; `None` when it is another message.
    fn heard(message: &str) -> Option<Self> {
        let Ok(Event { body: EventBody::FrameRecognized { frame_id, result, people, .. }, .. }) =
            serde_json::from_str(message)
        else {
            return None;
        };
        let (contract, decided_at, times) = (result.contract, result.decided_at, Some(result.times));
        Some(Self { frame_id, contract, decided_at, times, sightings: result.sightings, people })
    }

    /// What is recorded of a frame; `None` while that is nothing.
    async fn recorded(
        conn: &mut Conn,
        organization: OrganizationId,
        session: SessionId,
        frame_id: FrameId,
    ) -> Result<Option<Self>, ApiError> {
        let rows = store::sightings::of_frame(conn, organization, session, frame_id).await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let (contract, decided_at) = (first.contract.clone(), first.decided_at);
        let sightings: Vec<Sighting> = rows.into_iter().map(|row| row.sighting).collect();
        let people = labels(conn, organization, sightings.iter().filter_map(|sighting| sighting.person_id)).await?;
        Ok(Some(Self { frame_id, contract, decided_at, times: None, sightings, people }))
    }
}

/// How these people are called; the database is not asked about nobody.
pub(crate) async fn labels(
    conn: &mut Conn,
    organization: OrganizationId,
    people: impl Iterator<Item = PersonId>,
) -> Result<Vec<PersonLabel>, ApiError> {
    let ids: Vec<PersonId> = people.collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(store::people::labels(conn, organization, &ids).await?)
}

/// What was recognised in a frame, if that is known in time.
///
/// `feed` was joined before the frame was sent. When the hub may have missed the result, and at the end, the sightings
/// are asked: they know of every frame with faces.
pub(crate) async fn frame_result(
    gateway: &Gateway,
    mut feed: Feed,
    organization: OrganizationId,
    session: SessionId,
    frame: FrameId,
    longest: Duration,
) -> Result<Option<RecognizedFrame>, ApiError> {
    let deadline = Instant::now() + longest;
    loop {
        let heard = tokio::time::timeout_at(deadline, feed.next()).await;
        let is_over = !matches!(heard, Ok(Some(_)));
        if let Ok(Some(message)) = heard
            && let Some(result) = RecognizedFrame::heard(&message)
        {
            return Ok(Some(result));
        }
        let mut conn = gateway.connection().await?;
        let recorded = RecognizedFrame::recorded(&mut conn, organization, session, frame).await?;
        if is_over || recorded.is_some() {
            return Ok(recorded);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::WaitQuery;

    fn check(wait: Option<u64>, expected: Option<Option<u64>>) {
        let read = WaitQuery { wait }.read().ok().map(|wait| wait.map(|time| time.as_secs()));
        assert_eq!(read, expected, "{wait:?}");
    }

    #[test]
    fn a_wait_has_1_to_10_seconds() {
        check(None, Some(None));
        check(Some(1), Some(Some(1)));
        check(Some(10), Some(Some(10)));
        check(Some(0), None);
        check(Some(11), None);
        check(Some(u64::MAX), None);
    }
}
