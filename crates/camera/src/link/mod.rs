//! From the slot to the gateway, and the results back.

mod conversation;
mod ledger;
mod post;
mod socket;

use std::time::Duration;

use domain::id::SessionId;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::mpsc;
use url::Url;

use crate::feeder::Keep;
use crate::notice::Notice;
use crate::refusal::Problem;
use crate::slot::Slot;
use crate::source::Picture;

/// How frames travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    /// One WebSocket, on which results come back.
    Socket,
    /// One request each; no results come back.
    Post,
}

/// Where frames are sent to, and how.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// Address of the gateway.
    pub gateway: Url,
    /// The session.
    pub session: SessionId,
    /// The camera's key.
    pub key: SecretString,
    /// How frames travel.
    pub transport: Transport,
    /// Which pictures are worth sending.
    pub keep: Keep,
    /// How long to wait for the result of a frame.
    pub patience: Duration,
}

/// Why sending ended before the source did.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The gateway will never take frames that come like this.
    #[error("the gateway refuses: {reason}; check the key, the session and the gateway's address")]
    Refused {
        /// What it said.
        reason: String,
    },
    /// The session ended before every frame was sent.
    #[error("the session was closed before every frame was sent")]
    SessionOver,
    /// The gateway's address cannot be used.
    #[error("{0} is no address of a gateway: it must begin with http://")]
    Address(Url),
    /// The key cannot be sent.
    #[error("the camera's key holds characters that no key has; is the file the right one?")]
    Key,
    /// The HTTP client cannot be made.
    #[error("the HTTP client cannot start")]
    Client(#[from] reqwest::Error),
}

impl LinkError {
    fn refused(problem: &Problem) -> Self {
        Self::Refused { reason: problem.to_string() }
    }
}

/// Sends what comes into `slot` until it ends and every result has come or is too late.
///
/// Goes on trying while the gateway is away, for as long as there is something to send.
pub(crate) async fn send_all(
    target: &Target,
    slot: &Slot<Picture>,
    notices: &mpsc::Sender<Notice>,
) -> Result<(), LinkError> {
    match target.transport {
        Transport::Socket => socket::send_all(target, slot, notices).await,
        Transport::Post => post::send_all(target, slot, notices).await,
    }
}

impl Target {
    /// The address of the session's frames, below it `last`.
    fn address(&self, scheme: &str, last: &[&str]) -> Result<Url, LinkError> {
        let wrong = || LinkError::Address(self.gateway.clone());
        if self.gateway.scheme() != "http" {
            return Err(wrong());
        }
        let mut address = self.gateway.clone();
        address.set_scheme(scheme).map_err(|()| wrong())?;
        let session = self.session.to_string();
        let parts = ["api", "v1", "sessions", &session, "frames"];
        address.path_segments_mut().map_err(|()| wrong())?.pop_if_empty().extend(parts).extend(last);
        Ok(address)
    }

    /// The value of the header `Authorization`.
    fn authorization(&self) -> Result<reqwest::header::HeaderValue, LinkError> {
        let text = format!("Bearer {}", self.key.expose_secret());
        let mut value = reqwest::header::HeaderValue::try_from(text).map_err(|_not_ascii| LinkError::Key)?;
        value.set_sensitive(true);
        Ok(value)
    }
}

/// Tells of `notice`. The listener ends only after the link, unless the output cannot be written to any more.
async fn tell(notices: &mpsc::Sender<Notice>, notice: Notice) {
    let _ = notices.send(notice).await;
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Target, Transport};
    use crate::feeder::Keep;

    fn target(gateway: &str) -> Target {
        Target {
            gateway: gateway.parse().unwrap(),
            session: uuid::Uuid::nil().into(),
            key: "rck_secret".into(),
            transport: Transport::Socket,
            keep: Keep::Newest,
            patience: Duration::from_secs(30),
        }
    }

    #[test]
    fn addresses_of_a_session() {
        let nil = uuid::Uuid::nil();
        let check = |gateway: &str, expected: &str| {
            assert_eq!(target(gateway).address("ws", &["stream"]).unwrap().as_str(), expected);
        };
        check("http://gate:8080", &format!("ws://gate:8080/api/v1/sessions/{nil}/frames/stream"));
        check("http://gate/rollcall/", &format!("ws://gate/rollcall/api/v1/sessions/{nil}/frames/stream"));
        assert!(target("https://gate").address("ws", &[]).is_err());
        assert!(target("file:///gate").address("ws", &[]).is_err());
    }

    #[test]
    fn the_key_is_not_shown() {
        let target = target("http://gate");
        assert!(!format!("{target:?} {:?}", target.authorization()).contains("secret"));
    }
}
