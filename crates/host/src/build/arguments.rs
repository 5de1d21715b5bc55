//! What each builder is called with: the commands that bring a request to an OCI layout.
//!
//! It runs nothing. No argument holds a secret: secrets are named by the variable that holds them, and nobody is
//! logged in by a command.

use std::path::{Path, PathBuf};

use towpath_core::{
    build::{Attest, Tool},
    ports::{BuildError, BuildRequest},
};

/// A command: the program and its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) program: &'static str,
    pub(super) arguments: Vec<String>,
}

impl Step {
    /// Its first words, for errors.
    pub(super) fn name(&self) -> String {
        let words = self.arguments.iter().take_while(|word| !word.starts_with('-')).take(2);
        let words: Vec<&str> = words.map(String::as_str).filter(|word| !word.contains('/')).collect();
        format!("{} {}", self.program, words.join(" ")).trim_end().to_owned()
    }

    /// As a shell would read it, for people.
    pub(super) fn shown(&self) -> String {
        let words = std::iter::once(self.program).chain(self.arguments.iter().map(String::as_str));
        words.map(quoted).collect::<Vec<_>>().join(" ")
    }
}

/// Where everything is.
pub(super) struct Place<'a> {
    /// The configuration file's folder, absolute.
    pub(super) folder: &'a Path,
    /// The layout's folder, which is not there yet.
    pub(super) layout: PathBuf,
    /// A file for an archive, where the builder writes none but that.
    pub(super) archive: PathBuf,
    /// A name that no other image on this machine has.
    pub(super) name: String,
}

/// The commands, and what tidies up after them, however they ended.
#[derive(Debug)]
pub(super) struct Steps {
    pub(super) build: Vec<Step>,
    pub(super) tidy: Option<Step>,
    /// Whether what is left is an archive of the layout.
    pub(super) is_archive: bool,
}

/// The commands for this request.
///
/// Errors: where the program cannot do what is asked.
pub(super) fn steps(tool: Tool, request: &BuildRequest, place: &Place<'_>) -> Result<Steps, BuildError> {
    let several = request.platforms.len() > 1;
    match tool {
        Tool::Buildx => Ok(buildx(request, place)),
        Tool::Docker if several => {
            Err(unsupported(tool, "build for several platforms: use docker-buildx, podman or buildah"))
        }
        Tool::Docker | Tool::Podman | Tool::Buildah if !request.attest.is_empty() => {
            Err(unsupported(tool, "attest anything: use docker-buildx, or leave `attest` out"))
        }
        Tool::Docker => Ok(docker(request, place)),
        Tool::Podman => Ok(podman(request, place, several)),
        Tool::Buildah => Ok(buildah(request, place, several)),
    }
}

fn unsupported(tool: Tool, what: &str) -> BuildError {
    BuildError::Unsupported { tool, what: what.to_owned() }
}

fn buildx(request: &BuildRequest, place: &Place<'_>) -> Steps {
    let layout = text(&place.layout);
    let provenance =
        if request.attest.contains(&Attest::Provenance) { "--provenance=mode=max" } else { "--provenance=false" };
    let sbom = if request.attest.contains(&Attest::Sbom) { "--sbom=true" } else { "--sbom=false" };
    let mut arguments = words(&["buildx", "build", "--progress=plain", provenance, sbom]);
    arguments.extend([format!("--output=type=oci,tar=false,rewrite-timestamp=true,dest={layout}")]);
    arguments.extend(common(request, place));
    Steps { build: vec![Step { program: "docker", arguments }], tidy: None, is_archive: false }
}

fn docker(request: &BuildRequest, place: &Place<'_>) -> Steps {
    let mut build = words(&["build", "--tag", &place.name]);
    build.extend(common(request, place));
    let save = words(&["save", "--output", &text(&place.archive), &place.name]);
    let step = |arguments| Step { program: "docker", arguments };
    Steps { build: vec![step(build), step(save)], tidy: Some(step(words(&["rmi", &place.name]))), is_archive: true }
}

fn podman(request: &BuildRequest, place: &Place<'_>, several: bool) -> Steps {
    let step = |arguments| Step { program: "podman", arguments };
    let save = if several {
        words(&["manifest", "push", "--all", &place.name, &format!("oci:{}", text(&place.layout))])
    } else {
        words(&["save", "--quiet", "--format=oci-dir", "--output", &text(&place.layout), &place.name])
    };
    let build = vec![step(containers(request, place, several)), step(save)];
    Steps { build, tidy: Some(step(remove(place, several))), is_archive: false }
}

fn buildah(request: &BuildRequest, place: &Place<'_>, several: bool) -> Steps {
    let step = |arguments| Step { program: "buildah", arguments };
    let layout = format!("oci:{}", text(&place.layout));
    let push = if several {
        words(&["manifest", "push", "--all", &place.name, &layout])
    } else {
        words(&["push", "--quiet", &place.name, &layout])
    };
    let build = vec![step(containers(request, place, several)), step(push)];
    Steps { build, tidy: Some(step(remove(place, several))), is_archive: false }
}

/// `build` as podman and buildah have it.
///
/// Their cache knows neither the time that files get nor the platform that they are for, so that a second build would
/// not be the first one again.
fn containers(request: &BuildRequest, place: &Place<'_>, several: bool) -> Vec<String> {
    let name = if several { "--manifest" } else { "--tag" };
    let mut arguments = words(&["build", "--format=oci", "--layers=false", name, &place.name]);
    arguments.extend([format!("--timestamp={}", request.created.as_second())]);
    arguments.extend(common(request, place));
    arguments
}

fn remove(place: &Place<'_>, several: bool) -> Vec<String> {
    if several { words(&["manifest", "rm", &place.name]) } else { words(&["rmi", &place.name]) }
}

/// What all of them understand; the context comes last.
fn common(request: &BuildRequest, place: &Place<'_>) -> Vec<String> {
    let mut arguments = vec![format!("--file={}", text(&place.folder.join(&request.dockerfile)))];
    arguments.extend(request.target.iter().map(|target| format!("--target={target}")));
    if !request.platforms.is_empty() {
        let platforms: Vec<String> = request.platforms.iter().map(ToString::to_string).collect();
        arguments.push(format!("--platform={}", platforms.join(",")));
    }
    arguments.extend(request.arguments.iter().map(|(name, value)| format!("--build-arg={name}={value}")));
    arguments.extend(request.labels.iter().map(|(name, value)| format!("--label={name}={value}")));
    arguments.extend(request.secrets.iter().map(|(id, variable)| format!("--secret=id={id},env={variable}")));
    arguments.push(text(&place.folder.join(&request.context)));
    arguments
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The path without parts that say nothing, as `.` for the folder itself does.
fn text(path: &Path) -> String {
    path.components().collect::<PathBuf>().to_string_lossy().into_owned()
}

fn quoted(word: &str) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "._-/:=,@%+".contains(character);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, time::Duration};

    use super::*;

    fn request(platforms: &[&str]) -> BuildRequest {
        BuildRequest {
            component: "api".parse().unwrap(),
            context: "backend".to_owned(),
            dockerfile: "backend/Dockerfile".to_owned(),
            target: Some("runtime".parse().unwrap()),
            platforms: platforms.iter().map(|platform| platform.parse().unwrap()).collect(),
            arguments: BTreeMap::from([("VERSION".parse().unwrap(), "1.4.0; rm -rf /".to_owned())]),
            labels: BTreeMap::from([("a".to_owned(), "b".to_owned())]),
            secrets: BTreeMap::from([("npm".parse().unwrap(), "NPM_TOKEN".parse().unwrap())]),
            attest: Vec::new(),
            created: "2026-03-02T12:00:00Z".parse().unwrap(),
            timeout: Duration::from_mins(1),
        }
    }

    fn shown(tool: Tool, request: &BuildRequest) -> String {
        let folder = Path::new("/shop");
        let place = Place {
            folder,
            layout: "/t/layout".into(),
            archive: "/t/archive".into(),
            name: "localhost/t:1".to_owned(),
        };
        match steps(tool, request, &place) {
            Ok(steps) => steps.build.iter().chain(&steps.tidy).map(Step::shown).collect::<Vec<_>>().join("\n"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn each_builder_comes_to_a_layout_in_its_own_words() {
        let one = request(&["linux/arm64"]);
        insta::assert_snapshot!(shown(Tool::Buildx, &one), @"docker buildx build --progress=plain --provenance=false --sbom=false --output=type=oci,tar=false,rewrite-timestamp=true,dest=/t/layout --file=/shop/backend/Dockerfile --target=runtime --platform=linux/arm64 '--build-arg=VERSION=1.4.0; rm -rf /' --label=a=b --secret=id=npm,env=NPM_TOKEN /shop/backend");
        insta::assert_snapshot!(shown(Tool::Docker, &one), @"
    docker build --tag localhost/t:1 --file=/shop/backend/Dockerfile --target=runtime --platform=linux/arm64 '--build-arg=VERSION=1.4.0; rm -rf /' --label=a=b --secret=id=npm,env=NPM_TOKEN /shop/backend
    docker save --output /t/archive localhost/t:1
    docker rmi localhost/t:1
    ");
        insta::assert_snapshot!(shown(Tool::Podman, &one), @"
    podman build --format=oci --layers=false --tag localhost/t:1 --timestamp=1772452800 --file=/shop/backend/Dockerfile --target=runtime --platform=linux/arm64 '--build-arg=VERSION=1.4.0; rm -rf /' --label=a=b --secret=id=npm,env=NPM_TOKEN /shop/backend
    podman save --quiet --format=oci-dir --output /t/layout localhost/t:1
    podman rmi localhost/t:1
    ");
        insta::assert_snapshot!(shown(Tool::Buildah, &one), @"
    buildah build --format=oci --layers=false --tag localhost/t:1 --timestamp=1772452800 --file=/shop/backend/Dockerfile --target=runtime --platform=linux/arm64 '--build-arg=VERSION=1.4.0; rm -rf /' --label=a=b --secret=id=npm,env=NPM_TOKEN /shop/backend
    buildah push --quiet localhost/t:1 oci:/t/layout
    buildah rmi localhost/t:1
    ");
    }

    #[test]
    fn several_platforms_are_one_index() {
        let two = BuildRequest { secrets: BTreeMap::new(), target: None, ..request(&["linux/amd64", "linux/arm64"]) };
        insta::assert_snapshot!(shown(Tool::Buildah, &two), @"
    buildah build --format=oci --layers=false --manifest localhost/t:1 --timestamp=1772452800 --file=/shop/backend/Dockerfile --platform=linux/amd64,linux/arm64 '--build-arg=VERSION=1.4.0; rm -rf /' --label=a=b /shop/backend
    buildah manifest push --all localhost/t:1 oci:/t/layout
    buildah manifest rm localhost/t:1
    ");
        assert!(shown(Tool::Podman, &two).contains("podman manifest push --all"));
        assert!(shown(Tool::Buildx, &two).contains("--platform=linux/amd64,linux/arm64"));
        assert!(shown(Tool::Docker, &two).contains("docker cannot build for several platforms"));
    }

    #[test]
    fn only_buildx_attests() {
        let attested = BuildRequest { attest: vec![Attest::Provenance, Attest::Sbom], ..request(&[]) };
        assert!(shown(Tool::Buildx, &attested).contains("--provenance=mode=max --sbom=true"));
        for tool in [Tool::Docker, Tool::Podman, Tool::Buildah] {
            assert!(shown(tool, &attested).contains("cannot attest anything"), "{tool}");
        }
    }

    #[test]
    fn a_step_is_named_by_its_first_words() {
        let step = |words: &[&str]| Step { program: "docker", arguments: self::words(words) };
        assert_eq!(step(&["buildx", "build", "--x", "y"]).name(), "docker buildx build");
        assert_eq!(step(&["save", "--output", "x"]).name(), "docker save");
        assert_eq!(step(&["rmi", "localhost/t:1"]).name(), "docker rmi");
    }
}
