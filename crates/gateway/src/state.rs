//! What all handlers share.

use chrono::TimeDelta;
use domain::event::Event;
use domain::id::{CourseId, OrganizationId};
use domain::lockout::LockoutPolicy;
use messaging::{Broker, Redis};
use store::erasures::Erased;
use store::series::TimetableSettings;
use store::{Conn, Pool, PooledConn, Sealer, Signer};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::admission::Admission;
use crate::auth::password::Passwords;
use crate::auth::qr::QrCodes;
use crate::auth::token::Tokens;
use crate::error::ApiError;
use crate::live::hub::Hub;
use crate::panel::Panel;
use crate::rate::RateLimits;
use crate::settings::LiveSettings;

/// The connections and keys of a running gateway.
pub(crate) struct Gateway {
    pub pool: Pool,
    pub sealer: Sealer,
    pub signer: Signer,
    pub broker: Broker,
    pub redis: Redis,
    pub tokens: Tokens,
    pub qr: QrCodes,
    pub passwords: Passwords,
    /// When somebody who guesses passwords has to wait.
    pub lockout: LockoutPolicy,
    /// How long a refresh token is good.
    pub refresh_lifetime: TimeDelta,
    /// Whether the refresh token's cookie may go over plain HTTP, from anywhere.
    pub insecure_cookie: bool,
    /// Whether a proxy of ours is in front.
    pub behind_proxy: bool,
    pub rates: RateLimits,
    pub admission: Admission,
    pub panel: Panel,
    pub hub: Hub,
    pub live: LiveSettings,
    pub timetable: TimetableSettings,
    /// The tasks of open WebSockets.
    pub sockets: TaskTracker,
    /// Told to WebSockets: say goodbye.
    pub closing: CancellationToken,
}

impl Gateway {
    /// A connection to Postgres.
    pub(crate) async fn connection(&self) -> Result<PooledConn, ApiError> {
        Ok(store::get(&self.pool).await?)
    }

    /// Carries out `change` in one transaction, which is undone when it fails.
    pub(crate) async fn change<T>(
        &self,
        change: impl AsyncFnOnce(&mut Conn) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let mut conn = self.connection().await?;
        store::transaction::run(&mut conn, change).await
    }

    /// Tells the workers that rosters have changed. When Redis is away they notice by themselves within a minute.
    pub(crate) async fn raise_course_versions(&self, versions: &[(CourseId, i64)]) {
        for (course_id, version) in versions {
            if let Err(error) = self.redis.raise_course_version(*course_id, *version).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(course.id = %course_id, error, "a roster's new version was not told");
            }
        }
    }

    /// Tells the workers that templates of an organization came or went. When Redis or the database is away they notice by
    /// themselves within a minute.
    pub(crate) async fn raise_template_revision(&self, organization_id: OrganizationId) {
        let told = async {
            let revision = store::templates::revision(&mut *self.connection().await?, organization_id).await?;
            Ok::<_, ApiError>(self.redis.raise_template_revision(organization_id, revision).await?)
        };
        if let Err(error) = told.await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(organization.id = %organization_id, error, "a template revision was not told");
        }
    }

    /// Tells the workers that somebody is gone. When Redis is away they notice by themselves: rosters within a minute,
    /// the organization's index at its next poll.
    pub(crate) async fn tell_of_removal(&self, organization: OrganizationId, erased: &Erased) {
        self.raise_course_versions(&erased.bumped).await;
        if let Err(error) = self.redis.raise_template_revision(organization, erased.template_revision).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(organization.id = %organization, error, "a removal was not told");
        }
    }

    /// Tells whoever watches. When Redis is away they are told to look again once it is back.
    pub(crate) async fn announce(&self, event: &Event) {
        if let Err(error) = self.redis.announce(event).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "an event was not announced");
        }
    }
}
