//! The job's summary: the ending as Markdown, in which no text from outside is markup.

use std::fmt::Write as _;

use towpath_cli::harmless;

use crate::ending::Ending;

/// The summary.
pub(crate) fn of(ending: &Ending) -> String {
    let mut page = format!("### {}\n\n", escaped(&ending.title()));
    let details = ending.details();
    if !ending.printed.is_empty() {
        let lines: Vec<String> = ending.printed.split('\n').map(verbatim).collect();
        return format!("{page}<pre>\n{}</pre>\n\n", lines.join("\n"));
    }
    if details.is_empty() {
        return format!("{page}{}\n\n", escaped(ending.exit.meaning()));
    }
    page.push_str("| | |\n|---|---|\n");
    for (name, text) in details {
        writeln!(page, "| {name} | {} |", escaped(&text)).expect("a string takes everything");
    }
    page.push('\n');
    for (component, diagnosis) in ending.diagnoses() {
        let lines: Vec<String> = diagnosis.lines().iter().map(|line| verbatim(line)).collect();
        let title = format!("What was seen of {component}");
        writeln!(page, "<details><summary>{}</summary>\n<pre>\n{}\n</pre></details>\n", html(&title), lines.join("\n"))
            .expect("a string takes everything");
    }
    page
}

/// A line inside `<pre>`; an empty one would end it.
fn verbatim(line: &str) -> String {
    let line = html(&harmless(line));
    if line.trim().is_empty() { "&nbsp;".to_owned() } else { line }
}

/// Text that HTML shows as it is.
fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('@', "&#64;")
}

/// Text that Markdown and HTML show as it is, on one line.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '@' => escaped.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '+' | '!' | '|' | '~' | '$' => {
                escaped.extend(['\\', character]);
            }
            _ if character.is_control() => escaped.push(' '),
            _ => escaped.push(character),
        }
    }
    // What looks like an address would become a link.
    escaped.replace("://", ":&#47;&#47;").replace("www.", "www&#46;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_shows_text_and_no_markup() {
        insta::assert_snapshot!(of(&crate::ending::tests::hostile()), @r#"
        ### dev: 1.1.0, rolled back

        | | |
        |---|---|
        | why | bad ::error::&lt;script&gt;\|\`x\` |
        | cause | api: the component's container ends with an error again and again: a ::error::&lt;b&gt; |
        | remedy | \*mend\* it |
        | serves | api: 1.0.0 \(proven\) |
        | changed | api: set\_back |
        | next | towpath status dev |

        <details><summary>What was seen of api</summary>
        <pre>
        crash-loop: the component's container ends with an error again and again
          because a ::error::&lt;b&gt;
          remedy  *mend* it
        task 0123456789abcdef0123456789abcdef, seen 3 times: EssentialContainerExited
          container api: exit code 1, an error of the application
            | &lt;/pre&gt;&lt;b&gt;boom
            | ::error::x
        </pre></details>
        "#);
    }

    #[test]
    fn what_was_printed_for_people_is_shown_as_it_is() {
        let ending = Ending::read(b"a  b\n\n<img>\n", towpath_cli::Exit::Done);
        assert_eq!(of(&ending), "### done\n\n<pre>\na  b\n&nbsp;\n&lt;img&gt;\n&nbsp;</pre>\n\n");
    }

    #[test]
    fn nobody_is_mentioned_and_nothing_is_linked() {
        assert_eq!(escaped("@acme https://x/ www.x"), "&#64;acme https:&#47;&#47;x/ www&#46;x");
    }
}
