//! The one thread that owns the models.
//!
//! Tensors are not to be shared, and two forward passes at once are slower than one after the other. The thread is fed
//! by a channel with one place: one batch is prepared while one runs, and whoever has more waits for the place. Frames
//! and enrollments wait for it in one fair queue, a batch of pictures at a time, so they take turns and neither starves.
//!
//! A panic here ends the process: half-used models are not to be trusted, and another process takes over the work.

use std::sync::Arc;
use std::thread::JoinHandle;

use anyhow::bail;
use domain::contract::ContractId;
use tokio::sync::mpsc::{self, Permit, Sender, WeakSender};
use tokio::sync::oneshot;
use tracing::Span;
use vision::{Analysis, EncoderFacts, Picture, Pipeline, VisionError, VisionSettings, Wants};

use crate::error::WorkerError;

/// What there is to know of the loaded models.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    /// The encoders; the first is for organizations that have no templates yet.
    pub(crate) encoders: Vec<EncoderFacts>,
}

impl Facts {
    /// The encoder for an organization that is recognised with `contract`; `None` when it is not loaded.
    pub(crate) fn encoder(&self, contract: Option<&ContractId>) -> Option<&EncoderFacts> {
        match contract {
            Some(contract) => self.encoders.iter().find(|encoder| encoder.contract == *contract),
            None => self.encoders.first(),
        }
    }
}

/// Where pictures are handed in. The thread ends when the last of these is gone.
#[derive(Debug, Clone)]
pub(crate) struct Models {
    commands: Sender<Analyse>,
    facts: Arc<Facts>,
}

/// The thread itself, for whoever watches over it.
#[derive(Debug)]
pub(crate) struct ModelThread {
    ended: oneshot::Receiver<()>,
    handle: JoinHandle<()>,
}

/// The thread is no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the model thread has ended")]
pub struct Gone;

/// A place in the thread's channel: whoever has it hands in pictures without waiting.
pub(crate) struct Place<'a>(Permit<'a, Analyse>);

/// The answer to pictures that were handed in.
pub(crate) type Answer = oneshot::Receiver<Result<Analysis, VisionError>>;

/// Whether the thread still takes pictures; does not keep it alive.
#[derive(Debug, Clone)]
pub(crate) struct Pulse(WeakSender<Analyse>);

/// What is to be found out about pictures.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Question {
    /// With which encoder.
    pub(crate) contract: ContractId,
    /// What besides faces and embeddings.
    pub(crate) wants: Wants,
}

struct Analyse {
    pictures: Vec<Picture>,
    question: Question,
    span: Span,
    reply: oneshot::Sender<Result<Analysis, VisionError>>,
}

/// Starts the thread, which loads the models and runs them once, and waits until they are warm.
///
/// # Errors
/// When the thread cannot be started, or the models cannot be loaded or run.
pub(crate) async fn start(settings: &VisionSettings) -> Result<(Models, ModelThread), WorkerError> {
    let (commands, inbox) = mpsc::channel(1);
    let (loaded, outcome) = oneshot::channel();
    let (alive, ended) = oneshot::channel();
    let settings = settings.clone();
    let handle = std::thread::Builder::new().name("models".to_owned()).spawn(move || {
        // Dropped however the thread ends.
        let _alive = alive;
        run(&settings, loaded, inbox);
    });
    let handle = handle.map_err(WorkerError::Thread)?;
    let facts = outcome.await.map_err(|_ended| Gone)??;
    Ok((Models { commands, facts: Arc::new(facts) }, ModelThread { ended, handle }))
}

impl Models {
    pub(crate) fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Waits for a place in the channel.
    pub(crate) async fn place(&self) -> Result<Place<'_>, Gone> {
        self.commands.reserve().await.map(Place).map_err(|_closed| Gone)
    }

    pub(crate) fn pulse(&self) -> Pulse {
        Pulse(self.commands.downgrade())
    }
}

impl Place<'_> {
    /// Hands pictures in; the thread looks at them within `span`.
    pub(crate) fn analyse(self, pictures: Vec<Picture>, question: Question, span: Span) -> Answer {
        let (reply, answer) = oneshot::channel();
        self.0.send(Analyse { pictures, question, span, reply });
        answer
    }
}

impl Pulse {
    pub(crate) fn is_there(&self) -> bool {
        self.0.upgrade().is_some_and(|commands| !commands.is_closed())
    }
}

impl ModelThread {
    /// Waits until the thread ends.
    ///
    /// # Errors
    /// When it panicked.
    pub(crate) async fn watch(self) -> anyhow::Result<()> {
        // Nothing is ever sent: the sender is dropped when the thread is done.
        let _ = self.ended.await;
        match self.handle.join() {
            Ok(()) => Ok(()),
            Err(_panic) => bail!("the model thread panicked"),
        }
    }
}

fn run(
    settings: &VisionSettings,
    loaded: oneshot::Sender<Result<Facts, VisionError>>,
    mut inbox: mpsc::Receiver<Analyse>,
) {
    let pipeline = match load(settings) {
        Ok((pipeline, facts)) => {
            // Whoever asked for the models may have given up; then the channel is closed, too.
            let _ = loaded.send(Ok(facts));
            pipeline
        }
        Err(error) => {
            let _ = loaded.send(Err(error));
            return;
        }
    };
    while let Some(Analyse { pictures, question, span, reply }) = inbox.blocking_recv() {
        let analysis = span.in_scope(|| pipeline.analyse_with(&question.contract, &pictures, question.wants));
        // Nobody waits for the answer when its job was given up.
        let _ = reply.send(analysis);
    }
}

fn load(settings: &VisionSettings) -> Result<(Pipeline, Facts), VisionError> {
    let pipeline = Pipeline::load(settings)?;
    pipeline.warm_up()?;
    let encoders = pipeline.contracts().into_iter().filter_map(|contract| pipeline.encoder_facts(contract)).collect();
    Ok((pipeline, Facts { encoders }))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::contract::ContractId;
    use tokio::sync::{mpsc, oneshot};
    use tracing::Span;
    use vision::{Picture, Wants};

    use super::{Analyse, Facts, Gone, ModelThread, Models, Question};

    fn models() -> (Models, mpsc::Receiver<Analyse>) {
        let (commands, inbox) = mpsc::channel(1);
        let facts = Facts { encoders: Vec::new() };
        (Models { commands, facts: Arc::new(facts) }, inbox)
    }

    /// Hands in `pictures` at a time, for ever.
    async fn keep_handing_in(models: Models, pictures: usize) {
        let picture = Picture::from_rgb(vec![0; 3], 1, 1).expect("one pixel");
        while let Ok(place) = models.place().await {
            let question = Question { contract: ContractId::new("none"), wants: Wants::default() };
            drop(place.analyse(vec![picture.clone(); pictures], question, Span::none()));
        }
    }

    #[tokio::test]
    async fn frames_and_enrollments_take_turns() {
        let (models, mut inbox) = models();
        tokio::spawn(keep_handing_in(models.clone(), 1));
        tokio::spawn(keep_handing_in(models, 2));
        let mut turns = [0, 0];
        for _ in 0..100 {
            let command = inbox.recv().await.expect("there is always more");
            turns[command.pictures.len() - 1] += 1;
            // As the models do, take longer than it takes to ask for the next place.
            tokio::task::yield_now().await;
        }
        assert!(turns.iter().all(|count| (45..=55).contains(count)), "{turns:?}");
    }

    #[tokio::test]
    async fn nobody_waits_for_a_thread_that_is_gone() {
        let (models, inbox) = models();
        let pulse = models.pulse();
        assert!(pulse.is_there());
        drop(inbox);
        assert!(!pulse.is_there());
        assert_eq!(models.place().await.err(), Some(Gone));
    }

    async fn check(work: impl FnOnce() + Send + 'static, is_well: bool) {
        let (alive, ended) = oneshot::channel();
        let handle = std::thread::spawn(move || {
            let _alive = alive;
            work();
        });
        assert_eq!(ModelThread { ended, handle }.watch().await.is_ok(), is_well);
    }

    #[tokio::test]
    async fn a_panic_does_not_go_unnoticed() {
        check(|| {}, true).await;
        check(|| panic!("as a test"), false).await;
    }
}
