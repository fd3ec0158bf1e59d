//! The templates of an organization and a contract become an index in memory.
//!
//! They are read as of one moment, page by page, each only once but for the sample that an inverted file is trained
//! with: beside the index itself, its ids and the sample there are never more than two pages of them in memory.

use std::time::Duration;

use domain::contract::ContractId;
use domain::embedding::Embedding;
use domain::id::TemplateId;
use domain::index::BuildStage;
use index::{Builder, Factory, IndexError};
use store::galleries::{Reading, Searched};
use store::{Conn, locks};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior};

use crate::error::SchedulerError;
use crate::indexes::LOCK;
use crate::progress::Progress;

/// Templates read at once: a few megabytes.
const PAGE: usize = 4000;
/// How often a builder that computes asks whether it still holds its lock.
const LOOK: Duration = Duration::from_secs(5);

/// Takes in all that is read, for an exhaustive search of up to `exhaustive` templates; `None` when there is nothing.
pub(crate) async fn gather(
    reading: &mut Reading<'_>,
    contract: &ContractId,
    exhaustive: usize,
    progress: &mut Progress,
) -> Result<Option<Builder>, SchedulerError> {
    progress.enter(BuildStage::Reading, 0);
    let ids = reading.ids().await?;
    let expected = ids.len();
    let factory = Factory::for_count(expected, exhaustive);
    // At least one, which tells how many floats a template has.
    let wanted = evenly(&ids, factory.training(expected).max(1));
    drop(ids);
    progress.enter(BuildStage::Reading, wanted.len());
    let mut sample = Vec::with_capacity(wanted.len());
    for some in wanted.chunks(PAGE) {
        sample.extend(reading.some(some).await?.into_iter().map(|searched| searched.embedding));
        progress.reach(sample.len());
    }
    let Some(first) = sample.first() else { return Ok(None) };
    let (dimension, watermark) = (first.as_slice().len(), reading.watermark());
    let mut builder = Builder::new(contract.clone(), factory, dimension, watermark, expected)?;
    if factory.training(expected) > 0 {
        progress.enter(BuildStage::Training, sample.len());
        let training = trained(builder, sample);
        builder = holding(reading.connection(), ended(training)).await??;
    }
    progress.enter(BuildStage::Adding, expected);
    add_all(reading, builder, progress).await.map(Some)
}

/// As many of the ids as are wanted, from all over. Ids rise with time, so these are of all ages.
fn evenly(ids: &[TemplateId], wanted: usize) -> Vec<TemplateId> {
    let wanted = wanted.min(ids.len());
    (0..wanted).map(|at| ids[at * ids.len() / wanted]).collect()
}

fn trained(mut builder: Builder, sample: Vec<Embedding>) -> JoinHandle<Result<Builder, IndexError>> {
    tokio::task::spawn_blocking(move || {
        builder.train(&sample)?;
        Ok(builder)
    })
}

/// Reads and opens the next page while the last one is added.
async fn add_all(
    reading: &mut Reading<'_>,
    mut builder: Builder,
    progress: &mut Progress,
) -> Result<Builder, SchedulerError> {
    let mut page = reading.page(None, PAGE as i64).await?;
    while let Some(last) = page.last() {
        let last = last.template_id;
        let adding = added(builder, page);
        let next = reading.page(Some(last), PAGE as i64).await;
        builder = ended(adding).await?;
        progress.reach(builder.len());
        page = next?;
    }
    Ok(builder)
}

fn added(mut builder: Builder, page: Vec<Searched>) -> JoinHandle<Result<Builder, IndexError>> {
    tokio::task::spawn_blocking(move || {
        let rows: Vec<_> = page.into_iter().map(|row| (row.template_id, row.person_id, row.embedding)).collect();
        builder.add(&rows)?;
        Ok(builder)
    })
}

/// What work off the async threads came to.
pub(crate) async fn ended<T>(work: JoinHandle<Result<T, IndexError>>) -> Result<T, SchedulerError> {
    Ok(work.await.map_err(SchedulerError::Crashed)??)
}

/// Waits for `work`, and meanwhile asks now and then whether the connection, and the lock with it, is still there:
/// who has lost it need not compute to the end.
pub(crate) async fn holding<T>(conn: &mut Conn, work: impl Future<Output = T>) -> Result<T, SchedulerError> {
    let mut looks = tokio::time::interval_at(Instant::now() + LOOK, LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return Ok(done),
            _ = looks.tick() => {
                if !locks::is_held(conn, LOCK).await? {
                    return Err(SchedulerError::LockLost);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::id::{Id, TemplateId};
    use proptest::prelude::*;

    use super::evenly;

    proptest! {
        #[test]
        fn a_sample_is_of_as_many_as_are_wanted_from_all_over(count in 0usize..500, wanted in 1usize..600) {
            let ids: Vec<TemplateId> = (0..count).map(|_| Id::new()).collect();
            let sample = evenly(&ids, wanted);
            prop_assert_eq!(sample.len(), wanted.min(count));
            let place = |id| ids.iter().position(|other| other == id).expect("one of them");
            let places: Vec<usize> = sample.iter().map(place).collect();
            let steps: Vec<usize> = places.windows(2).map(|pair| pair[1] - pair[0]).collect();
            let (least, most) = (steps.iter().min(), steps.iter().max());
            prop_assert!(least.is_none_or(|least| *least >= 1 && most.is_some_and(|most| most - least <= 1)));
            prop_assert!(places.first().is_none_or(|first| *first == 0));
        }
    }
}
