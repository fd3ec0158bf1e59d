//! A network that a test can cut or freeze.

use std::io;
use std::net::SocketAddr;

use anyhow::Context;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use url::Url;

/// A relay on loopback between a client and a server.
pub struct Proxy {
    address: SocketAddr,
    network: watch::Sender<Network>,
    task: AbortHandle,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Network {
    Whole,
    Frozen,
    Cut,
}

impl Proxy {
    /// Relays a free port to `server`, such as `127.0.0.1:5432`.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn to(server: String) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (network, state) = watch::channel(Network::Whole);
        let task = tokio::spawn(relay(listener, server, state)).abort_handle();
        Ok(Self { address, network, task })
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
        self.network.send_replace(Network::Cut);
    }

    /// Lets nothing through, without ending anything: to both sides the other is silent.
    pub fn freeze(&self) {
        self.network.send_replace(Network::Frozen);
    }

    /// Lets connections through again, and whatever was held back while it was frozen.
    pub fn heal(&self) {
        self.network.send_replace(Network::Whole);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn relay(listener: TcpListener, server: String, network: watch::Receiver<Network>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((client, _)) = listener.accept().await else { return };
        connections.spawn(join(client, server.clone(), network.clone()));
        while connections.try_join_next().is_some() {}
    }
}

async fn join(mut client: TcpStream, server: String, mut network: watch::Receiver<Network>) {
    let thawed = network.clone();
    let both_ways = async {
        until_thawed(&mut thawed.clone()).await?;
        let mut upstream = TcpStream::connect(server).await?;
        let (client_reads, client_writes) = client.split();
        let (server_reads, server_writes) = upstream.split();
        let there = pass(client_reads, server_writes, thawed.clone());
        let back = pass(server_reads, client_writes, thawed);
        tokio::try_join!(there, back)
    };
    tokio::select! {
        // First, so that nothing passes a network that is cut.
        biased;
        _ = network.wait_for(|network| *network == Network::Cut) => {}
        _ = both_ways => {}
    }
}

async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut network: watch::Receiver<Network>,
) -> io::Result<()> {
    let mut bytes = vec![0; 64 * 1024];
    loop {
        let length = from.read(&mut bytes).await?;
        until_thawed(&mut network).await?;
        if length == 0 {
            return to.shutdown().await;
        }
        to.write_all(&bytes[..length]).await?;
    }
}

async fn until_thawed(network: &mut watch::Receiver<Network>) -> io::Result<()> {
    network.wait_for(|network| *network != Network::Frozen).await.map(drop).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::Proxy;

    async fn hear(stream: &mut TcpStream) -> anyhow::Result<[u8; 5]> {
        let mut heard = [0; 5];
        stream.read_exact(&mut heard).await?;
        Ok(heard)
    }

    #[tokio::test]
    async fn relays_until_it_is_cut_and_again_when_healed() -> anyhow::Result<()> {
        let server = TcpListener::bind("127.0.0.1:0").await?;
        let proxy = Proxy::to(server.local_addr()?.to_string()).await?;
        let mut client = TcpStream::connect(proxy.address()).await?;
        let (mut accepted, _) = server.accept().await?;
        client.write_all(b"hello").await?;
        assert_eq!(&hear(&mut accepted).await?, b"hello");

        proxy.cut();
        assert_eq!(client.read(&mut [0; 5]).await.unwrap_or(0), 0);
        let mut refused = TcpStream::connect(proxy.address()).await?;
        assert_eq!(refused.read(&mut [0; 5]).await.unwrap_or(0), 0);

        proxy.heal();
        let mut again = TcpStream::connect(proxy.address()).await?;
        let (mut accepted, _) = server.accept().await?;
        accepted.write_all(b"again").await?;
        assert_eq!(&hear(&mut again).await?, b"again");
        Ok(())
    }

    #[tokio::test]
    async fn holds_everything_back_while_it_is_frozen() -> anyhow::Result<()> {
        let server = TcpListener::bind("127.0.0.1:0").await?;
        let proxy = Proxy::to(server.local_addr()?.to_string()).await?;
        let mut client = TcpStream::connect(proxy.address()).await?;
        let (mut accepted, _) = server.accept().await?;

        proxy.freeze();
        client.write_all(b"hello").await?;
        let mut new = TcpStream::connect(proxy.address()).await?;
        new.write_all(b"again").await?;
        let moment = std::time::Duration::from_millis(50);
        assert!(tokio::time::timeout(moment, hear(&mut accepted)).await.is_err());
        assert!(tokio::time::timeout(moment, server.accept()).await.is_err());

        proxy.heal();
        assert_eq!(&hear(&mut accepted).await?, b"hello");
        let (mut accepted, _) = server.accept().await?;
        assert_eq!(&hear(&mut accepted).await?, b"again");
        Ok(())
    }
}
