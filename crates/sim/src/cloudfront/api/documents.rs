//! The documents that CloudFront answers.
//!
//! Members that are not simulated have the values of a new distribution.

use jiff::Timestamp;

use super::NAMESPACE;
use crate::{
    api::iso_seconds,
    cloudfront::{distribution::Distribution, invalidation::Invalidation, paths::InvalidationPath},
    rest::Xml,
};

pub(super) fn distribution(found: &Distribution, now: Timestamp) -> String {
    let document = Xml::document().root("Distribution", NAMESPACE, |xml| {
        let xml = xml.text("Id", &found.spec.id).text("ARN", found.arn()).text("Status", "Deployed");
        let xml = xml.text("LastModifiedTime", iso_seconds(found.modified));
        let under_way = found.invalidations.iter().filter(|known| known.status(now) == "InProgress").count();
        let xml = xml.text("InProgressInvalidationBatches", under_way.to_string()).text("DomainName", found.domain());
        let xml = xml.element("ActiveTrustedSigners", nobody).element("ActiveTrustedKeyGroups", nobody);
        xml.element("DistributionConfig", |xml| members(xml, found))
    });
    document.done()
}

pub(super) fn config(found: &Distribution) -> String {
    Xml::document().root("DistributionConfig", NAMESPACE, |xml| members(xml, found)).done()
}

pub(super) fn list(found: &[&Distribution]) -> String {
    let document = Xml::document().root("DistributionList", NAMESPACE, |xml| {
        let xml = xml.text("Marker", "").text("MaxItems", "100").text("IsTruncated", "false");
        let xml = xml.text("Quantity", found.len().to_string());
        if found.is_empty() {
            return xml;
        }
        xml.element("Items", |xml| {
            xml.each(found, |xml, found| {
                xml.element("DistributionSummary", |xml| {
                    let xml = xml.text("Id", &found.spec.id).text("ARN", found.arn()).text("ETag", found.etag());
                    let xml = xml.text("Status", "Deployed").text("LastModifiedTime", iso_seconds(found.modified));
                    common(xml.text("DomainName", found.domain()), found)
                })
            })
        })
    });
    document.done()
}

pub(super) fn invalidation(found: &Invalidation, now: Timestamp) -> String {
    let document = Xml::document().root("Invalidation", NAMESPACE, |xml| {
        let xml = xml.text("Id", &found.id).text("Status", found.status(now));
        let xml = xml.text("CreateTime", iso_seconds(found.created));
        xml.element("InvalidationBatch", |xml| {
            let paths = found.paths.iter().map(InvalidationPath::as_str);
            items(xml, "Paths", "Path", &paths.collect::<Vec<_>>()).text("CallerReference", &found.reference)
        })
    });
    document.done()
}

/// A page of invalidations; its marker, its size, and whether there are more.
pub(super) fn invalidations(
    found: &[&Invalidation],
    (marker, most, is_truncated): (&str, usize, bool),
    now: Timestamp,
) -> String {
    let document = Xml::document().root("InvalidationList", NAMESPACE, |xml| {
        let next = found.last().filter(|_| is_truncated).map(|last| &last.id);
        let xml = xml.text("Marker", marker).maybe("NextMarker", next).text("MaxItems", most.to_string());
        let xml = xml.text("IsTruncated", is_truncated.to_string()).text("Quantity", found.len().to_string());
        if found.is_empty() {
            return xml;
        }
        xml.element("Items", |xml| {
            xml.each(found, |xml, found| {
                xml.element("InvalidationSummary", |xml| {
                    let xml = xml.text("Id", &found.id).text("CreateTime", iso_seconds(found.created));
                    xml.text("Status", found.status(now))
                })
            })
        })
    });
    document.done()
}

fn members(xml: Xml, found: &Distribution) -> Xml {
    let xml = xml.text("CallerReference", &found.reference);
    let xml = xml.text("DefaultRootObject", &found.spec.default_root_object);
    let xml = common(xml, found);
    xml.element("Logging", |xml| {
        let xml = xml.text("Enabled", "false").text("IncludeCookies", "false");
        xml.text("Bucket", "").text("Prefix", "")
    })
}

/// What a configuration and a summary have in common.
fn common(xml: Xml, found: &Distribution) -> Xml {
    let spec = &found.spec;
    let aliases: Vec<&str> = spec.aliases.iter().map(String::as_str).collect();
    let xml = items(xml, "Aliases", "CNAME", &aliases);
    let xml = xml.element("Origins", |xml| {
        xml.text("Quantity", "1").element("Items", |xml| xml.element("Origin", |xml| origin(xml, found)))
    });
    let xml = xml.element("DefaultCacheBehavior", |xml| behavior(xml, found)).element("CacheBehaviors", empty);
    let xml = xml.element("CustomErrorResponses", |xml| error_pages(xml, found)).text("Comment", &found.comment);
    let xml = xml.text("PriceClass", "PriceClass_All").text("Enabled", found.is_enabled.to_string());
    let xml = xml.element("ViewerCertificate", |xml| {
        let xml = xml.text("CloudFrontDefaultCertificate", "true").text("SSLSupportMethod", "vip");
        xml.text("MinimumProtocolVersion", "TLSv1").text("CertificateSource", "cloudfront")
    });
    let xml = xml.element("Restrictions", |xml| {
        xml.element("GeoRestriction", |xml| xml.text("RestrictionType", "none").text("Quantity", "0"))
    });
    let xml = xml.text("WebACLId", "").text("HttpVersion", "http2").text("IsIPV6Enabled", "true");
    xml.text("Staging", "false")
}

fn origin(xml: Xml, found: &Distribution) -> Xml {
    let bucket = &found.spec.bucket;
    let xml = xml.text("Id", bucket).text("DomainName", format!("{bucket}.s3.amazonaws.com"));
    let xml = xml.text("OriginPath", &found.spec.origin_path).element("CustomHeaders", empty);
    let xml = xml.element("S3OriginConfig", |xml| xml.text("OriginAccessIdentity", ""));
    let xml = xml.text("ConnectionAttempts", "3").text("ConnectionTimeout", "10");
    xml.element("OriginShield", |xml| xml.text("Enabled", "false")).text("OriginAccessControlId", "")
}

fn behavior(xml: Xml, found: &Distribution) -> Xml {
    let spec = &found.spec;
    let xml = xml.text("TargetOriginId", &spec.bucket).element("TrustedSigners", nobody);
    let xml = xml.element("TrustedKeyGroups", nobody).text("ViewerProtocolPolicy", "allow-all");
    let xml = xml.element("AllowedMethods", |xml| {
        let methods = ["HEAD", "GET"];
        let xml = list_of(xml, "Method", &methods);
        xml.element("CachedMethods", |xml| list_of(xml, "Method", &methods))
    });
    let xml = xml.text("SmoothStreaming", "false").text("Compress", "false");
    let xml = xml.element("LambdaFunctionAssociations", empty).element("FunctionAssociations", empty);
    let xml = xml.text("FieldLevelEncryptionId", "").element("ForwardedValues", |xml| {
        let xml = xml.text("QueryString", spec.query_strings.to_string());
        let xml = xml.element("Cookies", |xml| xml.text("Forward", "none"));
        xml.element("Headers", empty).element("QueryStringCacheKeys", empty)
    });
    let xml = xml.text("MinTTL", spec.min_ttl.to_string()).text("DefaultTTL", spec.default_ttl.to_string());
    xml.text("MaxTTL", spec.max_ttl.to_string())
}

fn error_pages(xml: Xml, found: &Distribution) -> Xml {
    let pages = &found.spec.error_pages;
    let xml = xml.text("Quantity", pages.len().to_string());
    if pages.is_empty() {
        return xml;
    }
    xml.element("Items", |xml| {
        xml.each(pages, |xml, page| {
            xml.element("CustomErrorResponse", |xml| {
                let xml = xml.text("ErrorCode", page.status.to_string()).text("ResponsePagePath", &page.page);
                xml.text("ResponseCode", page.answer.to_string()).text("ErrorCachingMinTTL", page.ttl.to_string())
            })
        })
    })
}

fn items(xml: Xml, name: &str, item: &str, texts: &[&str]) -> Xml {
    xml.element(name, |xml| list_of(xml, item, texts))
}

fn list_of(xml: Xml, item: &str, texts: &[&str]) -> Xml {
    let xml = xml.text("Quantity", texts.len().to_string());
    if texts.is_empty() {
        return xml;
    }
    xml.element("Items", |xml| xml.each(texts, |xml, text| xml.text(item, text)))
}

fn empty(xml: Xml) -> Xml {
    xml.text("Quantity", "0")
}

fn nobody(xml: Xml) -> Xml {
    xml.text("Enabled", "false").text("Quantity", "0")
}
