//! The one workflow command that we give ourselves: an error beside the job, when there is one.

use towpath_cli::Exit;

use crate::ending::Ending;

/// The annotation of an ending; empty where all is well.
pub(crate) fn of(ending: &Ending) -> String {
    let why = ending.headline().or_else(|| ending.why()).unwrap_or_else(|| ending.exit.meaning().to_owned());
    match ending.exit {
        Exit::Done => String::new(),
        Exit::Held => command("warning", &ending.title(), &why),
        _ => error(&ending.title(), &why),
    }
}

/// An error's annotation.
pub(crate) fn error(title: &str, message: &str) -> String {
    command("error", title, message)
}

fn command(kind: &str, title: &str, message: &str) -> String {
    let title = data(title).replace(':', "%3A").replace(',', "%2C");
    format!("::{kind} title={title}::{}\n", data(message))
}

/// GitHub's escapes for the data of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_cannot_end_its_command_or_begin_another() {
        assert_eq!(error("a: b, c", "x\n::set-output::%"), "::error title=a%3A b%2C c::x%0A::set-output::%25\n");
        let annotation = of(&crate::ending::tests::hostile());
        assert_eq!(annotation.lines().count(), 1);
        assert!(annotation.contains("ends with an error again and again: a"), "the first cause: {annotation}");
    }
}
