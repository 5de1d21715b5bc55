//! A shop for the binary: a simulator at speed, a folder with a towpath.toml, and the environment of a user.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use towpath_sim::{Options, Pace, Simulator, scenario::Scenario};

const SCENARIO: &str = include_str!("../../src/demo/scenario.toml");
const CONFIGURATION: &str = include_str!("../../src/demo/towpath.toml");

const FRONTEND: &str = r#"
start = "2026-03-02T09:00:00Z"
default-account = "111111111111"
default-region = "us-west-2"
buckets = [{ name = "shop-web-dev" }]

[[distributions]]
id = "E123SHOP"
bucket = "shop-web-dev"
default-root-object = "index.html"
listen = "127.0.0.1:0"
"#;

const FRONTEND_CONFIGURATION: &str = r#"
app = "shop"
ledger = "file:ledger"

[environments.dev]
account = "111111111111"
region = "us-west-2"
role = "arn:aws:iam::111111111111:role/shop-deployer-dev"
deploy-on = [{ command-line = true }]

[components.web]
kind = "site"
build = { directory = "dist" }
bucket = "shop-web-{environment}"
distribution = "E123SHOP"
url = "http://EDGE/"
"#;

/// Where the shop's images are.
pub(crate) const REPOSITORY: &str = "111111111111.dkr.ecr.us-west-2.amazonaws.com/shop-api";

/// A commit for every release.
pub(crate) const COMMIT: [(&str, &str); 2] =
    [("1.1.0", "b82e60d915c7f3a4de20981b6c5f47a3081e9d6c"), ("1.2.0", "d07f3b9c5e1a846203cb7fd85e92a16b4c0738ef")];

/// A simulated shop and a folder to work in.
pub(crate) struct Shop {
    pub(crate) simulator: Simulator,
    /// The simulator's own threads: a test may block while it waits for the binary.
    _runtime: tokio::runtime::Runtime,
    folder: tempfile::TempDir,
}

impl Shop {
    /// The demo's shop, sixty times as fast as the real one.
    pub(crate) fn open() -> Self {
        Self::with(SCENARIO)
    }

    /// The demo's shop in which release 1.2.0 is bad in dev as well.
    pub(crate) fn bad_in_dev() -> Self {
        Self::with(&SCENARIO.replace("account = \"333333333333\"\nstatus = 500", "status = 500"))
    }

    /// The demo's shop in which tasks of release 1.1.0 take so many simulated seconds until they are healthy.
    pub(crate) fn slow(seconds: u32) -> Self {
        let (first, second) = SCENARIO.split_once("version = \"1.1.0\"").unwrap();
        let slow = second.replacen("healthy-after = 5", &format!("healthy-after = {seconds}"), 1);
        let patient = format!("retries = 3, startPeriod = {seconds}");
        Self::with(&[first, &slow].join("version = \"1.1.0\"").replace("retries = 3", &patient))
    }

    /// The demo's shop in which dev is deployed blue/green, and ECS waits for a person before traffic is shifted.
    pub(crate) fn waiting_in_dev() -> Self {
        const ROLLING: &str = "deployment-configuration = { minimumHealthyPercent = 100, maximumPercent = 200 }";
        const PAUSING: &str = "deployment-configuration = { minimumHealthyPercent = 100, maximumPercent = 200, \
            strategy = \"BLUE_GREEN\", bakeTimeInMinutes = 1, lifecycleHooks = [{ targetType = \"PAUSE\", lifecycleStages = [\"POST_TEST_TRAFFIC_SHIFT\"] }] }";
        Self::with(&SCENARIO.replacen(ROLLING, PAUSING, 1))
    }

    /// The demo's shop whose service in dev logs, each release in its own words.
    pub(crate) fn logging() -> Self {
        Self::with(&Self::logged())
    }

    /// The same, where 1.0.0 logs what it was given: a token and an address with a password.
    pub(crate) fn indiscreet() -> Self {
        let given =
            "environment = [{ name = \"STAGE\", value = \"dev\" }, { name = \"TOKEN\", value = \"hush-hush-1\" }]";
        let scenario = Self::logged().replacen("environment = [{ name = \"STAGE\", value = \"dev\" }]", given, 1);
        Self::with(&scenario.replace("1.0.0 listens", "hush-hush-1 opens postgres://shop:hush-hush-2@db:5432/shop"))
    }

    fn logged() -> String {
        const STAGE: &str = "environment = [{ name = \"STAGE\", value = \"dev\" }]";
        const AWSLOGS: &str = "logConfiguration = { logDriver = \"awslogs\", options = { awslogs-group = \"/ecs/shop\", \
            awslogs-region = \"us-west-2\", awslogs-stream-prefix = \"ecs\" } }";
        let mut scenario = SCENARIO.replacen(STAGE, &format!("{STAGE}\n{AWSLOGS}"), 1);
        for version in ["1.0.0", "1.1.0"] {
            let says = format!(
                "tags = [\"{version}\"]\nlogs = {{ start = [\"{version} listens\"], every = [{{ seconds = 30, line = \"{version} works\" }}] }}"
            );
            scenario = scenario.replacen(&format!("tags = [\"{version}\"]"), &says, 1);
        }
        scenario
    }

    /// Changes the configuration.
    pub(crate) fn configure(&self, from: &str, to: &str) {
        let file = self.path().join("towpath.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains(from), "{from}");
        std::fs::write(&file, text.replacen(from, to, 1)).unwrap();
    }

    /// A shop that is a site and nothing else, and the address of the edge that visitors ask.
    pub(crate) fn frontend() -> (Self, SocketAddr) {
        let shop = Self::with(FRONTEND);
        let edge = shop.simulator.edges().first().map(|(_, address)| *address).unwrap();
        let text = FRONTEND_CONFIGURATION.replace("EDGE", &edge.to_string());
        std::fs::write(shop.path().join("towpath.toml"), text).unwrap();
        (shop, edge)
    }

    /// The demo's configuration on that scenario.
    pub(crate) fn with(scenario: &str) -> Self {
        let listen: SocketAddr = ([127, 0, 0, 1], 0).into();
        let scenario = Scenario::from_toml(scenario, "scenario.toml").unwrap();
        let options = Options { listen, scenario, pace: Pace::Scaled(60.0), state: None };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let simulator = runtime.block_on(Simulator::start(options)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let text = CONFIGURATION
            .replace("ENDPOINT", &simulator.endpoint())
            .replace("deadline = \"20s\"", "deadline = \"3s\"\ninterval = \"1s\"\nattempt-timeout = \"2s\"");
        std::fs::write(folder.path().join("towpath.toml"), text).unwrap();
        Self { simulator, _runtime: runtime, folder }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The folder of an environment's journals.
    pub(crate) fn journals(&self, environment: &str) -> PathBuf {
        self.path().join("ledger/environments").join(environment).join("journals")
    }

    /// The binary with these arguments, its environment a user's who points at the simulator.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_towpath"));
        command.args(arguments.split(' ')).current_dir(self.path()).stdin(Stdio::null());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_") || name.starts_with("GITHUB_")) {
            command.env_remove(name);
        }
        command.env("HOME", self.path()).envs(self.simulator.environment("000000000000"));
        command
    }

    /// Runs the binary to its end.
    pub(crate) fn run(&self, arguments: &str) -> Ran {
        Ran::of(self.command(arguments).output().unwrap())
    }

    /// Starts the binary and does not wait for it.
    pub(crate) fn start(&self, arguments: &str) -> Child {
        self.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Starts the binary, to be heard when it has ended.
    pub(crate) fn begin(&self, arguments: &str) -> Child {
        self.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// How many events the only journal of an environment has.
    pub(crate) fn events(&self, environment: &str) -> usize {
        let is_event = |entry: &std::fs::DirEntry| entry.file_name().to_string_lossy().ends_with(".json");
        let journal = std::fs::read_dir(self.journals(environment)).into_iter().flatten().flatten().next();
        let entries = journal.map(|journal| std::fs::read_dir(journal.path()));
        entries.into_iter().flatten().flatten().flatten().filter(is_event).count()
    }

    /// Creates the releases 1.1.0 and 1.2.0.
    pub(crate) fn create_releases(&self) {
        for (version, commit) in COMMIT {
            let ran = self.run(&format!(
                "release create --version {version} --commit {commit} --image api={REPOSITORY}:{version}"
            ));
            assert_eq!(ran.code, 0, "{}", ran.stderr);
        }
    }

    /// How many calls that change something the simulator accepted.
    pub(crate) fn changes(&self) -> usize {
        const CHANGING: [&str; 4] =
            ["RegisterTaskDefinition", "UpdateService", "StopServiceDeployment", "ContinueServiceDeployment"];
        CHANGING.iter().map(|operation| self.accepted(operation)).sum()
    }

    /// How many calls of that operation the simulator accepted.
    pub(crate) fn accepted(&self, operation: &str) -> usize {
        self.simulator.calls().iter().filter(|call| call.operation == operation && call.accepted).count()
    }
}

/// Waits until it is so, for a minute at most.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_mins(1), "{what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// What a run of the binary left.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The one document on standard output.
    pub(crate) fn document(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}\n{}", self.stdout, self.stderr))
    }
}
