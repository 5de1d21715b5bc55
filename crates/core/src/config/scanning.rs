//! The keys of scanning images: `[scan]`, `scan` of an environment, and `scan` of `[build]`.
//!
//! They are part of the one table in `keys`.

use super::{
    form,
    key::{Key, Kind, Need, Table},
    keys::key,
};

pub(super) static SCAN: Table = Table {
    heading: "[scan]",
    meaning: "What holds wherever scans are looked at, and which scanners may be run.",
    groups: &[&[
        key(
            "allow",
            Kind::Tables(&ALLOW),
            Need::Default("[]"),
            "Findings that do not count, for a reason and for a time.",
        ),
        key("trivy", Kind::Table(&PIN), Need::Otherwise("Trivy is not run"), "The Trivy that may be run."),
        key("grype", Kind::Table(&PIN), Need::Otherwise("Grype is not run"), "The Grype that may be run."),
        key(
            "timeout",
            Kind::Text(&form::DURATION),
            Need::Default("\"15m\""),
            "How long the scan of one image may take.",
        ),
    ]],
};

pub(super) static PIN: Table = Table {
    heading: "[scan.trivy] and [scan.grype]",
    meaning: "The one build of a scanner that may be run. Any other is refused before it sees an image.",
    groups: &[&[
        key("version", Kind::Text(&form::SCANNER_VERSION), Need::Required, "The version that it must say it is."),
        key(
            "sha256",
            Kind::Text(&form::SHA256),
            Need::Otherwise("its version alone is checked"),
            "What its file must hash to. A version is only what a program says of itself.",
        ),
    ]],
};

pub(super) static BUILD_SCAN: Table = Table {
    heading: "[build.scan]",
    meaning: "What may be found in an image that was built here. It gets no tag, and there is no release, before every image passed.",
    groups: &[&[
        MOST,
        key(
            "from",
            Kind::Text(&form::BUILD_SCAN_FROM),
            Need::Default("\"reports\""),
            "Where findings come from: `trivy` or `grype`, which is run on what was built and whose report is kept; `ecr`, the registry's own scanner; or `reports` that `towpath scan` took in.",
        ),
        WHEN_UNSCANNED,
        MAX_AGE,
        WAIT,
        key(
            "allow",
            Kind::Tables(&BUILD_ALLOW),
            Need::Default("[]"),
            "Findings that do not count here, beside those of `[scan]`.",
        ),
    ]],
};

const MOST: Key = key(
    "maximum",
    Kind::Table(&MAXIMUM),
    Need::Default("{ critical = 0 }"),
    "How many findings of each severity there may be. Of one that is not named there may be any number.",
);
const WHEN_UNSCANNED: Key = key(
    "unscanned",
    Kind::Text(&form::UNSCANNED),
    Need::Default("\"refuse\""),
    "What is done with an image that was not scanned, or could not be: `refuse`, `allow`, or `hold` until it is.",
);
const MAX_AGE: Key = key(
    "max-age",
    Kind::Text(&form::DURATION),
    Need::Otherwise("any age"),
    "How old a scan and its scanner's database may be. An older one counts as none.",
);
const WAIT: Key = key(
    "wait",
    Kind::Text(&form::DURATION),
    Need::Otherwise("2m"),
    "How long a scan that ECR has not finished, or not begun, is waited for. Only with `from = \"ecr\"`.",
);

pub(super) static ENVIRONMENT_SCAN: Table = Table {
    heading: "[environments.NAME.scan]",
    meaning: "What may be found in the images that are brought here. Every component's image must have been scanned.",
    groups: &[&[
        MOST,
        key(
            "from",
            Kind::Text(&form::SCAN_FROM),
            Need::Default("\"reports\""),
            "Where findings come from: `reports` that `towpath scan` took in, or `ecr`, the registry's own scanner.",
        ),
        WHEN_UNSCANNED,
        MAX_AGE,
        WAIT,
        key(
            "allow",
            Kind::Tables(&ENVIRONMENT_ALLOW),
            Need::Default("[]"),
            "Findings that do not count here, beside those of `[scan]`.",
        ),
    ]],
};

pub(super) static MAXIMUM: Table = Table {
    heading: "maximum = { … }",
    meaning: "How many findings of each severity there may be.",
    groups: &[&[
        count("critical", "How many critical ones."),
        count("high", "How many high ones."),
        count("medium", "How many of medium severity."),
        count("low", "How many low ones."),
        count("negligible", "How many negligible ones; ECR calls them informational."),
        count("unknown", "How many that nobody has judged yet."),
    ]],
};

const fn count(name: &'static str, meaning: &'static str) -> Key {
    key(name, Kind::Integer { least: 0, most: 100_000 }, Need::Otherwise("any number"), meaning)
}

static ALLOW: Table = Table {
    heading: "[[scan.allow]]",
    meaning: "A finding that does not count in any environment, for a time.",
    groups: &[ALLOW_KEYS],
};

static ENVIRONMENT_ALLOW: Table = Table {
    heading: "[[environments.NAME.scan.allow]]",
    meaning: "A finding that does not count in this environment, for a time.",
    groups: &[ALLOW_KEYS],
};

static BUILD_ALLOW: Table = Table {
    heading: "[[build.scan.allow]]",
    meaning: "A finding that does not count where images are built, for a time.",
    groups: &[ALLOW_KEYS],
};

/// The keys of an allowance, wherever it stands.
pub(super) static ALLOWANCE: &Table = &ALLOW;

const ALLOW_KEYS: &[Key] = &[
    key(
        "id",
        Kind::Text(&form::VULNERABILITY),
        Need::Required,
        "What was found, by the name that the scanner gives it.",
    ),
    key(
        "package",
        Kind::Text(&form::PACKAGE),
        Need::Otherwise("any package"),
        "The package that it was found in, by its whole name.",
    ),
    key("reason", Kind::Text(&form::REASON), Need::Required, "Why it does not count. It is kept in every record."),
    key(
        "expires",
        Kind::Text(&form::DATE),
        Need::Required,
        "The last day on which it does not count, in UTC. A finding that is still there after that fails.",
    ),
];
