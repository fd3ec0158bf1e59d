//! What the demo prints, and whether it went well.

use anyhow::ensure;
use serde_json::Value;

use crate::cast::{Member, Scene};

/// Least share of the pictures of known people that a working system recognises.
const LEAST_RIGHT: f64 = 0.96;

/// What became of the pictures.
#[derive(Default)]
pub(crate) struct Report {
    right: usize,
    wrong: usize,
    missed: usize,
    unknown: usize,
    milliseconds: Vec<f64>,
}

impl Report {
    /// Prints what was seen in a picture, and counts it.
    ///
    /// A picture of a member is right when the member was named, and missed when nobody was. A face taken for
    /// somebody who is not in the picture is wrong. Faces of others that were called unknown are counted apart.
    pub(crate) fn add(&mut self, scene: &Scene, members: &[Member], event: &Value) {
        let expected = scene.member.map(|index| &members[index]);
        let sightings = event["sightings"].as_array().map_or(&[][..], Vec::as_slice);
        let is_expected = |sighting: &&Value| expected.is_some_and(|m| sighting["person_id"] == m.id.as_str());
        let named = sightings.iter().filter(|sighting| sighting["person_id"].is_string());
        let (right, wrong): (Vec<&Value>, Vec<&Value>) = named.partition(is_expected);
        self.wrong += wrong.len();
        self.unknown += sightings.iter().filter(|sighting| sighting["outcome"] == "unknown").count();
        if expected.is_some() {
            self.right += usize::from(!right.is_empty());
            self.missed += usize::from(right.is_empty());
        }
        if sightings.is_empty() {
            print_row(&scene.title, "no face", "", f64::NAN, event);
        }
        for sighting in sightings {
            let outcome = sighting["outcome"].as_str().unwrap_or_default().replace('_', " ");
            let mark = if wrong.contains(&sighting) { " WRONG" } else { "" };
            let similarity = sighting["similarity"].as_f64().unwrap_or(f64::NAN);
            print_row(&scene.title, &who(sighting, event), &(outcome + mark), similarity, event);
        }
        self.milliseconds.push(total_ms(event));
    }

    /// Prints the line of totals.
    pub(crate) fn print_totals(&self) {
        let mut sorted = self.milliseconds.clone();
        sorted.sort_by(f64::total_cmp);
        let median = sorted.get(sorted.len() / 2).copied().unwrap_or_default();
        println!(
            "\n{} pictures of people we know: {} right, {} missed; {} faces taken for somebody else (wrong); {} unknown \
             faces left unknown.  Median {median:.0} ms from gateway to decision.",
            self.right + self.missed,
            self.right,
            self.missed,
            self.wrong,
            self.unknown,
        );
    }

    /// Whether this is what a working system does.
    pub(crate) fn verdict(&self) -> anyhow::Result<()> {
        let shown = self.right + self.missed;
        ensure!(self.wrong == 0, "{} faces were taken for somebody else", self.wrong);
        ensure!(
            self.right as f64 >= LEAST_RIGHT * shown as f64,
            "only {} of {shown} pictures of people we know were recognised",
            self.right
        );
        Ok(())
    }
}

/// Prints what became of the photos of an enrollment.
pub(crate) fn print_enrollment(name: &str, event: &Value) {
    let photos = event["photos"].as_array().map_or(&[][..], Vec::as_slice);
    let accepted = photos.iter().filter(|photo| photo["state"] == "accepted").count();
    let mut reasons: Vec<&str> = photos.iter().filter_map(|photo| photo["rejection"].as_str()).collect();
    reasons.sort_unstable();
    let rejected = if reasons.is_empty() { String::new() } else { format!("; rejected: {}", reasons.join(", ")) };
    let state = event["state"].as_str().unwrap_or_default();
    println!("  {name:<16} {state}: {accepted} of {} photos accepted{rejected}", photos.len());
}

/// Prints the heading of the live table.
pub(crate) fn print_header() {
    println!(
        "  {:<16} {:<16} {:<18} {:>10}   {:>6} {:>6} {:>6} {:>6} {:>6}  ms",
        "shown", "recognised as", "outcome", "similarity", "queue", "decode", "detect", "embed", "search"
    );
}

fn print_row(shown: &str, who: &str, outcome: &str, similarity: f64, event: &Value) {
    let ms = |stage: &str| event["times"][stage].as_f64().unwrap_or(f64::NAN);
    let similarity = if similarity.is_nan() { String::new() } else { format!("{similarity:.3}") };
    println!(
        "  {shown:<16} {who:<16} {outcome:<18} {similarity:>10}   {:>6.1} {:>6.1} {:>6.1} {:>6.1} {:>6.2}",
        ms("queue_ms"),
        ms("decode_ms"),
        ms("detect_ms"),
        ms("embed_ms"),
        ms("search_ms")
    );
}

/// Prints the attendance of the session, one row per person.
pub(crate) fn print_attendance(rows: &[Value]) {
    println!("  {:<6} {:<16} {:<8} {:>9} {:>10}   first seen", "id", "name", "state", "sightings", "similarity");
    for row in rows {
        let word = |field: &str| row[field].as_str().unwrap_or("-").to_owned();
        let similarity = row["best_similarity"].as_f64().map_or_else(|| "-".to_owned(), |s| format!("{s:.3}"));
        println!(
            "  {:<6} {:<16} {:<8} {:>9} {similarity:>10}   {}",
            word("external_id"),
            word("name"),
            word("state"),
            row["sightings"],
            word("first_seen_at")
        );
    }
}

fn who(sighting: &Value, event: &Value) -> String {
    let people = event["people"].as_array().map_or(&[][..], Vec::as_slice);
    let person = people.iter().find(|person| person["person_id"] == sighting["person_id"]);
    person.and_then(|person| person["name"].as_str()).unwrap_or("-").to_owned()
}

fn total_ms(event: &Value) -> f64 {
    ["queue_ms", "decode_ms", "detect_ms", "embed_ms", "search_ms"]
        .iter()
        .filter_map(|stage| event["times"][stage].as_f64())
        .sum()
}
