//! The long-running tasks of a process: each has a name, and none ends unnoticed.

use std::collections::HashMap;
use std::future::Future;

use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

/// Named tasks that live and stop together.
pub struct Tasks {
    shutdown: CancellationToken,
    set: JoinSet<anyhow::Result<()>>,
    names: HashMap<Id, &'static str>,
}

impl Tasks {
    /// No tasks yet; `shutdown` is what tells them to stop.
    #[must_use]
    pub fn new(shutdown: CancellationToken) -> Self {
        Self { shutdown, set: JoinSet::new(), names: HashMap::new() }
    }

    /// Starts a task. It is meant to run until it is told to stop.
    pub fn spawn(&mut self, name: &'static str, task: impl Future<Output = anyhow::Result<()>> + Send + 'static) {
        let id = self.set.spawn(task).id();
        self.names.insert(id, name);
    }

    /// Waits until all tasks have ended. The first that ends before it is told to stops the others.
    ///
    /// # Errors
    /// The first failure, or that a task ended too early, by the task's name.
    pub async fn run_until_stopped(mut self) -> anyhow::Result<()> {
        let mut first_failure = None;
        while let Some(ended) = self.set.join_next_with_id().await {
            let failure = self.judge(ended);
            if let Some(failure) = failure {
                tracing::error!(error = format!("{failure:#}"), "a task failed");
                first_failure.get_or_insert(failure);
            }
            self.shutdown.cancel();
        }
        first_failure.map_or(Ok(()), Err)
    }

    fn judge(&self, ended: Result<(Id, anyhow::Result<()>), JoinError>) -> Option<anyhow::Error> {
        let name = |id| self.names.get(&id).copied().unwrap_or("unnamed");
        match ended {
            Ok((_, Ok(()))) if self.shutdown.is_cancelled() => None,
            Ok((id, Ok(()))) => Some(anyhow::anyhow!("task {} ended before it was told to", name(id))),
            Ok((id, Err(error))) => Some(error.context(format!("task {} failed", name(id)))),
            Err(error) => {
                let task = name(error.id());
                Some(anyhow::Error::new(error).context(format!("task {task} panicked")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio_util::sync::CancellationToken;

    use super::Tasks;

    #[tokio::test]
    async fn stops_when_told() {
        let token = CancellationToken::new();
        let mut tasks = Tasks::new(token.clone());
        for name in ["one", "two"] {
            let told = token.clone();
            tasks.spawn(name, async move {
                told.cancelled().await;
                Ok(())
            });
        }
        token.cancel();
        tasks.run_until_stopped().await.expect("nothing failed");
    }

    async fn check(task: impl Future<Output = anyhow::Result<()>> + Send + 'static, expected: &str) {
        let token = CancellationToken::new();
        let mut tasks = Tasks::new(token.clone());
        let told = token.clone();
        tasks.spawn("patient", async move {
            told.cancelled().await;
            Ok(())
        });
        tasks.spawn("broken", task);
        let error = tasks.run_until_stopped().await.expect_err("one task is broken");
        assert_eq!(error.to_string(), expected);
        assert!(token.is_cancelled());
    }

    #[tokio::test]
    async fn the_first_to_end_stops_the_rest_and_is_named() {
        check(async { Ok(()) }, "task broken ended before it was told to").await;
        check(async { anyhow::bail!("no disk") }, "task broken failed").await;
        check(async { panic!("out of luck") }, "task broken panicked").await;
    }
}
