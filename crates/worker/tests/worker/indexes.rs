use domain::sighting::Outcome;

use crate::photos::{ELTON, enrolling, seen};
use crate::school::School;
use crate::watch::Watch;

#[tokio::test]
async fn whoever_is_deleted_is_in_no_answer_from_then_on() -> anyhow::Result<()> {
    let school = School::open().await?;
    let worker = school.worker().await?;
    let mut watch = Watch::begin(&school.redis).await?;
    let elton = school.enrolled("S001", enrolling(ELTON, 3)?).await?;
    let (of_elton, of_nobody) = (school.lesson(&[elton]).await?, school.lesson(&[]).await?);
    for (lesson, outcome) in [(of_elton, Outcome::Present), (of_nobody, Outcome::NotOnRoster)] {
        let frame = school.send(lesson, seen(ELTON)?).await?;
        assert_eq!(watch.recognised(frame).await?.faces(), [(outcome, Some(elton))]);
    }

    let conn = &mut *school.conn().await?;
    let bumped = store::people::delete(conn, school.organization, elton).await?;
    let revision = store::templates::revision(conn, school.organization).await?;
    for (course, version) in bumped {
        school.redis.raise_course_version(course, version).await?;
    }
    school.redis.raise_template_revision(school.organization, revision).await?;
    for lesson in [of_elton, of_nobody] {
        let frame = school.send(lesson, seen(ELTON)?).await?;
        let recognised = watch.recognised(frame).await?;
        assert_eq!(recognised.faces(), [(Outcome::Unknown, None)]);
        let similarity = recognised.result.sightings[0].similarity;
        assert_eq!(similarity, None, "not even as the closest, for there is nobody left to be like");
    }
    worker.stop().await
}
