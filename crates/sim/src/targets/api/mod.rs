//! The operations of Elastic Load Balancing that look at things; none changes anything.

mod balancers;
mod errors;
mod groups;
mod health;
mod listeners;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{health::Registered, store::LoadBalancing};
use crate::{
    api::{Members, Page, page_size},
    fault::AwsError,
    world::Place,
};

impl LoadBalancing {
    /// Performs one operation at `now`, with the targets that are registered then and the time that ECS drains.
    ///
    /// # Errors
    /// What AWS would answer.
    pub(crate) fn call(
        &self,
        operation: &str,
        input: &Value,
        place: &Place,
        targets: (&[Registered], f64),
        now: Timestamp,
    ) -> Result<Value, AwsError> {
        let view = self.view(place, targets.0, targets.1);
        let answered = match operation {
            "DescribeTargetHealth" => health::perform(&view, input, now),
            "DescribeTargetGroups" => groups::describe(&view, input),
            "DescribeTargetGroupAttributes" => groups::attributes(&view, input),
            "DescribeLoadBalancers" => balancers::perform(&view, input),
            "DescribeListeners" => listeners::describe(&view, input),
            "DescribeRules" => listeners::rules(&view, input),
            unknown => return Err(errors::unknown_operation(unknown)),
        };
        answered.map_err(errors::in_its_own_words)
    }
}

/// One page of `items` under `name`.
fn paged(name: &str, items: Vec<Value>, members: &Members<'_>) -> Result<Value, AwsError> {
    let size = page_size(members.whole("PageSize")?, 400, 400)?;
    let page = Page::cut(items, members.text("Marker")?, size)?;
    let mut answer = json!({name: page.items});
    if let Some(next) = page.next {
        answer["NextMarker"] = next.into();
    }
    Ok(answer)
}
