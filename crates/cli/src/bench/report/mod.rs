//! A report as one HTML file that needs nothing else.

mod format;
mod plot;

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context;

pub(super) use format::{escaped, number, percent, ratio, span};
pub(super) use plot::{Axis, Plot, Series, Shape};

const STYLE: &str = include_str!("style.css");

/// What a report says.
#[derive(Debug)]
pub(super) struct Page {
    title: String,
    body: String,
}

impl Page {
    /// A page that begins with what was measured, on what, and the command that does it again.
    pub(super) fn new(title: &str, about: &[(&str, String)]) -> Self {
        let mut body = String::new();
        let _ = write!(body, "<header><h1>{}</h1>\n<dl>", escaped(title));
        for (word, said) in about {
            let _ = write!(body, "<dt>{}</dt><dd>{}</dd>", escaped(word), escaped(said));
        }
        let _ = write!(body, "<dt>command</dt><dd><code>{}</code></dd></dl></header>", escaped(&command()));
        Self { title: title.to_owned(), body }
    }

    pub(super) fn heading(&mut self, text: &str) {
        let _ = write!(self.body, "\n<h2>{}</h2>", escaped(text));
    }

    pub(super) fn text(&mut self, text: &str) {
        let _ = write!(self.body, "\n<p>{}</p>", escaped(text));
    }

    /// Something to copy.
    pub(super) fn code(&mut self, text: &str) {
        let _ = write!(self.body, "\n<pre>{}</pre>", escaped(text));
    }

    /// A table; cells that begin with a digit, a sign or a dash are figures and stand to the right.
    pub(super) fn table(&mut self, columns: &[&str], rows: &[Vec<String>]) {
        let figures: Vec<bool> = (0..columns.len())
            .map(|column| rows.iter().all(|row| row.get(column).is_some_and(|cell| is_figure(cell))))
            .collect();
        let class = |column: usize| if figures.get(column) == Some(&true) { " class=\"figure\"" } else { "" };
        self.body += "\n<div class=\"wide\"><table><thead><tr>";
        for (column, text) in columns.iter().enumerate() {
            let _ = write!(self.body, "<th{}>{}</th>", class(column), escaped(text));
        }
        self.body += "</tr></thead><tbody>";
        for row in rows {
            self.body += "\n<tr>";
            for (column, text) in row.iter().enumerate() {
                let _ = write!(self.body, "<td{}>{}</td>", class(column), escaped(text));
            }
            self.body += "</tr>";
        }
        self.body += "</tbody></table></div>";
    }

    pub(super) fn plot(&mut self, plot: &Plot) {
        let caption = escaped(&plot.title);
        let _ = write!(self.body, "\n<figure><figcaption>{caption}</figcaption>{}</figure>", plot.svg());
    }

    /// The whole file.
    pub(super) fn html(&self) -> String {
        let title = escaped(&self.title);
        format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title>\n<style>\n{STYLE}</style></head>\n\
             <body><main>{}\n</main></body></html>\n",
            self.body
        )
    }

    /// # Errors
    /// When the file cannot be written.
    pub(super) fn write(&self, file: &Path) -> anyhow::Result<()> {
        std::fs::write(file, self.html()).with_context(|| format!("cannot write {}", file.display()))
    }
}

fn is_figure(cell: &str) -> bool {
    cell.starts_with(|first: char| first.is_ascii_digit() || "+-−–<≥".contains(first))
}

/// The command line as it was given; there are no secrets in it.
fn command() -> String {
    let quoted = |word: String| if word.contains(' ') { format!("'{word}'") } else { word };
    let words = std::env::args().skip(1).map(quoted);
    std::iter::once("rollcall".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::Page;

    #[test]
    fn a_page_is_whole_escaped_and_asks_nobody_for_anything() {
        let mut page = Page::new("A <b> & c", &[("folder", "x<y".to_owned())]);
        page.heading("Rates");
        page.text("1 < 2");
        page.table(&["way", "rate"], &[vec!["a&b".to_owned(), "3.5 %".to_owned()]]);
        page.code("calibration = []");
        let html = page.html();
        for part in [
            "<title>A &lt;b&gt; &amp; c</title>",
            "<dd>x&lt;y</dd>",
            "<p>1 &lt; 2</p>",
            "<td>a&amp;b</td><td class=\"figure\">3.5 %</td>",
            "<pre>calibration = []</pre>",
            "prefers-color-scheme: dark",
        ] {
            assert!(html.contains(part), "{part} is not in {html}");
        }
        for outside in ["http", "src=", "href=", "@import", "url("] {
            assert!(!html.contains(outside), "{outside}");
        }
    }
}
