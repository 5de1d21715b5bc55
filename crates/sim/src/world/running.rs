//! The world as its callers use it: calls come in, time goes on.
//!
//! It knows no HTTP and no threads.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use serde_json::Value;

use super::{AlarmSpec, estate::Estate, place::Place, service::Service};
use crate::{
    calls::CallLog,
    clock::SimClock,
    cloudfront::Edges,
    ecr::{self, ScanSpec, Site},
    fault::AwsError,
    faults::OtherCall,
    images::{ImageError, ImageSpec},
    sts::Caller,
};

/// The simulated world.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) clock: SimClock,
    pub(crate) estate: Estate,
    pub(crate) calls: CallLog,
    /// Whether something changed since the state was last written.
    pub(crate) is_dirty: bool,
    /// Whose turn it is among the tasks of each served service.
    pub(crate) turns: BTreeMap<String, usize>,
    requests: u64,
    /// What the edges of all distributions cached.
    pub(crate) edges: Edges,
    /// Where the layers of the registries are.
    pub(crate) site: Site,
}

impl World {
    pub(crate) fn new(clock: SimClock, estate: Estate) -> Self {
        Self {
            clock,
            estate,
            calls: CallLog::default(),
            is_dirty: true,
            turns: BTreeMap::new(),
            requests: 0,
            edges: Edges::default(),
            site: Site::default(),
        }
    }

    /// Lets everything happen that is due by now, and says when that is.
    pub(crate) fn step(&mut self) -> Timestamp {
        let now = self.clock.now();
        self.is_dirty |= self.estate.next_step().is_some_and(|next| next <= now);
        self.estate.step(now);
        now
    }

    /// Moves the clock, letting everything happen that is due in between.
    pub(crate) fn advance(&mut self, by: Duration) -> Timestamp {
        self.step();
        self.clock.advance(by);
        self.is_dirty = true;
        self.step()
    }

    /// An id for the next request, in the shape of a UUID.
    pub(crate) fn request_id(&mut self) -> String {
        format!("00000000-0000-4000-8000-{:012x}", self.request_number())
    }

    /// A number for the next request.
    pub(crate) fn request_number(&mut self) -> u64 {
        self.requests += 1;
        self.requests
    }

    /// Performs one operation.
    pub(crate) fn perform(
        &mut self,
        service: Service,
        operation: &str,
        input: &Value,
        caller: &Caller,
    ) -> Result<Value, AwsError> {
        let now = self.step();
        let place = Place::new(&caller.account, &caller.region);
        let result = match service {
            Service::Ecs => self.estate.ecs(&place).call(operation, input, now),
            Service::Ecr => self.perform_ecr(operation, input, caller, now),
            Service::SecretsManager => self.estate.secrets(&place).call(operation, input, now),
            Service::CloudWatch => self.estate.alarms(&place).call(operation, input, &place, now),
            Service::Logs => self.estate.logs(&place).call(operation, input, &place, now),
            Service::LoadBalancing => self.perform_balancing(operation, input, &place, now),
            Service::Sts => self.estate.sessions.call(operation, input, caller, not_before_today(now)),
        };
        self.is_dirty |= result.is_ok() && !is_read(operation);
        result
    }

    /// Lets somebody else of `caller`'s account and region call something.
    pub(crate) fn let_somebody_call(&mut self, usual: Service, caller: &Caller, other: &OtherCall) {
        let service = other.service.as_deref().and_then(Service::by_name).unwrap_or(usual);
        let account = &caller.account;
        let somebody = Caller {
            arn: format!("arn:aws:iam::{account}:user/somebody-else"),
            user_id: format!("AIDASIMELSE{account}"),
            ..caller.clone()
        };
        let input = Value::Object(other.input.clone());
        let now = self.step();
        let sequence = self.calls.begin(now, &somebody, service.name(), &other.operation, &input);
        let result = self.perform(service, &other.operation, &input, &somebody);
        self.calls.note(sequence, |call| {
            call.accepted = result.is_ok();
            call.status = Some(result.as_ref().map_or_else(|error| error.status, |_| 200));
            call.error = result.err().map(|error| error.code);
        });
    }

    fn perform_balancing(
        &mut self,
        operation: &str,
        input: &Value,
        place: &Place,
        now: Timestamp,
    ) -> Result<Value, AwsError> {
        let registered = self.estate.registered(place);
        let drain = self.estate.ecs(place).knobs().drain;
        self.estate.balancing(place).call(operation, input, place, (&registered, drain), now)
    }

    fn perform_ecr(
        &mut self,
        operation: &str,
        input: &Value,
        caller: &Caller,
        now: Timestamp,
    ) -> Result<Value, AwsError> {
        let owner = ecr::account_of(input, &caller.account)?;
        let is_credential = matches!(operation, "GetAuthorizationToken" | "GetDownloadUrlForLayer");
        let now = if is_credential { not_before_today(now) } else { now };
        let repository = input.get("repositoryName").and_then(Value::as_str).unwrap_or_default();
        let registry = self.estate.registry(&Place::new(&owner, &caller.region));
        registry.check_access(repository, operation, caller)?;
        registry.perform(operation, input, (caller, &self.site), now)
    }

    /// Makes or changes an alarm, and scripts what will become of it.
    pub(crate) fn set_alarm(&mut self, spec: &AlarmSpec) -> Result<(), AwsError> {
        if let Some(problem) = spec.defect() {
            return Err(AwsError::client("ValidationError", problem));
        }
        let now = self.step();
        self.is_dirty = true;
        self.estate.set_alarm(spec, now)
    }

    /// Says what becomes of scans.
    pub(crate) fn set_scan(&mut self, spec: &ScanSpec) -> Result<(), AwsError> {
        if let Some(problem) = spec.defect() {
            return Err(AwsError::client("ValidationError", problem));
        }
        self.is_dirty = true;
        self.estate.set_scan(spec);
        Ok(())
    }

    /// Pushes an image or changes a behaviour, and answers the digest if there is one.
    pub(crate) fn set_image(&mut self, spec: &ImageSpec) -> Result<Option<String>, ImageError> {
        let now = self.clock.now();
        self.is_dirty = true;
        self.estate.set_image(spec, now)
    }
}

/// Whether an operation changes nothing.
fn is_read(operation: &str) -> bool {
    ["Describe", "List", "Get", "BatchGet", "Filter"].iter().any(|verb| operation.starts_with(verb))
}

/// Credentials count their life from the later of the simulated and the real time: clients compare it with their own clock.
pub(crate) fn not_before_today(now: Timestamp) -> Timestamp {
    now.max(Timestamp::now())
}
