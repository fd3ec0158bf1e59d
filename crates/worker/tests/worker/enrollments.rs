use domain::enrollment::{EnrollmentState, Gallery, PhotoRejection, PhotoState};
use domain::id::{EnrollmentId, Id};
use store::templates::changes_since;

use crate::photos::{BEN, MINDY, enrolling, group, nobody, seen, torn};
use crate::school::{School, eventually};
use crate::watch::Watch;

/// What became of each photo, by the database.
async fn rejections(school: &School, id: EnrollmentId) -> anyhow::Result<Vec<Option<PhotoRejection>>> {
    Ok(school.finished(id).await?.photos.iter().map(|photo| photo.rejection).collect())
}

async fn templates(school: &School) -> anyhow::Result<usize> {
    let conn = &mut *school.conn().await?;
    let contracts = store::templates::contracts(conn, school.organization).await?;
    let Some(contract) = contracts.first() else { return Ok(0) };
    let changes = changes_since(conn, &school.sealer, school.organization, contract, Gallery::Samples, 0, 1000).await?;
    Ok(changes.iter().filter(|change| change.embedding.is_some()).count())
}

#[tokio::test]
async fn each_photo_is_judged_by_itself() -> anyhow::Result<()> {
    let school = School::open().await?;
    let worker = school.worker().await?;
    let mut watch = Watch::begin(&school.redis).await?;
    let person = school.person("S001").await?;
    let photos = vec![nobody(), seen(MINDY)?, group()?, torn(MINDY)?, b"hello".to_vec()];
    let id = school.begin_enrollment(person, photos).await?;
    let told = watch.enrolled(id).await?;
    let expected = [
        Some(PhotoRejection::FaceNotFound),
        None,
        Some(PhotoRejection::MultipleFaces),
        Some(PhotoRejection::ImageDamaged),
        Some(PhotoRejection::NotAnImage),
    ];
    assert_eq!(rejections(&school, id).await?, expected);
    assert_eq!(told.iter().map(|photo| photo.rejection).collect::<Vec<_>>(), expected);
    assert_eq!(told[1].state, PhotoState::Accepted);
    assert_eq!(school.finished(id).await?.state, EnrollmentState::Completed);

    let useless = school.begin_enrollment(person, vec![nobody(), torn(MINDY)?]).await?;
    assert_eq!(school.finished(useless).await?.state, EnrollmentState::Failed);
    assert_eq!(templates(&school).await?, 1 + school.settings.enrollment.augmentations);
    worker.stop().await
}

#[tokio::test]
async fn the_photo_of_somebody_else_is_refused() -> anyhow::Result<()> {
    let school = School::open().await?;
    let worker = school.worker().await?;
    let mut photos = enrolling(MINDY, 4)?;
    photos.insert(2, seen(BEN)?);
    let id = school.begin_enrollment(school.person("S001").await?, photos).await?;
    let found = rejections(&school, id).await?;
    assert_eq!(found[2], Some(PhotoRejection::NotSamePerson));
    assert!(found.iter().filter(|rejection| rejection.is_none()).count() >= 3, "{found:?}");
    worker.stop().await
}

#[tokio::test]
async fn a_job_that_comes_again_does_nothing_and_one_without_photos_is_forgotten() -> anyhow::Result<()> {
    let school = School::open().await?;
    let worker = school.worker().await?;
    let mut watch = Watch::begin(&school.redis).await?;
    school.publish(Id::new()).await?;
    let id = school.begin_enrollment(school.person("S001").await?, vec![seen(MINDY)?]).await?;
    school.publish(id).await?;
    for _ in 0..2 {
        assert_eq!(watch.enrolled(id).await?[0].state, PhotoState::Accepted);
    }
    assert_eq!(templates(&school).await?, 1 + school.settings.enrollment.augmentations);
    eventually("nothing waits and nothing is laid aside", async || {
        let depths = school.broker.depths().await?;
        Ok((depths.enrollments == 0 && depths.dead == 0).then_some(()))
    })
    .await?;
    worker.stop().await
}
