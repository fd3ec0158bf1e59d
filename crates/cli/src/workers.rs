//! Telling the workers what was changed by hand.

use std::time::Duration;

use anyhow::{Context, ensure};
use domain::id::{CourseId, EnrollmentId, OrganizationId};
use messaging::{Broker, EnrollmentJob, Namespace, Redis};
use secrecy::ExposeSecret;
use store::PooledConn;

use crate::settings::Settings;

const CONNECT_LIMIT: Duration = Duration::from_secs(15);

/// Tells the workers. Where Redis is not named or away, they ask for themselves when the keys expire, after a minute.
pub(crate) async fn raise(
    settings: &Settings,
    conn: &mut PooledConn,
    organization: OrganizationId,
    bumped: &[(CourseId, i64)],
) {
    let told = async {
        ensure!(!settings.redis.url.expose_secret().is_empty(), "no Redis is named");
        let redis = Redis::connect(&settings.redis, &Namespace::new(&settings.deployment.namespace))?;
        for (course, version) in bumped {
            redis.raise_course_version(*course, *version).await?;
        }
        let revision = store::templates::revision(conn, organization).await?;
        redis.raise_template_revision(organization, revision).await?;
        anyhow::Ok(())
    };
    if let Err(error) = told.await {
        println!("the workers could not be told ({error:#}); they will notice within a minute");
    }
}

/// Tells the workers of pending enrollments. Where the broker is not named or away, the scheduler tells them later.
pub(crate) async fn publish(settings: &Settings, organization: OrganizationId, enrollments: &[EnrollmentId]) {
    let told = async {
        ensure!(!settings.broker.url.expose_secret().is_empty(), "no broker is named");
        let namespace = Namespace::new(&settings.deployment.namespace);
        let broker = Broker::connect(&settings.broker, &namespace, settings.frames.clone()).await?;
        broker.wait_until_ready(CONNECT_LIMIT).await.context("the broker cannot be reached")?;
        for id in enrollments {
            broker.publish_enrollment(&EnrollmentJob::new(organization, *id)).await?;
        }
        anyhow::Ok(())
    };
    if let Err(error) = told.await {
        println!("the workers could not be told ({error:#}); the scheduler will tell them");
    }
}
