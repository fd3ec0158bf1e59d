//! `rollcall bench liveness`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, bail, ensure};
use clap::Args;
use serde::Serialize;
use vision::VisionSettings;

use super::annotations::{self, Presented};
use super::attacks::{Errors, Presentation, bpcer_at, curve, errors};
use super::figure::Figure;
use super::histogram::histogram;
use super::look::Looked;
use super::models::{Extras, ModelArgs, view_one};
use super::report::{Axis, Page, Plot, Series, Shape, number, percent, span};

/// What is measured, and with which models.
#[derive(Debug, Args)]
pub struct LivenessArgs {
    /// Folder with pictures. Without annotations: in folders called live and attack_TYPE, or files called ..._T... (true)
    /// and ..._F... (fake).
    folder: PathBuf,
    /// CSV with the columns image, label (live or attack), attack (its type), or JSON [{"image", "label", "attack"}].
    #[arg(long, value_name = "CSV|JSON")]
    annotations: Option<PathBuf>,
    /// Least liveness of a live person, 0..1.
    #[arg(long, default_value_t = 0.5)]
    threshold: f32,
    /// Writes a report with plots.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    #[command(flatten)]
    models: ModelArgs,
}

#[derive(Debug, Serialize)]
pub(super) struct Report {
    presentations: usize,
    unreadable: usize,
    /// Pictures in the folder of which nothing says what they show.
    not_annotated: usize,
    errors: Errors,
    /// At the lowest threshold at which no type of attack passes more often than so: (APCER, threshold, BPCER).
    bpcer_at_apcer: Vec<(f64, f32, Figure)>,
    curve: Vec<Errors>,
    #[serde(skip)]
    all: Vec<Presentation>,
}

pub(super) fn measure(args: &LivenessArgs, settings: &VisionSettings) -> anyhow::Result<Report> {
    ensure!((0.0..=1.0).contains(&args.threshold), "--threshold is 0 to 1");
    let given = args.annotations.as_deref().map(annotations::liveness).transpose()?;
    let extras = Extras { liveness: true, ..Extras::default() };
    let looked = view_one(&args.folder, settings, &args.models, extras)?.looked;
    let presented: BTreeMap<String, Presented> = match given {
        Some(given) => given.into_iter().collect(),
        None => {
            let named = looked.pictures.keys().filter_map(|name| Some((name.clone(), annotations::by_name(name)?)));
            named.collect()
        }
    };
    let report = report(&presented, &looked, args.threshold)?;
    if let Some(file) = &args.html {
        page(args, &report).write(file)?;
    }
    Ok(report)
}

fn report(presented: &BTreeMap<String, Presented>, looked: &Looked, threshold: f32) -> anyhow::Result<Report> {
    ensure!(
        !presented.is_empty(),
        "nothing says which pictures are live: give --annotations, or name the folders live and attack_TYPE"
    );
    let mut all = Vec::new();
    for (name, presented) in presented {
        let seen = looked.pictures.get(name).with_context(|| format!("{name} is annotated, but not in the folder"))?;
        // The largest face is the one in front of the camera.
        let liveness = match seen.faces().first() {
            None => None,
            Some(face) if face.liveness.is_none() => {
                bail!("the models say nothing of liveness: fetch MiniFASNet as weights/README.md says")
            }
            Some(face) => face.liveness,
        };
        all.push(Presentation { presented: presented.clone(), liveness });
    }
    let curve = curve(&all);
    let at = |apcer: f64| bpcer_at(&curve, apcer).map(|(threshold, bpcer)| (apcer, threshold, bpcer));
    Ok(Report {
        presentations: all.len(),
        unreadable: looked.unreadable(),
        not_annotated: looked.pictures.keys().filter(|name| !presented.contains_key(*name)).count(),
        errors: errors(&all, threshold),
        bpcer_at_apcer: [0.1, 0.05, 0.01].into_iter().filter_map(at).collect(),
        curve,
        all,
    })
}

fn page(args: &LivenessArgs, report: &Report) -> Page {
    let mut page = Page::new(
        "Is it a live person?",
        &[
            ("pictures", format!("{} in {}", report.presentations, args.folder.display())),
            (
                "left out",
                format!(
                    "{} could not be read, of {} nothing says what they show",
                    report.unreadable, report.not_annotated
                ),
            ),
            ("threshold", number(args.threshold.into(), 2)),
        ],
    );
    page.heading("Errors");
    page.text(
        "As ISO/IEC 30107-3 defines them. APCER: share of the attacks of one type that are taken for live people. BPCER: \
         share of the live people who are taken for an attack. Without an answer are those in which no face was found. \
         In brackets Wilson's 95 % interval; marked (*) what rests on fewer than 30 presentations.",
    );
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (kind, apcer) in &report.errors.apcer {
        rows.push(vec![format!("APCER, {kind}"), percent(apcer)]);
    }
    rows.push(vec!["BPCER".to_owned(), percent(&report.errors.bpcer)]);
    rows.push(vec!["attacks without an answer (APNRR)".to_owned(), percent(&report.errors.apnrr)]);
    rows.push(vec!["live people without an answer (BPNRR)".to_owned(), percent(&report.errors.bpnrr)]);
    page.table(&["rate", "at the threshold"], &rows);
    if !report.bpcer_at_apcer.is_empty() {
        page.text("BPCER where no type of attack passes more often than so:");
        let row = |(apcer, threshold, bpcer): &(f64, f32, Figure)| {
            vec![format!("{} %", number(apcer * 100.0, 0)), number((*threshold).into(), 2), percent(bpcer)]
        };
        page.table(
            &["highest APCER", "threshold", "BPCER"],
            &report.bpcer_at_apcer.iter().map(row).collect::<Vec<_>>(),
        );
    }
    page.plot(&over_thresholds(report));
    page.plot(&scores(report));
    page
}

fn over_thresholds(report: &Report) -> Plot {
    let line = |name: String, colour: usize, of: &dyn Fn(&Errors) -> f64| Series {
        name,
        colour,
        shape: Shape::Line,
        points: report.curve.iter().map(|errors| (f64::from(errors.threshold), of(errors) * 100.0)).collect(),
    };
    let mut series = vec![line("BPCER".to_owned(), 0, &|errors| errors.bpcer.value)];
    for (number, kind) in report.errors.apcer.keys().enumerate() {
        series.push(line(format!("APCER, {kind}"), number + 1, &|errors| errors.apcer[kind].value));
    }
    Plot {
        title: "Errors over thresholds".to_owned(),
        x: Axis::even("threshold (least liveness)", 0.0, 1.0),
        y: Axis::even("error rate, %", 0.0, 100.0),
        series,
    }
}

fn scores(report: &Report) -> Plot {
    let bars = |name: &str, colour: usize, is_live: bool| {
        let of = report.all.iter().filter(|one| (one.presented == Presented::Live) == is_live);
        let values = of.filter_map(|one| one.liveness).map(f64::from);
        let points = histogram(values, 0.0, 1.0, 40).into_iter().map(|(edge, share)| (edge, share * 100.0)).collect();
        Series { name: name.to_owned(), colour, shape: Shape::Bars, points }
    };
    let series = vec![bars("attacks", 1, false), bars("live people", 0, true)];
    let (_, most) = span(series.iter().flat_map(|series| series.points.iter().map(|(_, share)| *share)));
    Plot {
        title: "Liveness".to_owned(),
        x: Axis::even("liveness", 0.0, 1.0),
        y: Axis::even("share, %", 0.0, most * 1.05),
        series,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Looked, Presented, report};
    use crate::bench::look::Seen;

    #[test]
    fn what_cannot_be_judged_is_said() {
        let looked = |name: &str| Looked {
            pictures: [(name.to_owned(), Seen::Faces { width: 1, height: 1, faces: Vec::new() })].into(),
            ..Looked::default()
        };
        let live = |name: &str| BTreeMap::from([(name.to_owned(), Presented::Live)]);
        let found = report(&live("live/1.jpg"), &looked("live/1.jpg"), 0.5).expect("a report");
        assert_eq!((found.presentations, found.errors.bpnrr.value), (1, 1.0));
        let error = report(&BTreeMap::new(), &looked("x.jpg"), 0.5).expect_err("nothing is annotated").to_string();
        assert!(error.contains("--annotations"), "{error}");
        let error = report(&live("a.jpg"), &looked("b.jpg"), 0.5).expect_err("missing").to_string();
        assert!(error.contains("a.jpg"), "{error}");
    }
}
