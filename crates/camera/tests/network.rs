//! The client against a network that misbehaves: the other side here does only what networks and proxies do to a
//! connection. What the gateway says to a camera is tested with the gateway, in `tests/`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use camera::{Arguments, CameraError, Settings, Summary, run};
use clap::Parser;
use futures_util::{SinkExt, StreamExt};
use opencv::core::{CV_8UC3, Mat, Scalar};
use opencv::imgcodecs::imwrite_def;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_async};
use tokio_util::sync::CancellationToken;

const SESSION: &str = "01890a5d-ac96-774b-bcce-b302099a8057";
const LIMIT: Duration = Duration::from_secs(30);

/// Output that a test can read while the client writes it.
#[derive(Clone, Default)]
struct Output(Arc<Mutex<Vec<u8>>>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Output {
    /// The types of the notices, in their order.
    fn types(&self) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let parse = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap();
        text.split_inclusive('\n')
            .filter(|line| line.ends_with('\n'))
            .map(|line| parse(line)["type"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// What the client says of its link; when its source ends is another matter.
fn of_link(output: &Output) -> Vec<String> {
    output.types().into_iter().filter(|said| said != "source_ended").collect()
}

/// A client at work on pictures of its own.
struct Client {
    folder: PathBuf,
    output: Output,
    stop: CancellationToken,
    running: JoinHandle<Result<Summary, CameraError>>,
}

impl Client {
    fn start(listener: &TcpListener, pictures: usize, options: &[&str]) -> Self {
        let folder = std::env::temp_dir().join(format!("rollcall-camera-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&folder).unwrap();
        for number in 0..pictures {
            let image = Mat::new_rows_cols_with_default(48, 64, CV_8UC3, Scalar::all(number as f64)).unwrap();
            imwrite_def(folder.join(format!("{number:03}.jpg")).to_str().unwrap(), &image).unwrap();
        }
        let key = folder.join("camera.key");
        std::fs::write(&key, "rck_test\n").unwrap();
        let gateway = format!("http://{}", listener.local_addr().unwrap());
        let (key, source) = (key.to_str().unwrap(), folder.to_str().unwrap());
        let always = ["camera", "--session", SESSION, "--gateway", &gateway, "--key-file", key, "--json"];
        let has_source = options.contains(&"--source");
        let source: &[&str] = if has_source { &[] } else { &["--source", source] };
        let arguments = Arguments::try_parse_from(always.iter().chain(source).chain(options)).unwrap();
        let settings = Settings::load(arguments).unwrap();
        let (output, stop) = (Output::default(), CancellationToken::new());
        let (written, stopped) = (output.clone(), stop.clone());
        let running = tokio::spawn(async move { run(&settings, written, &stopped).await });
        Self { folder, output, stop, running }
    }

    /// Waits until the client has said something of this type.
    async fn says(&self, kind: &str) {
        let mut looks = tokio::time::interval(Duration::from_millis(10));
        let says = async {
            while !self.output.types().iter().any(|said| said == kind) {
                looks.tick().await;
            }
        };
        tokio::time::timeout(LIMIT, says).await.expect("the client says it");
    }

    async fn end(&mut self) -> Result<Summary, CameraError> {
        tokio::time::timeout(LIMIT, &mut self.running).await.expect("the client ends").unwrap()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

async fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

async fn accept(listener: &TcpListener) -> WebSocketStream<TcpStream> {
    let (stream, _) = tokio::time::timeout(LIMIT, listener.accept()).await.expect("the client connects").unwrap();
    accept_async(stream).await.unwrap()
}

/// The next frame; `None` when the client has closed the connection.
async fn frame(socket: &mut WebSocketStream<TcpStream>) -> Option<Vec<u8>> {
    loop {
        match tokio::time::timeout(LIMIT, socket.next()).await.expect("the client sends") {
            Some(Ok(Message::Binary(bytes))) => return Some(bytes.to_vec()),
            Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
            Some(Ok(_)) => {}
        }
    }
}

async fn accept_frame(socket: &mut WebSocketStream<TcpStream>) {
    let answer = serde_json::json!({ "type": "frame_accepted", "frame_id": uuid::Uuid::new_v4() });
    socket.send(Message::text(answer.to_string())).await.unwrap();
}

/// Answers one HTTP request.
async fn answer_http(listener: &TcpListener, status: &str, headers: &str, body: &str) -> String {
    let (mut stream, _) = tokio::time::timeout(LIMIT, listener.accept()).await.expect("the client connects").unwrap();
    let mut request = vec![0; 64 * 1024];
    let read = stream.read(&mut request).await.unwrap();
    let answer =
        format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
    stream.write_all(answer.as_bytes()).await.unwrap();
    String::from_utf8_lossy(&request[..read]).into_owned()
}

#[tokio::test]
async fn a_frame_whose_answer_was_cut_off_is_sent_again() {
    let listener = listen().await;
    let mut client = Client::start(&listener, 2, &["--every-frame", "--patience", "1"]);
    let mut first = accept(&listener).await;
    let cut_off = frame(&mut first).await.unwrap();
    drop(first);
    let mut second = accept(&listener).await;
    assert_eq!(frame(&mut second).await.unwrap(), cut_off);
    accept_frame(&mut second).await;
    assert_ne!(frame(&mut second).await.unwrap(), cut_off);
    accept_frame(&mut second).await;
    assert_eq!(frame(&mut second).await, None, "the client takes its leave");
    let summary = client.end().await.unwrap();
    assert_eq!((summary.accepted, summary.lost, summary.unanswered), (2, 0, 2));
    let expected = ["connected", "waiting", "connected", "frame_accepted", "frame_unanswered", "frame_accepted"];
    assert_eq!(of_link(&client.output)[..6], expected);
}

#[tokio::test]
async fn while_an_answer_is_owed_the_newest_picture_wins() {
    let listener = listen().await;
    let mut client = Client::start(&listener, 6, &["--rate", "100", "--patience", "1"]);
    let mut socket = accept(&listener).await;
    frame(&mut socket).await.unwrap();
    client.says("source_ended").await;
    let last = std::fs::read(client.folder.join("005.jpg")).unwrap();
    accept_frame(&mut socket).await;
    assert_eq!(frame(&mut socket).await.unwrap(), last);
    accept_frame(&mut socket).await;
    let summary = client.end().await.unwrap();
    assert_eq!((summary.sent, summary.accepted), (2, 2));
    assert_eq!(summary.dropped, 4);
}

#[tokio::test]
async fn a_proxy_in_trouble_is_waited_for() {
    let listener = listen().await;
    let mut client = Client::start(&listener, 1, &["--every-frame", "--patience", "1"]);
    for status in ["502 Bad Gateway", "503 Service Unavailable"] {
        let request = answer_http(&listener, status, "", "").await;
        assert!(request.starts_with(&format!("GET /api/v1/sessions/{SESSION}/frames/stream ")), "{request}");
        assert!(request.to_lowercase().contains("authorization: bearer rck_test"), "{request}");
    }
    let mut socket = accept(&listener).await;
    frame(&mut socket).await.unwrap();
    accept_frame(&mut socket).await;
    assert_eq!(client.end().await.unwrap().accepted, 1);
    assert_eq!(of_link(&client.output)[..3], ["waiting", "waiting", "connected"]);
}

#[tokio::test]
async fn a_refusal_for_good_ends_the_client() {
    for post in [&[][..], &["--post"]] {
        let listener = listen().await;
        let mut client = Client::start(&listener, 1, post);
        answer_http(&listener, "401 Unauthorized", "", "").await;
        let error = client.end().await.unwrap_err();
        assert!(matches!(error, CameraError::Link(camera::LinkError::Refused { .. })), "{error:?}");
    }
}

#[tokio::test]
async fn frames_go_out_one_request_each_too() {
    let listener = listen().await;
    let mut client = Client::start(&listener, 1, &["--every-frame", "--post"]);
    let refused = answer_http(&listener, "503 Service Unavailable", "Retry-After: 1\r\n", "").await;
    let refused_at = Instant::now();
    assert!(refused.starts_with(&format!("POST /api/v1/sessions/{SESSION}/frames ")), "{refused}");
    assert!(refused.to_lowercase().contains("content-type: image/jpeg"), "{refused}");
    answer_http(&listener, "202 Accepted", "", &format!(r#"{{"frame_id":"{SESSION}"}}"#)).await;
    assert!(refused_at.elapsed() >= Duration::from_secs(1), "it waits as long as it was asked to");
    let summary = client.end().await.unwrap();
    assert_eq!((summary.sent, summary.accepted), (1, 1));
    assert_eq!(of_link(&client.output), ["waiting", "frame_accepted", "summary"]);
}

#[tokio::test]
async fn the_signal_to_stop_ends_a_client_that_cannot_connect() {
    let listener = listen().await;
    let mut client = Client::start(&listener, 1, &["--loop"]);
    answer_http(&listener, "502 Bad Gateway", "", "").await;
    client.stop.cancel();
    let summary = client.end().await.unwrap();
    assert_eq!(summary.sent, 0);
    assert_eq!(of_link(&client.output).last().map(String::as_str), Some("summary"));
}

/// Serves a stream of pictures as network cameras do, and cuts it after `pictures`.
async fn stream_pictures(listener: &TcpListener, jpeg: &[u8], pictures: usize) {
    let (mut stream, _) = tokio::time::timeout(LIMIT, listener.accept()).await.expect("the client opens it").unwrap();
    let mut request = vec![0; 4096];
    let _ = stream.read(&mut request).await.unwrap();
    let head = "HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=ffmpeg\r\n\r\n--ffmpeg\r\n";
    let mut sent = stream.write_all(head.as_bytes()).await;
    for _ in 0..pictures {
        let part = format!("Content-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n", jpeg.len());
        let bytes = [part.as_bytes(), jpeg, b"\r\n--ffmpeg\r\n"].concat();
        sent = sent.and(stream.write_all(&bytes).await);
        tokio::task::yield_now().await;
    }
    let _ = sent;
}

#[tokio::test]
async fn a_camera_that_was_cut_off_is_found_again() {
    let (listener, camera) = (listen().await, listen().await);
    let address = format!("http://{}/stream.mjpg", camera.local_addr().unwrap());
    let mut client = Client::start(&listener, 1, &["--source", &address, "--rate", "20"]);
    let jpeg = std::fs::read(client.folder.join("000.jpg")).unwrap();
    let streaming = tokio::spawn(async move {
        loop {
            stream_pictures(&camera, &jpeg, 40).await;
        }
    });
    let mut socket = accept(&listener).await;
    for _ in 0..3 {
        frame(&mut socket).await.unwrap();
        accept_frame(&mut socket).await;
    }
    while !client.output.types().contains(&"source_waiting".to_owned()) {
        frame(&mut socket).await.unwrap();
        accept_frame(&mut socket).await;
    }
    frame(&mut socket).await.expect("frames come again");
    client.stop.cancel();
    assert!(client.end().await.unwrap().accepted >= 3);
    streaming.abort();
}
