//! `rollcall bench enroll`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use domain::enrollment::{PhotoFace, PhotoPolicy, enrollable};
use domain::quality::{Quality, quality};
use serde::Serialize;
use vision::VisionSettings;

use super::figure::Figure;
use super::folder::person;
use super::histogram::histogram;
use super::look::{Face, Looked, Seen};
use super::models::{Extras, ModelArgs, view_one};
use super::report::{Axis, Page, Plot, Series, Shape, percent, span};

/// What is measured, and with which models.
#[derive(Debug, Args)]
pub struct EnrollArgs {
    /// Folder with one folder of pictures per person.
    folder: PathBuf,
    #[command(flatten)]
    policy: PolicyArgs,
    /// Writes a report with plots.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    #[command(flatten)]
    models: ModelArgs,
}

#[derive(Debug, Serialize)]
pub(super) struct Report {
    pictures: usize,
    people: usize,
    accepted: Figure,
    /// Share of the pictures that are refused for each reason; intervals are Wilson's, 95 %.
    refused: BTreeMap<String, Figure>,
    /// Failure to enroll: share of the people of whom no picture is accepted.
    failure_to_enroll: Figure,
    /// (quality from, share of the pictures with one face), in steps of 5.
    quality: Vec<(f64, f64)>,
    /// Mean of each part of the quality.
    mean_parts: BTreeMap<&'static str, f64>,
}

/// What a photo must be like; the defaults are those of the worker's section `[enrollment]`.
#[derive(Debug, Args)]
struct PolicyArgs {
    /// Shorter side of the smallest face that is taken, in pixels.
    #[arg(long, default_value_t = 32.0)]
    min_enroll_px: f32,
    /// Least detection score, 0..1.
    #[arg(long, default_value_t = 0.9)]
    min_detection_score: f32,
    /// Least sharpness (variance of the Laplacian).
    #[arg(long, default_value_t = 20.0)]
    min_sharpness: f32,
    /// Least mean grey value, 0..255.
    #[arg(long, default_value_t = 30.0)]
    min_brightness: f32,
    /// Greatest mean grey value.
    #[arg(long, default_value_t = 235.0)]
    max_brightness: f32,
    /// Most degrees away from straight ahead.
    #[arg(long, default_value_t = 50.0)]
    max_turn_degrees: f32,
    /// Least quality, 0..100.
    #[arg(long, default_value_t = 20)]
    min_quality: u8,
}

impl PolicyArgs {
    fn policy(&self) -> PhotoPolicy {
        PhotoPolicy {
            min_face_px: self.min_enroll_px,
            min_detection_score: self.min_detection_score,
            min_sharpness: self.min_sharpness,
            brightness: [self.min_brightness, self.max_brightness],
            max_turn_degrees: self.max_turn_degrees,
            min_liveness: None,
            min_quality: self.min_quality,
        }
    }
}

pub(super) fn measure(args: &EnrollArgs, settings: &VisionSettings) -> anyhow::Result<Report> {
    let looked = view_one(&args.folder, settings, &args.models, Extras::default())?.looked;
    let report = report(&looked, &args.policy.policy())?;
    if let Some(file) = &args.html {
        page(args, &report).write(file)?;
    }
    Ok(report)
}

fn report(looked: &Looked, policy: &PhotoPolicy) -> anyhow::Result<Report> {
    let mut refused: BTreeMap<String, usize> = BTreeMap::new();
    let mut people: BTreeMap<&str, usize> = BTreeMap::new();
    let mut qualities = Vec::new();
    for (name, seen) in &looked.pictures {
        let accepted = people.entry(person(name).unwrap_or(name)).or_default();
        match verdict(seen, policy)? {
            None => *accepted += 1,
            Some(reason) => *refused.entry(reason).or_default() += 1,
        }
        if let [only] = seen.faces() {
            qualities.push(of(only));
        }
    }
    let pictures = looked.pictures.len();
    let not_enrolled = people.values().filter(|accepted| **accepted == 0).count();
    let mean = |part: fn(&Quality) -> u8| {
        let all: f64 = qualities.iter().map(|quality| f64::from(part(quality))).sum();
        (all / qualities.len().max(1) as f64 * 10.0).round() / 10.0
    };
    Ok(Report {
        pictures,
        people: people.len(),
        accepted: Figure::share(people.values().sum(), pictures),
        refused: refused.into_iter().map(|(reason, count)| (reason, Figure::share(count, pictures))).collect(),
        failure_to_enroll: Figure::share(not_enrolled, people.len()),
        quality: histogram(qualities.iter().map(|quality| f64::from(quality.score)), 0.0, 100.0, 20),
        mean_parts: [
            ("score", mean(|quality| quality.score)),
            ("size", mean(|quality| quality.size)),
            ("sharpness", mean(|quality| quality.sharpness)),
            ("exposure", mean(|quality| quality.exposure)),
            ("pose", mean(|quality| quality.pose)),
            ("detection", mean(|quality| quality.detection)),
        ]
        .into(),
    })
}

/// Why a picture would not enroll anybody, as the API's codes; `None` where it would.
fn verdict(seen: &Seen, policy: &PhotoPolicy) -> anyhow::Result<Option<String>> {
    let Seen::Faces { faces, .. } = seen else { return Ok(Some("unreadable".to_owned())) };
    let each = faces.iter().map(|face| PhotoFace {
        face: face.face,
        measure: face.measure.unwrap_or_default(),
        liveness: face.liveness,
    });
    match enrollable(&each.collect::<Vec<PhotoFace>>(), policy) {
        Ok(_) => Ok(None),
        Err((reason, _)) => Ok(serde_json::to_value(reason)?.as_str().map(str::to_owned)),
    }
}

fn of(face: &Face) -> Quality {
    quality(&face.face, &face.measure.unwrap_or_default())
}

fn page(args: &EnrollArgs, report: &Report) -> Page {
    let mut page = Page::new(
        "Which pictures can enroll somebody?",
        &[
            ("pictures", format!("{} of {} people in {}", report.pictures, report.people, args.folder.display())),
            (
                "rules",
                format!(
                    "one face of at least {} pixels, detection score {}, quality {}, sharpness {}, turned at most {} degrees",
                    args.policy.min_enroll_px,
                    args.policy.min_detection_score,
                    args.policy.min_quality,
                    args.policy.min_sharpness,
                    args.policy.max_turn_degrees
                ),
            ),
        ],
    );
    page.heading("Failure to enroll");
    page.text("In brackets Wilson's 95 % interval.");
    let mut rows = vec![
        vec!["people of whom no picture is accepted".to_owned(), percent(&report.failure_to_enroll)],
        vec!["pictures accepted".to_owned(), percent(&report.accepted)],
    ];
    rows.extend(
        report
            .refused
            .iter()
            .map(|(reason, share)| vec![format!("refused: {}", reason.replace('_', " ")), percent(share)]),
    );
    page.table(&["what", "share"], &rows);
    page.heading("Quality");
    let parts = report.mean_parts.iter().map(|(part, mean)| vec![(*part).to_owned(), format!("{mean:.1}")]);
    page.table(&["part", "mean, 0 to 100"], &parts.collect::<Vec<_>>());
    let points: Vec<(f64, f64)> = report.quality.iter().map(|(from, share)| (*from, share * 100.0)).collect();
    let (_, most) = span(points.iter().map(|(_, share)| *share));
    page.plot(&Plot {
        title: "Quality of pictures with one face".to_owned(),
        x: Axis::even("quality, 0 to 100", 0.0, 100.0),
        y: Axis::even("share of the pictures, %", 0.0, most * 1.05),
        series: vec![Series { name: String::new(), colour: 0, shape: Shape::Bars, points }],
    });
    page
}

#[cfg(test)]
mod tests {
    use domain::embedding::Embedding;
    use domain::geometry::{DetectedFace, FaceBox, Point};
    use domain::quality::FaceMeasure;

    use super::{Face, Looked, PhotoPolicy, Seen, report, verdict};

    const POLICY: PhotoPolicy = PhotoPolicy {
        min_face_px: 40.0,
        min_detection_score: 0.9,
        min_sharpness: 20.0,
        brightness: [30.0, 235.0],
        max_turn_degrees: 50.0,
        min_liveness: None,
        min_quality: 20,
    };

    /// Side, detection score and sharpness.
    fn seen(faces: &[(f32, f32, f32)]) -> Seen {
        let face = |(side, detection_score, sharpness): &(f32, f32, f32)| {
            let at = |x: f32, y: f32| Point { x: x * side, y: y * side };
            Face {
                face: DetectedFace {
                    face_box: FaceBox { x_min: 0.0, y_min: 0.0, x_max: *side, y_max: *side },
                    landmarks: [at(0.3, 0.4), at(0.7, 0.4), at(0.5, 0.6), at(0.35, 0.8), at(0.65, 0.8)],
                    detection_score: *detection_score,
                },
                embedding: Embedding::normalized(vec![1.0]).expect("a direction"),
                augmented: Vec::new(),
                measure: Some(FaceMeasure { sharpness: *sharpness, brightness: 120.0, contrast: 50.0 }),
                liveness: None,
            }
        };
        Seen::Faces { width: 500, height: 500, faces: faces.iter().map(face).collect() }
    }

    #[test]
    fn each_picture_has_its_first_reason() {
        let check = |seen: &Seen, expected: Option<&str>| {
            assert_eq!(verdict(seen, &POLICY).expect("a verdict").as_deref(), expected);
        };
        check(&seen(&[(150.0, 0.99, 300.0)]), None);
        check(&seen(&[(150.0, 0.99, 300.0), (60.0, 0.99, 300.0), (200.0, 0.7, 300.0)]), None);
        check(&seen(&[]), Some("face_not_found"));
        check(&seen(&[(150.0, 0.8, 300.0)]), Some("face_hidden"));
        check(&seen(&[(30.0, 0.99, 300.0)]), Some("face_too_small"));
        check(&seen(&[(150.0, 0.99, 300.0), (140.0, 0.99, 300.0)]), Some("multiple_faces"));
        check(&seen(&[(150.0, 0.99, 1.0)]), Some("face_blurred"));
        check(&Seen::Unreadable(String::new()), Some("unreadable"));
    }

    #[test]
    fn people_without_a_picture_that_is_accepted_are_counted() {
        let good = [(150.0, 0.99, 300.0)];
        let pictures = [
            ("a/1.jpg".to_owned(), seen(&good)),
            ("a/2.jpg".to_owned(), seen(&[])),
            ("b/1.jpg".to_owned(), seen(&[])),
            ("b/2.jpg".to_owned(), Seen::Unreadable("no picture".to_owned())),
        ];
        let found = report(&Looked { pictures: pictures.into(), ..Looked::default() }, &POLICY).expect("a report");
        assert_eq!((found.pictures, found.people), (4, 2));
        assert_eq!((found.accepted.value, found.failure_to_enroll.value), (0.25, 0.5));
        assert_eq!(found.refused["face_not_found"].value, 0.5);
        assert_eq!(found.refused["unreadable"].value, 0.25);
        assert!(found.quality[19].1 > 0.99, "{:?}", found.quality);
    }
}
