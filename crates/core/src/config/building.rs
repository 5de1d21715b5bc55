//! The keys of building images: `[build]`, and `image` of a component.
//!
//! They are part of the one table in `keys`.

use super::{
    form,
    key::{Kind, Need, Open, Table},
    keys::key,
    scanning::BUILD_SCAN,
};

pub(super) static BUILD: Table = Table {
    heading: "[build]",
    meaning: "How `towpath build` builds images, and where it publishes them. An image is built once, for every environment.",
    groups: &[&[
        key(
            "tool",
            Kind::Text(&form::BUILD_TOOL),
            Need::Otherwise("the first that is found, in this order"),
            "The program that builds: `docker-buildx`, `docker`, `podman` or `buildah`.",
        ),
        key(
            "account",
            Kind::Text(&form::ACCOUNT),
            Need::Otherwise("the first environment's"),
            "The AWS account whose ECR registry images are published to.",
        ),
        key("region", Kind::Text(&form::REGION), Need::Otherwise("the first environment's"), "That registry's region."),
        key(
            "role",
            Kind::Text(&form::ROLE),
            Need::Otherwise("that of the first environment in the account, or the credentials at hand"),
            "The role to take to publish there. It must be in that account.",
        ),
        key(
            "pull-from",
            Kind::Texts(&form::ECR_REPOSITORY),
            Need::Default("[]"),
            "ECR repositories that base images come from. The builder is logged in to their registries, by a file that is gone afterwards.",
        ),
        key(
            "attest",
            Kind::Texts(&form::ATTEST),
            Need::Default("[]"),
            "What the builder is to attest of each image: `provenance`, `sbom`. Only `docker-buildx` can; the release then names the attestations.",
        ),
        key(
            "parallel",
            Kind::Integer { least: 1, most: 16 },
            Need::Default("2"),
            "How many components are built at once.",
        ),
        key(
            "timeout",
            Kind::Text(&form::DURATION),
            Need::Default("\"1h\""),
            "How long one component's build may take.",
        ),
        key(
            "scan",
            Kind::Table(&BUILD_SCAN),
            Need::Otherwise("scans are not looked at where images are built"),
            "What may be found in an image before it gets a tag.",
        ),
    ]],
};

pub(super) static IMAGE: Table = Table {
    heading: "image = { … }",
    meaning: "The image that a component runs.",
    groups: &[&[
        key(
            "repository",
            Kind::Text(&form::IMAGE_PATH),
            Need::Optional,
            "The repository without its registry. The image of every release must be in one that ends so.",
        ),
        key(
            "context",
            Kind::Text(&form::FILE),
            Need::Otherwise("`towpath build` does not build it"),
            "The folder that the image is built from, from the configuration file.",
        ),
        key(
            "dockerfile",
            Kind::Text(&form::FILE),
            Need::Otherwise("`Dockerfile` in `context`"),
            "The Dockerfile, from the configuration file.",
        ),
        key(
            "target",
            Kind::Text(&form::STAGE),
            Need::Otherwise("the last one"),
            "The stage of the Dockerfile to build.",
        ),
        key(
            "platforms",
            Kind::Texts(&form::PLATFORM),
            Need::Otherwise("the builder's own"),
            "What the image must run on. Several make one index of images.",
        ),
        key(
            "build-args",
            Kind::TextTable(&form::ARGUMENT, Open::Build),
            Need::Optional,
            "Build arguments beside `VERSION` and `GIT_SHA`, which are always given. They may hold `{app}`, `{component}`, `{version}` and `{commit}`. They stay readable in the image: never put a secret here.",
        ),
        key(
            "secrets",
            Kind::TextTable(&form::SECRET_ID, Open::Build),
            Need::Optional,
            "Secrets that the Dockerfile mounts with `RUN --mount=type=secret,id=ID`: by id, the environment variable that holds each. They do not stay in the image.",
        ),
        key(
            "tags",
            Kind::Texts(&form::IMAGE_TAG),
            Need::Default("[\"{sha}\"]"),
            "The tags that the image gets once and for ever: `{sha}`, `{sha7}`, `{version}`, `{branch}` (`-` for what a tag cannot hold) and `{component}` are filled. A tag that is on another image is refused.",
        ),
        key(
            "moving-tags",
            Kind::Texts(&form::IMAGE_TAG),
            Need::Default("[]"),
            "The tags that move to the image, last of all, once its gates have passed and the release is there; for example `{branch}-latest`.",
        ),
    ]],
};
