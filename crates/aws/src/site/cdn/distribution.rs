//! A distribution in CloudFront's XML.

use std::time::Duration;

use roxmltree::Node;
use towpath_core::{
    identifier::DistributionId,
    ports::{Distribution, ErrorDocument, Origin},
};

use super::xml::{child, children, text};

/// What CloudFront does with errors of which nothing is said.
const USUAL_SECONDS: u64 = 10;

/// What CloudFront says of it.
pub(super) fn read(id: &DistributionId, node: Node<'_, '_>) -> Option<Distribution> {
    let config = child(node, "DistributionConfig")?;
    let default = child(config, "DefaultCacheBehavior").and_then(|behavior| text(behavior, "TargetOriginId"));
    let (mut default_origin, mut other_origins) = (None, Vec::new());
    for origin in items(config, "Origins", "Origin") {
        let found = Origin {
            domain: text(origin, "DomainName")?.to_owned(),
            path: text(origin, "OriginPath").unwrap_or_default().to_owned(),
        };
        if default.is_some() && text(origin, "Id") == default {
            default_origin = Some(found);
        } else {
            other_origins.push(found);
        }
    }
    Some(Distribution {
        id: id.clone(),
        domain: text(node, "DomainName")?.to_owned(),
        aliases: items(config, "Aliases", "CNAME").filter_map(|alias| alias.text()).map(str::to_owned).collect(),
        is_enabled: text(config, "Enabled")? == "true",
        is_deployed: text(node, "Status")? == "Deployed",
        default_origin,
        other_origins,
        default_root: some(config, "DefaultRootObject").map(|root| root.trim_start_matches('/').to_owned()),
        error_documents: items(config, "CustomErrorResponses", "CustomErrorResponse").filter_map(error).collect(),
    })
}

fn error(node: Node<'_, '_>) -> Option<ErrorDocument> {
    let seconds = some(node, "ErrorCachingMinTTL").and_then(|seconds| seconds.parse().ok());
    Some(ErrorDocument {
        status: text(node, "ErrorCode")?.parse().ok()?,
        page: some(node, "ResponsePagePath").map(str::to_owned),
        answered: some(node, "ResponseCode").and_then(|code| code.parse().ok()),
        cached_for: Duration::from_secs(seconds.unwrap_or(USUAL_SECONDS)),
    })
}

/// The entries of one of CloudFront's lists; without any, there is no `Items`.
fn items<'a, 'd: 'a>(
    node: Node<'a, 'd>,
    list: &str,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'd>> + use<'a, 'd> {
    let items = child(node, list).and_then(|list| child(list, "Items"));
    items.into_iter().flat_map(move |items| children(items, name))
}

/// A text that is not empty.
fn some<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    text(node, name).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"<Distribution xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/">
        <Id>E1SHOP</Id><Status>InProgress</Status><DomainName>d1.cloudfront.net</DomainName>
        <DistributionConfig>
            <Aliases><Quantity>1</Quantity><Items><CNAME>www.shop.example</CNAME></Items></Aliases>
            <DefaultRootObject>/index.html</DefaultRootObject>
            <Origins><Quantity>2</Quantity><Items>
                <Origin><Id>api</Id><DomainName>api.shop.example</DomainName><OriginPath></OriginPath></Origin>
                <Origin><Id>s3</Id><DomainName>shop.s3.us-west-2.amazonaws.com</DomainName><OriginPath>/app</OriginPath></Origin>
            </Items></Origins>
            <DefaultCacheBehavior><TargetOriginId>s3</TargetOriginId></DefaultCacheBehavior>
            <CustomErrorResponses><Quantity>2</Quantity><Items>
                <CustomErrorResponse><ErrorCode>403</ErrorCode><ResponsePagePath>/index.html</ResponsePagePath>
                    <ResponseCode>200</ResponseCode><ErrorCachingMinTTL>300</ErrorCachingMinTTL></CustomErrorResponse>
                <CustomErrorResponse><ErrorCode>500</ErrorCode></CustomErrorResponse>
            </Items></CustomErrorResponses>
            <Enabled>true</Enabled>
        </DistributionConfig></Distribution>"#;

    #[test]
    fn a_distribution_is_read_with_its_origins_and_error_pages() {
        let document = roxmltree::Document::parse(DOCUMENT).unwrap();
        let found = read(&"E1SHOP".parse().unwrap(), document.root_element()).unwrap();
        let origin = found.default_origin.unwrap();
        assert_eq!((origin.domain.as_str(), origin.path.as_str()), ("shop.s3.us-west-2.amazonaws.com", "/app"));
        assert_eq!((found.other_origins.len(), found.aliases.len()), (1, 1));
        assert_eq!((found.is_enabled, found.is_deployed), (true, false));
        assert_eq!(found.default_root.as_deref(), Some("index.html"));
        let [page, bare] = found.error_documents.as_slice() else { panic!("{:?}", found.error_documents) };
        assert_eq!((page.status, page.answered, page.cached_for.as_secs()), (403, Some(200), 300));
        assert_eq!((bare.page.as_deref(), bare.answered, bare.cached_for.as_secs()), (None, None, 10));
    }
}
