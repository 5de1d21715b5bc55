//! The operations of `CloudWatch` on alarms.
//!
//! Metric alarms only: composite alarms, log alarms, metrics, dashboards and tags are refused or empty.

mod change;
mod describe;
mod errors;
mod history;
mod put;

use jiff::Timestamp;
use serde_json::Value;

use super::store::Alarms;
use crate::{fault::AwsError, world::Place};

impl Alarms {
    /// Performs one operation of `CloudWatch` at `now`; instants in the answer are numbers of seconds.
    ///
    /// # Errors
    /// What AWS would answer.
    pub(crate) fn call(
        &mut self,
        operation: &str,
        input: &Value,
        place: &Place,
        now: Timestamp,
    ) -> Result<Value, AwsError> {
        let answered = match operation {
            "DescribeAlarms" => describe::perform(self, input, place),
            "DescribeAlarmHistory" => history::perform(self, input),
            "PutMetricAlarm" => put::perform(self, input, now),
            "SetAlarmState" => change::set_state(self, input, now),
            "DeleteAlarms" => change::delete(self, input),
            unknown => return Err(errors::unknown_operation(unknown)),
        };
        answered.map_err(errors::in_its_own_words)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "tables of values read better without borrows")]
    fn call(alarms: &mut Alarms, operation: &str, input: Value) -> Result<Value, (u16, String)> {
        let now = Timestamp::from_second(1_772_442_000).unwrap();
        let place = Place::new("111111111111", "us-west-2");
        alarms.call(operation, &input, &place, now).map_err(|error| (error.status, error.code))
    }

    fn definition(name: &str) -> Value {
        json!({"AlarmName": name, "Namespace": "AWS/ApplicationELB", "MetricName": "HTTPCode_Target_5XX_Count",
            "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 5,
            "ComparisonOperator": "GreaterThanThreshold", "AlarmActions": ["arn:aws:sns:us-west-2:111111111111:ops"]})
    }

    fn three() -> Alarms {
        let mut alarms = Alarms::default();
        for name in ["api-5xx", "api-latency", "web-5xx"] {
            call(&mut alarms, "PutMetricAlarm", definition(name)).unwrap();
        }
        let input = json!({"AlarmName": "web-5xx", "StateValue": "ALARM", "StateReason": "too many"});
        call(&mut alarms, "SetAlarmState", input).unwrap();
        alarms
    }

    /// The names that a question finds.
    #[expect(clippy::needless_pass_by_value, reason = "tables of values read better without borrows")]
    fn check(input: Value, expected: &[&str]) {
        let answer = call(&mut three(), "DescribeAlarms", input.clone()).unwrap();
        let names = answer["MetricAlarms"].as_array().unwrap().iter().map(|alarm| alarm["AlarmName"].as_str().unwrap());
        assert_eq!(names.collect::<Vec<_>>(), expected, "{input}");
    }

    #[test]
    fn alarms_are_found_by_name_prefix_state_and_action() {
        check(json!({}), &["api-5xx", "api-latency", "web-5xx"]);
        check(json!({"AlarmNames": ["web-5xx", "nowhere"]}), &["web-5xx"]);
        check(json!({"AlarmNamePrefix": "api-"}), &["api-5xx", "api-latency"]);
        check(json!({"StateValue": "ALARM"}), &["web-5xx"]);
        check(json!({"StateValue": "INSUFFICIENT_DATA", "MaxRecords": 1}), &["api-5xx"]);
        check(json!({"ActionPrefix": "arn:aws:lambda"}), &[]);
        check(json!({"AlarmTypes": ["CompositeAlarm"]}), &[]);
    }

    #[test]
    fn pages_follow_one_another() {
        let mut alarms = three();
        let first = call(&mut alarms, "DescribeAlarms", json!({"MaxRecords": 2})).unwrap();
        let input = json!({"MaxRecords": 2, "NextToken": first["NextToken"]});
        let second = call(&mut alarms, "DescribeAlarms", input).unwrap();
        assert_eq!((&second["MetricAlarms"][0]["AlarmName"], second.get("NextToken")), (&json!("web-5xx"), None));
    }

    #[test]
    fn an_alarm_shows_its_definition_and_its_state() {
        let answer = call(&mut three(), "DescribeAlarms", json!({"AlarmNames": ["web-5xx"]})).unwrap();
        insta::assert_json_snapshot!(answer["MetricAlarms"][0], @r#"
        {
          "AlarmName": "web-5xx",
          "Namespace": "AWS/ApplicationELB",
          "MetricName": "HTTPCode_Target_5XX_Count",
          "Statistic": "Sum",
          "Period": 60,
          "EvaluationPeriods": 1,
          "Threshold": 5.0,
          "ComparisonOperator": "GreaterThanThreshold",
          "AlarmActions": [
            "arn:aws:sns:us-west-2:111111111111:ops"
          ],
          "ActionsEnabled": true,
          "OKActions": [],
          "InsufficientDataActions": [],
          "Dimensions": [],
          "AlarmArn": "arn:aws:cloudwatch:us-west-2:111111111111:alarm:web-5xx",
          "AlarmConfigurationUpdatedTimestamp": 1772442000.0,
          "StateValue": "ALARM",
          "StateReason": "too many",
          "StateUpdatedTimestamp": 1772442000.0,
          "StateTransitionedTimestamp": 1772442000.0
        }
        "#);
    }

    #[test]
    fn a_new_definition_keeps_the_state_and_the_history_tells_all() {
        let mut alarms = three();
        call(&mut alarms, "PutMetricAlarm", definition("web-5xx")).unwrap();
        assert_eq!(alarms.state("web-5xx"), Some(crate::scenario::AlarmState::Alarm));
        let answer = call(&mut alarms, "DescribeAlarmHistory", json!({"AlarmName": "web-5xx"})).unwrap();
        let items = answer["AlarmHistoryItems"].as_array().unwrap();
        let summaries: Vec<_> = items.iter().map(|item| item["HistorySummary"].as_str().unwrap()).collect();
        let expected =
            ["Alarm \"web-5xx\" updated", "Alarm updated from INSUFFICIENT_DATA to ALARM", "Alarm \"web-5xx\" created"];
        assert_eq!(summaries, expected);
        let input = json!({"HistoryItemType": "StateUpdate", "EndDate": 0});
        assert_eq!(call(&mut alarms, "DescribeAlarmHistory", input).unwrap()["AlarmHistoryItems"], json!([]));
    }

    #[test]
    fn deleting_is_for_all_or_for_none() {
        let mut alarms = three();
        let input = json!({"AlarmNames": ["api-5xx", "nowhere"]});
        assert_eq!(call(&mut alarms, "DeleteAlarms", input), Err((404, "ResourceNotFound".to_owned())));
        call(&mut alarms, "DeleteAlarms", json!({"AlarmNames": ["api-5xx", "web-5xx"]})).unwrap();
        assert_eq!(alarms.by_name.keys().collect::<Vec<_>>(), ["api-latency"]);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let refused = |operation: &str, input: Value, status: u16, code: &str| {
            let answer = call(&mut three(), operation, input.clone());
            assert_eq!(answer, Err((status, code.to_owned())), "{operation} {input}");
        };
        let state = |name: &str, state: &str| json!({"AlarmName": name, "StateValue": state, "StateReason": "r"});
        refused("SetAlarmState", state("nowhere", "OK"), 404, "ResourceNotFound");
        refused("SetAlarmState", state("web-5xx", "Ok"), 400, "ValidationError");
        let mut with_data = state("web-5xx", "OK");
        with_data["StateReasonData"] = json!("{");
        refused("SetAlarmState", with_data, 400, "InvalidFormat");
        refused("DescribeAlarms", json!({"NextToken": "elsewhere"}), 400, "InvalidNextToken");
        refused(
            "DescribeAlarms",
            json!({"AlarmNames": ["a"], "AlarmNamePrefix": "a"}),
            400,
            "InvalidParameterCombination",
        );
        refused("DescribeAlarms", json!({"AlarmName": "a"}), 400, "ValidationError");
        refused("PutMetricAlarm", json!({"AlarmName": "a"}), 400, "MissingParameter");
        refused("GetMetricData", json!({}), 400, "UnknownOperationException");
        let mut definition = definition("a");
        definition["Threshold"] = json!("5");
        refused("PutMetricAlarm", definition, 400, "SerializationException");
    }
}
