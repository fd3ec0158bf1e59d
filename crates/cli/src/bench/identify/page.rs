//! The report of `rollcall bench identify`.

use super::{INTERVALS, IdentifyArgs, OfEncoder, OfGallery, Report};
use crate::bench::realised::{ENROLLED, Realised, Together, WANTED};
use crate::bench::report::{Axis, Page, Plot, Series, Shape, number, percent, ratio, span};

pub(super) fn page(args: &IdentifyArgs, report: &Report) -> Page {
    let encoders = report.encoders.iter().map(|of| format!("{} ({})", of.encoder, of.contract));
    let mut page = Page::new(
        "Who is it, if anybody that we know?",
        &[
            ("pictures", format!("{} of {} people in {}", report.pictures, report.people, args.folder.display())),
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
    page.text(
        "People drawn at random are enrolled; then a picture of each of them that did not enroll is shown, and all \
         pictures of everybody else. Rank 1: share of the probes that are closest to the right person. TPIR: share of \
         the probes that are closest to the right person and over the threshold over which the share FPIR of the \
         strangers' pictures is. In brackets the interval of confidence.",
    );
    page.text(INTERVALS);
    for of in &report.encoders {
        page.heading(&format!("Identification with {}", of.encoder));
        for gallery in &of.galleries {
            ways(&mut page, gallery);
        }
        for size in &of.too_large {
            page.text(&format!("There are too few people of whom there are three pictures for galleries of {size}."));
        }
        page.heading(&format!("Realised against wanted with {}", of.encoder));
        against_wanted(&mut page, of);
    }
    page
}

fn ways(page: &mut Page, of: &OfGallery) {
    page.text(&format!(
        "{} galleries of {} people, {} probes, {} scans of {} different pictures of strangers.",
        of.galleries, of.people, of.probes, of.strangers, of.different_strangers
    ));
    let rows = of.ways.iter().map(|rates| {
        vec![
            rates.way.name(),
            percent(&rates.rank_1),
            percent(&rates.tpir_at_fpir_1e_2),
            percent(&rates.tpir_at_fpir_1e_3),
            number(rates.threshold_at_fpir_1e_2, 3),
        ]
    });
    page.table(
        &["enrolled", "rank 1", "TPIR at FPIR 1 %", "TPIR at FPIR 0.1 %", "threshold at 1 %"],
        &rows.collect::<Vec<_>>(),
    );
    let rows = of
        .pooled_minus_closest
        .iter()
        .map(|gain| vec![gain.of.clone(), percent(&gain.tpir_at_fpir_1e_2), percent(&gain.tpir_at_fpir_1e_3)]);
    page.table(
        &["pooled against closest sample: difference of TPIR", "at FPIR 1 %", "at FPIR 0.1 %"],
        &rows.collect::<Vec<_>>(),
    );
}

fn against_wanted(page: &mut Page, of: &OfEncoder) {
    page.text(&format!(
        "The threshold that the calibration gives for a wanted false-match rate of one scan and a size of gallery, and \
         the share of strangers that is over it. Enrolled are {ENROLLED} pictures each, pooled. First calibrated and \
         measured on the same people: that shows whether comparisons are as independent as the formula takes them to be.",
    ));
    let rows: Vec<Vec<String>> = of.realised_on_the_same_people.iter().map(realised_row).collect();
    page.table(&["gallery", "wanted", "threshold", "realised", "realised / wanted"], &rows);
    page.text(
        "Then calibrated on half of the people and measured on the other half, and the reverse, for several ways to \
         halve them: what an installation can expect whose people the calibration has not seen.",
    );
    let together = &of.cross_validation.together;
    let rows: Vec<Vec<String>> = together.iter().map(together_row).collect();
    page.table(&["gallery", "wanted", "mean of realised / wanted", "lowest", "highest", "within a factor of 2"], &rows);
    page.plot(&ratios(together));
    if !of.realised_with_the_manifest.is_empty() {
        page.text("With the calibration that weights/manifest.toml has now, on all people:");
        let rows: Vec<Vec<String>> = of.realised_with_the_manifest.iter().map(realised_row).collect();
        page.table(&["gallery", "wanted", "threshold", "realised", "realised / wanted"], &rows);
    }
    page.text(&format!(
        "The calibration on everybody, from {} comparisons of a picture with a pooled template of somebody else:",
        of.comparisons
    ));
    page.code(&of.manifest);
}

fn realised_row(of: &Realised) -> Vec<String> {
    vec![
        of.gallery.to_string(),
        of.wanted.to_string(),
        number(of.threshold, 3),
        percent(&of.realised),
        ratio(&of.ratio),
    ]
}

fn together_row(of: &Together) -> Vec<String> {
    vec![
        of.gallery.to_string(),
        of.wanted.to_string(),
        number(of.mean_ratio, 2),
        number(of.lowest_ratio, 2),
        number(of.highest_ratio, 2),
        format!("{} of {} halves", of.within_a_factor_of_two, of.halves),
    ]
}

fn ratios(together: &[Together]) -> Plot {
    let mean = |wanted: f64| {
        let of = together.iter().filter(move |of| of.wanted == wanted);
        of.map(|of| (of.gallery as f64, of.mean_ratio)).collect::<Vec<_>>()
    };
    let series = WANTED.iter().enumerate().map(|(colour, wanted)| Series {
        name: format!("wanted {wanted} per scan"),
        colour,
        shape: Shape::Points,
        points: mean(*wanted),
    });
    let mut series: Vec<Series> = series.collect();
    let (low, high) = span(together.iter().map(|of| of.gallery as f64));
    for (name, bound) in [("half and twice what is wanted", 0.5), ("", 2.0)] {
        let points = vec![(low * 0.8, bound), (high * 1.25, bound)];
        series.push(Series { name: name.to_owned(), colour: 3, shape: Shape::Dashed, points });
    }
    Plot {
        title: "Realised over wanted, mean over halves".to_owned(),
        x: Axis::powers("people in the gallery (logarithmic)", low * 0.8, high * 1.25),
        y: Axis::powers("realised / wanted (logarithmic)", 0.2, 5.0),
        series,
    }
}
