//! `rollcall bench detect`.

use std::path::PathBuf;

use anyhow::ensure;
use clap::Args;
use domain::calibration::Calibration;
use domain::geometry::FaceBox;
use serde::Serialize;
use vision::VisionSettings;

use super::annotations::{Annotated, groups};
use super::detection::{Tally, tally};
use super::figure::Figure;
use super::identities::{Identities, identities};
use super::look::{Looked, Seen};
use super::models::{Extras, ModelArgs, view_one};
use super::report::{Axis, Page, Plot, Series, Shape, number, percent, span};
use super::rounded;

/// What is measured, and with which models.
#[derive(Debug, Args)]
pub struct DetectArgs {
    /// Folder with pictures.
    folder: PathBuf,
    /// JSON: {"images": [{"file", "faces": number, "noses": [[x, y], ...] or null, "person": letter or null}]}.
    #[arg(long, value_name = "JSON")]
    annotations: PathBuf,
    /// How often a stranger may be taken for somebody, for the check of identities.
    #[arg(long, default_value_t = 0.001)]
    false_match_rate: f64,
    /// Looks at pictures piece by piece, too, for faces that are small against them.
    #[arg(long)]
    tiled: bool,
    /// Writes a report with plots.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    #[command(flatten)]
    models: ModelArgs,
}

#[derive(Debug, Serialize)]
pub(super) struct Report {
    models: String,
    pictures: Vec<OfPicture>,
    unreadable: usize,
    total: Tally,
    /// Found over annotated, with Wilson's interval (95 %).
    recall: Figure,
    /// Found over reported, with Wilson's interval.
    precision: Figure,
    detect_ms_per_picture: f64,
    /// (least detection score, tally of all pictures)
    over_scores: Vec<(f64, Tally)>,
    /// Absent where the encoder has no calibration.
    identities: Option<Identities>,
}

#[derive(Debug, Serialize)]
struct OfPicture {
    file: String,
    #[serde(flatten)]
    tally: Tally,
    lowest_score: Option<f32>,
}

pub(super) fn measure(args: &DetectArgs, settings: &VisionSettings) -> anyhow::Result<Report> {
    let annotated = groups(&args.annotations)?;
    let extras = Extras { tiled: args.tiled, ..Extras::default() };
    let viewed = view_one(&args.folder, settings, &args.models, extras)?;
    let report = report(&annotated, &viewed.looked, &viewed.label, viewed.calibration.as_ref(), args.false_match_rate)?;
    if let Some(file) = &args.html {
        page(args, &report).write(file)?;
    }
    Ok(report)
}

fn report(
    annotated: &[Annotated],
    looked: &Looked,
    models: &str,
    calibration: Option<&Calibration>,
    false_match_rate: f64,
) -> anyhow::Result<Report> {
    let mut known: Vec<(&Annotated, &Seen)> = Vec::new();
    for picture in annotated {
        let seen = looked.pictures.get(&picture.file);
        ensure!(seen.is_some(), "{} is annotated, but not in the folder", picture.file);
        known.extend(seen.map(|seen| (picture, seen)));
    }
    let at = |picture: &Annotated, seen: &Seen, least: f32| {
        let sure = seen.faces().iter().filter(|face| face.face.detection_score >= least);
        tally(&picture.truth, &sure.map(|face| face.face.face_box).collect::<Vec<FaceBox>>())
    };
    let pictures = known.iter().map(|(picture, seen)| OfPicture {
        file: picture.file.clone(),
        tally: at(picture, seen, 0.0),
        lowest_score: seen.faces().iter().map(|face| face.face.detection_score).min_by(f32::total_cmp),
    });
    let total_at =
        |least: f32| known.iter().map(|(picture, seen)| at(picture, seen, least)).fold(Tally::default(), Tally::plus);
    let total = total_at(0.0);
    let steps = (50..=100).map(|hundredth| f64::from(hundredth) / 100.0);
    Ok(Report {
        models: models.to_owned(),
        pictures: pictures.collect(),
        unreadable: looked.unreadable(),
        total,
        recall: Figure::share(total.found, total.faces),
        precision: Figure::share(total.found, total.found + total.wrong),
        detect_ms_per_picture: rounded(looked.detect_ms_per_picture()),
        over_scores: steps.map(|least| (least, total_at(least as f32))).collect(),
        identities: calibration.map(|calibration| identities(&known, calibration, false_match_rate)),
    })
}

fn page(args: &DetectArgs, report: &Report) -> Page {
    let mut page = Page::new(
        "Are all faces found?",
        &[
            ("pictures", format!("{} in {}", report.pictures.len(), args.folder.display())),
            ("annotations", args.annotations.display().to_string()),
            ("encoder", report.models.clone()),
            ("time", format!("{} ms to find the faces of a picture", number(report.detect_ms_per_picture, 1))),
        ],
    );
    page.heading("Faces");
    page.text(&format!(
        "Of {} faces {} were found and {} missed; {} boxes are no face. Found: {}; reported that are faces: {} (95 %, \
         Wilson). Where noses are annotated each must be in a box of its own, elsewhere numbers are compared.",
        report.total.faces,
        report.total.found,
        report.total.missed,
        report.total.wrong,
        percent(&report.recall),
        percent(&report.precision)
    ));
    let count = |value: usize| value.to_string();
    let row = |name: &str, tally: &Tally, lowest: Option<f32>| {
        let lowest = lowest.map_or("–".to_owned(), |score| number(score.into(), 3));
        vec![name.to_owned(), count(tally.faces), count(tally.found), count(tally.missed), count(tally.wrong), lowest]
    };
    let mut rows: Vec<Vec<String>> =
        report.pictures.iter().map(|of| row(&of.file, &of.tally, of.lowest_score)).collect();
    rows.push(row("all", &report.total, None));
    page.table(&["picture", "faces", "found", "missed", "false", "lowest score"], &rows);
    page.plot(&over_scores(report));
    if let Some(identities) = &report.identities {
        page.heading("Identities");
        page.text(&identities.in_words());
    }
    page
}

fn over_scores(report: &Report) -> Plot {
    let line = |name: &str, colour: usize, of: fn(&Tally) -> usize| Series {
        name: name.to_owned(),
        colour,
        shape: Shape::Line,
        points: report.over_scores.iter().map(|(least, tally)| (*least, of(tally) as f64)).collect(),
    };
    let series = vec![line("found", 0, |tally| tally.found), line("false", 1, |tally| tally.wrong)];
    let (_, most) = span(series.iter().flat_map(|series| series.points.iter().map(|(_, count)| *count)));
    Plot {
        title: "If less sure faces were left out".to_owned(),
        x: Axis::even("least detection score", 0.5, 1.0),
        y: Axis::even("faces", 0.0, most * 1.05),
        series,
    }
}

#[cfg(test)]
mod tests {
    use domain::embedding::Embedding;
    use domain::geometry::{DetectedFace, FaceBox, Point};

    use super::{Calibration, Looked, Seen, report};
    use crate::bench::annotations::Annotated;
    use crate::bench::detection::Truth;
    use crate::bench::look::Face;

    fn face(x: f32, detection_score: f32) -> Face {
        let face_box = FaceBox { x_min: x - 5.0, y_min: 0.0, x_max: x + 5.0, y_max: 10.0 };
        Face {
            face: DetectedFace { face_box, landmarks: [Point { x, y: 5.0 }; 5], detection_score },
            embedding: Embedding::normalized(vec![x, 1.0]).expect("a direction"),
            augmented: Vec::new(),
            measure: None,
            liveness: None,
        }
    }

    #[test]
    fn pictures_are_added_up_and_missing_ones_are_an_error() {
        let annotated = |file: &str, truth| Annotated { file: file.to_owned(), truth, person: None };
        let noses = Truth::Noses(vec![Point { x: 10.0, y: 5.0 }, Point { x: 40.0, y: 5.0 }]);
        let known = [annotated("a.jpg", noses), annotated("b.jpg", Truth::Count(2))];
        let seen = |faces| Seen::Faces { width: 100, height: 20, faces };
        let pictures = [
            ("a.jpg".to_owned(), seen(vec![face(10.0, 0.9), face(80.0, 0.75)])),
            ("b.jpg".to_owned(), seen(vec![face(10.0, 0.9)])),
        ];
        let looked = Looked { pictures: pictures.into(), ..Looked::default() };
        let calibration = Calibration::try_from(vec![(0.1, 0.2), (0.01, 0.4)]).expect("in order");
        let found = report(&known, &looked, "x", Some(&calibration), 0.001).expect("a report");
        let total = found.total;
        assert_eq!((total.faces, total.found, total.missed, total.wrong), (4, 2, 2, 1));
        assert_eq!((found.recall.value, found.precision.value), (0.5, 0.666_667));
        let (least, sure) = found.over_scores[30];
        assert_eq!((least, sure.found, sure.wrong), (0.8, 2, 0));
        let error = report(&[annotated("c.jpg", Truth::Count(1))], &looked, "x", Some(&calibration), 0.001);
        assert!(error.expect_err("missing").to_string().contains("c.jpg"));
    }
}
