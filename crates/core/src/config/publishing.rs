//! The keys of sites: what their files are, where they live, and how they are served.
//!
//! They are part of the one table in `keys`.

use super::{
    form,
    key::{Key, Kind, Need, Open, Table},
    keys::key,
};

/// What is the same in every environment, since a site is built once.
pub(super) const SITE_COMPONENT_KEYS: &[Key] = &[
    key(
        "build",
        Kind::Table(&SITE_BUILD),
        Need::Otherwise("required of a site"),
        "How a site's files are made, and where they are then.",
    ),
    key(
        "entry",
        Kind::Text(&form::SITE_PATH),
        Need::Default("\"index.html\""),
        "Of a site: the file that a visitor gets first. It is written last, and a build without it is refused.",
    ),
    key(
        "exclude",
        Kind::Texts(&form::SITE_GLOB),
        Need::Default("[\"**/.DS_Store\", \"**/Thumbs.db\", \".git/**\"]"),
        "Of a site: globs over the files that are not published. `*` stays inside a folder, `**` does not.",
    ),
    key(
        "hashed",
        Kind::Texts(&form::SITE_GLOB),
        Need::Default("[]"),
        "Of a site: globs over files whose names carry their content's hash, beyond those that look so.",
    ),
    key(
        "mutable",
        Kind::Texts(&form::SITE_GLOB),
        Need::Default("[]"),
        "Of a site: globs over files that only look so, and may change under their name.",
    ),
    key(
        "headers",
        Kind::Tables(&SITE_HEADERS),
        Need::Default("[]"),
        "Of a site: headers by pattern, over the built-in ones. What a later entry says wins.",
    ),
];

/// What may differ by environment.
pub(super) const SITE_KEYS: &[Key] = &[
    key(
        "bucket",
        Kind::Template(&form::BUCKET, Open::Environment),
        Need::Otherwise("required of a site in every environment"),
        "The S3 bucket that a site lives in.",
    ),
    key(
        "bucket-account",
        Kind::Text(&form::ACCOUNT),
        Need::Otherwise("the environment's"),
        "The account that the bucket belongs to. S3 is asked to refuse every request where it is another's.",
    ),
    key(
        "prefix",
        Kind::Template(&form::PREFIX, Open::Environment),
        Need::Otherwise("the whole bucket"),
        "The folder of the bucket that is the site's. Nothing outside of it is ever written or deleted.",
    ),
    key(
        "distribution",
        Kind::Text(&form::DISTRIBUTION),
        Need::Otherwise("nothing is invalidated"),
        "The CloudFront distribution in front of the bucket, by its id.",
    ),
    key(
        "url",
        Kind::Template(&form::URL, Open::Environment),
        Need::Otherwise("the distribution's own domain"),
        "Where visitors find the site. It is verified there.",
    ),
    key(
        "keep",
        Kind::Integer { least: 1, most: 50 },
        Need::Default("5"),
        "How many releases before the live one stay in the bucket: for tabs that are still open, and to go back to.",
    ),
    key(
        "largest-share",
        Kind::Integer { least: 0, most: 100 },
        Need::Default("50"),
        "The largest share of the site, in percent, that one promotion may delete, or by which it may shrink. Up to 20 files may always go.",
    ),
    key(
        "wait",
        Kind::Flag,
        Need::Default("true"),
        "Whether a promotion waits until CloudFront has forgotten the old files everywhere.",
    ),
    key(
        "runtime",
        Kind::Table(&SITE_RUNTIME),
        Need::Optional,
        "A small file with the environment's own values, put beside the release, so that the site is built once for all environments.",
    ),
];

pub(super) static SITE_BUILD: Table = Table {
    heading: "build = { … }",
    meaning: "How a site's files are made.",
    groups: &[&[
        key(
            "command",
            Kind::Words(&form::WORD),
            Need::Otherwise("the directory is there already"),
            "The command that makes them, by words; it is run in the configuration file's folder, once a release.",
        ),
        key(
            "directory",
            Kind::Text(&form::FILE),
            Need::Required,
            "The directory that they are in then, from the configuration file.",
        ),
    ]],
};

pub(super) static SITE_HEADERS: Table = Table {
    heading: "[[components.NAME.headers]]",
    meaning: "The headers of some of a site's files.",
    groups: &[&[
        key("files", Kind::Text(&form::SITE_GLOB), Need::Required, "A glob over the site's files."),
        key("content-type", Kind::Text(&form::HEADER_VALUE), Need::Optional, "Their `Content-Type`."),
        key("cache-control", Kind::Text(&form::HEADER_VALUE), Need::Optional, "Their `Cache-Control`."),
        key("content-encoding", Kind::Text(&form::HEADER_VALUE), Need::Optional, "Their `Content-Encoding`."),
        key("content-disposition", Kind::Text(&form::HEADER_VALUE), Need::Optional, "Their `Content-Disposition`."),
        key("content-language", Kind::Text(&form::HEADER_VALUE), Need::Optional, "Their `Content-Language`."),
    ]],
};

pub(super) static SITE_RUNTIME: Table = Table {
    heading: "[components.NAME.runtime]",
    meaning: "The file with an environment's own values. The component's values and the environment's are put together.",
    groups: &[&[
        key(
            "path",
            Kind::Text(&form::RUNTIME_PATH),
            Need::Otherwise("required once, here or of the component"),
            "Where it is below the site's root: `….json` is an object, `….js` sets `globalThis.__CONFIG__`. A file that the build has there is not published.",
        ),
        key(
            "values",
            Kind::TextTable(&form::PLAIN, Open::Release),
            Need::Optional,
            "Its values by name. Everybody can read them.",
        ),
    ]],
};
