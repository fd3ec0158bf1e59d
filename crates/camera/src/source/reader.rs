//! The thread that owns the source: OpenCV blocks, and its captures stay on the thread that made them.

use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::{mpsc, oneshot};

use super::folder::{Folder, Repeats, is_picture};
use super::jpeg::Encoding;
use super::video::{Film, Live};
use super::{Next, Source, SourceError};

type Reply = oneshot::Sender<Result<Next, SourceError>>;

/// What to read, and how.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    /// Where pictures come from.
    pub source: Source,
    /// How they are made into JPEGs.
    pub encoding: Encoding,
    /// Pictures wanted for each second of a film; all of them without.
    pub rate: Option<f64>,
    /// What comes after the last one.
    pub repeats: Repeats,
}

/// Asks the thread that owns the source. The thread ends when this is dropped, after the read that it is in.
pub(crate) struct Reader {
    requests: mpsc::Sender<Reply>,
}

impl Reader {
    /// Starts the thread. The source is opened when the first picture is asked for.
    pub(crate) fn start(reading: Reading) -> std::io::Result<Self> {
        let (requests, asked) = mpsc::channel(1);
        std::thread::Builder::new().name("source".to_owned()).spawn(move || serve(&reading, asked))?;
        Ok(Self { requests })
    }

    /// The next picture. After an error the source is closed; asking again opens it again.
    pub(crate) async fn next(&self) -> Result<Next, SourceError> {
        let (reply, answer) = oneshot::channel();
        self.requests.send(reply).await.map_err(|_ended| SourceError::Ended)?;
        answer.await.map_err(|_ended| SourceError::Ended)?
    }
}

enum Open {
    Live(Live),
    Film(Film),
    Folder(Folder),
}

impl Open {
    fn at(reading: &Reading) -> Result<Self, SourceError> {
        let Reading { source, encoding, rate, repeats } = reading;
        match source {
            Source::Usb(_) | Source::Stream(_) => Live::open(source, *encoding).map(Self::Live),
            Source::Path(path) if path.is_dir() || is_picture(path) => {
                Folder::open(path, *encoding, *repeats).map(Self::Folder)
            }
            Source::Path(path) => Film::open(path, *rate, *encoding, *repeats).map(Self::Film),
        }
    }

    fn next(&mut self) -> Result<Next, SourceError> {
        match self {
            Self::Live(live) => live.next(),
            Self::Film(film) => film.next(),
            Self::Folder(folder) => folder.next(),
        }
    }
}

/// The source between two pictures.
enum State {
    Closed,
    Open(Open),
    /// A camera stopped while nobody was asking; whoever asks next is told.
    Lost(SourceError),
}

fn serve(reading: &Reading, mut asked: mpsc::Receiver<Reply>) {
    let mut state = State::Closed;
    while let Some(reply) = wait(&mut state, &mut asked) {
        let (result, next) = read(reading, state);
        state = next;
        // Nobody waits any more when the client is stopping.
        let _ = reply.send(result);
    }
}

/// Waits to be asked. A camera is read on in the meantime, or it would bring old pictures.
fn wait(state: &mut State, asked: &mut mpsc::Receiver<Reply>) -> Option<Reply> {
    while let State::Open(Open::Live(live)) = state {
        match asked.try_recv() {
            Ok(reply) => return Some(reply),
            Err(TryRecvError::Disconnected) => return None,
            Err(TryRecvError::Empty) => {
                if let Err(error) = live.skip() {
                    *state = State::Lost(error);
                }
            }
        }
    }
    asked.blocking_recv()
}

fn read(reading: &Reading, state: State) -> (Result<Next, SourceError>, State) {
    let opened = match state {
        State::Open(open) => Ok(open),
        State::Closed => Open::at(reading),
        State::Lost(error) => Err(error),
    };
    let read = opened.and_then(|mut open| Ok((open.next()?, open)));
    match read {
        Ok((next, open)) => (Ok(next), State::Open(open)),
        Err(error) => (Err(error), State::Closed),
    }
}
