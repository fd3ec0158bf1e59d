//! The camera client, run as its user would run it.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, ensure};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::cast::Scene;

/// Lays the scenes out as one folder, in the order in which the camera is to see them.
pub(crate) fn stage(folder: &Path, scenes: &[Scene]) -> anyhow::Result<PathBuf> {
    let staged = folder.join("seen-by-the-camera");
    if staged.exists() {
        fs::remove_dir_all(&staged).context("clear the camera's folder")?;
    }
    fs::create_dir_all(&staged).context("make the camera's folder")?;
    for (index, scene) in scenes.iter().enumerate() {
        fs::copy(&scene.path, staged.join(format!("{index:03}.jpg"))).context("copy a picture")?;
    }
    Ok(staged)
}

/// A running camera client.
pub(crate) struct Camera {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    scenes: HashMap<String, usize>,
}

impl Camera {
    /// Starts the client on a folder of pictures; it sends each of them, as fast as the system takes them.
    pub(crate) fn start(
        binary: &Path,
        gateway: &str,
        session_id: &str,
        key: &str,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let mut child = Command::new(binary)
            .args(["--gateway", gateway, "--session", session_id, "--every-frame", "--json", "--source"])
            .arg(folder)
            .env("ROLLCALL_CAMERA__KEY", key)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("start the camera client")?;
        let stdout = child.stdout.take().context("the camera client has no output")?;
        Ok(Self { child, lines: BufReader::new(stdout).lines(), scenes: HashMap::new() })
    }

    /// Waits until the client says that it sent something more; `false` once it has ended.
    pub(crate) async fn read(&mut self) -> anyhow::Result<bool> {
        let Some(line) = self.lines.next_line().await? else { return Ok(false) };
        let said: Value = serde_json::from_str(&line).with_context(|| format!("the camera said: {line}"))?;
        if let (Some(name), Some(frame_id)) = (said["source"].as_str(), said["frame_id"].as_str()) {
            let stem = Path::new(name).file_stem().context("a picture without a name")?;
            let scene = stem.to_string_lossy().parse().context("a picture that was not staged")?;
            self.scenes.insert(frame_id.to_owned(), scene);
        }
        Ok(true)
    }

    /// Which scene a recognised frame is, once the client has said so.
    pub(crate) fn scene(&self, event: &Value) -> Option<usize> {
        self.scenes.get(event["frame_id"].as_str()?).copied()
    }

    /// Waits for the end of the client.
    pub(crate) async fn finish(mut self) -> anyhow::Result<()> {
        while self.read().await? {}
        let status = self.child.wait().await.context("wait for the camera client")?;
        ensure!(status.success(), "the camera client ended with {status}");
        Ok(())
    }
}
