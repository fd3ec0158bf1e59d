//! How new a roster or an organization's templates are: numbers that only rise.
//!
//! Each is raised after the commit that made it. A raise that is lost (its process died, or Redis was flushed) is made
//! good when the key expires: whoever misses it asks Postgres.

use std::time::Duration;

use deadpool_redis::redis::{Script, cmd};
use domain::id::{CourseId, OrganizationId};

use crate::error::MessagingError;
use crate::redis::Redis;

/// How long a lost raise can stay unnoticed.
const LIFETIME: Duration = Duration::from_secs(60);

/// Sets the key to the larger of what it holds and the argument, and answers that.
const RAISE: &str = r"
local known = tonumber(redis.call('GET', KEYS[1]) or '-1')
local raised = tonumber(ARGV[1])
if raised > known then
    redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
    return raised
end
return known
";

impl Redis {
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
        self.raise(self.course_key(course), version).await
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
        self.raise(self.templates_key(organization), revision).await
    }

    async fn raise(&self, key: String, version: i64) -> Result<(), MessagingError> {
        let script = Script::new(RAISE);
        let mut raise = script.key(key);
        raise.arg(version).arg(LIFETIME.as_secs());
        self.with(async |connection| raise.invoke_async::<i64>(connection).await).await.map(drop)
    }

    fn course_key(&self, course: CourseId) -> String {
        self.namespace.name(&format!("course.{course}.version"))
    }

    fn templates_key(&self, organization: OrganizationId) -> String {
        self.namespace.name(&format!("organization.{organization}.templates"))
    }
}
