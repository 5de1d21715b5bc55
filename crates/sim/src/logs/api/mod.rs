//! The operations that read groups, streams and lines.

mod describe;
mod errors;
mod filter;
mod get;

use jiff::Timestamp;
use serde_json::Value;

use super::store::{Group, Logs};
use crate::{api::Members, fault::AwsError, world::Place};

impl Logs {
    /// Performs one operation at `now`.
    ///
    /// # Errors
    /// What AWS would answer.
    pub(crate) fn call(
        &self,
        operation: &str,
        input: &Value,
        place: &Place,
        now: Timestamp,
    ) -> Result<Value, AwsError> {
        match operation {
            "DescribeLogGroups" => describe::groups(self, input, place),
            "DescribeLogStreams" => describe::streams(self, input, place, now),
            "GetLogEvents" => get::perform(self, input, now),
            "FilterLogEvents" => filter::perform(self, input, now),
            unknown => Err(errors::unknown_operation(unknown)),
        }
    }
}

/// The group that `logGroupName` or `logGroupIdentifier` names.
fn group<'a>(logs: &'a Logs, members: &Members<'_>) -> Result<(&'a str, &'a Group), AwsError> {
    let name = match (members.text("logGroupName")?, members.text("logGroupIdentifier")?) {
        (Some(name), None) => name,
        (None, Some(identifier)) => {
            identifier.split_once(":log-group:").map_or(identifier, |(_, name)| name.trim_end_matches(":*"))
        }
        (Some(_), Some(_)) | (None, None) => {
            return Err(errors::invalid("Exactly one of logGroupName and logGroupIdentifier has to be given"));
        }
    };
    let found = logs.groups.get_key_value(name).map(|(name, group)| (name.as_str(), group));
    found.ok_or_else(errors::no_group)
}

/// Whether an instant is within `startTime` (included) and `endTime` (excluded), both in milliseconds.
struct Period {
    start: Option<i64>,
    end: Option<i64>,
}

impl Period {
    fn read(members: &Members<'_>) -> Result<Self, AwsError> {
        Ok(Self { start: members.whole("startTime")?, end: members.whole("endTime")? })
    }

    fn holds(&self, at: Timestamp) -> bool {
        let at = at.as_millisecond();
        self.start.is_none_or(|start| start <= at) && self.end.is_none_or(|end| at < end)
    }
}

/// How many lines are asked for at most.
fn limit(members: &Members<'_>) -> Result<usize, AwsError> {
    let asked = members.whole("limit")?.unwrap_or(10_000);
    let fits = usize::try_from(asked).ok().filter(|asked| (1..=10_000).contains(asked));
    fits.ok_or_else(|| errors::invalid("limit has to be between 1 and 10000"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Ran;
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// Three tasks in one group: the first has crashed, the second runs, the third has just started.
    fn logs() -> Logs {
        let mut logs = Logs::default();
        let definition = json!({"name": "api", "logConfiguration": {"logDriver": "awslogs", "options": {
            "awslogs-group": "/ecs/shop", "awslogs-region": "us-west-2", "awslogs-stream-prefix": "ecs"}}});
        for (task, started, ended) in [("a", 100, Some((at(125), false))), ("b", 110, None), ("c", 130, None)] {
            let ran = Ran { definition: &definition, task, started: at(started), ended };
            let script = "start = [\"up\"]\nevery = [{ seconds = 10, line = \"tick\" }]\nexit = [\"Traceback\"]";
            logs.observe(&ran, || toml::from_str(script).unwrap());
        }
        logs
    }

    #[expect(clippy::needless_pass_by_value, reason = "tables of values read better without borrows")]
    fn call(operation: &str, input: Value) -> Result<Value, String> {
        let place = Place::new("111111111111", "us-west-2");
        logs().call(operation, &input, &place, at(131)).map_err(|error| format!("{}: {}", error.code, error.message))
    }

    fn messages(answer: &Value) -> Vec<&str> {
        answer["events"].as_array().unwrap().iter().map(|event| event["message"].as_str().unwrap()).collect()
    }

    #[expect(clippy::needless_pass_by_value, reason = "tables of values read better without borrows")]
    fn get(further: Value) -> Value {
        let mut input = json!({"logGroupName": "/ecs/shop", "logStreamName": "ecs/api/a"});
        input.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
        call("GetLogEvents", input).unwrap()
    }

    #[test]
    fn groups_and_streams_are_described() {
        let groups = call("DescribeLogGroups", json!({"logGroupNamePrefix": "/ecs/"})).unwrap();
        assert_eq!(groups["logGroups"][0]["logGroupArn"], "arn:aws:logs:us-west-2:111111111111:log-group:/ecs/shop");
        let input = json!({"logGroupName": "/ecs/shop", "orderBy": "LastEventTime", "descending": true, "limit": 2});
        let streams = call("DescribeLogStreams", input).unwrap();
        let names: Vec<_> =
            streams["logStreams"].as_array().unwrap().iter().map(|stream| &stream["logStreamName"]).collect();
        assert_eq!(names, ["ecs/api/c", "ecs/api/b"]);
        assert_eq!(streams["logStreams"][1]["firstEventTimestamp"], 110_000);
        assert!(streams["nextToken"].is_string());
    }

    #[test]
    fn the_newest_lines_come_unless_the_head_is_asked_for() {
        assert_eq!(messages(&get(json!({"limit": 2}))), ["tick", "Traceback"]);
        assert_eq!(messages(&get(json!({"limit": 2, "startFromHead": true}))), ["up", "tick"]);
        let period = json!({"startTime": 110_000, "endTime": 120_000});
        assert_eq!(messages(&get(period)), ["tick"]);
    }

    #[test]
    fn a_token_that_comes_back_is_the_end() {
        let first = get(json!({"limit": 3, "startFromHead": true}));
        assert_eq!(messages(&first), ["up", "tick", "tick"]);
        let second = get(json!({"limit": 3, "startFromHead": true, "nextToken": first["nextForwardToken"]}));
        assert_eq!(messages(&second), ["Traceback"]);
        let third = get(json!({"limit": 3, "startFromHead": true, "nextToken": second["nextForwardToken"]}));
        assert_eq!((messages(&third).len(), &third["nextForwardToken"]), (0, &second["nextForwardToken"]));
    }

    #[test]
    fn lines_are_read_backwards_too() {
        let last = get(json!({"limit": 2}));
        let before = get(json!({"limit": 5, "nextToken": last["nextBackwardToken"]}));
        assert_eq!(messages(&before), ["up", "tick"]);
        let none = get(json!({"limit": 5, "nextToken": before["nextBackwardToken"]}));
        assert_eq!((messages(&none).len(), &none["nextBackwardToken"]), (0, &before["nextBackwardToken"]));
    }

    #[test]
    fn lines_of_several_streams_are_filtered_in_the_order_of_time() {
        let filter = |further: Value| {
            let mut input = json!({"logGroupName": "/ecs/shop"});
            input.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
            call("FilterLogEvents", input)
        };
        let found = filter(json!({"startTime": 120_000})).unwrap();
        assert_eq!(messages(&found), ["tick", "tick", "Traceback", "tick", "up"]);
        let found = filter(json!({"logStreamNames": ["ecs/api/a"], "filterPattern": "Traceback"})).unwrap();
        assert_eq!((messages(&found), &found["events"][0]["logStreamName"]), (vec!["Traceback"], &json!("ecs/api/a")));
        let first = filter(json!({"logStreamNamePrefix": "ecs/api/b", "limit": 2})).unwrap();
        let second =
            filter(json!({"logStreamNamePrefix": "ecs/api/b", "limit": 2, "nextToken": first["nextToken"]})).unwrap();
        assert_eq!(
            (messages(&first), messages(&second), second.get("nextToken")),
            (vec!["up", "tick"], vec!["tick"], None)
        );
        assert!(filter(json!({"filterPattern": "{ $.a = 1 }"})).unwrap_err().starts_with("InvalidParameterException"));
    }

    #[test]
    fn what_is_not_there_is_refused_as_aws_words_it() {
        let refused =
            |operation: &str, input: Value, expected: &str| assert_eq!(call(operation, input).unwrap_err(), expected);
        let no_group = "ResourceNotFoundException: The specified log group does not exist.";
        let no_stream = "ResourceNotFoundException: The specified log stream does not exist.";
        refused("DescribeLogStreams", json!({"logGroupName": "nowhere"}), no_group);
        refused("GetLogEvents", json!({"logGroupName": "nowhere", "logStreamName": "s"}), no_group);
        refused("GetLogEvents", json!({"logGroupName": "/ecs/shop", "logStreamName": "s"}), no_stream);
        refused("FilterLogEvents", json!({"logGroupName": "/ecs/shop", "logStreamNames": ["s"]}), no_stream);
        let token = json!({"logGroupName": "/ecs/shop", "logStreamName": "ecs/api/a", "nextToken": "x"});
        refused("GetLogEvents", token, "InvalidParameterException: The specified nextToken is invalid.");
    }
}
