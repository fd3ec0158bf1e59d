//! Who may send frames: a camera with its key, or a user whose role has the permission.

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use domain::audit::{AuditAction, AuditActor, NewAuditEntry};
use domain::id::{CameraId, OrganizationId};
use domain::session::{Camera, Session};
use futures_util::future::LocalBoxFuture;
use store::Conn;
use uuid::Uuid;

use crate::auth::access::{Allowed, bearer, gateway};
use crate::auth::permission::SendFrames;
use crate::auth::secret;
use crate::clock;
use crate::error::ApiError;
use crate::rate::FrameSource;
use crate::request::RequestId;

const KEY_HEADER: &str = "x-api-key";

/// Somebody who may send frames.
pub(crate) enum FrameSender {
    /// A camera, by its key in `Authorization: Bearer` or `x-api-key`, of which this is the hash.
    Camera(Camera, [u8; 32]),
    /// A user, by its token.
    User(Allowed<SendFrames>),
}

impl FrameSender {
    /// The organization that it sends for.
    pub(crate) fn organization_id(&self) -> OrganizationId {
        match self {
            Self::Camera(camera, _) => camera.organization_id,
            Self::User(user) => user.organization_id,
        }
    }

    /// The camera, where it is one.
    pub(crate) fn camera_id(&self) -> Option<CameraId> {
        match self {
            Self::Camera(camera, _) => Some(camera.id),
            Self::User(_) => None,
        }
    }

    /// Who it is for the audit log.
    pub(crate) fn audit_actor(&self) -> AuditActor {
        match self {
            Self::Camera(camera, _) => AuditActor::Camera(camera.id),
            Self::User(user) => AuditActor::User(user.actor.user_id),
        }
    }

    /// What the audit log is told when it has changed something, with this request.
    pub(crate) fn entry(
        &self,
        request: &HttpRequest,
        action: AuditAction,
        subject_id: Uuid,
        details: serde_json::Value,
    ) -> NewAuditEntry {
        let (organization, actor) = (Some(self.organization_id()), self.audit_actor());
        RequestId::of(request).entry(organization, actor, action, Some(subject_id), details)
    }

    /// Whether it may send to `session`, which is one of its organization: a camera may be bound to one course or session.
    pub(crate) fn may_send_to(&self, session: &Session) -> bool {
        match self {
            Self::Camera(camera, _) => camera.may_send_to(session),
            Self::User(_) => true,
        }
    }

    /// Who sends its frames, for the limit of their rate.
    pub(crate) fn source(&self) -> FrameSource {
        match self {
            Self::Camera(camera, _) => FrameSource::Camera(camera.id),
            Self::User(user) => FrameSource::User(user.actor.user_id),
        }
    }

    /// Refuses a camera whose key was revoked, and a user who may not any more, since they were first seen.
    pub(crate) async fn check_still_good(&self, conn: &mut Conn) -> Result<(), ApiError> {
        match self {
            Self::Camera(_, key_hash) => find_camera(conn, key_hash).await.map(drop),
            Self::User(user) => user.check_still_good(conn).await,
        }
    }
}

impl FromRequest for FrameSender {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let key = match camera_key_of(request) {
            Some(key) => secret::hash(key),
            None => {
                let user = Allowed::from_request(request, payload);
                return Box::pin(async move { user.await.map(Self::User) });
            }
        };
        let request = request.clone();
        Box::pin(async move {
            let gateway = gateway(&request);
            let found = find_camera(&mut *gateway.connection().await?, &key).await;
            if let Err(ApiError::Unauthenticated) = &found {
                gateway.rates.check_stranger(&request)?;
            }
            Ok(Self::Camera(found?, key))
        })
    }
}

/// The camera with this key, which is seen now.
async fn find_camera(conn: &mut Conn, key_hash: &[u8; 32]) -> Result<Camera, ApiError> {
    let camera = store::cameras::find_by_key_hash(conn, key_hash).await?.ok_or(ApiError::Unauthenticated)?;
    store::cameras::note_seen(conn, &camera, clock::now()).await?;
    Ok(camera)
}

/// The camera's key that a request shows, if it shows one.
pub(crate) fn camera_key_of(request: &HttpRequest) -> Option<&str> {
    let by_header = request.headers().get(KEY_HEADER).and_then(|value| value.to_str().ok());
    by_header.or_else(|| bearer(request).filter(|token| token.starts_with(secret::CAMERA_KEY)))
}
