//! Who holds which index: each worker tells again and again, and whoever stops telling is forgotten.
//!
//! How old a report is, is reckoned by the clock of Redis: those of workers and gateways need not agree.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use deadpool_redis::redis::{Script, cmd};
use domain::contract::ContractId;
use domain::id::OrganizationId;
use domain::index::ReplicaReport;
use uuid::Uuid;

use crate::error::MessagingError;
use crate::redis::Redis;

/// How long a report counts.
const LIFETIME: Duration = Duration::from_secs(15);

/// Puts a report, behind the time in milliseconds, in the place of the one before.
const TELL: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', now) .. ' ' .. ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
";

/// The reports that still count, each with its age in milliseconds; removes the others.
const LIST: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local all = redis.call('HGETALL', KEYS[1])
local fresh = {}
for i = 1, #all, 2 do
    local told, report = string.match(all[i + 1], '^(%d+) (.*)$')
    local age = told and math.max(now - tonumber(told), 0)
    if age and age < tonumber(ARGV[1]) then
        table.insert(fresh, string.format('%.0f', age))
        table.insert(fresh, report)
    else
        redis.call('HDEL', KEYS[1], all[i])
    end
end
return fresh
";

impl Redis {
    /// Tells of a worker's copy of an index, in place of what it told before. Counts for 15 seconds.
    ///
    /// # Errors
    /// When Redis is away.
    pub async fn tell_replica(&self, report: &ReplicaReport) -> Result<(), MessagingError> {
        let script = Script::new(TELL);
        let mut tell = script.key(self.replicas_key(report.organization_id));
        tell.arg(field(report.worker_id, &report.contract)).arg(serde_json::to_string(report)?);
        tell.arg(LIFETIME.as_millis() as u64);
        self.with(async |connection| tell.invoke_async::<()>(connection).await).await
    }

    /// What workers told of their copies of the organization's indexes within the last 15 seconds, by contract and worker.
    /// `at` is when they told, by the clock of this process. What is no report is passed over.
    ///
    /// # Errors
    /// When Redis is away.
    pub async fn replicas(&self, organization: OrganizationId) -> Result<Vec<ReplicaReport>, MessagingError> {
        let script = Script::new(LIST);
        let mut list = script.key(self.replicas_key(organization));
        list.arg(LIFETIME.as_millis() as u64);
        let told: Vec<(i64, String)> = self.with(async |connection| list.invoke_async(connection).await).await?;
        let now = Utc::now();
        let mut reports: Vec<ReplicaReport> = told
            .into_iter()
            .filter_map(|(age, text)| {
                let report: ReplicaReport = serde_json::from_str(&text).ok()?;
                Some(ReplicaReport { at: now - TimeDelta::milliseconds(age), ..report })
            })
            .collect();
        reports.sort_by(|a, b| (&a.contract, a.worker_id).cmp(&(&b.contract, b.worker_id)));
        Ok(reports)
    }

    /// Tells that a worker has no copy of this index any more.
    ///
    /// # Errors
    /// When Redis is away.
    pub async fn forget_replica(
        &self,
        worker: Uuid,
        organization: OrganizationId,
        contract: &ContractId,
    ) -> Result<(), MessagingError> {
        self.ask(cmd("HDEL").arg(self.replicas_key(organization)).arg(field(worker, contract))).await
    }

    fn replicas_key(&self, organization: OrganizationId) -> String {
        self.namespace.name(&format!("organization.{organization}.replicas"))
    }
}

fn field(worker: Uuid, contract: &ContractId) -> String {
    format!("{worker} {contract}")
}
