//! Comparing what this worker holds, and what Redis says, with Postgres: what was not told is found within half a second.
//!
//! A process may die between its commit and its raise, Redis may be flushed, and a database may be restored to an earlier
//! day. Each look is one question to Redis and one statement to Postgres, however many rosters and indexes there are.

use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use domain::id::{CourseId, OrganizationId};
use messaging::{Correction, Counted, MessagingError, Redis};
use store::versions::Versions;
use store::{Pool, StoreError};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::globals::Globals;
use crate::measure;
use crate::rosters::Rosters;

/// How long a look waits for Redis, which it can do without.
const REDIS_LIMIT: Duration = Duration::from_millis(200);

/// What is compared.
pub(crate) struct Watching {
    pub(crate) pool: Pool,
    pub(crate) redis: Redis,
    pub(crate) rosters: Arc<Rosters>,
    pub(crate) globals: Arc<Globals>,
}

impl Watching {
    /// Looks once in each `period`, until `shutdown`.
    pub(crate) async fn watch(self, period: Duration, shutdown: CancellationToken) {
        let mut looks = tokio::time::interval(period);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_well = true;
        let watching = async {
            loop {
                looks.tick().await;
                let looked = Box::pin(self.look()).await;
                if let (true, Err(error)) = (is_well, &looked) {
                    let error = error as &dyn Error;
                    tracing::warn!(error, "versions cannot be compared with the database; trying on");
                }
                is_well = looked.is_ok();
            }
        };
        shutdown.run_until_cancelled(watching).await;
    }

    /// Puts right what Redis says, lets go of rosters that are out of date, and wakes the indexes that are.
    pub(crate) async fn look(&self) -> Result<(), StoreError> {
        let (held, organizations) = (self.rosters.held(), self.globals.followed());
        if held.is_empty() && organizations.is_empty() {
            return Ok(());
        }
        let courses: Vec<CourseId> = held.iter().map(|(course, _)| *course).collect();
        // Redis is asked first: a number is told after its commit, so none that is told now is above what Postgres says next.
        let told = self.told(&courses, &organizations).await;
        let mut conn = store::get(&self.pool).await?;
        let truth = store::versions::read(&mut conn, &courses, &organizations).await?;
        drop(conn);
        let outdated = self.rosters.let_go_unless(&held, &truth.rosters);
        measure::rosters_outdated(outdated);
        self.globals.compare(&organizations, &truth);
        if let Ok(told) = told {
            self.correct(&told, &truth).await;
        }
        Ok(())
    }

    async fn told(
        &self,
        courses: &[CourseId],
        organizations: &[OrganizationId],
    ) -> Result<HashMap<Counted, Option<i64>>, MessagingError> {
        let rosters = courses.iter().copied().map(Counted::Roster);
        let of: Vec<Counted> = rosters.chain(organizations.iter().copied().map(Counted::Templates)).collect();
        let told = tokio::time::timeout(REDIS_LIMIT, self.redis.told(&of)).await;
        let told = told.unwrap_or_else(|_late| Ok(vec![]))?;
        Ok(of.into_iter().zip(told).collect())
    }

    async fn correct(&self, told: &HashMap<Counted, Option<i64>>, truth: &Versions) {
        let rosters = truth.rosters.iter().map(|(course, version)| (Counted::Roster(*course), *version));
        let templates = truth.templates.iter().map(|(id, revision)| (Counted::Templates(*id), *revision));
        let wrong: Vec<Correction> = rosters
            .chain(templates)
            .filter_map(|(of, truth)| Some(Correction { of, told: *told.get(&of)?, truth }))
            .filter(|correction| correction.told != Some(correction.truth))
            .collect();
        for Correction { told, truth, .. } in &wrong {
            measure::version_corrected(match told {
                None => "missing",
                Some(told) if told < truth => "too_low",
                Some(_) => "too_high",
            });
        }
        // That it fails costs no more than that: whoever finds no key asks Postgres, and there is another look.
        let _ = tokio::time::timeout(REDIS_LIMIT, self.redis.correct(&wrong)).await;
    }
}

#[cfg(test)]
mod tests;
