//! People out of a table: which column is what, what each row says, and what follows for those who are there already.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::table::{self, Format, Row};
use super::{ImportProblem, MOST_PROBLEMS};
use crate::id::{OrganizationId, PersonId};
use crate::person::{LONGEST_CLASS, LONGEST_ID, LONGEST_NAME, LONGEST_NOTES, LONGEST_PHONE, Person, PersonKind};
use crate::text::{self, TextProblem};

/// What a column may say of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each name is that of the person's field")]
pub enum PersonField {
    ExternalId,
    SecondId,
    Kind,
    Name,
    /// With `last_name`, instead of `name`.
    FirstName,
    LastName,
    Email,
    Phone,
    Class,
    Section,
    IsActive,
    Notes,
}

/// How a table of people is to be read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Mapping {
    /// The heading of the column of each field. Without any, columns are known by their headings: the names of the fields,
    /// and what they are often called.
    pub columns: BTreeMap<PersonField, String>,
    /// What those are whose row says nothing of it, such as `{"class": "10"}`.
    pub defaults: BTreeMap<PersonField, String>,
    /// What separates cells, one character; otherwise it is found out.
    pub separator: Option<char>,
    /// A WHATWG name such as `windows-1252`; otherwise what the byte order mark says, or else UTF-8.
    pub encoding: Option<String>,
}

/// What a row says of a person. What it does not say stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each name is that of the person's field")]
pub struct PersonRow {
    /// Where it begins, from 1.
    pub line: usize,
    pub external_id: String,
    pub second_id: Option<String>,
    pub kind: Option<PersonKind>,
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub class: Option<String>,
    pub section: Option<String>,
    pub is_active: Option<bool>,
    pub notes: Option<String>,
}

/// A table that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct People {
    /// The rows with which nothing is wrong.
    pub rows: Vec<PersonRow>,
    /// What is wrong with the others; where there is something, nothing is to be imported.
    pub problems: Vec<ImportProblem>,
}

/// What an import comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Whom it registers.
    pub created: Vec<Person>,
    /// Whom it changes, as they are then.
    pub changed: Vec<Person>,
    /// How many are as their rows say.
    pub unchanged: usize,
    /// What is wrong; where there is something, nothing is to be imported.
    pub problems: Vec<ImportProblem>,
}

/// What fields are often called, but for case, space, `-`, `_`, `.` and `#`.
const OFTEN: [(PersonField, &[&str]); 12] = [
    (
        PersonField::ExternalId,
        &["externalid", "id", "rollno", "rollnumber", "roll", "studentid", "employeeid", "staffid"],
    ),
    (PersonField::SecondId, &["secondid", "prn", "prnno", "registrationno", "registrationnumber"]),
    (PersonField::Kind, &["kind", "role", "type"]),
    (PersonField::Name, &["name", "fullname", "studentname", "employeename"]),
    (PersonField::FirstName, &["firstname", "givenname"]),
    (PersonField::LastName, &["lastname", "surname", "familyname"]),
    (PersonField::Email, &["email", "emailaddress", "mail"]),
    (PersonField::Phone, &["phone", "phonenumber", "mobile", "telephone"]),
    (PersonField::Class, &["class", "department", "form", "grade"]),
    (PersonField::Section, &["section", "division"]),
    (PersonField::IsActive, &["isactive", "active"]),
    (PersonField::Notes, &["notes", "note", "remarks"]),
];

/// Reads a table of people.
#[must_use]
pub fn read(bytes: &[u8], mapping: &Mapping) -> People {
    let separator = match mapping.separator.map(u8::try_from) {
        None => None,
        Some(Ok(separator)) if separator.is_ascii() && !matches!(separator, b'"' | b'\n' | b'\r') => Some(separator),
        Some(_) => return refused(ImportProblem::whole("separator", "the separator must be one ASCII character")),
    };
    let format = Format { separator, encoding: mapping.encoding.as_deref() };
    let table = match table::read(bytes, format) {
        Ok(table) => table,
        Err(problem) => return refused(problem),
    };
    let columns = match columns(&table.heading, mapping) {
        Ok(columns) => columns,
        Err(problem) => return refused(problem),
    };
    let mut people = People::default();
    let mut first: HashMap<(PersonField, String), usize> = HashMap::new();
    for row in &table.rows {
        let before = people.problems.len();
        let mut reading =
            Reading { row, heading: &table.heading, columns: &columns, mapping, found: &mut people.problems };
        let person = reading.person();
        for (field, id) in
            [(PersonField::ExternalId, Some(&person.external_id)), (PersonField::SecondId, person.second_id.as_ref())]
        {
            let Some(id) = id.filter(|id| !id.is_empty()) else { continue };
            if let Some(line) = first.insert((field, id.clone()), row.line) {
                reading.wrong(field, "duplicate", format!("line {line} has the same"));
            }
        }
        if people.problems.len() == before {
            people.rows.push(person);
        }
        if people.problems.len() >= MOST_PROBLEMS {
            break;
        }
    }
    people
}

/// What the rows come to for an organization whose people with the same ids are `known`.
#[must_use]
pub fn plan(organization: OrganizationId, people: People, known: &[Person], now: DateTime<Utc>) -> Plan {
    let by_id: HashMap<&str, &Person> = known.iter().map(|person| (person.external_id.as_str(), person)).collect();
    let mut plan = Plan { problems: people.problems, ..Plan::default() };
    let mut lines: HashMap<String, usize> = HashMap::new();
    for row in people.rows {
        lines.insert(row.external_id.clone(), row.line);
        if let Some(before) = by_id.get(row.external_id.as_str()) {
            let after = changed(before, row);
            if after == **before {
                plan.unchanged += 1;
            } else {
                plan.changed.push(Person { updated_at: now, ..after });
            }
            continue;
        }
        let Some(name) = row.name.clone() else {
            plan.problems
                .push(ImportProblem::row(row.line, "required", "somebody new must have a name").in_column("name"));
            continue;
        };
        let kind = row.kind.unwrap_or(PersonKind::Student);
        let new = Person::new(organization, kind, row.external_id.clone(), name, now);
        plan.created.push(changed(&new, row));
    }
    plan.problems.extend(second_ids_twice(&plan, known, &lines));
    plan.problems.truncate(MOST_PROBLEMS);
    plan
}

/// Second ids that two people would have.
fn second_ids_twice(plan: &Plan, known: &[Person], lines: &HashMap<String, usize>) -> Vec<ImportProblem> {
    let touched = plan.created.iter().chain(&plan.changed);
    let changed: HashSet<PersonId> = plan.changed.iter().map(|person| person.id).collect();
    let mut holders: HashMap<&str, &str> = known
        .iter()
        .filter(|person| !changed.contains(&person.id))
        .filter_map(|person| Some((person.second_id.as_deref()?, person.external_id.as_str())))
        .collect();
    let mut problems = Vec::new();
    for person in touched {
        let Some(second_id) = person.second_id.as_deref() else { continue };
        if let Some(other) = holders.insert(second_id, &person.external_id) {
            let line = lines.get(&person.external_id).copied().unwrap_or_default();
            let detail = format!("`{other}` has the same");
            problems.push(ImportProblem::row(line, "already_exists", detail).in_column("second_id"));
        }
    }
    problems
}

fn changed(before: &Person, row: PersonRow) -> Person {
    Person {
        second_id: row.second_id.or_else(|| before.second_id.clone()),
        kind: row.kind.unwrap_or(before.kind),
        name: row.name.unwrap_or_else(|| before.name.clone()),
        email: row.email.or_else(|| before.email.clone()),
        phone: row.phone.or_else(|| before.phone.clone()),
        class: row.class.or_else(|| before.class.clone()),
        section: row.section.or_else(|| before.section.clone()),
        is_active: row.is_active.unwrap_or(before.is_active),
        notes: row.notes.or_else(|| before.notes.clone()),
        ..before.clone()
    }
}

fn refused(problem: ImportProblem) -> People {
    People { rows: Vec::new(), problems: vec![problem] }
}

/// Which column has which field.
fn columns(heading: &[String], mapping: &Mapping) -> Result<BTreeMap<PersonField, usize>, ImportProblem> {
    let mut found = BTreeMap::new();
    if mapping.columns.is_empty() {
        let plain: Vec<String> = heading.iter().map(|name| plain(name)).collect();
        for (field, names) in OFTEN {
            if let Some(position) = names.iter().find_map(|name| plain.iter().position(|found| found == name)) {
                found.insert(field, position);
            }
        }
    }
    for (field, name) in &mapping.columns {
        let position = heading.iter().position(|found| found == name.trim());
        let missing = || ImportProblem::whole("missing_column", "there is no column with this heading").in_column(name);
        found.insert(*field, position.ok_or_else(missing)?);
    }
    if !found.contains_key(&PersonField::ExternalId) {
        let detail = "no column has the external id: name it, or say in the mapping which one it is";
        return Err(ImportProblem::whole("missing_column", detail).in_column("external_id"));
    }
    Ok(found)
}

fn plain(name: &str) -> String {
    let letters = name.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '_' | '.' | '#'));
    letters.flat_map(char::to_lowercase).collect()
}

/// One row, while it is read.
struct Reading<'a> {
    row: &'a Row,
    heading: &'a [String],
    columns: &'a BTreeMap<PersonField, usize>,
    mapping: &'a Mapping,
    found: &'a mut Vec<ImportProblem>,
}

impl Reading<'_> {
    fn person(&mut self) -> PersonRow {
        use PersonField as Field;
        let external_id = self.line(Field::ExternalId, LONGEST_ID);
        if external_id.is_none() && self.said(Field::ExternalId).is_none() {
            self.wrong(Field::ExternalId, "required", "must not be empty".to_owned());
        }
        PersonRow {
            line: self.row.line,
            external_id: external_id.unwrap_or_default(),
            second_id: self.line(Field::SecondId, LONGEST_ID),
            kind: self.kind(),
            name: self.name(),
            email: self.text(Field::Email, text::email),
            phone: self.line(Field::Phone, LONGEST_PHONE),
            class: self.line(Field::Class, LONGEST_CLASS),
            section: self.line(Field::Section, LONGEST_CLASS),
            is_active: self.is_active(),
            notes: self.text(Field::Notes, |value| text::paragraphs(value, LONGEST_NOTES)),
        }
    }

    /// What the row says, or what is said for all of them; `None` for nothing.
    fn said(&self, field: PersonField) -> Option<&str> {
        let cell = self.columns.get(&field).and_then(|position| self.row.cells.get(*position));
        let default = self.mapping.defaults.get(&field);
        [cell, default].into_iter().flatten().map(|text| text.trim()).find(|text| !text.is_empty())
    }

    fn text(
        &mut self,
        field: PersonField,
        check: impl for<'t> Fn(&'t str) -> Result<&'t str, TextProblem>,
    ) -> Option<String> {
        match check(self.said(field)?).map(str::to_owned) {
            Ok(text) => Some(text),
            Err(problem) => {
                self.wrong(field, problem.code(), problem.to_string());
                None
            }
        }
    }

    fn line(&mut self, field: PersonField, longest: usize) -> Option<String> {
        self.text(field, |value| text::line(value, longest))
    }

    fn name(&mut self) -> Option<String> {
        if let Some(name) = self.line(PersonField::Name, LONGEST_NAME) {
            return Some(name);
        }
        let parts = [PersonField::FirstName, PersonField::LastName].map(|field| self.line(field, LONGEST_NAME / 2 - 1));
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }

    fn kind(&mut self) -> Option<PersonKind> {
        let kind = match self.said(PersonField::Kind)?.to_lowercase().as_str() {
            "student" | "pupil" | "learner" => Some(PersonKind::Student),
            "employee" | "staff" | "teacher" => Some(PersonKind::Employee),
            _ => None,
        };
        if kind.is_none() {
            self.wrong(PersonField::Kind, "invalid", "must be `student` or `employee`".to_owned());
        }
        kind
    }

    fn is_active(&mut self) -> Option<bool> {
        let is_active = match self.said(PersonField::IsActive)?.to_lowercase().as_str() {
            "true" | "yes" | "y" | "1" | "active" => Some(true),
            "false" | "no" | "n" | "0" | "inactive" => Some(false),
            _ => None,
        };
        if is_active.is_none() {
            self.wrong(PersonField::IsActive, "invalid", "must be `true` or `false`".to_owned());
        }
        is_active
    }

    /// Notes what is wrong, under the heading of the column where there is one.
    fn wrong(&mut self, field: PersonField, code: &str, detail: String) {
        let heading = self.columns.get(&field).and_then(|position| self.heading.get(*position));
        let name = heading.filter(|name| !name.is_empty()).cloned().unwrap_or_else(|| crate::wire::name(&field));
        self.found.push(ImportProblem::row(self.row.line, code, detail).in_column(&name));
    }
}

#[cfg(test)]
mod tests;
