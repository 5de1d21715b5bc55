//! The end of a promotion, for people: how it ended, why, what serves, what was changed, what to do next.

use towpath_core::{
    engine::Report,
    promotion::{Intent, Outcome},
};

use crate::{hint, plain::one_line};

use super::{
    account::accounts,
    console,
    drill::{drill, is_passed},
};

/// How many causes are told at the end; the rest is in the notices and the record.
const CAUSES: usize = 3;

/// The lines.
pub(crate) fn text(report: &Report) -> String {
    let mut lines = vec![
        format!("{}: {}", report.environment, what_became(report)),
        format!("  why      {}", one_line(&report.reason)),
    ];
    lines.extend(causes(report));
    lines.extend(drill(report).into_iter().flat_map(|drill| drill.components).flat_map(|shown| shown.lines()));
    for account in accounts(report) {
        let proof = if account.is_proven { "proven" } else { "not proven now" };
        lines.push(format!("  serves   {}: {} ({proof})", account.component, account.serves));
        lines.push(format!("  changed  {}: {}", account.component, account.changed));
    }
    if report.state.components.is_empty() && report.state.sites.is_empty() {
        lines.push("  changed  nothing".to_owned());
    }
    if let Some(unrecorded) = &report.unrecorded {
        lines.push(format!("  missing  the record could not be written: {}", one_line(unrecorded)));
    }
    let consoles = report.state.components.values().filter_map(|component| console::address(component, report.outcome));
    lines.extend(consoles.take(CAUSES).map(|address| format!("  console  {address}")));
    lines.push(format!("  next     {}", one_line(&hint::after(report))));
    lines.join("\n")
}

fn what_became(report: &Report) -> String {
    if is_passed(report) {
        return "the drill is passed: the bad copy was found, and what served serves again".to_owned();
    }
    if report.state.request.intent.is_drill() && report.outcome == Outcome::RolledBack {
        return "the drill failed: nothing found the bad copy; what served was put back and serves again".to_owned();
    }
    format!("{} {}", what(report), in_words(report.outcome))
}

/// The most telling causes, each with what to do about it; none where what was found out on the way came to nothing.
fn causes(report: &Report) -> Vec<String> {
    if report.outcome == Outcome::Succeeded {
        return Vec::new();
    }
    let diagnoses = report.state.components.iter().flat_map(|(name, component)| {
        let both = [&component.diagnosis, &component.diagnosis_of_rollback];
        both.into_iter().flatten().map(move |diagnosis| (name, diagnosis))
    });
    let causes = diagnoses.flat_map(|(name, diagnosis)| diagnosis.causes.iter().map(move |cause| (name, cause)));
    let lines = causes.take(CAUSES).flat_map(|(name, cause)| {
        [
            format!("  cause    {name}: {}: {}", cause.kind.meaning(), one_line(&cause.because)),
            format!("  remedy   {}", one_line(&cause.remedy)),
        ]
    });
    lines.collect()
}

fn what(report: &Report) -> String {
    match &report.state.request.intent {
        Intent::Promote { version, .. } | Intent::Restore { version: Some(version), .. } => version.to_string(),
        Intent::Restore { version: None, .. } => "the baseline".to_owned(),
        Intent::Drill { .. } => "the drill's bad copy".to_owned(),
    }
}

/// An outcome in words, behind what it is said of.
pub(crate) fn in_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Succeeded => "succeeded",
        Outcome::Unchanged => "serves already, unchanged",
        Outcome::Unverified => "is rolled out, but not verified",
        Outcome::Refused => "was refused",
        Outcome::Ignored => "was ignored",
        Outcome::Held => "is held",
        Outcome::Errored => "errored",
        Outcome::Unauthorized => "was not allowed by AWS",
        Outcome::RolledBack => "failed and was rolled back",
        Outcome::Stuck => "failed and is stuck",
        Outcome::Inconclusive => "is inconclusive",
        Outcome::Interrupted => "was interrupted",
        Outcome::Superseded => "was superseded",
        Outcome::Adopted => "was adopted",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_says_why_what_was_changed_and_what_is_next() {
        insta::assert_snapshot!(text(&crate::summary::example(Outcome::Held)), @"
        dev: 1.1.0 is held
          why      because ::error::of this
          changed  nothing
          next     run it again after 2026-03-02T10:00:00Z
        ");
    }

    #[test]
    fn a_failed_rollout_names_its_three_most_telling_causes_and_what_to_do() {
        let version = "1.1.0".parse().unwrap();
        let intent = Intent::Promote { version, commit: "a".repeat(40).parse().unwrap() };
        insta::assert_snapshot!(text(&crate::summary::put_back(intent, "rollout")), @"
        dev: 1.1.0 failed and was rolled back
          why      api: it failed
          cause    api: the component's container ends with an error again and again: exit code 1:  [31mboom
          remedy   mend it ::error::now
          cause    api: nothing that speaks the expected protocol listens on the port of the health check: b
          remedy   mend it ::error::now
          cause    api: there is no room for the task: c
          remedy   mend it ::error::now
          serves   api: 1.0.0, shop-api-dev:1 (proven)
          changed  api: the service was set to shop-api-dev:2, and set back
          console  https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/shop-dev/services/shop-api-dev/deployments?region=eu-west-1
          next     mend the fault and make a new release: a release never changes, and this one was judged bad
        ");
    }

    #[test]
    fn what_succeeds_after_all_names_no_cause() {
        let version = "1.1.0".parse().unwrap();
        let intent = Intent::Promote { version, commit: "a".repeat(40).parse().unwrap() };
        let mut report = crate::summary::put_back(intent, "rollout");
        assert!(text(&report).contains("  cause    "));
        report.outcome = Outcome::Succeeded;
        assert!(!text(&report).contains("  cause    "));
    }

    #[test]
    fn a_drill_says_what_found_the_bad_copy_and_who_put_back_what_served() {
        let intent = Intent::Drill { version: None };
        insta::assert_snapshot!(text(&crate::summary::put_back(intent.clone(), "rollout")), @"
        dev: the drill is passed: the bad copy was found, and what served serves again
          why      api: it failed
          cause    api: the component's container ends with an error again and again: exit code 1:  [31mboom
          remedy   mend it ::error::now
          cause    api: nothing that speaks the expected protocol listens on the port of the health check: b
          remedy   mend it ::error::now
          cause    api: there is no room for the task: c
          remedy   mend it ::error::now
          found    api: by Towpath's own watch: none of its tasks ever ran: 3 failed to start
          restored api: by Towpath
          serves   api: 1.0.0, shop-api-dev:1 (proven)
          changed  api: the service was set to shop-api-dev:2, and set back
          console  https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/shop-dev/services/shop-api-dev/deployments?region=eu-west-1
          next     nothing: run it again when what watches dev was changed
        ");
        insta::assert_snapshot!(text(&crate::summary::put_back(intent, "undetected")), @"
        dev: the drill failed: nothing found the bad copy; what served was put back and serves again
          why      api: it failed
          cause    api: the component's container ends with an error again and again: exit code 1:  [31mboom
          remedy   mend it ::error::now
          cause    api: nothing that speaks the expected protocol listens on the port of the health check: b
          remedy   mend it ::error::now
          cause    api: there is no room for the task: c
          remedy   mend it ::error::now
          found    api: not at all
          restored api: by Towpath
          serves   api: 1.0.0, shop-api-dev:1 (proven)
          changed  api: the service was set to shop-api-dev:2, and set back
          console  https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/shop-dev/services/shop-api-dev/deployments?region=eu-west-1
          next     let something fail for a release that cannot run: the circuit breaker, a health check or a smoke check; then run the drill again
        ");
    }
}
