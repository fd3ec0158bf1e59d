//! Building the worker, running it, and stopping it in order.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use index::snapshot::SnapshotFolder;
use messaging::{Broker, Namespace, Redis};
use process::health::Health;
use process::tasks::Tasks;
use store::{Pool, Sealer};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::class_photos::Photographs;
use crate::decode::Decoder;
use crate::enroll::Enrolling;
use crate::error::WorkerError;
use crate::finish::Finishing;
use crate::globals::{Globals, Sources};
use crate::jobs::work;
use crate::judge::Judge;
use crate::keeping::Keeping;
use crate::looks::Looking;
use crate::model_thread::{self, Facts, ModelThread, Models, Pulse};
use crate::prepare::{Preparation, receive};
use crate::rosters::Rosters;
use crate::settings::Settings;
use crate::versions::Watching;

/// Jobs of a kind that are here unsettled: the one at hand.
const JOB_PREFETCH: u16 = 1;

/// A worker that is ready to run: its models are warm.
pub struct Application {
    settings: Settings,
    listener: TcpListener,
    port: u16,
    health: Arc<Health>,
    connections: Connections,
    models: Models,
    thread: ModelThread,
    globals: Arc<Globals>,
}

/// What outlives single jobs.
#[derive(Clone)]
struct Connections {
    pool: Pool,
    sealer: Sealer,
    broker: Broker,
    redis: Redis,
}

impl Application {
    /// Sets up logs, checks the settings, loads and warms up the models, connects, and binds the listener for probes.
    ///
    /// # Errors
    /// [`WorkerError`] says what is missing, such as a model's file. Servers that are away are no error: the worker waits for them.
    pub async fn build(settings: &Settings) -> Result<Self, WorkerError> {
        let metrics = process::telemetry::init(&settings.log)?;
        settings.check()?;
        let snapshots = SnapshotFolder::open(&settings.index)?;
        let (models, thread) = model_thread::start(&settings.vision).await?;
        check_calibration(models.facts(), settings)?;
        let connections = connect(settings).await?;
        let sources = Sources {
            pool: connections.pool.clone(),
            sealer: connections.sealer.clone(),
            redis: connections.redis.clone(),
            snapshots,
            contracts: models.facts().encoders.iter().map(|encoder| encoder.contract.clone()).collect(),
        };
        let patience = Duration::from_millis(settings.globals.wait_ms);
        let idle = Duration::from_secs(settings.globals.idle_minutes * 60);
        let globals = Arc::new(Globals::new(sources, patience, idle));
        let health = readiness(Health::new(Some(metrics)), &connections, models.pulse());
        let health = Arc::new(indexes(health, &globals));
        let listener = TcpListener::bind(&settings.health.bind)?;
        let port = listener.local_addr()?.port();
        let contracts: Vec<String> = models.facts().encoders.iter().map(|one| one.contract.to_string()).collect();
        tracing::info!(port, contracts = contracts.join(", "), "the worker is ready");
        let settings = settings.clone();
        Ok(Self { settings, listener, port, health, connections, models, thread, globals })
    }

    /// The port that probes are answered on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Works until `shutdown`. Then it takes in nothing more, finishes what it has begun, returns the rest to the
    /// queues, and says goodbye to the broker.
    ///
    /// # Errors
    /// When a task ends or fails before it was told to, the model thread among them.
    pub async fn run_until_stopped(self, shutdown: CancellationToken) -> anyhow::Result<()> {
        let mut tasks = Tasks::new(shutdown.clone());
        let broker = self.connections.broker.clone();
        self.start(&mut tasks, &shutdown);
        let ended = tasks.run_until_stopped().await;
        broker.close().await;
        tracing::info!("the worker has stopped");
        ended
    }

    /// The order of stopping follows from who feeds whom: each task ends when what feeds it has ended, and the model
    /// thread when both that feed it have.
    fn start(self, tasks: &mut Tasks, shutdown: &CancellationToken) {
        let Self { settings, listener, health, connections, models, thread, globals, .. } = self;
        let Connections { pool, sealer, broker, redis } = connections;
        let prefetch = settings.frame_prefetch();
        let (arriving_sender, arriving) = mpsc::channel(prefetch.into());
        let (prepared_sender, prepared) = mpsc::channel(1);
        let decoder = Decoder::new(&settings.vision);
        let cache_bytes = settings.rosters.cache_mib * 1024 * 1024;
        let (facts, gallery) = (models.facts().clone(), settings.index.gallery);
        let rosters = Rosters::new(pool.clone(), sealer.clone(), redis.clone(), facts, gallery, cache_bytes);
        let rosters = Arc::new(rosters);

        let frames = broker.consume_frames(prefetch);
        tasks.spawn("frames", ends(receive(frames, arriving_sender, shutdown.clone())));

        let preparation = Preparation {
            batch: settings.batch,
            deadline: settings.frame_deadline(),
            decoder,
            models: models.clone(),
            rosters: Arc::clone(&rosters),
            pool: pool.clone(),
            shutdown: shutdown.clone(),
        };
        tasks.spawn("batches", ends(preparation.prepare(arriving, prepared_sender, shutdown.clone())));

        let keeping = Keeping::new(sealer.clone(), settings.recognition.keep_faces_days);
        let finishing = Finishing {
            pool: pool.clone(),
            redis: redis.clone(),
            globals: Arc::clone(&globals),
            keeping: keeping.clone(),
            settings: settings.recognition,
            replays: Mutex::default(),
            width: settings.database.pool_size,
            shutdown: shutdown.clone(),
        };
        tasks.spawn("results", ends(finishing.finish(prepared)));

        let judge = Judge { models, decoder, batch: settings.batch.max_frames };
        let photographs = Photographs {
            pool: pool.clone(),
            sealer: sealer.clone(),
            redis: redis.clone(),
            rosters: Arc::clone(&rosters),
            globals: Arc::clone(&globals),
            keeping,
            judge: judge.clone(),
            decoder: Decoder::large(settings.class_photos.max_dimension),
            recognition: settings.recognition,
            settings: settings.class_photos,
            shutdown: shutdown.clone(),
        };
        tasks.spawn("class photos", ends(work(photographs, broker.consume_class_photos(JOB_PREFETCH))));

        let looking = Looking {
            pool: pool.clone(),
            sealer: sealer.clone(),
            redis: redis.clone(),
            broker: broker.clone(),
            judge: judge.clone(),
            settings: settings.enrollment,
            shutdown: shutdown.clone(),
        };
        tasks.spawn("looks", ends(work(looking, broker.consume_looks(JOB_PREFETCH))));

        let watching = Watching { pool: pool.clone(), redis: redis.clone(), rosters, globals: Arc::clone(&globals) };
        let period = Duration::from_millis(settings.globals.poll_ms);
        tasks.spawn("versions", ends(watching.watch(period, shutdown.clone())));

        let enrolling = Enrolling {
            pool,
            sealer,
            redis,
            globals: Arc::clone(&globals),
            judge,
            settings: settings.enrollment,
            shutdown: shutdown.clone(),
        };
        tasks.spawn("enrollments", ends(work(enrolling, broker.consume_enrollments(JOB_PREFETCH))));

        let (telling, told) = (Arc::clone(&globals), shutdown.clone());
        tasks.spawn("heartbeat", ends(async move { telling.tell(told).await }));
        let told = shutdown.clone();
        tasks.spawn("indexes", ends(async move { globals.follow(told).await }));
        tasks.spawn("models", thread.watch());
        let told = shutdown.clone();
        tasks.spawn("health", async move { Ok(process::health::serve(listener, health, told).await?) });
    }
}

/// A task that cannot fail.
async fn ends(task: impl Future<Output = ()>) -> anyhow::Result<()> {
    task.await;
    Ok(())
}

/// An encoder without calibration says nothing about how sure a match is: then an operator must.
fn check_calibration(facts: &Facts, settings: &Settings) -> Result<(), WorkerError> {
    if settings.recognition.forced_threshold.is_none() {
        for encoder in &facts.encoders {
            encoder.calibration().map_err(WorkerError::Uncalibrated)?;
        }
    }
    Ok(())
}

async fn connect(settings: &Settings) -> Result<Connections, WorkerError> {
    let namespace = Namespace::new(&settings.deployment.namespace);
    Ok(Connections {
        pool: store::connect(&settings.database)?,
        sealer: Sealer::of(&settings.database)?,
        broker: Broker::connect(&settings.broker, &namespace, settings.frames.clone()).await?,
        redis: Redis::connect(&settings.redis, &namespace)?,
    })
}

fn indexes(health: Health, globals: &Arc<Globals>) -> Health {
    let (checked, detailed) = (Arc::clone(globals), Arc::clone(globals));
    health
        .check("indexes", move || {
            let readiness = checked.readiness();
            async move { readiness }
        })
        .detail("indexes", move || detailed.detail())
}

fn readiness(health: Health, connections: &Connections, models: Pulse) -> Health {
    let (pool, broker, redis) = (connections.pool.clone(), connections.broker.clone(), connections.redis.clone());
    health
        .check("database", move || {
            let pool = pool.clone();
            async move {
                let mut conn = store::get(&pool).await.map_err(|error| error.to_string())?;
                match store::is_migrated(&mut conn).await {
                    Ok(true) => Ok(()),
                    Ok(false) => Err("migrations are missing: run `rollcall migrate`".to_owned()),
                    Err(error) => Err(error.to_string()),
                }
            }
        })
        .check("broker", move || {
            let is_ready = broker.is_ready();
            async move { if is_ready { Ok(()) } else { Err("not connected".to_owned()) } }
        })
        .check("redis", move || {
            let redis = redis.clone();
            async move { redis.ping().await.map_err(|error| error.to_string()) }
        })
        .check("models", move || {
            let is_there = models.is_there();
            async move { if is_there { Ok(()) } else { Err("the model thread has ended".to_owned()) } }
        })
}
