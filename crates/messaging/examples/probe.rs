//! probe
use std::time::{Duration, Instant};
use messaging::*;
use domain::id::Id;
#[tokio::main]
async fn main() {
    tracing::subscriber::NoSubscriber::default();
    let mode = std::env::args().nth(1).unwrap();
    let (proxy, url) = testkit::network::Proxy::in_front_of("amqp://guest:guest@127.0.0.1:5672/%2f").await.unwrap();
    let settings = BrokerSettings { url: url.into(), queue_expires_ms: Some(600_000) };
    let broker = Broker::connect(&settings, &Namespace::new("probe"), FrameQueueSettings { ttl_ms: 1000, max_length: 5 }).await.unwrap();
    broker.wait_until_ready(Duration::from_secs(5)).await.unwrap();
    let start = Instant::now();
    if mode == "freeze" {
        proxy.freeze();
        while broker.is_ready() { tokio::time::sleep(Duration::from_millis(100)).await; }
        println!("lost after {:?}", start.elapsed());
        tokio::time::sleep(Duration::from_secs(25)).await;
        println!("threads {}", std::fs::read_dir("/proc/self/task").unwrap().count());
        proxy.heal();
        broker.wait_until_ready(Duration::from_secs(30)).await.unwrap();
        println!("back after {:?}", start.elapsed());
        tokio::time::sleep(Duration::from_secs(1)).await;
        println!("threads {}", std::fs::read_dir("/proc/self/task").unwrap().count());
        return;
    }
    let mut jobs = broker.consume_enrollments(4);
    let b = broker.clone();
    let publisher = tokio::spawn(async move {
        let (mut ok, mut err) = (vec![], 0);
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(45) {
            let job = EnrollmentJob::new(Id::new(), Id::new());
            match b.publish_enrollment(&job).await { Ok(()) => ok.push(job.enrollment_id), Err(_) => { err += 1; } }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        (ok, err)
    });
    let mut got = std::collections::HashMap::new();
    let mut longest = Duration::ZERO;
    let mut last = Instant::now();
    while let Ok(d) = tokio::time::timeout(Duration::from_secs(40), jobs.next()).await {
        longest = longest.max(last.elapsed()); last = Instant::now();
        *got.entry(d.payload.enrollment_id).or_insert(0) += 1;
        let _ = d.ack().await;
        if publisher.is_finished() && broker.depths().await.is_ok_and(|d| d.enrollments == 0) && start.elapsed() > Duration::from_secs(47) { break; }
    }
    let (ok, err) = publisher.await.unwrap();
    println!("confirmed {} refused {err} delivered {} twice {} lost {} gap {longest:?}", ok.len(), got.len(), got.values().filter(|n| **n > 1).count(), ok.iter().filter(|id| !got.contains_key(id)).count());
    println!("{:?}", broker.depths().await);
}
