use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::{Mapping, People, PersonField, plan, read};
use crate::id::{Id, OrganizationId};
use crate::person::{Person, PersonKind};

fn of(text: &str) -> People {
    read(text.as_bytes(), &Mapping::default())
}

/// Line, column and code of each problem.
fn problems(people: &People) -> Vec<(usize, &str, &str)> {
    let told = people.problems.iter();
    told.map(|p| (p.line, p.column.as_deref().unwrap_or_default(), p.code.as_str())).collect()
}

#[test]
fn columns_are_known_by_what_they_are_often_called() {
    let people =
        of("Roll No.;Full Name;E-Mail;PRN;Division;Active\n 17 ;Ada Lovelace;ada@example.org;P1;B;yes\n18;Bob;;;;\n");
    assert_eq!(problems(&people), []);
    let (ada, bob) = (&people.rows[0], &people.rows[1]);
    assert_eq!(
        (ada.external_id.as_str(), ada.name.as_deref(), ada.second_id.as_deref()),
        ("17", Some("Ada Lovelace"), Some("P1"))
    );
    assert_eq!(
        (ada.email.as_deref(), ada.section.as_deref(), ada.is_active),
        (Some("ada@example.org"), Some("B"), Some(true))
    );
    assert_eq!((bob.line, bob.kind, &bob.email, &bob.section, bob.is_active), (3, None, &None, &None, None));
    let people = of("id,first name,last name\n1,Ada,Lovelace\n2,,Bob\n");
    assert_eq!(
        people.rows.iter().map(|row| row.name.as_deref()).collect::<Vec<_>>(),
        [Some("Ada Lovelace"), Some("Bob")]
    );
}

#[test]
fn a_mapping_names_columns_and_says_what_all_are() {
    let mapping: Mapping = serde_json::from_str(
        r#"{"columns": {"external_id": "No", "name": "Wer"}, "defaults": {"kind": "staff", "class": "HR"}, "separator": ";"}"#,
    )
    .expect("a mapping");
    let people = read("No;Wer;email\n1;A, B;not read\n".as_bytes(), &mapping);
    assert_eq!(problems(&people), []);
    let row = &people.rows[0];
    assert_eq!(
        (row.name.as_deref(), row.kind, row.class.as_deref(), &row.email),
        (Some("A, B"), Some(PersonKind::Employee), Some("HR"), &None)
    );
    let columns = BTreeMap::from([(PersonField::ExternalId, "Nummer".to_owned())]);
    let people = read(b"No;Wer\n", &Mapping { columns, ..Mapping::default() });
    assert_eq!(problems(&people), [(0, "Nummer", "missing_column")]);
    assert_eq!(
        problems(&read(b"id\n", &Mapping { separator: Some('é'), ..Mapping::default() })),
        [(0, "", "separator")]
    );
    assert_eq!(problems(&of("name\nAda\n")), [(0, "external_id", "missing_column")]);
}

#[test]
fn all_that_is_wrong_is_told_by_line_and_column() {
    let long = "x".repeat(65);
    let people = of(&format!(
        "id,Mail,kind,active,prn,class\n,a@b,student,yes,,\n1,nowhere,robot,maybe,,{long}\n2,,,,P,\n3,,,,P,\n2,,,,,\n4,,,,,\n"
    ));
    assert_eq!(
        problems(&people),
        [
            (2, "id", "required"),
            (3, "kind", "invalid"),
            (3, "Mail", "invalid"),
            (3, "class", "too_long"),
            (3, "active", "invalid"),
            (5, "prn", "duplicate"),
            (6, "id", "duplicate"),
        ]
    );
    assert_eq!(people.rows.iter().map(|row| row.external_id.as_str()).collect::<Vec<_>>(), ["2", "4"]);
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).expect("a time")
}

fn person(organization: OrganizationId, id: &str, second_id: Option<&str>) -> Person {
    let new = Person::new(organization, PersonKind::Student, id.to_owned(), format!("Person {id}"), at(0));
    Person { second_id: second_id.map(str::to_owned), ..new }
}

#[test]
fn an_empty_cell_leaves_what_is_known() {
    let organization = Id::new();
    let known =
        [person(organization, "1", Some("P1")), person(organization, "2", None), person(organization, "3", None)];
    let made = plan(organization, of("id,name,prn,kind\n1,,,employee\n2,Person 2,,\n4,New,,\n"), &known, at(9));
    assert_eq!((made.unchanged, made.problems.len()), (1, 0));
    let expected = Person { kind: PersonKind::Employee, updated_at: at(9), ..known[0].clone() };
    assert_eq!(made.changed, [expected]);
    assert_eq!((made.created[0].name.as_str(), made.created[0].kind), ("New", PersonKind::Student));
    let nameless = plan(organization, of("id,prn\n5,P5\n"), &[], at(9));
    assert_eq!((nameless.problems[0].line, nameless.problems[0].code.as_str()), (2, "required"));
}

#[test]
fn second_ids_may_change_hands_but_not_be_shared() {
    let organization = Id::new();
    let known = [person(organization, "1", Some("P1")), person(organization, "2", Some("P2"))];
    let swapped = plan(organization, of("id,prn\n1,P2\n2,P1\n"), &known, at(9));
    assert_eq!((swapped.changed.len(), swapped.problems.len()), (2, 0));
    let taken = plan(organization, of("id,name,prn\n3,C,P2\n"), &known, at(9));
    let problem = &taken.problems[0];
    assert_eq!(
        (problem.line, problem.column.as_deref(), problem.code.as_str()),
        (2, Some("second_id"), "already_exists")
    );
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let bytes = [b"id,name,prn,email\n", bytes.as_slice()].concat();
        let people = read(&bytes, &Mapping::default());
        let organization = Id::new();
        let made = plan(organization, people.clone(), &[], at(0));
        // Every row is told of, one way or another.
        prop_assert!(made.created.len() + made.problems.len() >= people.rows.len());
    }

    /// Importing the same file again changes nothing.
    #[test]
    fn twice_is_once(rows in prop::collection::vec(("[a-e]", "[A-Z]{1,4}", "[p-s]?"), 0..6)) {
        let mut text = "id,name,prn\n".to_owned();
        for (id, name, prn) in &rows {
            text.push_str(&format!("{id},{name},{prn}\n"));
        }
        let organization = Id::new();
        let first = plan(organization, of(&text), &[], at(0));
        if first.problems.is_empty() {
            let again = plan(organization, of(&text), &first.created, at(1));
            prop_assert_eq!((again.created.len(), again.changed.len()), (0, 0));
            prop_assert_eq!((again.unchanged, again.problems.len()), (first.created.len(), 0));
        }
    }
}
