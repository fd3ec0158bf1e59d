//! Telling the workers of durable work.
//!
//! The work is stored when its job is published, and that is all that clients were promised: they do not wait long for
//! this. When the broker is away the work stays pending, and the scheduler's sweep tells the workers later.

use std::time::Duration;

use domain::id::{ClassPhotoId, EnrollmentId, OrganizationId};
use messaging::{ClassPhotoJob, EnrollmentJob, MessagingError};
use uuid::Uuid;

use crate::state::Gateway;

/// How long the broker may take to say that it has a job.
const PUBLISH_TIME: Duration = Duration::from_secs(2);

/// Tells the workers of a pending enrollment.
pub(crate) async fn publish_enrollment(gateway: &Gateway, organization_id: OrganizationId, id: EnrollmentId) {
    let job = EnrollmentJob::new(organization_id, id);
    let publishing = gateway.broker.publish_enrollment(&job);
    publish("rollcall_enrollments_unpublished_total", id.uuid(), publishing).await;
}

/// Tells the workers of a pending class photo.
pub(crate) async fn publish_class_photo(gateway: &Gateway, organization_id: OrganizationId, id: ClassPhotoId) {
    let job = ClassPhotoJob::new(organization_id, id);
    let publishing = gateway.broker.publish_class_photo(&job);
    publish("rollcall_class_photos_unpublished_total", id.uuid(), publishing).await;
}

async fn publish(unpublished: &'static str, id: Uuid, publishing: impl Future<Output = Result<(), MessagingError>>) {
    let published = tokio::time::timeout(PUBLISH_TIME, publishing).await;
    if let Ok(Ok(())) = published {
        return;
    }
    metrics::counter!(unpublished).increment(1);
    match published {
        Ok(Err(error)) => {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(job.id = %id, error, "a job is left to the sweep");
        }
        _ => tracing::warn!(job.id = %id, "the broker is slow: a job is left to the sweep"),
    }
}
