//! Which repositories are scanned, and how: the settings of the registry and of each repository.
//!
//! Filters are wildcards of repository names.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::ScanType;
use crate::{
    api::Members,
    ecr::{
        error::invalid,
        registry::Ecr,
        repositories::arn,
        repository::{Repository, matches_wildcard},
    },
    fault::AwsError,
};

/// The scanning of a registry.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(in crate::ecr) struct Scanning {
    pub(super) kind: ScanType,
    rules: Vec<Rule>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Rule {
    frequency: String,
    filters: Vec<String>,
}

impl Scanning {
    /// The scanning of a registry that nobody has set up; an enhanced one scans everything, as it does by default.
    pub(in crate::ecr) fn of(kind: ScanType) -> Self {
        let all = Rule { frequency: "CONTINUOUS_SCAN".to_owned(), filters: vec!["*".to_owned()] };
        Self { kind, rules: if kind == ScanType::Enhanced { vec![all] } else { Vec::new() } }
    }

    /// Whether images of a repository are scanned when they are pushed.
    pub(super) fn scans_on_push(&self, repository: &str) -> bool {
        self.rule(repository).is_some_and(|rule| rule.frequency != "MANUAL")
    }

    fn rule(&self, repository: &str) -> Option<&Rule> {
        let is_about = |rule: &&Rule| rule.filters.iter().any(|filter| matches_wildcard(filter, repository));
        self.rules.iter().find(is_about)
    }

    fn shown(&self) -> Value {
        let kind = match self.kind {
            ScanType::Basic => "BASIC",
            ScanType::Enhanced => "ENHANCED",
        };
        let rules: Vec<_> = self.rules.iter().map(Rule::shown).collect();
        json!({"scanType": kind, "rules": rules})
    }
}

impl Rule {
    fn read(rule: &Value) -> Result<Self, AwsError> {
        let members = Members::of(rule, &["scanFrequency", "repositoryFilters"])?;
        let frequency = members.required_text("scanFrequency")?;
        if !["SCAN_ON_PUSH", "CONTINUOUS_SCAN", "MANUAL"].contains(&frequency) {
            return Err(invalid("scanFrequency", "must be SCAN_ON_PUSH, CONTINUOUS_SCAN or MANUAL"));
        }
        let filters = members.list("repositoryFilters")?.iter().map(|filter| {
            let filter = Members::of(filter, &["filter", "filterType"])?;
            filter.required_text("filter").map(str::to_owned)
        });
        Ok(Self { frequency: frequency.to_owned(), filters: filters.collect::<Result<_, _>>()? })
    }

    fn shown(&self) -> Value {
        json!({"scanFrequency": self.frequency, "repositoryFilters": self.shown_filters()})
    }

    fn shown_filters(&self) -> Vec<Value> {
        self.filters.iter().map(|filter| json!({"filter": filter, "filterType": "WILDCARD"})).collect()
    }
}

pub(in crate::ecr) fn put_registry(ecr: &mut Ecr, input: &Value) -> Result<Value, AwsError> {
    let members = Members::of(input, &["scanType", "rules"])?;
    let kind = match members.text("scanType")? {
        None => ecr.scanning.kind,
        Some("BASIC") => ScanType::Basic,
        Some("ENHANCED") => ScanType::Enhanced,
        Some(_) => return Err(invalid("scanType", "must be BASIC or ENHANCED")),
    };
    let rules = members.list("rules")?.iter().map(Rule::read).collect::<Result<_, _>>()?;
    ecr.scanning = Scanning { kind, rules };
    Ok(json!({"registryScanningConfiguration": ecr.scanning.shown()}))
}

pub(in crate::ecr) fn get_registry(ecr: &Ecr, input: &Value) -> Result<Value, AwsError> {
    Members::of(input, &[])?;
    Ok(json!({"registryId": ecr.account, "scanningConfiguration": ecr.scanning.shown()}))
}

pub(in crate::ecr) fn put_repository(ecr: &mut Ecr, input: &Value) -> Result<Value, AwsError> {
    let members = Members::of(input, &["registryId", "repositoryName", "imageScanningConfiguration"])?;
    let name = members.required_text("repositoryName")?;
    let configuration = members.object("imageScanningConfiguration", &["scanOnPush"])?;
    let on_push = configuration.map_or(Ok(None), |read| read.flag("scanOnPush"))?.unwrap_or(false);
    ecr.repository_mut(name)?.scan_on_push = on_push;
    let shown = json!({"scanOnPush": on_push});
    Ok(json!({"registryId": ecr.account, "repositoryName": name, "imageScanningConfiguration": shown}))
}

pub(in crate::ecr) fn get_repositories(ecr: &Ecr, input: &Value) -> Result<Value, AwsError> {
    let names = Members::of(input, &["repositoryNames"])?.texts("repositoryNames")?;
    let (known, unknown): (Vec<&str>, Vec<&str>) =
        names.into_iter().partition(|name| ecr.repositories.contains_key(*name));
    let shown = |repository: &Repository| {
        let rule = ecr.scanning.rule(&repository.name);
        let usual = if repository.scan_on_push { "SCAN_ON_PUSH" } else { "MANUAL" };
        json!({
            "repositoryArn": arn(ecr, &repository.name),
            "repositoryName": repository.name,
            "scanOnPush": repository.scan_on_push || ecr.scanning.scans_on_push(&repository.name),
            "scanFrequency": rule.map_or(usual, |rule| &rule.frequency),
            "appliedScanFilters": rule.map(Rule::shown_filters).unwrap_or_default(),
        })
    };
    let configurations: Vec<_> = known.iter().filter_map(|name| ecr.repositories.get(*name)).map(shown).collect();
    let failures: Vec<_> = unknown
        .iter()
        .map(|name| json!({"repositoryName": name, "failureCode": "REPOSITORY_NOT_FOUND", "failureReason": "The repository does not exist"}))
        .collect();
    Ok(json!({"scanningConfigurations": configurations, "failures": failures}))
}
