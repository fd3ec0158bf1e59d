//! How new a roster or an organization's templates are: numbers that only rise.
//!
//! Each is raised after the commit that made it. A raise that is lost (its process died, or Redis was flushed) is made
//! good by whoever compares the keys with Postgres ([`Redis::correct`]), at the latest when the key expires: whoever misses
//! it asks Postgres.

use std::time::Duration;

use deadpool_redis::redis::{Script, cmd};
use domain::id::{CourseId, OrganizationId};

use crate::error::MessagingError;
use crate::redis::Redis;

/// How long a lost raise can stay unnoticed where nobody compares.
const LIFETIME: Duration = Duration::from_secs(60);

/// Sets each key to what is true if it still holds what was told, and else raises it to that at least. `ARGV` is the
/// lifetime, then for each key what was told (empty: nothing) and what is true.
const CORRECT: &str = r"
for i, key in ipairs(KEYS) do
    local told, truth = ARGV[2 * i], tonumber(ARGV[2 * i + 1])
    local known = redis.call('GET', key) or ''
    if known == told or (tonumber(known) or -1) < truth then
        redis.call('SET', key, ARGV[2 * i + 1], 'EX', ARGV[1])
    end
end
return #KEYS
";

/// What a number is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Counted {
    /// A course's roster.
    Roster(CourseId),
    /// An organization's templates.
    Templates(OrganizationId),
}

/// A number that is not what it was told to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Correction {
    /// What it is of.
    pub of: Counted,
    /// What [`Redis::told`] said, asked before the truth was.
    pub told: Option<i64>,
    /// What the database says.
    pub truth: i64,
}

impl Redis {
    /// What anybody told lately of each of these, in their order.
    ///
    /// # Errors
    /// When Redis is away.
    pub async fn told(&self, of: &[Counted]) -> Result<Vec<Option<i64>>, MessagingError> {
        if of.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<String> = of.iter().map(|counted| self.key(*counted)).collect();
        self.ask(cmd("MGET").arg(keys)).await
    }

    /// Puts numbers right, up or down. One that was raised since [`Self::told`] was asked is not lowered: whoever raised it
    /// may know of a commit that came after the truth was read.
    ///
    /// # Errors
    /// When Redis is away.
    pub async fn correct(&self, corrections: &[Correction]) -> Result<(), MessagingError> {
        if corrections.is_empty() {
            return Ok(());
        }
        let script = Script::new(CORRECT);
        let mut correct = script.prepare_invoke();
        correct.arg(LIFETIME.as_secs());
        for correction in corrections {
            let told = correction.told.map(|told| told.to_string()).unwrap_or_default();
            correct.key(self.key(correction.of)).arg(told).arg(correction.truth);
        }
        self.with(async |connection| correct.invoke_async::<i64>(connection).await).await.map(drop)
    }

    /// The newest version of a course's roster that anybody told of; `None` when nobody did lately.
    ///
    /// # Errors
    /// When Redis is away.
    pub async fn course_version(&self, course: CourseId) -> Result<Option<i64>, MessagingError> {
        self.ask(cmd("GET").arg(self.course_key(course))).await
    }

    /// Tells the version of a course's roster; an older one than is known changes nothing.
    ///
    /// # Errors
    /// When Redis is away.
    pub async fn raise_course_version(&self, course: CourseId, version: i64) -> Result<(), MessagingError> {
        self.raise(Counted::Roster(course), version).await
    }

    /// The newest template revision of an organization that anybody told of; `None` when nobody did lately.
    ///
    /// # Errors
    /// When Redis is away.
    pub async fn template_revision(&self, organization: OrganizationId) -> Result<Option<i64>, MessagingError> {
        self.ask(cmd("GET").arg(self.templates_key(organization))).await
    }

    /// Tells the template revision of an organization; an older one than is known changes nothing.
    ///
    /// # Errors
    /// When Redis is away.
    pub async fn raise_template_revision(
        &self,
        organization: OrganizationId,
        revision: i64,
    ) -> Result<(), MessagingError> {
        self.raise(Counted::Templates(organization), revision).await
    }

    async fn raise(&self, of: Counted, truth: i64) -> Result<(), MessagingError> {
        self.correct(&[Correction { of, told: None, truth }]).await
    }

    fn key(&self, of: Counted) -> String {
        match of {
            Counted::Roster(course) => self.course_key(course),
            Counted::Templates(organization) => self.templates_key(organization),
        }
    }

    fn course_key(&self, course: CourseId) -> String {
        self.namespace.name(&format!("course.{course}.version"))
    }

    fn templates_key(&self, organization: OrganizationId) -> String {
        self.namespace.name(&format!("organization.{organization}.templates"))
    }
}
