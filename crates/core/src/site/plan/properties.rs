//! What holds of every plan: sites are published over each other in a bucket of the mind, in any order within a wave,
//! with runs that die anywhere, ways back, and markers that get lost.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{Before, Deletions, Extent, Found, Past, PublishSettings, SitePlan, plan, settled};
use crate::{
    identifier::Sha256,
    ports::{ETag, Examined, Listed},
    site::{FileClass, Headers, Manifest, ManifestFile, SiteObject, SitePath, fixtures::headers},
};

/// A page: what it refers to, as bits over hashed files, assets and documents.
#[derive(Debug, Clone)]
struct Page {
    hashed: u8,
    assets: u8,
    documents: u8,
    wording: u8,
}

/// A build. Its files are what its pages refer to, and some more.
#[derive(Debug, Clone)]
struct Build {
    entry: Page,
    documents: [Page; 3],
    assets: [u8; 3],
    more: u8,
    worker: Option<u8>,
    cache: bool,
}

fn page() -> impl Strategy<Value = Page> {
    (any::<u8>(), 0..8u8, 0..8u8, 0..2u8).prop_map(|(hashed, assets, documents, wording)| Page {
        hashed,
        assets,
        documents,
        wording,
    })
}

fn build() -> impl Strategy<Value = Build> {
    let assets = [0..3u8, 0..3u8, 0..3u8];
    (page(), [page(), page(), page()], assets, any::<u8>(), proptest::option::of(0..2u8), any::<bool>()).prop_map(
        |(entry, documents, assets, more, worker, cache)| Build { entry, documents, assets, more, worker, cache },
    )
}

/// Which page's bytes hash to what, so that what is live can be asked what it refers to.
type Pages = BTreeMap<Sha256, Vec<SitePath>>;

fn hashed(at: usize) -> SitePath {
    format!("assets/{at}.0a1b2c3d.js").parse().unwrap()
}

fn asset(at: usize) -> SitePath {
    format!("{at}.css").parse().unwrap()
}

fn document(at: usize) -> SitePath {
    format!("docs/{at}.html").parse().unwrap()
}

fn bits(mask: u8, count: usize) -> impl Iterator<Item = usize> {
    (0..count).filter(move |at| mask >> at & 1 == 1)
}

fn refers_to(page: &Page) -> Vec<SitePath> {
    let hashed = bits(page.hashed, 8).map(hashed);
    hashed.chain(bits(page.assets, 3).map(asset)).chain(bits(page.documents, 3).map(document)).collect()
}

fn file(content: &str, class: FileClass, headers: &Headers) -> ManifestFile {
    let sha256 = Sha256::of(content.as_bytes());
    ManifestFile { sha256, size: content.len() as u64, class, headers: headers.clone() }
}

/// The manifest of a build. What a build's pages refer to is in it, so it is whole.
fn manifest(build: &Build, pages: &mut Pages) -> Manifest {
    let headers = headers(if build.cache { "no-cache" } else { "max-age=60" });
    let mut files = BTreeMap::new();
    let all = build.documents.iter().chain([&build.entry]);
    let (scripts, styles) =
        all.fold((build.more, build.more), |(scripts, styles), page| (scripts | page.hashed, styles | page.assets));
    let reachable = build.documents.iter().chain([&build.entry]).fold(0, |mask, page| mask | page.documents);
    files.extend(bits(scripts, 8).map(|at| (hashed(at), file(&format!("h{at}"), FileClass::Hashed, &headers))));
    let style = |at: usize| (asset(at), file(&format!("a{at}{}", build.assets[at]), FileClass::Asset, &headers));
    files.extend(bits(styles, 3).map(style));
    let mut add = |path: SitePath, page: &Page, class| {
        let content = format!("{path} {} {page:?}", page.wording);
        pages.insert(Sha256::of(content.as_bytes()), refers_to(page));
        files.insert(path, file(&content, class, &headers));
    };
    bits(reachable, 3).for_each(|at| add(document(at), &build.documents[at], FileClass::Document));
    add("index.html".parse().unwrap(), &build.entry, FileClass::Entry);
    let worker =
        build.worker.map(|at| ("sw.js".parse().unwrap(), file(&format!("w{at}"), FileClass::Worker, &headers)));
    files.extend(worker);
    Manifest::new(files).unwrap()
}

/// The bucket: what is at which path, and keys that are somebody else's.
#[derive(Debug, Clone, Default)]
struct Bucket {
    files: BTreeMap<SitePath, (Sha256, u64, Headers)>,
}

impl Bucket {
    /// Every page that visitors can come to, from the entry and from the pages that they know, refers only to what is
    /// there.
    fn is_whole(&self, pages: &Pages, known: &BTreeSet<SitePath>, when: &str) {
        let mut ways: Vec<&SitePath> = known.iter().collect();
        let mut seen = BTreeSet::new();
        while let Some(path) = ways.pop().filter(|_| !self.files.is_empty()) {
            let Some((sha256, ..)) = self.files.get(path).filter(|_| seen.insert(path)) else {
                continue;
            };
            for wanted in pages.get(sha256).into_iter().flatten() {
                assert!(self.files.contains_key(wanted), "{when}: {path} refers to {wanted}, which is not there");
                ways.push(wanted);
            }
        }
    }

    fn write(&mut self, path: &SitePath, file: &ManifestFile) {
        self.files.insert(path.clone(), (file.sha256.clone(), file.size, file.headers.clone()));
    }

    fn found(&self, next: &Manifest) -> Found {
        let etag = ETag("\"x\"".to_owned());
        let listed: Vec<Listed> = self
            .files
            .iter()
            .map(|(path, (_, size, _))| Listed { key: path.to_string(), size: *size, etag: etag.clone() })
            .collect();
        let look = |path: SitePath| {
            let (sha256, size, headers) = self.files[&path].clone();
            Examined { path, size, sha256: Some(sha256), headers: Some(headers) }
        };
        let examined: Vec<_> = Found::worth_a_look(&listed, next).into_iter().map(look).collect();
        Found::of(&listed, &examined)
    }
}

/// One publication of a story.
#[derive(Debug, Clone)]
struct Step {
    /// Which of the builds.
    build: usize,
    /// After how many writes the run dies; many for not at all.
    dies_after: usize,
    /// After how many deletions it dies.
    deletes: usize,
    /// In which order a wave's files are written.
    order: u64,
    /// Whether the marker was lost before it.
    is_lost: bool,
}

fn step() -> impl Strategy<Value = Step> {
    let dies = prop_oneof![2 => Just(usize::MAX), 1 => 0..20usize];
    let deletes = prop_oneof![3 => Just(usize::MAX), 1 => 0..5usize];
    (0..4usize, dies, deletes, any::<u64>(), proptest::bool::weighted(0.1))
        .prop_map(|(build, dies_after, deletes, order, is_lost)| Step { build, dies_after, deletes, order, is_lost })
}

/// A jumble that follows from a number.
fn shuffled<T: Clone>(items: &[T], order: u64) -> Vec<T> {
    let mut keyed: Vec<(Sha256, T)> = items
        .iter()
        .enumerate()
        .map(|(at, item)| (Sha256::of(format!("{order} {at}").as_bytes()), item.clone()))
        .collect();
    keyed.sort_by(|one, other| one.0.cmp(&other.0));
    keyed.into_iter().map(|(_, item)| item).collect()
}

/// The world of a story.
struct World {
    manifests: Vec<Manifest>,
    pages: Pages,
    bucket: Bucket,
    /// Builds by number, the newest first.
    history: Vec<(usize, Extent)>,
    settings: PublishSettings,
}

impl World {
    fn before(&self, step: &Step) -> Before<'_> {
        let past = |(at, extent): &(usize, Extent)| Past { manifest: &self.manifests[*at], extent: *extent };
        let found = step.is_lost.then(|| self.bucket.found(&self.manifests[step.build]));
        Before { history: self.history.iter().map(past).collect(), found, ..Before::default() }
    }

    fn publish(&mut self, step: &Step) {
        let next = self.manifests[step.build].clone();
        let plan = plan(&next, &self.before(step), &self.settings).unwrap();
        if !self.write(&plan, &next, step) {
            self.history.insert(0, (step.build, Extent::Broken));
            return;
        }
        for (path, file) in next.files() {
            let there = &self.bucket.files[path];
            assert_eq!((&there.0, &there.2), (&file.sha256, &file.headers), "{path} is not as it should be");
        }
        self.remember(&plan, step);
        self.delete(&plan, &next, step);
    }

    /// The pages that visitors know: the entry, and those of what was live last.
    fn known(&self) -> BTreeSet<SitePath> {
        let live = self.history.iter().find(|(_, extent)| *extent == Extent::Whole);
        let files = live.into_iter().flat_map(|(at, _)| self.manifests[*at].files().keys().cloned());
        files.chain(["index.html".parse().unwrap()]).collect()
    }

    /// Writes the waves, each in any order, until the run dies.
    fn write(&mut self, plan: &SitePlan, next: &Manifest, step: &Step) -> bool {
        let mut left = step.dies_after;
        let known = self.known();
        for wave in &plan.waves {
            for write in shuffled(&wave.writes, step.order) {
                if left == 0 {
                    return false;
                }
                left -= 1;
                self.bucket.write(&write.path, next.file(&write.path).unwrap());
                self.bucket.is_whole(&self.pages, &known, "after a write");
            }
        }
        true
    }

    fn remember(&mut self, plan: &SitePlan, step: &Step) {
        let at = |wanted| self.manifests.iter().position(|one| *one.digest() == wanted).unwrap();
        let kept: Vec<_> = plan.kept.iter().map(|kept| (at(kept.manifest.clone()), kept.extent)).collect();
        self.history = [(step.build, Extent::Whole)].into_iter().chain(kept).collect();
    }

    fn delete(&mut self, plan: &SitePlan, next: &Manifest, step: &Step) {
        let kept: BTreeSet<&SitePath> =
            self.history.iter().flat_map(|(at, _)| self.manifests[*at].files().keys()).collect();
        for object in shuffled(plan.deletions.objects(), step.order).into_iter().take(step.deletes) {
            let SiteObject::File(path) = object else { panic!("nothing is kept aside here: {object}") };
            assert!(next.file(&path).is_none() && !kept.contains(&path), "{path} is needed");
            assert!(!path.as_str().starts_with("foreign"), "{path} is somebody else's");
            self.bucket.files.remove(&path);
            self.bucket.is_whole(&self.pages, &kept.iter().copied().cloned().collect(), "after a deletion");
        }
        for path in kept.iter().filter(|_| self.history.iter().all(|(_, extent)| *extent == Extent::Whole)) {
            assert!(self.bucket.files.contains_key(*path), "{path} is kept and not there");
        }
    }
}

fn world(builds: &[Build]) -> World {
    let mut pages = Pages::new();
    let manifests = builds.iter().map(|build| manifest(build, &mut pages)).collect();
    let mut bucket = Bucket::default();
    let foreign = file("foreign", FileClass::Asset, &headers("no-cache"));
    bucket.write(&"foreign/x.txt".parse().unwrap(), &foreign);
    let settings = PublishSettings { keep: "1".parse().unwrap(), largest_share: "100".parse().unwrap(), runtime: None };
    World { manifests, pages, bucket, history: Vec::new(), settings }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn every_page_refers_only_to_what_is_there_whatever_happens(
        builds in [build(), build(), build(), build()],
        steps in proptest::collection::vec(step(), 1..12),
    ) {
        let mut world = world(&builds);
        for step in &steps {
            world.publish(step);
        }
        prop_assert!(world.bucket.files.contains_key(&"foreign/x.txt".parse::<SitePath>().unwrap()));
    }

    #[test]
    fn a_plan_is_the_same_each_time_and_nothing_is_left_to_do_after_it(one in build(), other in build()) {
        let mut pages = Pages::new();
        let (one, other) = (manifest(&one, &mut pages), manifest(&other, &mut pages));
        let history = vec![Past { manifest: &one, extent: Extent::Whole }];
        let before = Before { history, ..Before::default() };
        let settings = PublishSettings { largest_share: "100".parse().unwrap(), ..PublishSettings::default() };
        let first = plan(&other, &before, &settings).unwrap();
        prop_assert_eq!(&first, &plan(&other, &before, &settings).unwrap());
        let history = vec![Past { manifest: &other, extent: Extent::Whole }, before.history[0]];
        let after = plan(&other, &Before { history, ..Before::default() }, &settings).unwrap();
        prop_assert!(after.is_nothing());
        prop_assert_eq!(after.unchanged, other.files().len());
        let is_nothing_deleted = matches!(&first.deletions, Deletions::Allowed { objects, .. } if objects.is_empty());
        prop_assert!(is_nothing_deleted);
    }

    #[test]
    fn nothing_has_to_be_compared_where_the_first_is_what_is_wanted(
        builds in proptest::collection::vec((build(), any::<bool>()), 1..6),
        keep in 1..4u8,
    ) {
        let mut pages = Pages::new();
        let extent = |at: usize, is_broken| if at > 0 && is_broken { Extent::Broken } else { Extent::Whole };
        let built = builds.iter().enumerate();
        let built: Vec<_> = built.map(|(at, (one, broken))| (manifest(one, &mut pages), extent(at, *broken))).collect();
        let history = built.iter().map(|(manifest, extent)| Past { manifest, extent: *extent }).collect();
        let before = Before { history, ..Before::default() };
        let settings = PublishSettings { keep: keep.to_string().parse().unwrap(), ..PublishSettings::default() };
        let digests = built.iter().map(|(manifest, extent)| (manifest.digest(), *extent));
        let compared = plan(&built[0].0, &before, &settings).unwrap();
        let settled = settled(&built[0].0, digests, &settings).unwrap();
        let (leaving, deletions) = (compared.leaving.clone(), compared.deletions.clone());
        prop_assert_eq!(compared, SitePlan { leaving, deletions, ..settled });
    }
}
