//! The TCP connection beneath lapin's, held so that it can be ended.
//!
//! lapin gives each connection a thread that lives until its socket fails. Where the other side is silent, a handshake
//! that we give up or a farewell that nobody answers would leave thread and socket behind for good.

use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, PoisonError};

use lapin::tcp::AMQPUriTcpExt;
use lapin::uri::AMQPUri;
use lapin::{AsyncTcpStream, Connection, ConnectionProperties};

/// Ends the socket when it is dropped, at the latest.
pub(crate) struct Socket(Arc<Mutex<State>>);

enum State {
    Connecting,
    Open(TcpStream),
    Ended,
}

impl Socket {
    /// A socket that [`Socket::connect`] will open.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(State::Connecting)))
    }

    /// Connects to RabbitMQ, without giving the connection a life beyond this socket's.
    pub(crate) async fn connect(&self, address: AMQPUri, options: ConnectionProperties) -> lapin::Result<Connection> {
        let state = Arc::clone(&self.0);
        let runtime = lapin::runtime::default_runtime()?;
        Connection::connector(
            address,
            runtime,
            async move |address, runtime| {
                let stream = address.connect_async(&runtime).await?;
                if let AsyncTcpStream::Plain(plain) = &stream {
                    let handle = plain.get_ref().as_fd().try_clone_to_owned()?;
                    keep(&state, handle.into())?;
                }
                Ok(stream)
            },
            options,
        )
        .await
    }

    /// Ends the socket, and with it the connection and its thread.
    pub(crate) fn end(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let State::Open(stream) = std::mem::replace(&mut *state, State::Ended) {
            // An error says that it has ended already.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.end();
    }
}

/// Keeps a handle of the stream; an error when it came too late.
fn keep(state: &Mutex<State>, stream: TcpStream) -> std::io::Result<()> {
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    match *state {
        State::Ended => Err(std::io::ErrorKind::ConnectionAborted.into()),
        State::Connecting | State::Open(_) => {
            *state = State::Open(stream);
            Ok(())
        }
    }
}
