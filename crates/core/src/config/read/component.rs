//! Components: what is the same in every environment.

use crate::config::{Component, keys, tree::Section};

/// The components, in the order of the file.
pub(super) fn all(root: &Section<'_>) -> Option<Vec<Component>> {
    root.named("components", &keys::COMPONENT).into_iter().map(|(name, section)| component(&name, &section)).collect()
}

fn component(name: &str, section: &Section<'_>) -> Option<Component> {
    let image = section.section("image", &keys::IMAGE);
    let repository = image.and_then(|image| image.get("repository")?.text().map(str::to_owned));
    let needs = section.get("needs")?.elements();
    Some(Component {
        name: name.parse().ok()?,
        image_repository: repository,
        needs: needs.iter().map(|component| component.text()?.parse().ok()).collect::<Option<Vec<_>>>()?,
    })
}
