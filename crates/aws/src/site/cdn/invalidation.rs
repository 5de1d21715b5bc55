//! Invalidations in CloudFront's XML.

use towpath_core::{
    ports::{Invalidation, InvalidationStatus},
    site::{InvalidationPath, InvalidationReference},
};

use super::{failed::Failed, xml};

/// The document that asks for one.
pub(super) fn batch(reference: &InvalidationReference, paths: &[InvalidationPath]) -> String {
    let mut items = String::new();
    for path in paths {
        items += &xml::element("Path", path.as_str());
    }
    let (quantity, reference) = (paths.len(), xml::element("CallerReference", reference.as_str()));
    format!(
        "<InvalidationBatch xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Paths><Quantity>{quantity}</Quantity><Items>{items}</Items></Paths>{reference}</InvalidationBatch>"
    )
}

/// What CloudFront says of one.
pub(super) fn read(node: roxmltree::Node<'_, '_>) -> Option<Invalidation> {
    // Only "Completed" is documented. moto has it in capitals.
    let is_completed = xml::text(node, "Status")?.eq_ignore_ascii_case("Completed");
    let status = if is_completed { InvalidationStatus::Completed } else { InvalidationStatus::InProgress };
    Some(Invalidation { id: xml::text(node, "Id")?.parse().ok()?, status })
}

/// Whether the reference was used for other paths. AWS's pages name the first code; it is a guess that there is another.
pub(super) fn is_taken(failed: &Failed) -> bool {
    let speaks_of_it = ["CallerReference", "caller reference"].iter().any(|words| failed.error.message.contains(words));
    failed.is_coded("InvalidationBatchAlreadyExists") || (failed.is_coded("InvalidArgument") && speaks_of_it)
}
