//! What can be wrong with a scenario.
//!
//! What the simulated services refuse when the scenario is made is [`crate::simulator::StartError`].

use std::path::PathBuf;

use crate::images::ImageError;

/// Why a scenario cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// It is not TOML, has an unknown key, or a value of a wrong type; the source shows the line and the column.
    #[error("cannot read scenario `{file}`")]
    Syntax {
        /// The scenario.
        file: String,
        /// What TOML says.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// An account is not a number of twelve digits.
    #[error("scenario `{file}`: {entry}: account `{account}` does not have twelve digits")]
    Account {
        /// The scenario.
        file: String,
        /// Where it says so.
        entry: String,
        /// What it says.
        account: String,
    },
    /// An image contradicts itself.
    #[error("scenario `{file}`: image number {number}")]
    Image {
        /// The scenario.
        file: String,
        /// Which one, from 1.
        number: usize,
        /// What is wrong with it.
        #[source]
        source: ImageError,
    },
    /// A fault can never strike as it is written.
    #[error("scenario `{file}`: fault number {number}: {problem}")]
    Fault {
        /// The scenario.
        file: String,
        /// Which one, from 1.
        number: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A scan cannot go as it is written.
    #[error("scenario `{file}`: scan number {number}: {problem}")]
    Scan {
        /// The scenario.
        file: String,
        /// Which one, from 1.
        number: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// An alarm cannot be as it is written.
    #[error("scenario `{file}`: alarm `{alarm}`: {problem}")]
    Alarm {
        /// The scenario.
        file: String,
        /// Its name.
        alarm: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A setting cannot be as it is written.
    #[error("scenario `{file}`: [{section}]: {problem}")]
    Knobs {
        /// The scenario.
        file: String,
        /// The section that it stands in.
        section: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A service has no task definition, or two.
    #[error("scenario `{file}`: service `{service}` needs either `task-definition` or `task-definition-file`")]
    TaskDefinition {
        /// The scenario.
        file: String,
        /// The service.
        service: String,
    },
    /// A task definition file cannot be read.
    #[error("scenario `{file}`: cannot read task definition `{}`", .path.display())]
    TaskDefinitionFile {
        /// The scenario.
        file: String,
        /// The task definition.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A task definition file is not a JSON object.
    #[error("scenario `{file}`: task definition `{}` is not a JSON object", .path.display())]
    TaskDefinitionJson {
        /// The scenario.
        file: String,
        /// The task definition.
        path: PathBuf,
        /// Where it is not.
        #[source]
        source: serde_json::Error,
    },
}
