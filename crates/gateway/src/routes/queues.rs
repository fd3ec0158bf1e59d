//! What waits for workers.

use actix_web::web::{Data, Json};
use messaging::QueueStanding;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::access::InstallationAdmin;
use crate::error::ApiError;
use crate::state::Gateway;

/// A queue of the installation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Queue {
    /// `frames`, `looks`, `enrollments` or `photos`.
    name: &'static str,
    /// What it is for, in words.
    purpose: &'static str,
    /// How many messages wait for a worker.
    ready: u32,
    /// How many workers take from it.
    consumers: u32,
    /// How many of its messages failed too often and lie aside; `null` where what fails is dropped.
    dead_letters: Option<u32>,
}

impl From<QueueStanding> for Queue {
    fn from(QueueStanding { name, ready, consumers, dead }: QueueStanding) -> Self {
        Self { name, purpose: purpose(name), ready, consumers, dead_letters: dead }
    }
}

fn purpose(name: &str) -> &'static str {
    match name {
        "frames" => "Frames of cameras in active sessions: when there are too many the oldest are dropped.",
        "looks" => "Frames of guided captures: when there are too many the oldest are dropped.",
        "enrollments" => "Photos of people that are to become templates.",
        "photos" => "Pictures of whole classes that are to be looked at.",
        _ => "",
    }
}

/// The queues of the installation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Queues {
    items: Vec<Queue>,
}

/// Shows how many messages wait for workers, and how many lie aside. For administrators of the installation.
#[utoipa::path(get, path = "/api/v1/queues", tag = "queues",
    responses((status = 200, description = "All queues.", body = Queues)))]
pub(crate) async fn list_queues(_: InstallationAdmin, gateway: Data<Gateway>) -> Result<Json<Queues>, ApiError> {
    let standings = gateway.broker.standings().await?;
    Ok(Json(Queues { items: standings.into_iter().map(Into::into).collect() }))
}
