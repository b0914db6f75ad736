//! What every page has around its content: its head, its style, its lines.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::said::shown;
use super::strip::hatching;

const STYLE: &str = include_str!("page.css");

/// A whole page, as a file.
pub(super) fn page(title: &str, version: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content={ "relgate " (shown(version)) };
                title { (shown(title)) }
                style { (PreEscaped(STYLE)) }
            }
            body { (hatching()) (body) }
        }
    };
    in_lines(&page.into_string())
}

/// Elements that begin a line of the source, so that people can read it and tools can compare it.
const BEGIN_LINES: [&str; 22] = [
    "head", "meta", "title", "style", "body", "header", "main", "section", "h1", "h2", "h3", "p", "ul", "li",
    "details", "summary", "svg", "div", "dl", "table", "tr", "figure",
];

/// The page in lines. Text is escaped, so every `<` begins an element; in front of these a line end means nothing.
fn in_lines(page: &str) -> String {
    let mut lines = String::with_capacity(page.len() + page.len() / 64);
    for (place, part) in page.split('<').enumerate() {
        let name = part.split([' ', '>']).next().unwrap_or_default();
        if BEGIN_LINES.contains(&name) {
            lines.push('\n');
        }
        if place > 0 {
            lines.push('<');
        }
        lines.push_str(part);
    }
    lines.push('\n');
    lines
}
