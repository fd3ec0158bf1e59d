use vision::VisionError;
use worker::{Application, WorkerError};

use crate::school::School;

#[tokio::test]
async fn a_worker_that_cannot_work_does_not_start() -> anyhow::Result<()> {
    let school = School::open().await?;
    let mut settings = school.settings.clone();
    settings.vision.device = "cuda:4096".to_owned();
    let refused = Application::build(&settings).await.err();
    assert!(matches!(refused, Some(WorkerError::Models(VisionError::Device { .. }))), "{refused:?}");

    let mut settings = school.settings.clone();
    settings.vision.weights = "/nowhere".into();
    let refused = Application::build(&settings).await.err();
    assert!(matches!(refused, Some(WorkerError::Models(VisionError::Missing { .. }))), "{refused:?}");

    let mut settings = school.settings.clone();
    settings.batch.max_frames = 0;
    assert!(matches!(Application::build(&settings).await.err(), Some(WorkerError::Settings(_))));

    let mut settings = school.settings.clone();
    settings.index.snapshots = "/proc/nowhere".to_owned();
    assert!(matches!(Application::build(&settings).await.err(), Some(WorkerError::Index(_))));
    Ok(())
}

#[tokio::test]
async fn a_worker_stops_when_nothing_is_to_be_done() -> anyhow::Result<()> {
    let school = School::open().await?;
    let worker = school.worker().await?;
    assert_eq!(worker.get("/livez").await?.0, 200);
    worker.stop().await
}
