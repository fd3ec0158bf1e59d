//! What is said of a person when they are registered and when something about them changes.

use chrono::{DateTime, Utc};
use domain::id::OrganizationId;
use domain::person::{LONGEST_CLASS, LONGEST_ID, LONGEST_NAME, LONGEST_NOTES, LONGEST_PHONE, Person, PersonKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::patch::present;
use crate::validation::Validation;

/// A person to register.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPerson {
    kind: PersonKind,
    /// Roll number, PRN or staff number; unique in the organization, 1 to 64 characters.
    #[schema(min_length = 1, max_length = 64)]
    external_id: String,
    /// A second number of theirs, such as the PRN beside the roll number; unique in the organization.
    #[schema(min_length = 1, max_length = 64)]
    second_id: Option<String>,
    /// Name as people say it, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// E-mail address, where known.
    #[schema(format = Email)]
    email: Option<String>,
    /// Telephone number, where known.
    #[schema(min_length = 1, max_length = 40)]
    phone: Option<String>,
    /// Class, form or department.
    #[schema(min_length = 1, max_length = 64)]
    class: Option<String>,
    /// Section of the class.
    #[schema(min_length = 1, max_length = 64)]
    section: Option<String>,
    /// Whether they are there at present; whoever is not is not recognised.
    #[serde(default = "is_there")]
    #[schema(default = true)]
    is_active: bool,
    /// What else staff should know.
    #[schema(min_length = 1, max_length = 2000)]
    notes: Option<String>,
}

/// What is to be changed about a person: what is left out stays, `null` clears.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PersonChange {
    kind: Option<PersonKind>,
    #[schema(min_length = 1, max_length = 64)]
    external_id: Option<String>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64)]
    second_id: Option<Option<String>>,
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, format = Email)]
    email: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 40)]
    phone: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64)]
    class: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64)]
    section: Option<Option<String>>,
    /// Whoever is not active is not recognised; their templates stay.
    is_active: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2000)]
    notes: Option<Option<String>>,
}

fn is_there() -> bool {
    true
}

/// One text of a person: where it is wrong, how long it may be, and its value.
type Text<'a> = (&'a str, usize, &'a Option<String>);

impl NewPerson {
    /// The person, if nothing is wrong with them.
    pub(crate) fn parse(&self, organization_id: OrganizationId, now: DateTime<Utc>) -> Result<Person, ApiError> {
        let mut validation = Validation::default();
        let external_id = validation.text("/external_id", &self.external_id, LONGEST_ID);
        let name = validation.text("/name", &self.name, LONGEST_NAME);
        let email = self.email.as_deref().map(|email| validation.email("/email", email));
        let mut text = |(pointer, longest, value): Text<'_>| {
            value.as_deref().map(|value| validation.text(pointer, value, longest))
        };
        let second_id = text(("/second_id", LONGEST_ID, &self.second_id));
        let phone = text(("/phone", LONGEST_PHONE, &self.phone));
        let class = text(("/class", LONGEST_CLASS, &self.class));
        let section = text(("/section", LONGEST_CLASS, &self.section));
        let notes = self.notes.as_deref().map(|notes| validation.paragraphs("/notes", notes, LONGEST_NOTES));
        let new = Person::new(organization_id, self.kind, external_id, name, now);
        validation.finish(Person { second_id, email, phone, class, section, is_active: self.is_active, notes, ..new })
    }
}

impl PersonChange {
    /// Checks the change, and answers with what makes the person other than they were; with the names of the fields that
    /// it changes.
    pub(crate) fn apply(&self, before: &Person, now: DateTime<Utc>) -> Result<(Person, Vec<&'static str>), ApiError> {
        let mut validation = Validation::default();
        let mut changed = before.clone();
        changed.kind = self.kind.unwrap_or(before.kind);
        changed.is_active = self.is_active.unwrap_or(before.is_active);
        if let Some(value) = &self.external_id {
            changed.external_id = validation.text("/external_id", value, LONGEST_ID);
        }
        if let Some(value) = &self.name {
            changed.name = validation.text("/name", value, LONGEST_NAME);
        }
        if let Some(value) = &self.email {
            changed.email = value.as_deref().map(|email| validation.email("/email", email));
        }
        if let Some(value) = &self.notes {
            changed.notes = value.as_deref().map(|notes| validation.paragraphs("/notes", notes, LONGEST_NOTES));
        }
        for (value, field, pointer, longest) in [
            (&self.second_id, &mut changed.second_id, "/second_id", LONGEST_ID),
            (&self.phone, &mut changed.phone, "/phone", LONGEST_PHONE),
            (&self.class, &mut changed.class, "/class", LONGEST_CLASS),
            (&self.section, &mut changed.section, "/section", LONGEST_CLASS),
        ] {
            if let Some(value) = value {
                *field = value.as_deref().map(|text| validation.text(pointer, text, longest));
            }
        }
        let fields = differing(before, &changed);
        if !fields.is_empty() {
            changed.updated_at = now;
        }
        validation.finish((changed, fields))
    }
}

/// The names of the fields in which two people differ.
fn differing(one: &Person, other: &Person) -> Vec<&'static str> {
    let fields = [
        ("kind", one.kind == other.kind),
        ("external_id", one.external_id == other.external_id),
        ("second_id", one.second_id == other.second_id),
        ("name", one.name == other.name),
        ("email", one.email == other.email),
        ("phone", one.phone == other.phone),
        ("class", one.class == other.class),
        ("section", one.section == other.section),
        ("is_active", one.is_active == other.is_active),
        ("notes", one.notes == other.notes),
    ];
    fields.into_iter().filter(|(_, is_same)| !is_same).map(|(name, _)| name).collect()
}
