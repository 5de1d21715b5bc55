//! The one table of keys: everything that a `towpath.toml` may say.
//!
//! The reader, the JSON Schema and the reference page all come from here.

use super::{
    building::{BUILD, IMAGE},
    form,
    key::{Key, Kind, Need, Open, Table},
    publishing::{SITE_COMPONENT_KEYS, SITE_KEYS},
    scanning::{ENVIRONMENT_SCAN, SCAN},
    signing::ENVIRONMENT_SIGNED,
};

pub(super) const fn key(name: &'static str, kind: Kind, need: Need, meaning: &'static str) -> Key {
    Key { name, kind, need, meaning }
}

/// A key that is known and does nothing yet: a mistake, because nothing is ignored silently.
const fn later(name: &'static str, not_done: &'static str) -> Key {
    Key { name, kind: Kind::Later, need: Need::Optional, meaning: not_done }
}

pub(super) static ROOT: Table = Table {
    heading: "",
    meaning: "The top of the file.",
    groups: &[&[
        key("app", Kind::Text(&form::APP), Need::Required, "The application's name; it is part of every record."),
        key(
            "ledger",
            Kind::Text(&form::LEDGER),
            Need::Default("\"file:.towpath\""),
            "Where releases, records, leases and journals are kept: `file:` and a directory, from the configuration file.",
        ),
        key("release", Kind::Table(&RELEASE), Need::Optional, "Where releases come from."),
        key(
            "build",
            Kind::Table(&BUILD),
            Need::Optional,
            "How `towpath build` builds images, and where it publishes them.",
        ),
        key(
            "environments",
            Kind::Named(&form::ENVIRONMENT, &ENVIRONMENT),
            Need::Required,
            "The environments, in the order in which people think of them.",
        ),
        key(
            "scan",
            Kind::Table(&SCAN),
            Need::Optional,
            "What does not count in any scan, and which scanners may be run.",
        ),
        key("components", Kind::Named(&form::COMPONENT, &COMPONENT), Need::Required, "The deployable parts."),
    ]],
};

pub(super) static RELEASE: Table = Table {
    heading: "[release]",
    meaning: "Where releases come from.",
    groups: &[&[
        key("branch", Kind::Text(&form::BRANCH), Need::Default("\"main\""), "The branch that releases come from."),
        key(
            "tags",
            Kind::Texts(&form::TAG),
            Need::Default("[\"v{version}\"]"),
            "The forms of tags that make a release. `{version}` is `X.Y.Z` alone; `{version}-{prerelease}` takes pre-releases. \
             Other tags are ignored.",
        ),
    ]],
};

pub(super) static ENVIRONMENT: Table = Table {
    heading: "[environments.NAME]",
    meaning: "A place with an account, a region and a role.",
    groups: &[&[
        key(
            "account",
            Kind::Text(&form::ACCOUNT),
            Need::Required,
            "The AWS account, 12 digits in quotes. Credentials of any other account are refused.",
        ),
        key("region", Kind::Text(&form::REGION), Need::Required, "The AWS region."),
        key(
            "role",
            Kind::Text(&form::ROLE),
            Need::Otherwise("the credentials at hand"),
            "The role to take before anything is done. It must be in the environment's account.",
        ),
        key(
            "after",
            Kind::Texts(&form::ENVIRONMENT),
            Need::Default("[]"),
            "The environments in which the very release must be proven first.",
        ),
        key(
            "soak",
            Kind::Text(&form::DURATION),
            Need::Otherwise("no soak time"),
            "How long the release must have served in each environment of `after`.",
        ),
        key(
            "deploy-on",
            Kind::OneOf("trigger", &[&PUSH, &TAG, &PUBLISHED, &DISPATCH, &COMMAND_LINE]),
            Need::Default("[{ dispatch = true }, { command-line = true }]"),
            "What may bring a release here. Whatever is not listed may not.",
        ),
        key(
            "components",
            Kind::Overrides(&form::COMPONENT, &OVERRIDE),
            Need::Optional,
            "What differs in this environment, by component.",
        ),
        key(
            "on-cancel",
            Kind::Text(&form::ON_CANCEL),
            Need::Default("\"leave\""),
            "What a run that is asked to stop does about a rollout that is under way: `leave` it to ECS, or ask ECS once for a `rollback`. Of a site that visitors may have seen something of, the run that resumes goes on, or puts it back.",
        ),
        key(
            "drill",
            Kind::Flag,
            Need::Default("false"),
            "Whether `towpath drill` may bring a deliberately bad release here.",
        ),
        key(
            "keep-images",
            Kind::Flag,
            Need::Default("true"),
            "Whether each image that serves here, and each that would be gone back to, gets a tag `deployed-ENVIRONMENT-DIGEST` in ECR, so that lifecycle rules for untagged images leave it alone. A rule of the first priority for tags that begin with `deployed-` keeps it from all other rules.",
        ),
        key(
            "scan",
            Kind::Table(&ENVIRONMENT_SCAN),
            Need::Otherwise("scans are not looked at"),
            "What may be found in the images that are brought here.",
        ),
        key(
            "signed",
            Kind::Table(&ENVIRONMENT_SIGNED),
            Need::Otherwise("signatures are not looked at"),
            "By whom the images that are brought here must have been signed.",
        ),
        later("freeze", "no freeze window would be kept"),
        later("approval", "no approval would be asked for"),
    ]],
};

pub(super) static PUSH: Table = Table {
    heading: "deploy-on = [{ push = … }]",
    meaning: "A push to a branch.",
    groups: &[&[
        key("push", Kind::Text(&form::BRANCH), Need::Required, "The branch, by its whole name."),
        key(
            "paths",
            Kind::Texts(&form::GLOB),
            Need::Default("[]"),
            "Globs of which one must match a changed path; empty means any change. `*` stays inside a folder, `**` does not.",
        ),
    ]],
};

const FROM: Key = key(
    "from",
    Kind::Text(&form::BRANCH),
    Need::Otherwise("the `branch` of `[release]`"),
    "The branch that the tagged commit must be on.",
);

const SAME_COMMIT_AS: Key = key(
    "same-commit-as",
    Kind::Text(&form::TAG),
    Need::Otherwise("no other tag is looked at"),
    "The form whose tag of the same version must be there and on the same commit, for example `v{version}` for `v{version}-stable`.",
);

pub(super) static TAG: Table = Table {
    heading: "deploy-on = [{ tag = … }]",
    meaning: "A pushed tag.",
    groups: &[&[
        key("tag", Kind::Text(&form::TAG), Need::Required, "The tag's form; one of the `tags` of `[release]`."),
        FROM,
        SAME_COMMIT_AS,
    ]],
};

pub(super) static PUBLISHED: Table = Table {
    heading: "deploy-on = [{ published = … }]",
    meaning: "A release published on GitHub.",
    groups: &[&[
        key(
            "published",
            Kind::Text(&form::TAG),
            Need::Required,
            "The form of the release's tag; one of the `tags` of `[release]`.",
        ),
        FROM,
        SAME_COMMIT_AS,
    ]],
};

pub(super) static DISPATCH: Table = Table {
    heading: "deploy-on = [{ dispatch = true }]",
    meaning: "A workflow started by hand.",
    groups: &[&[key("dispatch", Kind::True, Need::Required, "Always `true`.")]],
};

pub(super) static COMMAND_LINE: Table = Table {
    heading: "deploy-on = [{ command-line = true }]",
    meaning: "A person at the command line.",
    groups: &[&[key("command-line", Kind::True, Need::Required, "Always `true`.")]],
};

pub(super) static COMPONENT: Table = Table {
    heading: "[components.NAME]",
    meaning: "A deployable part. Texts with placeholders are filled for each environment: `{environment}`, `{app}`, \
              `{component}`, `{account}`, `{region}`.",
    groups: &[
        &[
            key(
                "kind",
                Kind::Text(&form::COMPONENT_KIND),
                Need::Required,
                "What it is: `service`, an ECS service, or `site`, files in S3.",
            ),
            key(
                "needs",
                Kind::Texts(&form::COMPONENT),
                Need::Default("[]"),
                "Components that must be rolled out before this one.",
            ),
        ],
        IMAGE_KEYS,
        SERVICE_KEYS,
        SMOKE_KEYS,
        SITE_COMPONENT_KEYS,
        SITE_KEYS,
        LATER_COMPONENT_KEYS,
    ],
};

pub(super) static OVERRIDE: Table = Table {
    heading: "[environments.NAME.components.NAME]",
    meaning: "What differs in one environment: each key here takes the place of the component's own. Placeholders are \
              added to the component's; smoke checks replace them.",
    groups: &[SERVICE_KEYS, SMOKE_KEYS, SITE_KEYS, LATER_COMPONENT_KEYS],
};

const LATER_COMPONENT_KEYS: &[Key] = &[later("migrate", "no migration would be run")];

pub(super) const IMAGE_KEYS: &[Key] =
    &[key("image", Kind::Table(&IMAGE), Need::Optional, "The image that a service runs.")];

const SMOKE_KEYS: &[Key] =
    &[key("smoke", Kind::Tables(&SMOKE), Need::Default("[]"), "The smoke checks; all must pass.")];

pub(super) const SERVICE_KEYS: &[Key] = &[
    key(
        "cluster",
        Kind::Template(&form::CLUSTER, Open::Environment),
        Need::Otherwise("required in every environment"),
        "The ECS cluster, by name.",
    ),
    key(
        "service",
        Kind::Template(&form::SERVICE, Open::Environment),
        Need::Otherwise("required in every environment"),
        "The ECS service, by name.",
    ),
    key(
        "container",
        Kind::Template(&form::CONTAINER, Open::Environment),
        Need::Otherwise("the component's name"),
        "The container that runs the component's image.",
    ),
    key(
        "task-definition",
        Kind::Template(&form::FILE, Open::Environment),
        Need::Otherwise("the task definition that serves"),
        "A task definition in the repository to start from.",
    ),
    key(
        "placeholders",
        Kind::TextTable(&form::PLAIN, Open::Environment),
        Need::Optional,
        "Values for the placeholders in the task definition's file.",
    ),
    key(
        "variables",
        Kind::TextTable(&form::VARIABLE, Open::Release),
        Need::Optional,
        "Environment variables of the container that every release sets, such as `ECS_DEPLOYMENT_VERSION = \"{version}\"`. The other variables stay as they are.",
    ),
    key(
        "repository",
        Kind::Template(&form::REPOSITORY, Open::Environment),
        Need::Otherwise("the repository that the release names"),
        "The repository that the environment takes its images from. What is not there yet is copied there byte for byte, from the repository that the release names.",
    ),
    key(
        "rollout-timeout",
        Kind::Text(&form::DURATION),
        Need::Otherwise("45m"),
        "How long a rollout may take before its outcome is called inconclusive. The default grows with bake times and grace periods.",
    ),
    key(
        "on-timeout",
        Kind::Text(&form::ON_TIMEOUT),
        Need::Default("\"leave\""),
        "What is done about a rollout that does not end within its time: `leave` it, or `rollback`.",
    ),
    key(
        "when-busy",
        Kind::Text(&form::WHEN_BUSY),
        Need::Default("\"wait\""),
        "What is done about a rollout of somebody else that is under way: `wait` for it (one whose tasks fail is deployed over), `refuse`, or `take-over`.",
    ),
    key(
        "busy-timeout",
        Kind::Text(&form::DURATION),
        Need::Default("\"10m\""),
        "How long such a rollout is waited for before the promotion is refused.",
    ),
    key(
        "on-pause",
        Kind::Text(&form::ON_PAUSE),
        Need::Default("\"leave\""),
        "What is done where ECS waits at a hook that only a person can answer: `leave` ends the run, to be resumed; `wait` waits for the answer.",
    ),
    key(
        "deployment",
        Kind::Table(&DEPLOYMENT),
        Need::Otherwise("what the service has"),
        "How ECS is to deploy: sent with the release, and put back with it. What is not named stays as it is.",
    ),
    key(
        "allow-empty",
        Kind::Flag,
        Need::Default("false"),
        "Whether a service with a desired count of 0 may be deployed to. It is then reported as not verified.",
    ),
];

pub(super) static DEPLOYMENT: Table = Table {
    heading: "[components.NAME.deployment]",
    meaning: "How ECS deploys the service, in ECS's own terms. Times are whole minutes.",
    groups: &[&[
        key("strategy", Kind::Text(&form::STRATEGY), Need::Optional, "`rolling`, `blue-green`, `linear` or `canary`."),
        key(
            "minimum-healthy-percent",
            Kind::Integer { least: 0, most: 100 },
            Need::Optional,
            "The share of wanted tasks that must stay healthy.",
        ),
        key(
            "maximum-percent",
            Kind::Integer { least: 100, most: 200 },
            Need::Optional,
            "The share of wanted tasks that may run at once.",
        ),
        key(
            "bake-time",
            Kind::Text(&form::MINUTES),
            Need::Optional,
            "How long ECS watches after all traffic has moved, old tasks still there.",
        ),
        key(
            "canary-percent",
            Kind::Integer { least: 1, most: 100 },
            Need::Optional,
            "The share of traffic of the first step of `canary`.",
        ),
        key("canary-bake-time", Kind::Text(&form::MINUTES), Need::Optional, "How long that step lasts."),
        key(
            "step-percent",
            Kind::Integer { least: 3, most: 100 },
            Need::Optional,
            "The share of traffic of each step of `linear`.",
        ),
        key("step-bake-time", Kind::Text(&form::MINUTES), Need::Optional, "How long each of these steps lasts."),
        key(
            "alarms",
            Kind::Texts(&form::ALARM),
            Need::Optional,
            "CloudWatch alarms: one that fires while ECS deploys makes it roll back.",
        ),
    ]],
};

pub(super) static SMOKE: Table = Table {
    heading: "[[components.NAME.smoke]]",
    meaning: "One smoke check. Its texts may also hold `{version}` and `{commit}`, the release's own.",
    groups: &[&[
        key(
            "url",
            Kind::Template(&form::URL, Open::Release),
            Need::Required,
            "The address to ask. Redirects are not followed.",
        ),
        key(
            "before-traffic",
            Kind::Flag,
            Need::Default("false"),
            "Asked while the deployment waits at a pause hook, before production traffic reaches the release: `url` is the test listener's. The hook is then answered.",
        ),
        key("method", Kind::Text(&form::METHOD), Need::Default("\"GET\""), "`GET` or `HEAD`."),
        key(
            "status",
            Kind::Integer { least: 100, most: 599 },
            Need::Default("200"),
            "The status that the answer must have.",
        ),
        key(
            "json",
            Kind::Expectations,
            Need::Optional,
            "Members that the JSON answer must have, by dotted path, with their exact values.",
        ),
        key(
            "headers",
            Kind::TextTable(&form::HEADER, Open::Release),
            Need::Optional,
            "Headers that the answer must have, with their exact values.",
        ),
        key(
            "content-type",
            Kind::Text(&form::MEDIA_TYPE),
            Need::Optional,
            "The media type that the answer must have, without parameters.",
        ),
        key(
            "contains",
            Kind::Template(&form::PLAIN, Open::Release),
            Need::Optional,
            "A text that the answer must contain.",
        ),
        key(
            "consecutive",
            Kind::Integer { least: 1, most: 100 },
            Need::Otherwise(
                "1; 2 where the check expects `{version}` or `{commit}`, because old and new may both answer",
            ),
            "How many successes in a row are wanted.",
        ),
        key("interval", Kind::Text(&form::DURATION), Need::Default("\"2s\""), "How long to wait between two attempts."),
        key("attempt-timeout", Kind::Text(&form::DURATION), Need::Default("\"5s\""), "How long one attempt may take."),
        key(
            "deadline",
            Kind::Text(&form::DURATION),
            Need::Default("\"2m\""),
            "How long to go on trying before the check has failed.",
        ),
    ]],
};
