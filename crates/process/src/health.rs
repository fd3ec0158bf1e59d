//! Whether a process lives, whether it is ready, and what it has counted.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::{Data, ServiceConfig, get};
use actix_web::{App, HttpResponse, HttpServer};
use metrics_exporter_prometheus::PrometheusHandle;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

const CHECK_LIMIT: Duration = Duration::from_secs(3);

/// Where a process without an API of its own answers probes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HealthSettings {
    /// Address and port; port 0 takes a free one.
    pub bind: String,
}

type Answer = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;
type Check = Box<dyn Fn() -> Answer + Send + Sync>;
type Detail = Box<dyn Fn() -> serde_json::Value + Send + Sync>;

/// The checks that say whether a process is ready.
#[derive(Default)]
pub struct Health {
    checks: BTreeMap<&'static str, Check>,
    details: BTreeMap<&'static str, Detail>,
    metrics: Option<PrometheusHandle>,
}

/// What `/readyz` answers.
#[derive(Debug, Serialize)]
struct Readiness {
    status: &'static str,
    /// Check to `ok` or what is wrong.
    checks: BTreeMap<&'static str, String>,
    /// What there is to know besides.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    details: BTreeMap<&'static str, serde_json::Value>,
}

impl Health {
    /// No checks; `metrics` is what `/metrics` shows.
    #[must_use]
    pub fn new(metrics: Option<PrometheusHandle>) -> Self {
        Self { metrics, ..Self::default() }
    }

    /// Adds a check. Its error is shown to whoever can reach the port: name the thing, not its address or secrets.
    #[must_use]
    pub fn check<F, R>(mut self, name: &'static str, check: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), String>> + Send + 'static,
    {
        self.checks.insert(name, Box::new(move || Box::pin(check())));
        self
    }

    /// Adds what `/readyz` tells besides, whether ready or not, such as sizes. It must be at hand at once, and name nobody.
    #[must_use]
    pub fn detail(
        mut self,
        name: &'static str,
        detail: impl Fn() -> serde_json::Value + Send + Sync + 'static,
    ) -> Self {
        self.details.insert(name, Box::new(detail));
        self
    }

    async fn readiness(&self, limit: Duration) -> Readiness {
        let answers = self.checks.iter().map(|(name, check)| async move {
            match tokio::time::timeout(limit, check()).await {
                Ok(Ok(())) => (*name, "ok".to_owned()),
                Ok(Err(problem)) => (*name, problem),
                Err(_late) => (*name, format!("no answer within {limit:?}")),
            }
        });
        let checks: BTreeMap<&'static str, String> =
            futures_util::future::join_all(answers).await.into_iter().collect();
        let is_ready = checks.values().all(|answer| answer == "ok");
        let details = self.details.iter().map(|(name, detail)| (*name, detail())).collect();
        Readiness { status: if is_ready { "ready" } else { "not_ready" }, checks, details }
    }
}

/// Adds `/livez`, `/readyz` and `/metrics` to an actix application.
pub fn configure(config: &mut ServiceConfig, health: Arc<Health>) {
    config
        .app_data(Data::from(health))
        .route("/livez", get().to(livez))
        .route("/readyz", get().to(readyz))
        .route("/metrics", get().to(metrics_text));
}

/// Answers probes on `listener` until `shutdown`.
///
/// # Errors
/// When the listener fails.
pub async fn serve(listener: TcpListener, health: Arc<Health>, shutdown: CancellationToken) -> std::io::Result<()> {
    let server = HttpServer::new(move || {
        let health = Arc::clone(&health);
        App::new().configure(move |config| configure(config, health))
    })
    .workers(1)
    .shutdown_timeout(1)
    .disable_signals()
    .listen(listener)?
    .run();
    let handle = server.handle();
    let stopping = async move {
        shutdown.cancelled().await;
        handle.stop(true).await;
    };
    tokio::join!(server, stopping).0
}

async fn livez() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("alive\n")
}

async fn readyz(health: Data<Health>) -> HttpResponse {
    let readiness = health.readiness(CHECK_LIMIT).await;
    if readiness.status == "ready" {
        HttpResponse::Ok().json(readiness)
    } else {
        HttpResponse::ServiceUnavailable().json(readiness)
    }
}

async fn metrics_text(health: Data<Health>) -> HttpResponse {
    let text = health.metrics.as_ref().map(PrometheusHandle::render).unwrap_or_default();
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::sync::Arc;
    use std::time::Duration;

    use actix_web::test::{TestRequest, call_service, init_service, read_body};
    use actix_web::{App, http::StatusCode};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio_util::sync::CancellationToken;

    use super::{Health, configure, serve};
    use crate::tasks::Tasks;

    async fn check(health: Health, path: &str, status: StatusCode, body: &str) {
        let health = Arc::new(health);
        let app = init_service(App::new().configure(|config| configure(config, health))).await;
        let response = call_service(&app, TestRequest::get().uri(path).to_request()).await;
        assert_eq!(response.status(), status);
        assert_eq!(read_body(response).await, body);
    }

    #[actix_web::test]
    async fn is_ready_when_every_check_is() {
        let well = || Health::new(None).check("database", || async { Ok(()) });
        let ill = || well().check("broker", || async { Err("not connected".to_owned()) });
        check(ill(), "/livez", StatusCode::OK, "alive\n").await;
        check(well(), "/readyz", StatusCode::OK, r#"{"status":"ready","checks":{"database":"ok"}}"#).await;
        let body = r#"{"status":"not_ready","checks":{"broker":"not connected","database":"ok"}}"#;
        check(ill(), "/readyz", StatusCode::SERVICE_UNAVAILABLE, body).await;
        let told = well().detail("indexes", || serde_json::json!({"bytes": 7}));
        let body = r#"{"status":"ready","checks":{"database":"ok"},"details":{"indexes":{"bytes":7}}}"#;
        check(told, "/readyz", StatusCode::OK, body).await;
    }

    #[tokio::test]
    async fn answers_on_its_own_port_until_it_is_told_to_stop() -> anyhow::Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let mut tasks = Tasks::new(stop.clone());
        let health = Arc::new(Health::new(None).check("broker", || async { Err("not connected".to_owned()) }));
        let told = stop.clone();
        tasks.spawn("health", async move { Ok(serve(listener, health, told).await?) });
        for (path, status) in [("livez", "200 OK"), ("readyz", "503 Service Unavailable"), ("metrics", "200 OK")] {
            let mut stream = TcpStream::connect(address).await?;
            let request = format!("GET /{path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
            stream.write_all(request.as_bytes()).await?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await?;
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{path}: {answer}");
        }
        stop.cancel();
        tasks.run_until_stopped().await
    }

    #[tokio::test]
    async fn a_check_that_hangs_is_not_waited_for() {
        let health = Health::new(None).check("broker", std::future::pending).check("redis", || async { Ok(()) });
        let readiness = health.readiness(Duration::from_millis(20)).await;
        assert_eq!(readiness.status, "not_ready");
        assert_eq!(readiness.checks["broker"], "no answer within 20ms");
        assert_eq!(readiness.checks["redis"], "ok");
    }
}
