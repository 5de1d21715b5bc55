//! Reading a scenario, and every check that needs no world.
//!
//! Task definition files are read here, so that a scenario is complete once it is read.

use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize as _, Deserializer, de::Error as _};
use serde_json::{Map, Value};

use super::{contents::Scenario, entries::ServiceEntry, error::ScenarioError};
use crate::{cloudfront::DistributionSpec, sts::is_account};

impl Scenario {
    /// Reads a scenario; `file_name` is named in errors, and task definition files are looked for beside it.
    ///
    /// # Errors
    /// Says what is wrong, with line and column where the text itself is wrong.
    pub fn from_toml(text: &str, file_name: &str) -> Result<Self, ScenarioError> {
        let mut scenario: Self = toml::from_str(text)
            .map_err(|source| ScenarioError::Syntax { file: file_name.to_owned(), source: Box::new(source) })?;
        scenario.check_accounts(file_name)?;
        scenario.check_images(file_name)?;
        scenario.check_faults(file_name)?;
        scenario.check_alarms(file_name)?;
        scenario.check_scans(file_name)?;
        scenario.check_knobs(file_name)?;
        for service in &mut scenario.services {
            service.load_task_definition(file_name)?;
        }
        Ok(scenario)
    }

    fn check_accounts(&self, file: &str) -> Result<(), ScenarioError> {
        let default = [("default-account".to_owned(), Some(&self.default_account))];
        let clusters = self.clusters.iter().map(|entry| (format!("cluster `{}`", entry.name), entry.account.as_ref()));
        let repositories =
            self.repositories.iter().map(|entry| (format!("repository `{}`", entry.name), entry.account.as_ref()));
        let images = self
            .images
            .iter()
            .enumerate()
            .map(|(index, entry)| (format!("image number {}", index + 1), entry.account.as_ref()));
        let services = self.services.iter().map(|entry| (format!("service `{}`", entry.name), entry.account.as_ref()));
        let secrets = self.secrets.iter().map(|entry| (format!("secret `{}`", entry.name), entry.account.as_ref()));
        let alarms = self.alarms.iter().map(|entry| (format!("alarm `{}`", entry.name), entry.account.as_ref()));
        let scans = self.scans.iter().map(|entry| ("a scan".to_owned(), entry.account.as_ref()));
        let groups =
            self.target_groups.iter().map(|entry| (format!("target group `{}`", entry.name), entry.account.as_ref()));
        let balancers =
            self.load_balancers.iter().map(|entry| (format!("load balancer `{}`", entry.name), entry.account.as_ref()));
        let buckets = self.buckets.iter().map(|entry| (format!("bucket `{}`", entry.name), entry.account.as_ref()));
        let distributions =
            self.distributions.iter().map(|entry| (format!("distribution `{}`", entry.id), entry.account.as_ref()));
        let all = default
            .into_iter()
            .chain(clusters)
            .chain(repositories)
            .chain(images)
            .chain(services)
            .chain(secrets)
            .chain(alarms)
            .chain(scans)
            .chain(groups)
            .chain(balancers)
            .chain(buckets)
            .chain(distributions);
        for (entry, account) in all {
            if let Some(account) = account.filter(|account| !is_account(account)) {
                return Err(ScenarioError::Account { file: file.to_owned(), entry, account: account.clone() });
            }
        }
        Ok(())
    }

    fn check_images(&self, file: &str) -> Result<(), ScenarioError> {
        for (index, image) in self.images.iter().enumerate() {
            image.check().map_err(|source| ScenarioError::Image {
                file: file.to_owned(),
                number: index + 1,
                source,
            })?;
        }
        Ok(())
    }

    fn check_scans(&self, file: &str) -> Result<(), ScenarioError> {
        let mut defects = self.scans.iter().enumerate().filter_map(|(index, scan)| Some((index, scan.defect()?)));
        match defects.next() {
            Some((index, problem)) => Err(ScenarioError::Scan { file: file.to_owned(), number: index + 1, problem }),
            None => Ok(()),
        }
    }

    fn check_alarms(&self, file: &str) -> Result<(), ScenarioError> {
        let wrong = self.alarms.iter().find_map(|alarm| alarm.defect().map(|problem| (alarm, problem)));
        match wrong {
            Some((alarm, problem)) => {
                Err(ScenarioError::Alarm { file: file.to_owned(), alarm: alarm.name.clone(), problem })
            }
            None => Ok(()),
        }
    }

    fn check_knobs(&self, file: &str) -> Result<(), ScenarioError> {
        let distributions = self.distributions.iter().find_map(DistributionSpec::defect);
        let wrong = self.s3.defect().map(|problem| ("s3", problem));
        match wrong.or(distributions.map(|problem| ("distributions", problem))) {
            Some((section, problem)) => Err(ScenarioError::Knobs { file: file.to_owned(), section, problem }),
            None => Ok(()),
        }
    }

    fn check_faults(&self, file: &str) -> Result<(), ScenarioError> {
        let defects =
            self.faults.iter().enumerate().find_map(|(index, fault)| fault.defect().map(|problem| (index, problem)));
        match defects {
            Some((index, problem)) => Err(ScenarioError::Fault { file: file.to_owned(), number: index + 1, problem }),
            None => Ok(()),
        }
    }
}

impl ServiceEntry {
    fn load_task_definition(&mut self, scenario: &str) -> Result<(), ScenarioError> {
        match (&self.task_definition, &self.task_definition_file) {
            (Some(_), None) => Ok(()),
            (None, Some(path)) => {
                self.task_definition = Some(read_file(scenario, path)?);
                Ok(())
            }
            (Some(_), Some(_)) | (None, None) => {
                Err(ScenarioError::TaskDefinition { file: scenario.to_owned(), service: self.name.clone() })
            }
        }
    }
}

fn read_file(scenario: &str, path: &Path) -> Result<Map<String, Value>, ScenarioError> {
    let path = Path::new(scenario).parent().unwrap_or(Path::new("")).join(path);
    let text = std::fs::read_to_string(&path).map_err(|source| ScenarioError::TaskDefinitionFile {
        file: scenario.to_owned(),
        path: path.clone(),
        source,
    })?;
    serde_json::from_str(&text).map_err(|source| ScenarioError::TaskDefinitionJson {
        file: scenario.to_owned(),
        path,
        source,
    })
}

/// Reads an instant, written as a TOML date and time or as a text.
pub(super) fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let written = toml::Value::deserialize(deserializer)?;
    let text = match written {
        toml::Value::String(text) => text,
        toml::Value::Datetime(instant) => instant.to_string(),
        other => {
            return Err(D::Error::custom(format!(
                "expected an instant such as 2026-03-02T09:00:00Z, found {}",
                other.type_str()
            )));
        }
    };
    text.parse()
        .map(Some)
        .map_err(|error| D::Error::custom(format!("`{text}` is no instant such as 2026-03-02T09:00:00Z: {error}")))
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    fn error(text: &str) -> String {
        let error = Scenario::from_toml(text, "test.toml").unwrap_err();
        match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        }
    }

    #[test]
    fn an_empty_text_is_the_empty_scenario() {
        assert_eq!(Scenario::from_toml("", "test.toml").unwrap(), Scenario::empty());
    }

    #[test]
    fn an_unknown_key_is_shown_where_it_stands() {
        insta::assert_snapshot!(error("[[clusters]]\nname = \"shop\"\nregoin = \"us-west-2\"\n"), @r#"
        cannot read scenario `test.toml`: TOML parse error at line 3, column 1
          |
        3 | regoin = "us-west-2"
          | ^^^^^^
        unknown field `regoin`, expected one of `name`, `account`, `region`
        "#);
    }

    #[test]
    fn an_account_has_twelve_digits() {
        insta::assert_snapshot!(error("[[secrets]]\nname = \"s\"\nvalue = \"v\"\naccount = \"1\"\n"), @"scenario `test.toml`: secret `s`: account `1` does not have twelve digits");
    }

    #[test]
    fn a_service_needs_one_task_definition() {
        insta::assert_snapshot!(error("[[services]]\nname = \"api\"\ncluster = \"shop\"\n"), @"scenario `test.toml`: service `api` needs either `task-definition` or `task-definition-file`");
    }

    #[test]
    fn an_image_says_once_what_it_is() {
        insta::assert_snapshot!(error("[[images]]\ntags = [\"1\"]\n"), @"scenario `test.toml`: image number 1: an image needs exactly one of `repository`, `digest` and `reference`");
    }

    #[test]
    fn the_start_may_be_a_date_or_a_text() {
        let dated = Scenario::from_toml("start = 2026-03-02T09:00:00Z", "test.toml").unwrap();
        let written = Scenario::from_toml("start = \"2026-03-02T09:00:00Z\"", "test.toml").unwrap();
        assert_eq!(dated, written);
        assert!(error("start = \"soon\"").contains("line 1, column 9"));
    }
}
