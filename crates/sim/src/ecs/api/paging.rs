//! Pages of a list: `nextToken` and `maxResults`.

use serde_json::{Value, json};

use super::{errors::invalid, input::Input};
use crate::fault::AwsError;

const PREFIX: &str = "page-";

/// One page of `items` under `name`, at most `usual` long unless `maxResults` says otherwise.
pub(super) fn page(name: &str, items: &[Value], input: &Input, usual: usize) -> Result<Value, AwsError> {
    let size = match input.number("maxResults") {
        None => usual,
        Some(number @ 1..=100) => usize::try_from(number).unwrap_or(usual),
        Some(_) => return Err(invalid("maxResults must be between 1 and 100.")),
    };
    let start = start(input, items.len())?;
    let end = items.len().min(start.saturating_add(size));
    let mut answer = json!({ name: items[start..end] });
    if end < items.len() {
        answer["nextToken"] = format!("{PREFIX}{end:08x}").into();
    }
    Ok(answer)
}

fn start(input: &Input, length: usize) -> Result<usize, AwsError> {
    let Some(token) = input.text("nextToken") else {
        return Ok(0);
    };
    let start = token.strip_prefix(PREFIX).and_then(|hex| usize::from_str_radix(hex, 16).ok());
    start.map(|start| start.min(length)).ok_or_else(|| invalid("Invalid token."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(value: Value) -> Input {
        let Value::Object(members) = value else { panic!("an object") };
        Input(members)
    }

    #[test]
    fn every_item_is_on_exactly_one_page() {
        let items: Vec<Value> = (0..5).map(Value::from).collect();
        let (mut seen, mut request) = (Vec::new(), json!({"maxResults": 2}));
        loop {
            let answer = page("items", &items, &input(request.clone()), 100).expect("a page");
            seen.extend(answer["items"].as_array().expect("items").clone());
            let Some(token) = answer.get("nextToken") else {
                break;
            };
            request["nextToken"] = token.clone();
        }
        assert_eq!(seen, items);
    }

    #[test]
    fn a_token_that_was_never_given_out_and_a_wrong_size_are_refused() {
        assert!(page("items", &[], &input(json!({"nextToken": "x"})), 100).is_err());
        assert!(page("items", &[], &input(json!({"maxResults": 0})), 100).is_err());
        assert!(page("items", &[], &input(json!({"maxResults": 101})), 100).is_err());
    }
}
