//! Threads for work that can be cut into independent pieces.
//!
//! libtorch can share one operation between threads, but they then wait for each other after each: when another process
//! takes a core for a moment all stand still, and the nets here are of many short operations. So the pieces (levels
//! of the pyramid, strips of a level, handfuls of crops) each run on one thread from begin to end.

use rayon::prelude::*;

use crate::error::VisionError;
use crate::torch;

/// A fixed number of threads, each of which runs libtorch's operations alone.
#[derive(Debug)]
pub(crate) struct Pool {
    workers: rayon::ThreadPool,
}

impl Pool {
    pub(crate) fn new(threads: usize) -> Result<Self, VisionError> {
        let name = |number| format!("vision-{number}");
        let workers = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(name)
            .build()
            .map_err(|error| VisionError::Setting { setting: "threads", problem: error.to_string() })?;
        workers.broadcast(|_worker| torch::limit_threads(1));
        Ok(Self { workers })
    }

    pub(crate) fn threads(&self) -> usize {
        self.workers.current_num_threads()
    }

    /// What `work` makes of each item, in the order of the items; the first error when one fails.
    pub(crate) fn map<T: Sync, R: Send>(
        &self,
        items: &[T],
        work: impl Fn(&T) -> Result<R, VisionError> + Send + Sync,
    ) -> Result<Vec<R>, VisionError> {
        self.workers.install(|| items.par_iter().with_max_len(1).map(work).collect())
    }
}
