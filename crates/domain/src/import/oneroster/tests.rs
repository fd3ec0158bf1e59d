use std::collections::BTreeMap;

use chrono::NaiveDate;
use proptest::prelude::*;

use super::{CourseRow, ExternalId, MemberRow, Roster, TeacherRow, read};

const USERS: &str = "\
sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone,grades
u1,,,true,ada,,Ada,Lovelace,,17,ada@example.org,,555-1,10
u2,,,false,bob,,Bob,Byron,,18,,,,\"10,11\"
u3,tobedeleted,,true,cy,,Cy,Clone,,19,,,,
t1,,,true,anne,,Anne,Teacher,,,Anne@School.example,,,
";
const ROLES: &str = "\
sourcedId,status,userSourcedId,roleType,role
r1,,u1,primary,student
r2,,u2,primary,student
r3,,u3,primary,student
r4,,t1,primary,teacher
";
const COURSES: &str = "sourcedId,status,title,courseCode\nc1,,Biology,BIO\n";
const CLASSES: &str = "\
sourcedId,status,title,classCode,courseSourcedId
k1,,Biology 10 A,BIO-10A,c1
k2,tobedeleted,,,c1
";
const ENROLLMENTS: &str = "\
sourcedId,status,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate
e1,,k1,s1,u1,student,,2026-08-01,2027-06-30
e2,tobedeleted,k1,s1,u2,student,,,
e3,,k1,s1,u3,student,,2026-08-01,2026-09-30
e4,,k1,s1,t1,teacher,true,,
e5,,k2,s1,t1,proctor,,,
";

fn files(changes: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
    let whole = [
        ("users.csv", USERS),
        ("roles.csv", ROLES),
        ("courses.csv", COURSES),
        ("classes.csv", CLASSES),
        ("enrollments.csv", ENROLLMENTS),
    ];
    whole.iter().chain(changes).map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
}

fn on_day(files: &BTreeMap<String, Vec<u8>>, external_id: ExternalId) -> Roster {
    read(files, external_id, NaiveDate::from_ymd_opt(2026, 11, 21).expect("a day"))
}

/// File, line, column and code of each problem.
fn problems(roster: &Roster) -> Vec<(&str, usize, &str, &str)> {
    let told = roster.problems.iter();
    told.map(|p| (p.file.as_deref().unwrap_or("-"), p.line, p.column.as_deref().unwrap_or("-"), p.code.as_str()))
        .collect()
}

#[test]
fn students_classes_and_who_is_in_them() {
    let roster = on_day(&files(&[]), ExternalId::SourcedId);
    assert_eq!(problems(&roster), []);
    let people: Vec<_> = roster
        .people
        .iter()
        .map(|p| (p.external_id.as_str(), p.second_id.as_deref(), p.name.as_deref(), p.class.as_deref(), p.is_active))
        .collect();
    assert_eq!(
        people,
        [
            ("u1", Some("17"), Some("Ada Lovelace"), Some("10"), Some(true)),
            ("u2", Some("18"), Some("Bob Byron"), None, Some(false)),
            ("u3", Some("19"), Some("Cy Clone"), None, Some(false)),
        ]
    );
    let course =
        |code: &str, title: &str, is_active| CourseRow { code: code.to_owned(), title: title.to_owned(), is_active };
    assert_eq!(roster.courses, [course("BIO-10A", "Biology 10 A", true), course("k2", "Biology", false)]);
    let member = |id: &str, is_member| MemberRow { course: 0, external_id: id.to_owned(), is_member };
    assert_eq!(roster.members, [member("u1", true), member("u2", false), member("u3", false)]);
    let anne = TeacherRow { course: 0, email: "anne@school.example".to_owned(), is_teacher: true };
    assert_eq!(roster.teachers, [anne]);
}

#[test]
fn the_identifier_can_be_the_external_id() {
    let roster = on_day(&files(&[]), ExternalId::Identifier);
    assert_eq!(roster.people[0].external_id, "17");
    assert_eq!((roster.people[0].second_id.as_deref(), roster.members[0].external_id.as_str()), (Some("u1"), "17"));
    let nameless = USERS.replace(",17,", ",,");
    let roster = on_day(&files(&[("users.csv", &nameless)]), ExternalId::Identifier);
    assert_eq!(problems(&roster), [("users.csv", 2, "identifier", "required")]);
}

#[test]
fn the_roles_of_version_1_1_are_in_the_users() {
    let users = "sourcedId,givenName,familyName,role\nu1,Ada,Lovelace,student\nt1,Anne,Teacher,teacher\n";
    let mut whole = files(&[("users.csv", users)]);
    whole.remove("roles.csv");
    whole.remove("enrollments.csv");
    let roster = on_day(&whole, ExternalId::SourcedId);
    assert_eq!((problems(&roster).len(), roster.people.len()), (0, 1));
}

#[test]
fn what_is_wrong_is_told_by_file_line_and_column() {
    let check = |file: &str, text: &str, expected: &[(&str, usize, &str, &str)]| {
        assert_eq!(problems(&on_day(&files(&[(file, text)]), ExternalId::SourcedId)), expected, "{file}");
    };
    check("users.csv", "givenName,familyName\n", &[("users.csv", 0, "sourcedId", "missing_column")]);
    check(
        "classes.csv",
        "sourcedId,title\nk1,A\nk1,B\n,C\n",
        &[
            ("classes.csv", 3, "sourcedId", "duplicate"),
            ("classes.csv", 4, "sourcedId", "required"),
            ("enrollments.csv", 6, "classSourcedId", "unknown"),
        ],
    );
    check(
        "enrollments.csv",
        "classSourcedId,userSourcedId,role,endDate\nk1,u9,student,\nk9,u1,student,\nk1,u1,student,soon\n",
        &[
            ("enrollments.csv", 2, "userSourcedId", "unknown"),
            ("enrollments.csv", 3, "classSourcedId", "unknown"),
            ("enrollments.csv", 4, "endDate", "invalid"),
        ],
    );
    check("users.csv", &USERS.replace("ada@example.org", "nowhere"), &[("users.csv", 2, "email", "invalid")]);
    check("users.csv", &USERS.replace(",18,", ",17,"), &[("users.csv", 3, "-", "duplicate")]);
    check("classes.csv", "sourcedId,title\n\"k1,A\n", &[("classes.csv", 2, "-", "unclosed_quote")]);
    let none = on_day(&BTreeMap::new(), ExternalId::SourcedId);
    assert_eq!(problems(&none), [("users.csv", 0, "-", "missing_file")]);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[a-z0-9,\"\n]{0,200}", file in 0_usize..5) {
        let whole = files(&[]);
        let name = whole.keys().nth(file).expect("a file").clone();
        let mut changed = whole.clone();
        let heading = String::from_utf8_lossy(&whole[&name]).lines().next().unwrap_or_default().to_owned();
        changed.insert(name, format!("{heading}\n{text}").into_bytes());
        let roster = on_day(&changed, ExternalId::SourcedId);
        prop_assert!(roster.members.iter().all(|member| member.course < roster.courses.len()));
        prop_assert!(roster.teachers.iter().all(|teacher| teacher.course < roster.courses.len()));
    }
}
