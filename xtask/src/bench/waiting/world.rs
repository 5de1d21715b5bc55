//! The world in which the tools wait: for each of them sixteen services, whose rollouts take 45 to 180 seconds.
//!
//! A rollout's time is that of starting tasks, of new tasks becoming healthy, of old ones draining, and of stopping.
//! Three services of four are behind a load balancer; the fourth has nothing to drain.

use std::fmt::Write as _;

use super::tools::Tool;

/// How many rollouts each tool waits for.
pub(super) const ROLLOUTS: usize = 16;
/// The cluster of all services.
pub(super) const CLUSTER: &str = "shop";

const SHORTEST: f64 = 45.0;
const LONGEST: f64 = 180.0;
const START: f64 = 15.0;
const DRAIN: f64 = 20.0;
/// A task stops in three seconds and gives its resources back in two.
const STOP: f64 = 5.0;

const WORLD: &str = r#"
default-account = "111111111111"
default-region = "us-west-2"
[knobs]
task-start = START
drain = DRAIN
deprovision = 2
"#;

const SERVICE: &str = r#"
[[services]]
account = "ACCOUNT"
cluster = "shop"
name = "NAME"
desired-count = 2
circuit-breaker = "roll-back"
create-service = { launchType = "FARGATE", BALANCED networkConfiguration = { awsvpcConfiguration = { subnets = ["subnet-0a1b2c3d"] } } }
[services.task-definition]
family = "NAME"
executionRoleArn = "arn:aws:iam::ACCOUNT:role/shop-execution"
taskRoleArn = "arn:aws:iam::ACCOUNT:role/shop-api"
networkMode = "awsvpc"
requiresCompatibilities = ["FARGATE"]
cpu = "256"
memory = "512"
[[services.task-definition.containerDefinitions]]
name = "api"
image = "ACCOUNT.dkr.ecr.us-west-2.amazonaws.com/shop-api:1.0.0"
essential = true
portMappings = [{ containerPort = 8080, protocol = "tcp" }]
CHECKED
"#;

const BALANCED: &str = r#"healthCheckGracePeriodSeconds = 300, loadBalancers = [{ targetGroupArn = "arn:aws:elasticloadbalancing:us-west-2:ACCOUNT:targetgroup/NAME/0000000000000000", containerName = "api", containerPort = 8080 }],"#;

const CHECKED: &str =
    r#"healthCheck = { command = ["CMD-SHELL", "true"], interval = 30, retries = 3, startPeriod = 300 }"#;

/// The service on which a tool waits for its rollout `number`, from 1.
pub(super) fn service(tool: Tool, number: usize) -> String {
    format!("{}-{number:02}", tool.word())
}

/// The version that it brings there.
pub(super) fn version(number: usize) -> String {
    format!("1.0.{number}")
}

/// The image of that version.
pub(super) fn image(tool: Tool, number: usize) -> String {
    format!("{}.dkr.ecr.us-west-2.amazonaws.com/shop-api:{}", tool.account(), version(number))
}

fn is_balanced(number: usize) -> bool {
    !number.is_multiple_of(4)
}

/// How long new tasks take to become healthy, so that the whole rollout takes its share of the spread.
fn healthy_after(number: usize) -> f64 {
    let share = f64::from(u32::try_from(number - 1).unwrap_or(0)) / 15.0;
    let whole = share.mul_add(LONGEST - SHORTEST, SHORTEST);
    whole - START - STOP - if is_balanced(number) { DRAIN } else { 0.0 }
}

/// The scenario for these tools.
pub(super) fn scenario(tools: &[Tool]) -> String {
    let mut world = WORLD.replace("START", &START.to_string()).replace("DRAIN", &DRAIN.to_string());
    for tool in tools {
        for number in 0..=ROLLOUTS {
            let (account, version) = (tool.account(), version(number));
            let healthy = if number == 0 { 1.0 } else { healthy_after(number) };
            let written = write!(
                world,
                "[[images]]\nrepository = \"shop-api\"\naccount = \"{account}\"\ntags = [\"{version}\"]\n\
                 behaviour = {{ version = \"{version}\", commit = \"{number:040x}\", healthy-after = {healthy:.1}, \
                 stops-after = 3 }}\n"
            );
            written.expect("a string takes everything");
        }
        for number in 1..=ROLLOUTS {
            let (balanced, checked) = if is_balanced(number) { (BALANCED, "") } else { ("", CHECKED) };
            let service = SERVICE.replace("BALANCED", balanced).replace("CHECKED", checked);
            let service = service.replace("NAME", &self::service(*tool, number)).replace("ACCOUNT", tool.account());
            world.push_str(&service);
        }
    }
    world
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rollouts_take_from_the_shortest_to_the_longest() {
        let check = |number: usize, expected: f64| {
            let drain = if is_balanced(number) { DRAIN } else { 0.0 };
            let whole = START + healthy_after(number) + drain + STOP;
            assert!((whole - expected).abs() < 0.01, "{whole}");
        };
        check(1, 45.0);
        check(4, 72.0);
        check(16, 180.0);
        assert!((1..=ROLLOUTS).all(|number| healthy_after(number) >= 1.0));
    }

    #[test]
    fn every_tool_has_its_own_services_and_images() {
        let world = scenario(&Tool::ALL);
        assert_eq!(world.matches("[[services]]").count(), 4 * ROLLOUTS);
        assert_eq!(world.matches("targetgroup/").count(), 4 * ROLLOUTS * 3 / 4);
        for left in ["NAME", "ACCOUNT", "BALANCED", "CHECKED", "DRAIN"] {
            assert!(!world.contains(left), "{left}");
        }
    }
}
