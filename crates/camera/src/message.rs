//! What the gateway says on the WebSocket of a session's frames.

use domain::event::PersonLabel;
use domain::id::FrameId;
use domain::session::SessionState;
use domain::sighting::FrameResult;
use serde::Deserialize;

use crate::refusal::Problem;

/// A text message of the gateway.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Message {
    /// The frame that was sent last was taken in.
    FrameAccepted {
        /// What the gateway calls it.
        frame_id: FrameId,
    },
    /// The frame that was sent last was refused.
    FrameRefused {
        /// Why.
        problem: Problem,
    },
    /// A frame was looked at.
    FrameRecognized(Box<Found>),
    /// The session began or ended.
    SessionChanged {
        /// What it is now.
        state: SessionState,
    },
    /// Messages of other kinds, which a later gateway may send.
    #[serde(other)]
    Other,
}

/// What was found in a frame.
#[derive(Debug, Deserialize)]
pub(crate) struct Found {
    /// The frame.
    pub frame_id: FrameId,
    /// What was found.
    #[serde(flatten)]
    pub result: FrameResult,
    /// The people that the sightings name.
    pub people: Vec<PersonLabel>,
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};
    use domain::contract::ContractId;
    use domain::event::{Event, EventBody};
    use domain::id::Id;
    use domain::session::SessionState;
    use domain::sighting::{FrameResult, StageTimes};

    use super::Message;

    fn parse(text: &str) -> Message {
        serde_json::from_str(text).unwrap()
    }

    fn event(body: EventBody) -> String {
        serde_json::to_string(&Event { organization_id: Id::new(), body }).unwrap()
    }

    #[test]
    fn events_and_answers_are_understood() {
        let now = Utc.timestamp_opt(0, 0).unwrap();
        let frame_id = Id::new();
        let result = FrameResult {
            contract: ContractId::new("c"),
            decided_at: now,
            times: StageTimes::default(),
            sightings: Vec::new(),
        };
        let recognized = EventBody::FrameRecognized {
            session_id: Id::new(),
            frame_id,
            camera_id: None,
            received_at: now,
            result,
            people: Vec::new(),
        };
        assert!(matches!(parse(&event(recognized)), Message::FrameRecognized(found) if found.frame_id == frame_id));
        let closed = EventBody::SessionChanged { session_id: Id::new(), state: SessionState::Closed };
        assert!(matches!(parse(&event(closed)), Message::SessionChanged { state: SessionState::Closed }));
        let accepted = format!(r#"{{"type":"frame_accepted","frame_id":"{frame_id}"}}"#);
        assert!(matches!(parse(&accepted), Message::FrameAccepted { frame_id: id } if id == frame_id));
        let refused = r#"{"type":"frame_refused","problem":{"type":"/docs/errors.md#image_damaged","title":"Damaged",
            "status":422,"detail":"the picture is damaged","code":"image_damaged","request_id":"r"}}"#;
        assert!(matches!(parse(refused), Message::FrameRefused { problem } if problem.code == "image_damaged"));
    }

    #[test]
    fn what_is_new_to_us_is_passed_over() {
        assert!(matches!(parse(r#"{"type":"resync"}"#), Message::Other));
        assert!(matches!(parse(r#"{"type":"weather","rain":true}"#), Message::Other));
    }
}
