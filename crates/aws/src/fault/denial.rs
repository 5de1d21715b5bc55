//! Who was denied what, read from the words of AWS's denials.
//!
//! AWS gives no such members; where the words differ, less is named.

use towpath_core::ports::Fault;

const NOT_AUTHORIZED: &str = "is not authorized to perform";

/// Whether a message is a denial, whatever its code.
pub(crate) fn is_one(message: &str) -> bool {
    message.contains(NOT_AUTHORIZED) || message.starts_with("Not authorized to perform")
}

/// The denial that a message describes.
pub(crate) fn read(message: &str) -> Fault {
    Fault::Denied {
        principal: after(message, "User:").or_else(|| after(message, "Principal:")),
        action: after(message, "authorized to perform:").or_else(|| after(message, "authorized to perform")),
        resource: after(message, "on resource:").or_else(|| after(message, "on the resource")),
    }
}

/// The word after a mark, without the marks around it.
fn after(message: &str, mark: &str) -> Option<String> {
    let (_, rest) = message.split_once(mark)?;
    let word = rest.split_whitespace().next()?;
    let word = word.trim_matches(|character: char| "\"'`,;()[]".contains(character)).trim_end_matches('.');
    (!word.is_empty()).then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(message: &str, principal: Option<&str>, action: Option<&str>, resource: Option<&str>) {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let expected = Fault::Denied { principal: owned(principal), action: owned(action), resource: owned(resource) };
        assert_eq!(read(message), expected, "{message}");
    }

    #[test]
    fn principal_action_and_resource_are_named() {
        let who = "arn:aws:sts::111111111111:assumed-role/shop-deployer-dev/towpath";
        let role = "arn:aws:iam::111111111111:role/shop-execution";
        let message =
            |tail| format!("User: {who} is not authorized to perform: iam:PassRole on resource: {role}{tail}");
        for tail in [
            "",
            " because no identity-based policy allows the iam:PassRole action",
            " with an explicit deny in a service control policy",
        ] {
            check(&message(tail), Some(who), Some("iam:PassRole"), Some(role));
        }
    }

    #[test]
    fn what_the_message_does_not_say_stays_open() {
        check(
            "Not authorized to perform sts:AssumeRoleWithWebIdentity",
            None,
            Some("sts:AssumeRoleWithWebIdentity"),
            None,
        );
        check(
            "User: arn:aws:iam::1:user/a is not authorized to perform: ecs:ListTasks",
            Some("arn:aws:iam::1:user/a"),
            Some("ecs:ListTasks"),
            None,
        );
        check("Access denied.", None, None, None);
        check("", None, None, None);
    }

    #[test]
    fn quotes_and_full_stops_do_not_belong_to_names() {
        check(
            "User: \"a\" is not authorized to perform: ecs:X on resource: arn:b.",
            Some("a"),
            Some("ecs:X"),
            Some("arn:b"),
        );
        check("User: a is not authorized to perform: ecs:X on resource: *", Some("a"), Some("ecs:X"), Some("*"));
    }
}
