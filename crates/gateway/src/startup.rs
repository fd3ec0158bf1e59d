//! Building the gateway, running it, and stopping it in order.

use std::io;
use std::net::TcpListener;
use std::num::NonZero;
use std::sync::Arc;
use std::time::Duration;

use actix_cors::Cors;
use actix_web::dev::Server;
use actix_web::middleware::{Compress, Condition, from_fn};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{App, HttpResponse, HttpServer};
use chrono::TimeDelta;
use messaging::{Broker, MessagingError, Namespace, Redis};
use process::health::Health;
use process::tasks::Tasks;
use process::telemetry::TelemetryError;
use store::{Sealer, Signer, StoreError};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use utoipa_swagger_ui::SwaggerUi;

use crate::admission::Admission;
use crate::auth::caller;
use crate::auth::password::Passwords;
use crate::auth::qr::QrCodes;
use crate::auth::token::Tokens;
use crate::live::hub::{self, Hub, HubTask};
use crate::panel::{self, Panel};
use crate::rate::RateLimits;
use crate::settings::{HttpSettings, InvalidSettings, Settings};
use crate::state::Gateway;
use crate::{extract, openapi, request, routes};

/// Why the gateway cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// A setting is wrong.
    #[error("the settings are wrong")]
    Settings(#[from] InvalidSettings),
    /// Logs or metrics cannot be set up.
    #[error("logs or metrics cannot be set up")]
    Telemetry(#[from] TelemetryError),
    /// The address cannot be listened on, or the server failed.
    #[error("the listener failed")]
    Listener(#[from] io::Error),
    /// The folder of the panel cannot be read.
    #[error("the panel cannot be read")]
    Panel(#[source] io::Error),
    /// Postgres cannot be used.
    #[error("the database cannot be used")]
    Store(#[from] StoreError),
    /// RabbitMQ or Redis cannot be used.
    #[error("the broker or Redis cannot be used")]
    Messaging(#[from] MessagingError),
    /// The password hash function failed.
    #[error("passwords cannot be checked")]
    Passwords(#[from] bcrypt::BcryptError),
}

/// A gateway that is ready to run.
pub struct Application {
    server: Server,
    port: u16,
    gateway: Data<Gateway>,
    hub: HubTask,
    drain: Duration,
}

impl Application {
    /// Sets up logs, checks the settings, binds the listener and connects.
    ///
    /// # Errors
    /// [`GatewayError`] says what is missing. Servers that are away are no error: requests that need them are
    /// answered 503 until they are back.
    pub async fn build(settings: &Settings) -> Result<Self, GatewayError> {
        let metrics = process::telemetry::init(&settings.log)?;
        settings.check()?;
        let listener = TcpListener::bind(&settings.http.bind)?;
        let port = listener.local_addr()?.port();
        let (hub, hub_task) = hub::hub(settings.live.sockets, settings.live.backlog);
        let gateway = Data::new(connect(settings, hub).await?);
        let health = Arc::new(readiness(Health::new(Some(metrics)), &gateway));
        let drain = Duration::from_secs(settings.http.drain_seconds);
        let server = serve(listener, &gateway, &health, &settings.http)?;
        tracing::info!(port, "the gateway listens");
        Ok(Self { server, port, gateway, hub: hub_task, drain })
    }

    /// The port that the API listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Serves until `shutdown`; then WebSockets are told goodbye, and requests in flight are answered.
    ///
    /// # Errors
    /// When the server or the live events fail.
    pub async fn run_until_stopped(self, shutdown: CancellationToken) -> anyhow::Result<()> {
        let Self { server, gateway, hub, drain, .. } = self;
        let handle = server.handle();
        let events = gateway.redis.subscribe();
        let mut tasks = Tasks::new(shutdown.clone());
        tasks.spawn("server", async move { Ok(server.await?) });
        let told = shutdown.clone();
        tasks.spawn("rate limits", RateLimits::run(gateway.clone(), shutdown.clone()));
        tasks.spawn("live events", async move {
            hub.run(events, told).await;
            Ok(())
        });
        tasks.spawn("stop", async move {
            shutdown.cancelled().await;
            gateway.closing.cancel();
            gateway.sockets.close();
            if tokio::time::timeout(drain, gateway.sockets.wait()).await.is_err() {
                tracing::warn!("some WebSockets did not close in time");
            }
            handle.stop(true).await;
            Ok(())
        });
        tasks.run_until_stopped().await
    }
}

async fn connect(settings: &Settings, hub: Hub) -> Result<Gateway, GatewayError> {
    let namespace = Namespace::new(&settings.deployment.namespace);
    Ok(Gateway {
        pool: store::connect(&settings.database)?,
        sealer: Sealer::of(&settings.database)?,
        signer: Signer::new(&settings.receipts.signing_key)?,
        broker: Broker::connect(&settings.broker, &namespace, settings.frames.clone()).await?,
        redis: Redis::connect(&settings.redis, &namespace)?,
        qr: QrCodes::new(&settings.auth.jwt_secret),
        tokens: Tokens::new(&settings.auth.jwt_secret, TimeDelta::minutes(settings.auth.access_minutes.into())),
        passwords: Passwords::new()?,
        lockout: settings.auth.lockout(),
        refresh_lifetime: TimeDelta::days(settings.auth.refresh_days.into()),
        insecure_cookie: settings.panel.insecure_cookie,
        behind_proxy: settings.http.behind_proxy,
        rates: RateLimits::new(&settings.rate, settings.http.behind_proxy),
        panel: Panel::read(&settings.panel.folder).map_err(GatewayError::Panel)?,
        admission: Admission::new(settings.http.body_memory_mib),
        hub,
        live: settings.live.clone(),
        timetable: settings.timetable,
        sockets: TaskTracker::new(),
        closing: CancellationToken::new(),
    })
}

fn readiness(health: Health, gateway: &Data<Gateway>) -> Health {
    let (database, broker, redis) = (gateway.clone(), gateway.clone(), gateway.clone());
    health
        .check("database", move || {
            let gateway = database.clone();
            async move {
                let mut conn = store::get(&gateway.pool).await.map_err(|error| error.to_string())?;
                match store::is_migrated(&mut conn).await {
                    Ok(true) => Ok(()),
                    Ok(false) => Err("migrations are missing: run `rollcall migrate`".to_owned()),
                    Err(error) => Err(error.to_string()),
                }
            }
        })
        .check("broker", move || {
            let is_ready = broker.broker.is_ready();
            async move { if is_ready { Ok(()) } else { Err("not connected".to_owned()) } }
        })
        .check("redis", move || {
            let gateway = redis.clone();
            async move { gateway.redis.ping().await.map_err(|error| error.to_string()) }
        })
}

fn serve(
    listener: TcpListener,
    gateway: &Data<Gateway>,
    health: &Arc<Health>,
    settings: &HttpSettings,
) -> Result<Server, io::Error> {
    let (gateway, health, document) = (gateway.clone(), Arc::clone(health), openapi::document());
    let origins = settings.cors_origins.clone();
    let app = move || {
        App::new()
            .app_data(gateway.clone())
            .configure(extract::configure)
            .configure(routes::configure)
            .configure(|config| process::health::configure(config, Arc::clone(&health)))
            .configure(|config| serve_documents(config, document.clone()))
            .default_service(web::to(panel::serve))
            .wrap(Compress::default())
            .wrap(from_fn(caller::identify))
            .wrap(from_fn(request::observe))
            // Outside of that, so that a page may read errors too.
            .wrap(Condition::new(!origins.is_empty(), cors(&origins)))
    };
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let server = HttpServer::new(app)
        .workers(threads)
        .max_connections(settings.connections.div_ceil(threads))
        .shutdown_timeout(settings.drain_seconds)
        .disable_signals()
        .listen(listener)?
        .run();
    Ok(server)
}

/// What browsers are told about pages of other origins: those of the list may do what the API offers. The only cookie is
/// for pages of our own origin, so there is nothing that another page could use without having been given it.
fn cors(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allowed_methods(["GET", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers([
            "authorization",
            "content-type",
            "idempotency-key",
            "x-api-key",
            "x-organization-id",
            "x-request-id",
        ])
        .expose_headers(["location", "retry-after", "x-request-id"])
        .max_age(3600);
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}

fn serve_documents(config: &mut ServiceConfig, document: utoipa::openapi::OpenApi) {
    config
        .route("/docs/errors.md", web::get().to(describe_errors))
        .service(SwaggerUi::new("/docs/{_:.*}").url("/api/v1/openapi.json", document))
        .service(web::redirect("/docs", "/docs/"));
}

async fn describe_errors() -> HttpResponse {
    HttpResponse::Ok().content_type("text/markdown; charset=utf-8").body(include_str!("../../../docs/errors.md"))
}
