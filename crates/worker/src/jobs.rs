//! The loop of whoever carries out jobs one by one: enrollments, class photos, frames of guided captures.

use std::error::Error;
use std::time::Duration;

use messaging::{Consumer, Payload};
use store::Pool;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span};

use crate::outcome::{JobOutcome, Reason, give_up, pause, settle_durable};

/// How long a job that must not be lost is held while the database is away, before another worker may try.
pub(crate) const PATIENT: Duration = Duration::from_secs(30);

/// What differs between jobs. A trait, since closures that lend themselves to futures cannot be sent between threads yet.
pub(crate) trait Work: Sync {
    /// A job.
    type Job: Payload + Send + Sync;
    /// As metrics call it.
    const KIND: &'static str;
    /// How long a job is held while the database is away.
    const PAUSE_LIMIT: Duration;

    fn pool(&self) -> &Pool;

    fn shutdown(&self) -> &CancellationToken;

    /// The span of a job.
    fn span(job: &Self::Job) -> Span;

    fn carry_out(&self, job: &Self::Job) -> impl Future<Output = Result<JobOutcome, JobOutcome>> + Send;

    /// Takes note that nobody can carry out a job, before it is settled.
    fn lay_aside(&self, job: &Self::Job, reason: &Reason) -> impl Future<Output = ()> + Send;
}

/// Carries out one job after the other until the worker stops; the one at hand is finished.
pub(crate) async fn work<W: Work>(work: W, mut jobs: Consumer<W::Job>) {
    while let Some(delivery) = work.shutdown().run_until_cancelled(jobs.next()).await {
        let earlier = delivery.earlier_deliveries;
        let (job, receipt) = delivery.split();
        let span = W::span(&job);
        let outcome = work.carry_out(&job).instrument(span.clone()).await.unwrap_or_else(|failed| failed);
        let outcome = give_up(outcome, earlier);
        match &outcome {
            JobOutcome::Later(_) => pause(work.pool(), W::PAUSE_LIMIT, work.shutdown()).await,
            JobOutcome::Never(reason) => work.lay_aside(&job, reason).instrument(span.clone()).await,
            JobOutcome::Done | JobOutcome::AlreadyDone => {}
        }
        settle_durable(W::KIND, receipt, outcome).instrument(span).await;
    }
    if let Err(error) = jobs.stop().await {
        tracing::debug!(kind = W::KIND, error = &error as &dyn Error, "the consumer ended with its connection");
    }
}
