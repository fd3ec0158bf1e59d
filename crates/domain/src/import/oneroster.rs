//! OneRoster 1.2 (and 1.1) CSV files: <https://www.imsglobal.org/spec/oneroster/v1p2>, "CSV binding".
//!
//! Users who are students become people, classes become courses, enrollments become rosters and teachers. What else the
//! files hold is not read. Rows that are `tobedeleted` make people and courses inactive and take people off rosters;
//! what the files do not name is left as it is.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::people::{People, PersonRow};
use super::table::{self, Format};
use super::{ImportProblem, MOST_PROBLEMS};
use crate::person::{LONGEST_CLASS, LONGEST_ID, LONGEST_NAME, LONGEST_PHONE, PersonKind};
use crate::text::{self, TextProblem};

mod sheet;

use sheet::{Record, Sheet};

/// Most characters of a course's code.
const LONGEST_CODE: usize = 64;
/// Most characters of a course's title.
const LONGEST_TITLE: usize = 200;

/// What of a user is the external id of the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ExternalId {
    /// `sourcedId`; the `identifier` is the second id.
    #[default]
    SourcedId,
    /// `identifier`, which every student must have then; the `sourcedId` is the second id.
    Identifier,
}

/// What was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roster {
    /// The students.
    pub people: Vec<PersonRow>,
    /// The classes.
    pub courses: Vec<CourseRow>,
    /// Who is in which class, or is no more.
    pub members: Vec<MemberRow>,
    /// Who teaches which class, or does no more.
    pub teachers: Vec<TeacherRow>,
    /// What is wrong; where there is something, nothing is to be imported.
    pub problems: Vec<ImportProblem>,
}

/// A class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CourseRow {
    /// `classCode`, or else `sourcedId`.
    pub code: String,
    /// `title`, or else the code.
    pub title: String,
    /// Whether it is still held.
    pub is_active: bool,
}

/// A student of a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRow {
    /// The class: its place among the courses.
    pub course: usize,
    /// The person.
    pub external_id: String,
    /// Whether they are in it at present.
    pub is_member: bool,
}

/// A teacher of a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeacherRow {
    /// The class: its place among the courses.
    pub course: usize,
    /// The teacher's e-mail address, in lower case.
    pub email: String,
    /// Whether they teach it at present.
    pub is_teacher: bool,
}

/// The names of the files that are read; the last is not in version 1.1.
const FILES: [&str; 5] = ["users.csv", "courses.csv", "classes.csv", "enrollments.csv", "roles.csv"];

/// Which of the files that are read has this path in an archive: they lie at the top, or all in one folder.
#[must_use]
pub fn file_name(path: &[String]) -> Option<&'static str> {
    let name = path.last().filter(|_| path.len() <= 2 && path.first().is_none_or(|top| top != "__MACOSX"))?;
    FILES.into_iter().find(|file| name.eq_ignore_ascii_case(file))
}

/// Reads the files of an archive, by their names, as of `today`.
#[must_use]
pub fn read(files: &BTreeMap<String, Vec<u8>>, external_id: ExternalId, today: NaiveDate) -> Roster {
    let mut reading = Reading { external_id, today, roster: Roster::default(), person_of: HashMap::new() };
    match sheets(files) {
        Ok(sheets) => reading.read(&sheets),
        Err(problems) => reading.roster.problems = problems,
    }
    reading.roster.problems.truncate(MOST_PROBLEMS);
    reading.roster
}

struct Sheets {
    users: Sheet,
    courses: Option<Sheet>,
    classes: Option<Sheet>,
    enrollments: Option<Sheet>,
    roles: Option<Sheet>,
}

fn sheets(files: &BTreeMap<String, Vec<u8>>) -> Result<Sheets, Vec<ImportProblem>> {
    let mut problems = Vec::new();
    let mut sheet = |name: &'static str, needed: &[&'static str]| {
        let bytes = files.get(name)?;
        let table = table::read(bytes, Format { separator: Some(b','), encoding: None });
        match table.and_then(|table| Sheet::new(name, table, needed)) {
            Ok(sheet) => Some(sheet),
            Err(problem) => {
                problems.push(problem.in_file(name));
                None
            }
        }
    };
    let users = sheet("users.csv", &["sourcedId", "givenName", "familyName"]);
    let courses = sheet("courses.csv", &["sourcedId"]);
    let classes = sheet("classes.csv", &["sourcedId", "title"]);
    let enrollments = sheet("enrollments.csv", &["classSourcedId", "userSourcedId", "role"]);
    let roles = sheet("roles.csv", &["userSourcedId", "role"]);
    match (users, problems.is_empty()) {
        (Some(users), true) => Ok(Sheets { users, courses, classes, enrollments, roles }),
        (None, true) => Err(vec![ImportProblem::whole("missing_file", "there is no users.csv").in_file("users.csv")]),
        (_, false) => Err(problems),
    }
}

struct Reading {
    external_id: ExternalId,
    today: NaiveDate,
    roster: Roster,
    /// The external id of each student, by their `sourcedId`.
    person_of: HashMap<String, String>,
}

impl Reading {
    fn read(&mut self, sheets: &Sheets) {
        let students = students(sheets);
        let (mut emails, mut seen) = (HashMap::new(), HashSet::new());
        for user in sheets.users.records() {
            let id = user.get("sourcedId");
            if id.is_empty() || !seen.insert(id) {
                self.wrong(
                    &user,
                    "sourcedId",
                    if id.is_empty() { "required" } else { "duplicate" },
                    "every user has one",
                );
                continue;
            }
            if !user.get("email").is_empty() {
                emails.insert(id.to_owned(), user.get("email").to_lowercase());
            }
            if students.contains(id) {
                self.student(&user);
            }
        }
        self.check_ids(&sheets.users);
        let courses = self.classes(sheets);
        let Some(enrollments) = &sheets.enrollments else { return };
        for row in enrollments.records() {
            if self.roster.problems.len() >= MOST_PROBLEMS {
                return;
            }
            self.enrollment(&row, &courses, &emails, &seen);
        }
    }

    fn student(&mut self, user: &Record<'_>) {
        let (sourced, identifier) = (user.get("sourcedId"), user.get("identifier"));
        let (first, first_column, second) = match self.external_id {
            ExternalId::SourcedId => (sourced, "sourcedId", identifier),
            ExternalId::Identifier => (identifier, "identifier", sourced),
        };
        let external_id = self.line(user, first_column, first, LONGEST_ID);
        let second_id = (!second.is_empty()).then(|| self.line(user, "identifier", second, LONGEST_ID)).flatten();
        let name = format!("{} {}", user.get("givenName"), user.get("familyName"));
        let name = self.line(user, "familyName", &name, LONGEST_NAME);
        let email = Some(user.get("email")).filter(|email| !email.is_empty());
        let email = email.and_then(|email| self.take(user, "email", text::email(email)));
        let phone = Some(user.get("phone")).filter(|phone| !phone.is_empty());
        let phone = phone.and_then(|phone| self.line(user, "phone", phone, LONGEST_PHONE));
        let grade = Some(user.get("grades")).filter(|grade| !grade.is_empty() && !grade.contains(','));
        let class = grade.and_then(|grade| self.line(user, "grades", grade, LONGEST_CLASS));
        let (Some(external_id), Some(name)) = (external_id, name) else { return };
        self.person_of.insert(sourced.to_owned(), external_id.clone());
        let is_enabled = !user.get("enabledUser").eq_ignore_ascii_case("false");
        self.roster.people.push(PersonRow {
            line: user.line(),
            external_id,
            second_id,
            kind: Some(PersonKind::Student),
            name: Some(name),
            email,
            phone,
            class,
            section: None,
            is_active: Some(is_enabled && !user.is_deleted()),
            notes: None,
        });
    }

    /// No two students may have one id.
    fn check_ids(&mut self, users: &Sheet) {
        let mut ids: HashMap<&str, usize> = HashMap::new();
        let mut twice = Vec::new();
        for person in &self.roster.people {
            if let Some(line) = ids.insert(&person.external_id, person.line) {
                twice.push(ImportProblem::row(person.line, "duplicate", format!("line {line} has the same id")));
            }
        }
        let mut ids: HashMap<&str, usize> = HashMap::new();
        for person in &self.roster.people {
            let Some(second_id) = person.second_id.as_deref() else { continue };
            if let Some(line) = ids.insert(second_id, person.line) {
                twice.push(ImportProblem::row(person.line, "duplicate", format!("line {line} has the same id")));
            }
        }
        self.roster.problems.extend(twice.into_iter().map(|problem| problem.in_file(users.name())));
    }

    /// The place of each class among the courses, by its `sourcedId`.
    fn classes(&mut self, sheets: &Sheets) -> HashMap<String, usize> {
        let (mut courses, mut codes) = (HashMap::new(), HashSet::new());
        let known: HashMap<&str, &str> = sheets
            .courses
            .iter()
            .flat_map(Sheet::records_of)
            .map(|course| (course.get("sourcedId"), course.get("title")))
            .collect();
        for class in sheets.classes.iter().flat_map(Sheet::records_of) {
            let id = class.get("sourcedId");
            if id.is_empty() || courses.contains_key(id) {
                let code = if id.is_empty() { "required" } else { "duplicate" };
                self.wrong(&class, "sourcedId", code, "every class has one of its own");
                continue;
            }
            let (column, code) = [("classCode", class.get("classCode")), ("sourcedId", id)]
                .into_iter()
                .find(|(_, code)| !code.is_empty())
                .unwrap_or(("sourcedId", id));
            let Some(code) = self.line(&class, column, code, LONGEST_CODE) else { continue };
            if !codes.insert(code.clone()) {
                self.wrong(&class, column, "duplicate", "another class has the same code");
                continue;
            }
            let of_course = known.get(class.get("courseSourcedId")).copied().unwrap_or_default();
            let title = [class.get("title"), of_course, &code].into_iter().find(|title| !title.is_empty());
            let title = title.unwrap_or_default().to_owned();
            let Some(title) = self.line(&class, "title", &title, LONGEST_TITLE) else { continue };
            courses.insert(id.to_owned(), self.roster.courses.len());
            self.roster.courses.push(CourseRow { code, title, is_active: !class.is_deleted() });
        }
        courses
    }

    fn enrollment(
        &mut self,
        row: &Record<'_>,
        courses: &HashMap<String, usize>,
        emails: &HashMap<String, String>,
        users: &HashSet<&str>,
    ) {
        let Some(course) = courses.get(row.get("classSourcedId")).copied() else {
            return self.wrong(row, "classSourcedId", "unknown", "classes.csv has no class with this id");
        };
        let user = row.get("userSourcedId");
        if !users.contains(user) {
            return self.wrong(row, "userSourcedId", "unknown", "users.csv has no user with this id");
        }
        let (Some(begins), Some(ends)) = (self.day(row, "beginDate"), self.day(row, "endDate")) else { return };
        let is_in_time = begins.is_none_or(|day| day <= self.today) && ends.is_none_or(|day| day >= self.today);
        let is_current = is_in_time && !row.is_deleted();
        match row.get("role").to_ascii_lowercase().as_str() {
            "student" => {
                if let Some(external_id) = self.person_of.get(user).cloned() {
                    self.roster.members.push(MemberRow { course, external_id, is_member: is_current });
                }
            }
            "teacher" => {
                if let Some(email) = emails.get(user).cloned() {
                    self.roster.teachers.push(TeacherRow { course, email, is_teacher: is_current });
                }
            }
            // Administrators, aides, proctors.
            _ => {}
        }
    }

    /// The day in a column: `Some(None)` where there is none, `None` where it is no day.
    fn day(&mut self, row: &Record<'_>, column: &'static str) -> Option<Option<NaiveDate>> {
        let text = row.get(column);
        if text.is_empty() {
            return Some(None);
        }
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
        if day.is_none() {
            self.wrong(row, column, "invalid", "must be a day such as 2026-09-01");
        }
        day.map(Some)
    }

    fn line(&mut self, row: &Record<'_>, column: &'static str, value: &str, longest: usize) -> Option<String> {
        self.take(row, column, text::line(value, longest))
    }

    fn take(&mut self, row: &Record<'_>, column: &'static str, read: Result<&str, TextProblem>) -> Option<String> {
        match read {
            Ok(text) => Some(text.to_owned()),
            Err(problem) => {
                self.wrong(row, column, problem.code(), &problem.to_string());
                None
            }
        }
    }

    fn wrong(&mut self, row: &Record<'_>, column: &str, code: &str, detail: &str) {
        let problem = ImportProblem::row(row.line(), code, detail).in_column(column).in_file(row.file());
        self.roster.problems.push(problem);
    }
}

/// The students, by `sourcedId`: whoever has the role, or is enrolled in a class as one.
fn students(sheets: &Sheets) -> HashSet<&str> {
    let of_roles = sheets.roles.iter().flat_map(Sheet::records_of).filter(|role| !role.is_deleted());
    let of_enrollments = sheets.enrollments.iter().flat_map(Sheet::records_of);
    let by_row = of_roles.chain(of_enrollments).filter(Record::is_of_student).map(|row| row.get("userSourcedId"));
    let by_user = sheets.users.records().filter(Record::is_of_student).map(|user| user.get("sourcedId"));
    by_row.chain(by_user).collect()
}

impl Roster {
    /// The people, as any table of people.
    #[must_use]
    pub fn take_people(&mut self) -> People {
        People { rows: std::mem::take(&mut self.people), problems: std::mem::take(&mut self.problems) }
    }
}

#[cfg(test)]
mod tests;
