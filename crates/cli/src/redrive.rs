//! `rollcall redrive`: dead enrollments and class photos go back to the workers.

use std::time::Duration;

use anyhow::{Context, ensure};
use messaging::{Broker, Consumer, MessagingError, Namespace, Payload};
use secrecy::ExposeSecret;

use crate::settings::Settings;

const CONNECT_LIMIT: Duration = Duration::from_secs(15);
/// How long a message that was counted may take to come; another redrive may have it.
const MESSAGE_LIMIT: Duration = Duration::from_secs(5);

/// Publishes every job that lies dead once more, and only then takes it from where it lay: one that is sent twice does no
/// harm, one that is lost would.
pub(crate) async fn redrive(settings: &Settings) -> anyhow::Result<()> {
    ensure!(
        !settings.broker.url.expose_secret().is_empty(),
        "no broker is named: set ROLLCALL_BROKER__URL to amqp://user:password@host:port/vhost, \
         or broker.url in the file that --config names"
    );
    let namespace = Namespace::new(&settings.deployment.namespace);
    let broker = Broker::connect(&settings.broker, &namespace, settings.frames.clone()).await?;
    broker.wait_until_ready(CONNECT_LIMIT).await.context("the broker cannot be reached: is it running?")?;
    // Counted first: what dies again at once is not sent round in circles.
    let depths = broker.depths().await?;
    let again = async |job: &_| broker.publish_enrollment(job).await;
    send_again("enrollments", depths.dead, broker.consume_dead_enrollments(1), again).await?;
    let again = async |job: &_| broker.publish_class_photo(job).await;
    send_again("class photos", depths.photos_dead, broker.consume_dead_class_photos(1), again).await
}

async fn send_again<T: Payload>(
    what: &str,
    dead: u32,
    mut consumer: Consumer<T>,
    publish: impl AsyncFn(&T) -> Result<(), MessagingError>,
) -> anyhow::Result<()> {
    let mut sent = 0;
    while sent < dead {
        let Ok(delivery) = tokio::time::timeout(MESSAGE_LIMIT, consumer.next()).await else { break };
        publish(&delivery.payload).await?;
        delivery.ack().await?;
        sent += 1;
    }
    consumer.stop().await?;
    println!("sent {sent} of {dead} dead {what} to the workers again");
    Ok(())
}
