//! Who tells people how a build goes: what is done, and what each builder and scanner prints, with its component before it.
//!
//! What builders print is text from outside. It passes the printer, which makes it harmless.

use towpath_core::{
    engine::{BuildNotice, BuildObserver},
    identifier::ComponentName,
    ports::BuildOutput,
};

use crate::{
    Printer,
    plain::{count, one_line, short_digests},
};

/// Tells people how a build goes.
pub(crate) struct Foreman {
    printer: Printer,
}

impl Foreman {
    pub(crate) fn new(printer: &Printer) -> Self {
        Self { printer: printer.clone() }
    }
}

impl BuildOutput for Foreman {
    fn line(&self, component: &ComponentName, line: &str) {
        self.printer.say(&format!("{component} | {}", one_line(line)));
    }
}

impl BuildObserver for Foreman {
    fn notice(&self, notice: &BuildNotice) {
        self.printer.say(&short_digests(&words(notice)));
    }
}

fn words(notice: &BuildNotice) -> String {
    match notice {
        BuildNotice::Building { component, tool } => format!("{component}: building with {tool}"),
        BuildNotice::Built { component, digest } => format!("{component}: built {digest}"),
        BuildNotice::Candidate { component, image, blobs } => format!(
            "{component}: in {}, under no tag: {} sent ({} bytes), {} there",
            image.repository(),
            count(blobs.sent, "blob"),
            blobs.bytes,
            blobs.there + blobs.mounted
        ),
        BuildNotice::Scanning { component, scanner } => format!("{component}: scanning with {scanner}"),
        BuildNotice::Scanned { component, reason } => format!("{component}: {}", one_line(&reason.to_string())),
        BuildNotice::Admitted => "every image is in its registry and admitted".to_owned(),
        BuildNotice::ReleaseThere { version } => {
            format!("release {version} of this commit is there: nothing is built again")
        }
        BuildNotice::ReleaseCreated { version } => format!("release {version} created"),
        BuildNotice::Tagged { image, tag } => {
            let from = tag.from.as_ref().map(|from| format!(", from {from}")).unwrap_or_default();
            format!("{}:{} {}{from}", image.repository(), tag.tag, tag.became)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_a_builder_prints_steers_neither_the_terminal_nor_the_runner() {
        let talk = Kept::default();
        let foreman = Foreman::new(&Printer::to(std::io::sink(), talk.clone()));
        for line in ["::set-output name=a::b", "##[add-mask]a", "\u{1b}[2Jgone", "a\n::error::b"] {
            foreman.line(&"web".parse().unwrap(), line);
        }
        let said = String::from_utf8(talk.0.lock().unwrap().clone()).unwrap();
        assert!(said.lines().all(|line| line.starts_with("web | ")), "{said}");
        assert!(!said.contains("##[") && !said.contains('\u{1b}'), "{said}");
    }
}
