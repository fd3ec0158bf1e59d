//! Who may send frames: a camera with its key, or a user whose role has the permission.

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use domain::audit::{AuditAction, AuditActor, NewAuditEntry};
use domain::id::{CameraId, OrganizationId};
use domain::session::{Camera, Session};
use futures_util::future::LocalBoxFuture;
use store::Conn;
use uuid::Uuid;

use crate::auth::access::{Allowed, bearer, entry, gateway};
use crate::auth::camera_key;
use crate::auth::permission::SendFrames;
use crate::error::ApiError;
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
        entry(&RequestId::of(request), organization, actor, action, Some(subject_id), details)
    }

    /// Whether it may send to `session`, which is one of its organization: a camera may be bound to one course.
    pub(crate) fn may_send_to(&self, session: &Session) -> bool {
        match self {
            Self::Camera(camera, _) => camera.course_id.is_none_or(|course| course == session.course_id),
            Self::User(_) => true,
        }
    }

    /// Whether a camera's key has not been revoked since it was first seen.
    pub(crate) async fn check_still_good(&self, conn: &mut Conn) -> Result<(), ApiError> {
        match self {
            Self::Camera(_, key_hash) => find_camera(conn, key_hash).await.map(drop),
            Self::User(_) => Ok(()),
        }
    }
}

impl FromRequest for FrameSender {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let key = match camera_key_of(request) {
            Some(key) => camera_key::hash(key),
            None => {
                let user = Allowed::from_request(request, payload);
                return Box::pin(async move { user.await.map(Self::User) });
            }
        };
        let gateway = gateway(request);
        Box::pin(async move {
            let mut conn = gateway.connection().await?;
            Ok(Self::Camera(find_camera(&mut conn, &key).await?, key))
        })
    }
}

async fn find_camera(conn: &mut Conn, key_hash: &[u8; 32]) -> Result<Camera, ApiError> {
    store::cameras::find_by_key_hash(conn, key_hash).await?.ok_or(ApiError::Unauthenticated)
}

fn camera_key_of(request: &HttpRequest) -> Option<&str> {
    let by_header = request.headers().get(KEY_HEADER).and_then(|value| value.to_str().ok());
    by_header.or_else(|| bearer(request).filter(|token| token.starts_with(camera_key::PREFIX)))
}
