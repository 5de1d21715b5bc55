//! What must hold for every question, whatever the rules and the facts.

use proptest::prelude::*;

use crate::policy::{Ancestry, Outcome, Proof, Trigger, TriggerRule, Verdict};

use super::support::{Case, NOW, commit, proven, push, tag_rule, time};

fn triggers() -> impl Strategy<Value = Trigger> {
    let letters = prop_oneof![Just('a'), Just('b')];
    let tags = "v1\\.(4|5)\\.0(-stable|-rc1)?|main|";
    prop_oneof![
        Just(push("main")),
        Just(push("main-old")),
        (tags, letters.clone()).prop_map(|(tag, letter)| Trigger::Tag { tag, commit: commit(letter) }),
        (tags, letters).prop_map(|(tag, letter)| Trigger::Published { tag, commit: commit(letter) }),
        any::<u64>().prop_map(|number| Trigger::PullRequest { number }),
        Just(Trigger::Dispatch),
        Just(Trigger::CommandLine),
    ]
}

fn rules() -> impl Strategy<Value = Vec<TriggerRule>> {
    let rule = prop_oneof![
        Just(tag_rule("v{version}")),
        Just(tag_rule("v{version}-stable")),
        Just(TriggerRule::Published { pattern: "v{version}".parse().unwrap(), from: None, same_commit_as: None }),
        Just(TriggerRule::Push { branch: "main".parse().unwrap(), paths: Vec::new() }),
        Just(TriggerRule::Push { branch: "main".parse().unwrap(), paths: vec!["web/**".parse().unwrap()] }),
        Just(TriggerRule::Dispatch),
        Just(TriggerRule::CommandLine),
    ];
    prop::collection::vec(rule, 0..5)
}

fn proofs() -> impl Strategy<Value = Option<Proof>> {
    prop_oneof![
        Just(None),
        Just(Some(proven("2026-03-01T12:00:00Z"))),
        Just(Some(proven("2026-03-02T11:59:00Z"))),
        Just(Some(proven("2027-01-01T00:00:00Z"))),
        Just(Some(Proof::NotProven)),
        Just(Some(Proof::Withdrawn { at: time(NOW), promotion: "p".parse().unwrap() })),
        Just(Some(Proof::Unknown { reason: "no answer".to_owned() })),
    ]
}

fn ancestries() -> impl Strategy<Value = Ancestry> {
    prop_oneof![Just(Ancestry::On), Just(Ancestry::NotOn), Just(Ancestry::Unknown { reason: "shallow".to_owned() })]
}

prop_compose! {
    fn cases()(
        rules in rules(),
        proof in proofs(),
        ancestry in ancestries(),
        changed in prop::option::of(prop::collection::vec("(web|api)/[a-z]{1,3}", 0..3)),
        release in any::<bool>(),
    ) -> Case {
        let mut case = Case::new(&["v{version}", "v{version}-stable"], rules);
        case.ancestry("main", ancestry);
        case.facts.changed_paths = changed;
        case.facts.proven.remove(&"staging".parse().unwrap());
        if let Some(proof) = proof {
            case.prove("staging", proof);
        }
        if !release {
            case.release = None;
        }
        case
    }
}

proptest! {
    #[test]
    fn the_same_question_has_the_same_answer(case in cases(), trigger in triggers()) {
        prop_assert_eq!(case.ask("production", &trigger), case.ask("production", &trigger));
    }

    #[test]
    fn nothing_is_allowed_that_is_not_proven_and_soaked_upstream(case in cases(), trigger in triggers()) {
        if case.ask("production", &trigger).verdict == Verdict::Allowed {
            let proof = case.facts.proof_in(&"staging".parse().unwrap());
            prop_assert_eq!(proof, proven("2026-03-01T12:00:00Z"));
        }
    }

    #[test]
    fn nothing_is_allowed_for_a_pull_request(case in cases(), number in any::<u64>()) {
        for environment in ["dev", "staging", "production"] {
            let decision = case.ask(environment, &Trigger::PullRequest { number });
            prop_assert_eq!(decision.verdict, Verdict::Ignored);
        }
    }

    #[test]
    fn nothing_is_allowed_with_a_reason_against_it_or_without_a_rule(case in cases(), trigger in triggers()) {
        let decision = case.ask("production", &trigger);
        let fine = decision.reasons.iter().all(|reason| matches!(reason.outcome(), Outcome::Pass | Outcome::Unchecked));
        prop_assert_eq!(decision.verdict == Verdict::Allowed, fine);
        prop_assert!(decision.verdict != Verdict::Allowed || decision.rule.is_some());
        prop_assert!(!decision.reasons.is_empty());
    }

    #[test]
    fn whatever_is_refused_or_held_says_what_to_do(case in cases(), trigger in triggers()) {
        for reason in case.ask("production", &trigger).reasons {
            let bad = matches!(reason.outcome(), Outcome::Refuse | Outcome::Hold { .. });
            prop_assert!(!bad || reason.remedy().is_some(), "{}", reason);
        }
    }
}
