//! Attendance as files.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use domain::id::PersonId;
use insta::assert_snapshot;
use reqwest::{Method, Response};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::app::{TestApp, TestOrganization, eventually};
use crate::past::Past;

async fn download(organization: &TestOrganization, path: &str) -> Response {
    organization.admin.request(Method::GET, path).send().await.expect("an answer")
}

/// The lines of a CSV file, each with its ending shown.
async fn lines(organization: &TestOrganization, path: &str) -> String {
    let answer = download(organization, path).await;
    assert_eq!(answer.headers()["content-type"], "text/csv; charset=utf-8");
    answer.text().await.expect("UTF-8").replace("\r\n", "⏎\n")
}

/// The only sheet of a workbook.
async fn sheet(organization: &TestOrganization, path: &str) -> Vec<Vec<Data>> {
    let answer = download(organization, path).await;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    assert_eq!(answer.headers()["content-type"], kind);
    let bytes = answer.bytes().await.expect("a file");
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
    let formulas = book.worksheet_formula("Attendance").expect("a sheet");
    assert!(formulas.used_cells().next().is_none(), "there are formulas");
    book.worksheet_range("Attendance").expect("a sheet").rows().map(<[Data]>::to_vec).collect()
}

/// Somebody on the roster from the beginning, with a name of their choice.
async fn named(past: &Past<'_>, external_id: &str, name: &str) -> PersonId {
    let body = json!({"kind": "student", "external_id": external_id, "name": name});
    let id = past.organization.admin.made("/people", &body).await.parse().expect("an id");
    past.join(id, "2026-01-01T00:00:00Z").await;
    id
}

#[tokio::test]
async fn a_session_is_a_table_of_people() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let bio = Past::new(&app, &organization, "BIO 3/A").await;
    let ada = named(&bio, "S1", "Zoé, \"Z\" Lovelace").await;
    named(&bio, "S2", "=HYPERLINK(\"http://example.org\")").await;
    let ben = named(&bio, "S3", "李小龍").await;
    // Half past two comes twice on the day on which clocks go back.
    let session = bio.hold("2026-10-25T00:30:00Z", &[(ada, 0), (ben, 60)]).await;
    let path = format!("/sessions/{session}/attendance/export");
    assert_snapshot!(lines(&organization, &path).await, @r#"
    external_id,name,state,first_seen_at,last_seen_at,sightings,best_similarity⏎
    S1,"Zoé, ""Z"" Lovelace",present,2026-10-25T02:30:00+02:00,2026-10-25T02:30:00+02:00,1,0.75⏎
    S2,"'=HYPERLINK(""http://example.org"")",absent,,,0,⏎
    S3,李小龍,late,2026-10-25T02:30:00+01:00,2026-10-25T02:30:00+01:00,1,0.75⏎
    "#);

    let answer = download(&organization, &path).await;
    let disposition = &answer.headers()["content-disposition"];
    assert_eq!(disposition, "attachment; filename=\"attendance-BIO_3_A-2026-10-25.csv\"");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let plain = answer.bytes().await.expect("a file");
    let marked = download(&organization, &format!("{path}?format=csv&bom=true")).await.bytes().await.expect("a file");
    assert_eq!(marked, [b"\xef\xbb\xbf", plain.as_ref()].concat());

    let rows = sheet(&organization, &format!("{path}?format=xlsx")).await;
    let first: Vec<String> = rows[0].iter().map(ToString::to_string).collect();
    assert_eq!(first[3..5], ["first_seen_at (Europe/Zurich)", "last_seen_at (Europe/Zurich)"]);
    assert_eq!(rows[1][1], Data::String("Zoé, \"Z\" Lovelace".to_owned()));
    // A workbook knows text from formulas: nothing is put before it.
    assert_eq!(rows[2][1], Data::String("=HYPERLINK(\"http://example.org\")".to_owned()));
    assert_eq!((&rows[2][2], &rows[2][3]), (&Data::String("absent".to_owned()), &Data::Empty));
    let Data::DateTime(seen) = rows[1][3] else { panic!("{:?} is no time", rows[1][3]) };
    let (year, month, day, hour, minute, second, _) = seen.to_ymd_hms_milli();
    assert_eq!((year, month, day, hour, minute, second), (2026, 10, 25, 2, 30, 0));
    assert_eq!(rows[1][6], Data::Float(0.75));
    for query in ["?format=pdf", "?bom=perhaps", "?from=2026-01-01"] {
        assert_eq!(organization.admin.get(&format!("{path}{query}")).await.code(), "invalid_query", "{query}");
    }
}

#[tokio::test]
async fn a_course_is_a_table_of_people_and_sessions() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let bio = Past::new(&app, &organization, "BIO").await;
    let ada = bio.person("S1", "2026-01-01T00:00:00Z").await;
    let ben = bio.person("@S2", "2026-01-01T00:00:00Z").await;
    bio.hold("2026-10-24T08:00:00Z", &[(ada, 0), (ben, 15)]).await;
    bio.leave(ben, "2026-10-24T12:00:00Z").await;
    bio.hold("2026-10-26T08:00:00Z", &[]).await;
    bio.open("2026-10-27T08:00:00Z").await;
    let path = format!("/courses/{}/attendance/export", bio.course_id);
    assert_snapshot!(lines(&organization, &path).await, @r#"
    external_id,name,2026-10-24T10:00+02:00,2026-10-26T09:00+01:00,present,late,left_early,absent,excused,rate⏎
    '@S2,Person @S2,late,,0,1,0,0,0,1.0000⏎
    S1,Person S1,present,absent,1,0,0,1,0,0.5000⏎
    "#);
    assert_snapshot!(lines(&organization, &format!("{path}?from=2026-10-25&to=2026-10-26")).await, @r#"
    external_id,name,2026-10-26T09:00+01:00,present,late,left_early,absent,excused,rate⏎
    S1,Person S1,absent,0,0,0,1,0,0.0000⏎
    "#);
    assert_snapshot!(lines(&organization, &format!("{path}?from=2027-01-01")).await, @"external_id,name,present,late,left_early,absent,excused,rate⏎");

    let rows = sheet(&organization, &format!("{path}?format=xlsx")).await;
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[1][0], Data::String("@S2".to_owned()));
    assert_eq!((&rows[1][2], &rows[1][3]), (&Data::String("late".to_owned()), &Data::Empty));
    assert_eq!((&rows[2][4], &rows[2][9]), (&Data::Float(1.0), &Data::Float(0.5)));
}

#[tokio::test]
async fn an_export_is_the_teachers_own_and_is_remembered() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (bio, art) = (Past::new(&app, &organization, "BIO").await, Past::new(&app, &organization, "ART").await);
    bio.is_taught().await;
    let ada = bio.person("S1", "2026-01-01T00:00:00Z").await;
    let (own, foreign) =
        (bio.hold("2026-10-24T08:00:00Z", &[(ada, 0)]).await, art.hold("2026-10-24T08:00:00Z", &[]).await);
    let teacher = &organization.teacher;
    for path in [format!("/sessions/{foreign}"), format!("/courses/{}", art.course_id)] {
        assert_eq!(teacher.get(&format!("{path}/attendance/export")).await.code(), "forbidden", "{path}");
    }
    assert_eq!(teacher.get(&format!("/sessions/{own}/attendance/export?format=xlsx")).await.status, 200);
    let path = format!("/courses/{}/attendance/export?from=2026-10-24", bio.course_id);
    assert_eq!(teacher.get(&path).await.status, 200);

    let mut conn = app.connection().await;
    let entries = store::audit::list(&mut conn, Some(organization.id), None, 0, 100).await.expect("the log");
    let exports = entries.iter().filter(|entry| entry.action == "data_exported");
    let told: Vec<_> = exports.map(|entry| (entry.subject_id, entry.details.as_str())).collect();
    assert_eq!(
        told,
        [
            (Some(own.uuid()), r#"{"format":"xlsx","people":1,"what":"session_attendance"}"#),
            (
                Some(bio.course_id.uuid()),
                r#"{"format":"csv","from":"2026-10-24","people":1,"sessions":1,"to":null,"what":"course_attendance"}"#
            ),
        ]
    );
}

#[tokio::test]
async fn an_export_that_there_is_no_memory_for_is_refused_for_now() {
    let app = TestApp::start_with(|settings| settings.http.body_memory_mib = 64).await;
    let organization = app.organization().await;
    let bio = Past::new(&app, &organization, "BIO").await;
    let ada = bio.person("S1", "2026-01-01T00:00:00Z").await;
    bio.hold("2026-10-24T08:00:00Z", &[(ada, 0)]).await;
    let path = format!("/courses/{}/attendance/export", bio.course_id);
    // An enrollment of unknown length holds all of the memory while its body comes.
    let mut slow = TcpStream::connect(app.base.trim_start_matches("http://")).await.expect("a connection");
    let head = format!(
        "POST /api/v1/people/{ada}/enrollments HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {}\r\n\
         Content-Type: multipart/form-data; boundary=x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n--x\r\n\r\n",
        organization.admin.bearer()
    );
    slow.write_all(head.as_bytes()).await.expect("an open connection");
    let answered = async |status: u16| {
        let answer = organization.admin.get(&path).await;
        (answer.status == status).then_some(answer)
    };
    let refused = eventually(async || answered(503).await).await;
    assert_eq!((refused.code(), refused.header("retry-after")), ("overloaded", "1"));
    drop(slow);
    eventually(async || answered(200).await).await;
}
