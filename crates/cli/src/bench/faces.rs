//! `rollcall bench faces`.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use vision::VisionSettings;

use super::histogram::histogram;
use super::models::{Extras, ModelArgs, Viewed, view_all};
use super::pairs::{self, Verification, verify};
use super::report::{Axis, Page, Plot, Series, Shape, number, percent, span};
use super::rounded;
use super::variant::{Variant, variants};

/// What is measured, and with which models.
#[derive(Debug, Args)]
pub struct FacesArgs {
    /// Folder with one folder of pictures per person. Where a picture shows several faces the most central one counts.
    folder: PathBuf,
    /// CSV with the columns image_a, image_b (NAME/PICTURE.jpg) and same (0 or 1). Folds are row number modulo 10.
    #[arg(long, value_name = "CSV")]
    pairs: PathBuf,
    /// Also each encoder with the mean of the embeddings of a face and its mirror image.
    #[arg(long)]
    mirror: bool,
    /// Also the first two encoders together: the mean of their cosines.
    #[arg(long)]
    fuse: bool,
    /// Writes a report with plots.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    #[command(flatten)]
    models: ModelArgs,
}

#[derive(Debug, Serialize)]
pub(super) struct Report {
    pictures: usize,
    unreadable: usize,
    faces_not_found: usize,
    /// Milliseconds to find the faces of one picture.
    detect_ms_per_picture: f64,
    intervals: &'static str,
    encoders: Vec<OfEncoder>,
}

#[derive(Debug, Serialize)]
struct OfEncoder {
    encoder: String,
    contract: String,
    /// Milliseconds to cut out and embed one face.
    ms_per_face: f64,
    verification: Verification,
}

const INTERVALS: &str = "95 %: percentile bootstrap over people, 1,000 rounds, fixed seed; Wilson's where nothing or \
    everything was right. Marked (*, rests_on_few): rests on fewer than 5 impostor pairs.";

pub(super) fn measure(args: &FacesArgs, settings: &VisionSettings) -> anyhow::Result<Report> {
    let pairs = pairs::read(&args.pairs)?;
    let viewed = view_all(&args.folder, settings, &args.models, Extras { mirror: args.mirror, ..Extras::default() })?;
    let variants = variants(&viewed, args.fuse)?;
    let encoders = variants.iter().map(|variant: &Variant| {
        Ok(OfEncoder {
            encoder: variant.label.clone(),
            contract: variant.contract.clone(),
            ms_per_face: rounded(variant.ms_per_face),
            verification: verify(&pairs, &variant.embedded())?,
        })
    });
    let report =
        Report { encoders: encoders.collect::<anyhow::Result<_>>()?, intervals: INTERVALS, ..seen(&viewed[0]) };
    if let Some(file) = &args.html {
        page(args, &report).write(file)?;
    }
    Ok(report)
}

fn seen(viewed: &Viewed) -> Report {
    Report {
        pictures: viewed.looked.pictures.len(),
        unreadable: viewed.looked.unreadable(),
        faces_not_found: viewed.looked.without_face(),
        detect_ms_per_picture: rounded(viewed.looked.detect_ms_per_picture()),
        intervals: "",
        encoders: Vec::new(),
    }
}

fn page(args: &FacesArgs, report: &Report) -> Page {
    let encoders = report.encoders.iter().map(|of| format!("{} ({})", of.encoder, of.contract));
    let first = &report.encoders[0].verification;
    let mut page = Page::new(
        "Are two pictures of one person?",
        &[
            ("pictures", format!("{} in {}", report.pictures, args.folder.display())),
            ("pairs", format!("{} of {} people in {}", first.pairs, first.people, args.pairs.display())),
            ("encoders", encoders.collect::<Vec<_>>().join("; ")),
            (
                "left out",
                format!(
                    "{} pictures could not be read, in {} no face was found",
                    report.unreadable, report.faces_not_found
                ),
            ),
        ],
    );
    page.heading("Verification");
    page.text(
        "Accuracy is the mean of ten folds, each judged with the threshold that suits the other nine best. TAR: share of \
         genuine pairs that are accepted where the share FAR of the pairs of different people is. In brackets the \
         interval of confidence.",
    );
    let rows: Vec<Vec<String>> = report.encoders.iter().map(row).collect();
    page.table(
        &["encoder", "accuracy", "equal error rate", "TAR at FAR 1 %", "TAR at FAR 0.1 %", "ms per face"],
        &rows,
    );
    page.text(INTERVALS);
    page.plot(&roc(&report.encoders));
    page.heading("Scores");
    for of in &report.encoders {
        page.plot(&scores(of));
    }
    page
}

fn row(of: &OfEncoder) -> Vec<String> {
    let found = &of.verification;
    vec![
        of.encoder.clone(),
        percent(&found.accuracy),
        percent(&found.equal_error_rate),
        percent(&found.tar_at_far_1e_2),
        percent(&found.tar_at_far_1e_3),
        number(of.ms_per_face, 1),
    ]
}

fn roc(encoders: &[OfEncoder]) -> Plot {
    let points = |of: &OfEncoder| of.verification.roc.iter().map(|(far, tar)| (*far, tar * 100.0)).collect::<Vec<_>>();
    let series = encoders.iter().enumerate().map(|(colour, of)| Series {
        name: of.encoder.clone(),
        colour,
        shape: Shape::Line,
        points: points(of),
    });
    let series: Vec<Series> = series.collect();
    let all = || series.iter().flat_map(|series| &series.points);
    let (lowest_far, _) = span(all().map(|(far, _)| *far));
    let (lowest_tar, _) = span(all().map(|(_, tar)| *tar));
    Plot {
        title: "Receiver operating characteristic".to_owned(),
        x: Axis::powers("false accept rate (logarithmic)", lowest_far, 1.0),
        y: Axis::even("true accept rate, %", (lowest_tar - 1.0).floor().max(0.0), 100.0),
        series,
    }
}

fn scores(of: &OfEncoder) -> Plot {
    let (genuine, impostors) = (&of.verification.genuine, &of.verification.impostors);
    let (low, high) = span(genuine.values().chain(impostors.values()).map(f64::from));
    let (low, high) = ((low * 20.0).floor() / 20.0, (high * 20.0).ceil() / 20.0);
    let bins = |scores: &super::rates::Scores| {
        let bins = histogram(scores.values().map(f64::from), low, high, 60);
        bins.into_iter().map(|(edge, share)| (edge, share * 100.0)).collect::<Vec<_>>()
    };
    let series = |name: &str, colour: usize, scores| Series {
        name: name.to_owned(),
        colour,
        shape: Shape::Bars,
        points: bins(scores),
    };
    let series = vec![series("different people", 1, impostors), series("one person", 0, genuine)];
    let (_, most) = span(series.iter().flat_map(|series| series.points.iter().map(|(_, share)| *share)));
    Plot {
        title: format!("Scores with {}", of.encoder),
        x: Axis::even("cosine similarity", low, high),
        y: Axis::even("share of the pairs, %", 0.0, most * 1.05),
        series,
    }
}
