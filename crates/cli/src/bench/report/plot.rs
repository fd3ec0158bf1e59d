//! Plots as SVG, whose colours are the page's.

use std::fmt::Write as _;

use super::format::{escaped, number};

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 380.0;
/// Room for labels: left, right, top, bottom.
const LEFT: f64 = 70.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 54.0;
/// Height of one line of the legend.
const LEGEND_LINE: f64 = 20.0;
/// Colours that the page's style has.
const COLOURS: usize = 6;

/// One plot.
#[derive(Debug)]
pub(crate) struct Plot {
    pub(crate) title: String,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) series: Vec<Series>,
}

/// What runs along an edge.
#[derive(Debug)]
pub(crate) struct Axis {
    /// With its unit.
    pub(crate) label: String,
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// Powers of ten instead of even steps; then both ends are above 0.
    pub(crate) logarithmic: bool,
}

/// Points that belong together.
#[derive(Debug)]
pub(crate) struct Series {
    pub(crate) name: String,
    /// Which of the page's colours.
    pub(crate) colour: usize,
    pub(crate) shape: Shape,
    pub(crate) points: Vec<(f64, f64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Line,
    Dashed,
    /// Filled down to the axis, with steps: each point is the left edge and the height of a bar.
    Bars,
    Points,
}

impl Axis {
    pub(crate) fn even(label: &str, low: f64, high: f64) -> Self {
        Self { label: label.to_owned(), low, high: if high > low { high } else { low + 1.0 }, logarithmic: false }
    }

    pub(crate) fn powers(label: &str, low: f64, high: f64) -> Self {
        let low = low.max(1e-12);
        Self { label: label.to_owned(), low, high: if high > low { high } else { low * 10.0 }, logarithmic: true }
    }

    /// 0 at the low end, 1 at the high end; beyond them, those.
    fn place(&self, value: f64) -> f64 {
        let place = if self.logarithmic {
            (value.max(1e-300) / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        place.clamp(0.0, 1.0)
    }

    /// Where ticks are, and what stands beside them.
    fn ticks(&self) -> Vec<(f64, String)> {
        if self.logarithmic {
            let (first, last) = (self.low.log10().ceil() as i32, self.high.log10().floor() as i32);
            if last - first > 1 {
                return (first..=last).map(|power| (10f64.powi(power), power_of_ten(power))).collect();
            }
            // Few powers leave room between them.
            let between = (first - 1..=last).flat_map(|power| [1.0, 2.0, 5.0].map(|factor| (power, factor)));
            let values = between.map(|(power, factor)| (power, factor * 10f64.powi(power)));
            let inside = values.filter(|(_, value)| (self.low..=self.high).contains(value));
            return inside.map(|(power, value)| (value, number(value, (-power).max(0) as usize))).collect();
        }
        let rough = (self.high - self.low) / 6.0;
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power).into_iter().find(|step| *step >= rough);
        let step = step.unwrap_or(power * 10.0);
        let digits = (-step.log10().floor()).max(0.0) as usize;
        let first = (self.low / step - 1e-9).ceil() as i64;
        let last = (self.high / step + 1e-9).floor() as i64;
        (first..=last).map(|count| (count as f64 * step, number(count as f64 * step, digits))).collect()
    }
}

fn power_of_ten(power: i32) -> String {
    match power {
        0 => "1".to_owned(),
        -3..0 => number(10f64.powi(power), power.unsigned_abs() as usize),
        1..4 => number(10f64.powi(power), 0),
        _ => {
            let digits = "⁰¹²³⁴⁵⁶⁷⁸⁹";
            let digit = |sign: char| match sign.to_digit(10) {
                Some(digit) => digits.chars().nth(digit as usize).unwrap_or(sign),
                None => '⁻',
            };
            format!("10{}", power.to_string().chars().map(digit).collect::<String>())
        }
    }
}

impl Plot {
    /// One `<svg>` element.
    pub(crate) fn svg(&self) -> String {
        let named: Vec<&Series> = self.series.iter().filter(|series| !series.name.is_empty()).collect();
        let legend = named.len() as f64 * LEGEND_LINE + if named.is_empty() { 0.0 } else { 8.0 };
        let height = HEIGHT + legend;
        let mut svg =
            format!("<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\">", escaped(&self.title));
        self.draw_legend(&named, &mut svg);
        self.draw_axes(legend, &mut svg);
        for series in &self.series {
            self.draw(series, legend, &mut svg);
        }
        svg + "</svg>"
    }

    fn across(&self, value: f64) -> f64 {
        LEFT + self.x.place(value) * (WIDTH - LEFT - RIGHT)
    }

    fn down(&self, value: f64, legend: f64) -> f64 {
        legend + HEIGHT - BOTTOM - self.y.place(value) * (HEIGHT - TOP - BOTTOM)
    }

    fn draw_legend(&self, named: &[&Series], svg: &mut String) {
        for (line, series) in named.iter().enumerate() {
            let y = 14.0 + line as f64 * LEGEND_LINE;
            let (colour, name) = (series.colour % COLOURS, escaped(&series.name));
            let mark = match series.shape {
                Shape::Line => format!("<path class=\"line\" d=\"M{LEFT} {y}h26\"/>"),
                Shape::Dashed => format!("<path class=\"line dashed\" d=\"M{LEFT} {y}h26\"/>"),
                Shape::Bars => {
                    format!("<rect class=\"area\" x=\"{LEFT}\" y=\"{}\" width=\"26\" height=\"10\"/>", y - 5.0)
                }
                Shape::Points => format!("<circle class=\"point\" cx=\"{}\" cy=\"{y}\" r=\"4\"/>", LEFT + 13.0),
            };
            let _ = write!(
                svg,
                "<g class=\"s{colour}\">{mark}</g><text x=\"{}\" y=\"{}\">{name}</text>",
                LEFT + 34.0,
                y + 4.5
            );
        }
    }

    fn draw_axes(&self, legend: f64, svg: &mut String) {
        let (left, right) = (LEFT, WIDTH - RIGHT);
        let (top, bottom) = (legend + TOP, legend + HEIGHT - BOTTOM);
        for (value, text) in self.x.ticks() {
            let x = self.across(value);
            let _ = write!(svg, "<path class=\"grid\" d=\"M{x:.1} {top}V{bottom}\"/>");
            let _ = write!(
                svg,
                "<text class=\"tick\" x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{text}</text>",
                bottom + 18.0
            );
        }
        for (value, text) in self.y.ticks() {
            let y = self.down(value, legend);
            let _ = write!(svg, "<path class=\"grid\" d=\"M{left} {y:.1}H{right}\"/>");
            let _ = write!(
                svg,
                "<text class=\"tick\" x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{text}</text>",
                left - 8.0,
                y + 4.0
            );
        }
        let _ = write!(svg, "<path class=\"axis\" d=\"M{left} {top}V{bottom}H{right}\"/>");
        let (middle_x, middle_y) = (f64::midpoint(left, right), f64::midpoint(top, bottom));
        let (x_label, y_label) = (escaped(&self.x.label), escaped(&self.y.label));
        let _ = write!(svg, "<text x=\"{middle_x}\" y=\"{}\" text-anchor=\"middle\">{x_label}</text>", bottom + 42.0);
        let _ = write!(
            svg,
            "<text x=\"16\" y=\"{middle_y}\" text-anchor=\"middle\" transform=\"rotate(-90 16 {middle_y})\">{y_label}</text>"
        );
    }

    fn draw(&self, series: &Series, legend: f64, svg: &mut String) {
        let at = |(x, y): (f64, f64)| (self.across(x), self.down(y, legend));
        let _ = write!(svg, "<g class=\"s{}\">", series.colour % COLOURS);
        let mut path = String::new();
        match series.shape {
            Shape::Line | Shape::Dashed => {
                for (place, point) in series.points.iter().enumerate() {
                    let (x, y) = at(*point);
                    let _ = write!(path, "{}{x:.1} {y:.1}", if place == 0 { 'M' } else { 'L' });
                }
                let dashed = if series.shape == Shape::Dashed { " dashed" } else { "" };
                let _ = write!(svg, "<path class=\"line{dashed}\" d=\"{path}\"/>");
            }
            Shape::Bars => {
                let floor = legend + HEIGHT - BOTTOM;
                for (place, point) in series.points.iter().enumerate() {
                    let (x, y) = at(*point);
                    let step = if place == 0 { format!("M{x:.1} {floor}V{y:.1}") } else { format!("H{x:.1}V{y:.1}") };
                    path += &step;
                }
                // The last bar is as wide as the one before.
                if let [.., before, last] = series.points.as_slice() {
                    let _ = write!(path, "H{:.1}V{floor}Z", self.across(last.0 + (last.0 - before.0)));
                }
                let _ = write!(svg, "<path class=\"area\" d=\"{path}\"/>");
            }
            Shape::Points => {
                for point in &series.points {
                    let (x, y) = at(*point);
                    let _ = write!(svg, "<circle class=\"point\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"/>");
                }
            }
        }
        *svg += "</g>";
    }
}

#[cfg(test)]
mod tests {
    use super::{Axis, Plot, Series, Shape, power_of_ten};

    fn check(axis: &Axis, expected: &[&str]) {
        let texts: Vec<String> = axis.ticks().into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, expected);
    }

    #[test]
    fn ticks_are_round_numbers() {
        check(&Axis::even("", 0.0, 1.0), &["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        check(&Axis::even("", 0.93, 1.0), &["0.94", "0.96", "0.98", "1.00"]);
        check(&Axis::even("", -0.4, 0.6), &["−0.4", "−0.2", "0.0", "0.2", "0.4", "0.6"]);
        check(&Axis::powers("", 3e-4, 1.0), &["0.001", "0.01", "0.1", "1"]);
        check(&Axis::powers("", 0.25, 4.0), &["0.5", "1", "2"]);
        check(&Axis::powers("", 48.0, 520.0), &["50", "100", "200", "500"]);
        check(&Axis::even("", 5.0, 5.0), &["5.0", "5.2", "5.4", "5.6", "5.8", "6.0"]);
        assert_eq!([power_of_ten(-5), power_of_ten(4), power_of_ten(2)], ["10⁻⁵", "10⁴", "100"]);
    }

    #[test]
    fn values_have_their_places() {
        let axis = Axis::powers("", 1e-3, 1.0);
        assert!((axis.place(1e-2) - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!((axis.place(0.0), axis.place(7.0)), (0.0, 1.0));
        assert_eq!(Axis::even("", -1.0, 1.0).place(0.0), 0.5);
    }

    #[test]
    fn every_series_is_drawn_and_named() {
        let series = |shape, name: &str| Series {
            name: name.to_owned(),
            colour: 7,
            shape,
            points: vec![(0.0, 0.0), (0.5, 1.0), (1.0, 0.5)],
        };
        let plot = Plot {
            title: "a < b".to_owned(),
            x: Axis::even("seconds", 0.0, 1.0),
            y: Axis::even("metres", 0.0, 1.0),
            series: vec![
                series(Shape::Line, "line & more"),
                series(Shape::Bars, "bars"),
                series(Shape::Points, "points"),
                series(Shape::Dashed, ""),
            ],
        };
        let svg = plot.svg();
        for part in ["a &lt; b", "line &amp; more", ">bars<", ">seconds<", ">metres<", "class=\"s1\"", "dashed"] {
            assert!(svg.contains(part), "{part}");
        }
        assert_eq!(svg.matches("<circle").count(), 4);
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
    }
}
