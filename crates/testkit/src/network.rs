//! A network that a test can cut.

use std::net::SocketAddr;

use anyhow::Context;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use url::Url;

/// A relay on loopback between a client and a server. While it is cut, connections end and new ones are refused.
pub struct Proxy {
    address: SocketAddr,
    whole: watch::Sender<bool>,
    task: AbortHandle,
}

impl Proxy {
    /// Relays a free port to `server`, such as `127.0.0.1:5432`.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn to(server: String) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (whole, state) = watch::channel(true);
        let task = tokio::spawn(relay(listener, server, state)).abort_handle();
        Ok(Self { address, whole, task })
    }

    /// Relays to the server of `url`, and answers with the address to use instead.
    ///
    /// # Errors
    /// When the address names no host and port.
    pub async fn in_front_of(url: &str) -> anyhow::Result<(Self, String)> {
        let mut url: Url = url.parse().context("not a URL")?;
        let (host, port) = (url.host_str().context("no host")?, url.port().context("no port")?);
        let proxy = Self::to(format!("{host}:{port}")).await?;
        // Only addresses that cannot bear a port refuse one, and this one has one.
        url.set_port(Some(proxy.address.port())).map_err(|()| anyhow::anyhow!("no port can be set"))?;
        url.set_host(Some("127.0.0.1"))?;
        Ok((proxy, url.into()))
    }

    /// Where clients connect.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends all connections, and each new one at once.
    pub fn cut(&self) {
        self.whole.send_replace(false);
    }

    /// Lets connections through again.
    pub fn heal(&self) {
        self.whole.send_replace(true);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn relay(listener: TcpListener, server: String, state: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((client, _)) = listener.accept().await else { return };
        connections.spawn(join(client, server.clone(), state.clone()));
        while connections.try_join_next().is_some() {}
    }
}

async fn join(mut client: TcpStream, server: String, mut state: watch::Receiver<bool>) {
    if !*state.borrow() {
        return;
    }
    let Ok(mut upstream) = TcpStream::connect(server).await else { return };
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut upstream) => {}
        _ = state.wait_for(|whole| !whole) => {}
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::Proxy;

    #[tokio::test]
    async fn relays_until_it_is_cut_and_again_when_healed() -> anyhow::Result<()> {
        let server = TcpListener::bind("127.0.0.1:0").await?;
        let proxy = Proxy::to(server.local_addr()?.to_string()).await?;
        let mut client = TcpStream::connect(proxy.address()).await?;
        let (mut accepted, _) = server.accept().await?;
        client.write_all(b"hello").await?;
        let mut heard = [0; 5];
        accepted.read_exact(&mut heard).await?;
        assert_eq!(&heard, b"hello");

        proxy.cut();
        assert_eq!(client.read(&mut heard).await.unwrap_or(0), 0);
        let mut refused = TcpStream::connect(proxy.address()).await?;
        assert_eq!(refused.read(&mut heard).await.unwrap_or(0), 0);

        proxy.heal();
        let mut again = TcpStream::connect(proxy.address()).await?;
        let (mut accepted, _) = server.accept().await?;
        accepted.write_all(b"again").await?;
        again.read_exact(&mut heard).await?;
        assert_eq!(&heard, b"again");
        Ok(())
    }
}
