//! What can go wrong with a call, by its operation, and for how long.

use std::collections::BTreeMap;

use crate::{
    fakes::{Mishap, Moment, ScriptedProbe},
    ports::{BucketError, CdnError, Fault, FileError},
    site::SiteObject,
    smoke::{Answer, Attempt},
};

use super::{
    super::sabotage::{Said, Side},
    Lasts, Wrong,
};

/// Everything that can go wrong with a call of that operation.
pub(super) fn wrongs(operation: &str) -> Vec<Wrong> {
    let said = said(operation).into_iter().map(Wrong::Said);
    if operation == "probe:attempt" || Side::of(operation) == Side::Files {
        return said.collect();
    }
    if Side::of(operation) == Side::Store {
        let is_write = matches!(operation, "store:create" | "store:replace");
        let after = is_write.then_some(Wrong::Store(Moment::After));
        return [Wrong::Store(Moment::Before)].into_iter().chain(after).collect();
    }
    let denied = Fault::Denied { principal: None, action: None, resource: None };
    let refused = [Fault::NotSent, Fault::Throttled, denied, Fault::Unauthenticated, Fault::NotFound, Fault::Rejected];
    let mut mishaps: Vec<Mishap> = refused.into_iter().map(Mishap::NotCarriedOut).collect();
    if super::is_change(operation) {
        mishaps.extend([
            Mishap::NotCarriedOut(Fault::Ambiguous),
            Mishap::CarriedOut(Fault::Ambiguous),
            Mishap::Unheard,
            Mishap::Unanswered,
        ]);
    } else {
        mishaps.extend([
            Mishap::NotCarriedOut(Fault::Unanswered { waited: None }),
            Mishap::NotCarriedOut(Fault::Ambiguous),
            Mishap::Unheard,
        ]);
    }
    mishaps.into_iter().map(Wrong::Call).chain(said).collect()
}

/// What the port can say in its own words, that makes no sense included.
fn said(operation: &str) -> Vec<Said> {
    let bucket = || "shop-web-dev".parse().unwrap();
    let no_bucket = Said::Bucket(BucketError::NoBucket(bucket()));
    let elsewhere = Said::Bucket(BucketError::OtherRegion {
        bucket: bucket(),
        found: "eu-west-1".parse().unwrap(),
        expected: "us-west-2".parse().unwrap(),
    });
    let corrupted = Said::Bucket(BucketError::Corrupted { object: SiteObject::Marker });
    let home = crate::site::Home { bucket: bucket(), prefix: "".parse().unwrap() };
    let no_object = Said::Bucket(BucketError::NoObject { home, object: SiteObject::Marker });
    let changed = Said::File(FileError::Changed("index.html".parse().unwrap()));
    let gone = Said::File(FileError::Gone("index.html".parse().unwrap()));
    let no_distribution = Said::Cdn(CdnError::NoDistribution("EFAKE".parse().unwrap()));
    let too_many = Said::Cdn(CdnError::TooManyInProgress("EFAKE".parse().unwrap()));
    let no_invalidation = Said::Cdn(CdnError::NoInvalidation("I0".parse().unwrap()));
    match operation {
        "bucket:marker" => vec![no_bucket, elsewhere, Said::Garbled],
        "bucket:upload" => vec![no_bucket, corrupted, changed, gone],
        "bucket:copy" => vec![no_bucket, corrupted, no_object],
        "bucket:put_marker" | "bucket:delete" | "bucket:list" | "bucket:kept" | "bucket:examine" => vec![no_bucket],
        "cdn:distribution" => vec![no_distribution, Said::Garbled],
        "cdn:invalidate" => vec![no_distribution, too_many],
        "cdn:invalidation" => vec![no_distribution, no_invalidation],
        "probe:attempt" => {
            vec![Said::Answer(ScriptedProbe::refused()), answer(503, "slow down"), answer(200, "<html>")]
        }
        "files:survey" => vec![Said::Garbled],
        "files:read" => vec![changed, gone],
        _ => Vec::new(),
    }
}

fn answer(status: u16, body: &str) -> Said {
    let headers = BTreeMap::from([("content-type".to_owned(), "text/html".to_owned())]);
    Said::Answer(Attempt::Answered(Answer { status, headers, body: body.into() }))
}

/// How long that goes on. A whole side that is gone is cut off, shut out, or silent.
pub(super) fn durations(wrong: &Wrong) -> Vec<Lasts> {
    let a_side = [
        Wrong::Store(Moment::Before),
        Wrong::Store(Moment::After),
        Wrong::Call(Mishap::NotCarriedOut(Fault::NotSent)),
        Wrong::Call(Mishap::NotCarriedOut(Fault::Unauthenticated)),
        Wrong::Call(Mishap::Unheard),
        Wrong::Call(Mishap::Unanswered),
    ];
    let side = a_side.contains(wrong).then_some(Lasts::ThatSide);
    [Lasts::Once, Lasts::ThatOperation].into_iter().chain(side).collect()
}
