//! Components: what is the same in every environment.

use crate::config::{Component, building, keys, mistake::Findings, tree::Section};

use super::{build, site};

/// The components, in the order of the file.
pub(super) fn all(root: &Section<'_>, findings: &mut Findings<'_>) -> Option<Vec<Component>> {
    let sections = root.named("components", &keys::COMPONENT).into_iter();
    let components: Vec<Option<Component>> =
        sections.map(|(name, section)| component(&name, &section, findings)).collect();
    components.into_iter().collect()
}

fn component(name: &str, section: &Section<'_>, findings: &mut Findings<'_>) -> Option<Component> {
    let kind = section.written("kind");
    let kind = kind.as_ref().and_then(|kind| kind.text()).unwrap_or_default();
    site::foreign_keys(section, kind, findings);
    let site = match kind {
        "site" => Some(site::source(section, findings)?),
        _ => None,
    };
    let image = section.section("image", &building::IMAGE);
    let repository = image.as_ref().and_then(|image| image.get("repository")?.text().map(str::to_owned));
    let build = match &image {
        Some(image) => build::recipe(image, findings)?,
        None => None,
    };
    let needs = section.get("needs")?.elements();
    Some(Component {
        name: name.parse().ok()?,
        site,
        image_repository: repository,
        build,
        needs: needs.iter().map(|component| component.text()?.parse().ok()).collect::<Option<Vec<_>>>()?,
    })
}
