//! One request per frame, for networks that let no WebSocket through.

use std::time::Duration;

use domain::id::FrameId;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use serde::Deserialize;
use tokio::sync::mpsc;

use super::{LinkError, Target, tell};
use crate::backoff::Backoff;
use crate::feeder::Keep;
use crate::notice::Notice;
use crate::refusal::{Problem, Verdict};
use crate::slot::Slot;
use crate::source::Picture;

const CONNECT_TIME: Duration = Duration::from_secs(10);
const REQUEST_TIME: Duration = Duration::from_secs(60);

#[derive(Deserialize)]
struct Accepted {
    frame_id: FrameId,
}

/// What became of one request.
enum Answer {
    Accepted(FrameId),
    Refused(Problem, Option<Duration>),
    Failed(String),
}

pub(super) async fn send_all(
    target: &Target,
    slot: &Slot<Picture>,
    notices: &mpsc::Sender<Notice>,
) -> Result<(), LinkError> {
    let client = reqwest::Client::builder().connect_timeout(CONNECT_TIME).timeout(REQUEST_TIME).build()?;
    let address = target.address("http", &[])?;
    let request =
        client.post(address).header(AUTHORIZATION, target.authorization()?).header(CONTENT_TYPE, "image/jpeg");
    let mut backoff = Backoff::default();
    let mut was_accepted = false;
    let mut again = None;
    loop {
        let next = match again.take() {
            Some(picture) => Some(picture),
            None => slot.take().await,
        };
        let Some(picture) = next else { return Ok(()) };
        let source = picture.name.clone();
        let attempt = request.try_clone().expect("a request without a body can be cloned");
        match send(attempt.body(picture.jpeg.clone())).await {
            Answer::Accepted(frame_id) => {
                (was_accepted, backoff) = (true, Backoff::default());
                tell(notices, Notice::FrameAccepted { source, frame_id }).await;
            }
            Answer::Refused(problem, retry_after) => match problem.verdict() {
                Verdict::GiveUp => return Err(LinkError::refused(&problem)),
                Verdict::NotActive if was_accepted => {
                    tell(notices, Notice::FrameRefused { source, problem }).await;
                    tell(notices, Notice::SessionClosed).await;
                    return if target.keep == Keep::Every { Err(LinkError::SessionOver) } else { Ok(()) };
                }
                Verdict::SkipFrame => tell(notices, Notice::FrameRefused { source, problem }).await,
                Verdict::TryLater | Verdict::NotActive => {
                    let wait = backoff.next().max(retry_after.unwrap_or_default());
                    tell(notices, Notice::Waiting { reason: problem.to_string(), wait }).await;
                    match target.keep {
                        Keep::Every => again = Some(picture),
                        Keep::Newest => tell(notices, Notice::FrameRefused { source, problem }).await,
                    }
                    tokio::time::sleep(wait).await;
                }
            },
            Answer::Failed(reason) => {
                let wait = backoff.next();
                tell(notices, Notice::Waiting { reason, wait }).await;
                match target.keep {
                    Keep::Every => again = Some(picture),
                    Keep::Newest => tell(notices, Notice::FrameLost { source }).await,
                }
                tokio::time::sleep(wait).await;
            }
        }
    }
}

async fn send(request: reqwest::RequestBuilder) -> Answer {
    let answer = match request.send().await {
        Ok(answer) => answer,
        Err(error) => return Answer::Failed(reason(&error)),
    };
    let status = answer.status();
    let retry_after = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    let body = match answer.bytes().await {
        Ok(body) => body,
        Err(error) => return Answer::Failed(reason(&error)),
    };
    match serde_json::from_slice::<Accepted>(&body) {
        Ok(accepted) if status.is_success() => Answer::Accepted(accepted.frame_id),
        _ => Answer::Refused(Problem::from_answer(status.as_u16(), &body), retry_after.map(Duration::from_secs)),
    }
}

fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        "the gateway did not answer in time".to_owned()
    } else {
        "the gateway cannot be reached".to_owned()
    }
}
