//! How the indexes stand: told to whoever asks this process, and by heartbeat to everybody.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use chrono::Utc;
use domain::index::{ReplicaReport, ReplicaState};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::{Globals, Key};
use crate::measure::{self, Holding};
use crate::replica::Standing;

/// How often everybody is told.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// For how long an index may fail to follow before the worker says that it is not ready.
const TOLERANCE: Duration = Duration::from_secs(30);

impl Globals {
    /// Tells in Redis how the indexes stand, again and again, until `shutdown`; then that there are none any more.
    pub(crate) async fn tell(&self, shutdown: CancellationToken) {
        let host = host();
        let mut beats = tokio::time::interval(HEARTBEAT);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let telling = async {
            loop {
                tokio::select! {
                    _ = beats.tick() => {}
                    () = self.changed.notified() => {}
                }
                let standing = self.standing();
                measure::indexes(&standing.iter().map(|(_, standing)| holding(standing)).collect::<Vec<_>>());
                for (key, standing) in &standing {
                    // Who is away now is told next time; the others would fare no better.
                    if self.sources.redis.tell_replica(&self.report(&host, key, standing)).await.is_err() {
                        break;
                    }
                }
            }
        };
        shutdown.run_until_cancelled(telling).await;
        for (key, _) in self.standing() {
            self.untell(&key).await;
        }
    }

    /// Tells that there is no such index here any more.
    pub(super) async fn untell(&self, key: &Key) {
        // It is forgotten in a moment anyway.
        let _ = self.sources.redis.forget_replica(self.worker_id, key.0, &key.1).await;
    }

    fn standing(&self) -> Vec<(Key, Standing)> {
        self.all().into_iter().map(|(key, replica)| (key, replica.standing())).collect()
    }

    fn report(&self, host: &str, key: &Key, standing: &Standing) -> ReplicaReport {
        let Standing { index, facts, state } = standing;
        ReplicaReport {
            worker_id: self.worker_id,
            host: host.to_owned(),
            organization_id: key.0,
            contract: key.1.clone(),
            version_id: facts.version,
            factory: index.factory().to_string(),
            watermark: index.watermark(),
            templates: index.len(),
            people: index.people(),
            bytes: index.bytes(),
            state: *state,
            at: Utc::now(),
        }
    }

    /// Whether the indexes that were wanted when the worker began are there, and none is stuck.
    pub(crate) fn readiness(&self) -> Result<(), String> {
        let standing: HashMap<Key, Standing> = self.standing().into_iter().collect();
        let wanted = self.wanted.get().ok_or("it is not known yet which are needed")?;
        let is_there = |key: &&Key| standing.get(*key).is_none_or(|one| one.state == ReplicaState::Following);
        let there = wanted.iter().filter(is_there).count();
        if there < wanted.len() {
            return Err(format!("{there} of {} are loaded", wanted.len()));
        }
        let is_stuck = |one: &&Standing| one.facts.failing_since.is_some_and(|since| since.elapsed() > TOLERANCE);
        let stuck: Vec<&Standing> = standing.values().filter(is_stuck).collect();
        let Some(lag) = stuck.iter().map(|one| one.lag()).max() else { return Ok(()) };
        let bytes: usize = stuck.iter().map(|one| one.index.bytes()).sum();
        Err(format!("{} cannot follow, {lag} revisions behind at most, {bytes} bytes", stuck.len()))
    }

    /// What there is to know about the indexes.
    pub(crate) fn detail(&self) -> serde_json::Value {
        let one = |(key, standing): &(Key, Standing)| {
            let Standing { index, facts, state } = standing;
            serde_json::json!({
                "organization_id": key.0,
                "contract": key.1,
                "state": state,
                "version_id": facts.version,
                "factory": index.factory().to_string(),
                "watermark": index.watermark(),
                "lag": standing.lag(),
                "templates": index.len(),
                "people": index.people(),
                "bytes": index.bytes(),
            })
        };
        self.standing().iter().map(one).collect()
    }
}

fn holding(standing: &Standing) -> Holding {
    Holding {
        templates: standing.index.len(),
        bytes: standing.index.bytes(),
        lag: standing.lag(),
        current_before: standing.facts.current_at.elapsed(),
    }
}

/// The name of this machine.
fn host() -> String {
    let name = std::fs::read_to_string(Path::new("/proc/sys/kernel/hostname")).unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "unnamed".to_owned() } else { name.to_owned() }
}
