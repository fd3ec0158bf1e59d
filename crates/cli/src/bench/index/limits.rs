//! Up to how many templates an exhaustive search is best, and what more lists, probes and training bring.

use index::{Factory, GlobalIndex};
use serde::Serialize;

use super::IndexArgs;
use super::crowd::Crowd;
use super::global::{at_1, search};
use super::steps::make;
use super::truth::{Queries, Truth};
use crate::bench::rounded;

/// Sizes about the limit.
const SIZES: [usize; 6] = [2_500, 5_000, 10_000, 20_000, 50_000, 100_000];
const DIMENSIONS: [usize; 2] = [128, 512];

#[derive(Debug, Serialize)]
pub(super) struct LimitsReport {
    /// An exhaustive search beside inverted lists, by size.
    by_size: Vec<Trial>,
    /// What lists and training vectors do at `--templates`.
    by_training: Vec<Trial>,
}

/// One kind of index, built and searched.
#[derive(Debug, Serialize)]
struct Trial {
    templates: usize,
    dimension: usize,
    factory: String,
    training_per_list: usize,
    build_s: f64,
    /// As many lists as its builder found to be needed.
    lists_searched: Option<u32>,
    recall_of_its_trial: Option<f32>,
    recall_genuine: f64,
    recall_strangers: f64,
    p50_ms_1_query: f64,
    p99_ms_1_query: f64,
    p50_ms_8_queries: f64,
    p99_ms_8_queries: f64,
}

pub(super) fn measure(args: &IndexArgs) -> anyhow::Result<LimitsReport> {
    let mut report = LimitsReport { by_size: Vec::new(), by_training: Vec::new() };
    if args.lists.is_empty() {
        let dimensions: Vec<usize> = args.dimension.map_or(DIMENSIONS.to_vec(), |only| vec![only]);
        for (dimension, templates) in dimensions.into_iter().flat_map(|d| SIZES.map(|size| (d, size))) {
            if templates <= args.templates.max(SIZES[0]) {
                let subject = Subject::new(dimension, templates, args)?;
                report.by_size.push(subject.trial(Factory::Flat, 0)?);
                let lists = Factory::Inverted { lists: about_root(templates, 4.0) };
                report
                    .by_size
                    .push(subject.trial(lists, lists.training(templates) / about_root(templates, 4.0) as usize)?);
            }
        }
    } else {
        let subject = Subject::new(args.dimension(), args.templates, args)?;
        for lists in &args.lists {
            for training in &args.training {
                report.by_training.push(subject.trial(Factory::Inverted { lists: *lists }, *training)?);
            }
        }
    }
    Ok(report)
}

/// `factor` times the square root, to the next power of two.
fn about_root(templates: usize, factor: f64) -> u32 {
    2_f64.powf((factor * (templates as f64).sqrt()).log2().round()) as u32
}

struct Subject {
    crowd: Crowd,
    templates: usize,
    queries: Queries,
    truth: Truth,
    seconds: f64,
}

impl Subject {
    fn new(dimension: usize, templates: usize, args: &IndexArgs) -> anyhow::Result<Self> {
        let crowd = Crowd::new(dimension, args.per_person);
        let queries = Queries::new(&crowd, templates, args.queries);
        let truth = Truth::find(&crowd, templates, &queries)?;
        Ok(Self { crowd, templates, queries, truth, seconds: args.seconds / 4.0 })
    }

    fn trial(&self, factory: Factory, training_per_list: usize) -> anyhow::Result<Trial> {
        let training = match factory {
            Factory::Flat => 0,
            Factory::Inverted { lists } => self.templates.min(lists as usize * training_per_list),
        };
        let (index, seconds): (GlobalIndex, [f64; 3]) = make(&self.crowd, self.templates, factory, training)?;
        let mixed = self.queries.mixed();
        let [one, eight] = [1, 8].map(|batch| search(&index, &mixed, batch, self.seconds));
        let (one, eight) = (one?.times, eight?.times);
        let [genuine, strangers] = at_1(&index, &self.queries, &self.truth)?;
        let trial = Trial {
            templates: self.templates,
            dimension: self.crowd.dimension(),
            factory: factory.to_string(),
            training_per_list,
            build_s: rounded(seconds.iter().sum()),
            lists_searched: index.probes(),
            recall_of_its_trial: index.recall(),
            recall_genuine: genuine.share,
            recall_strangers: strangers.share,
            p50_ms_1_query: one.p50_ms,
            p99_ms_1_query: one.p99_ms,
            p50_ms_8_queries: eight.p50_ms,
            p99_ms_8_queries: eight.p99_ms,
        };
        eprintln!("{trial:?}");
        Ok(trial)
    }
}

#[cfg(test)]
mod tests {
    use super::{Factory, about_root};

    #[test]
    fn lists_are_those_of_the_factory() {
        for templates in [150_000, 1_000_000, 10_000_000] {
            let exhaustive = 100_000;
            assert_eq!(
                Factory::Inverted { lists: about_root(templates, 4.0) },
                Factory::for_count(templates, exhaustive)
            );
        }
    }
}
