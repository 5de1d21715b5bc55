//! What a site's plan says beforehand, and that it leaves everything as it is.

use crate::{
    engine::{SiteOutlook, keep_site},
    fakes::FakeSiteFiles,
    ports::SiteFiles as _,
    site::{Change, WaveKind},
};

use super::{Arc, BTreeMap, Outcome, SiteStage, build, directory, executor, web};

fn outlook(stage: &SiteStage, files: &BTreeMap<String, String>) -> Result<SiteOutlook, String> {
    let rules = stage.stage.application.component(&web()).unwrap().site.clone().unwrap().rules;
    let folder: Arc<FakeSiteFiles> = directory(files);
    let manifest = rules.manifest(&executor::run(folder.survey(&rules.survey)).unwrap().unwrap());
    let engine = stage.stage.engine();
    executor::run(engine.plan_site(&web(), &manifest, stage.stage.request("p-9"))).unwrap().unwrap()
}

fn written(outlook: &SiteOutlook) -> Vec<String> {
    let waves = outlook.plan.waves.iter().flat_map(|wave| wave.writes.iter().map(move |write| (wave.kind, write)));
    waves.map(|(kind, write)| format!("{}: {} {}", kind.word(), write.path, write.change.word())).collect()
}

#[test]
fn what_a_promotion_would_write_and_forget_is_told_and_nothing_is_done() {
    let mut stage = SiteStage::alone();
    let first = outlook(&stage, &build("1.0.0")).unwrap();
    assert_eq!((first.live.is_none(), first.plan.unchanged), (true, 0));
    assert_eq!(stage.requests("PUT").len(), 0);
    stage.live("1.0.0", "p-1");
    let (requests, records) = (stage.requests("PUT").len(), stage.requests("DELETE").len());
    let next = outlook(&stage, &build("2.0.0")).unwrap();
    assert_eq!(
        written(&next),
        ["hashed assets: assets/app-200aaaaa.js new", "documents: about.html changed", "entry: index.html changed",]
    );
    assert_eq!(next.summary.writes[0], (WaveKind::Hashed, Change::New, 1));
    let forgotten: Vec<_> = next.forgotten.iter().map(ToString::to_string).collect();
    assert_eq!(forgotten, ["/", "/about.html", "/index.html"]);
    assert!(next.lints.is_empty(), "{:?}", next.lints);
    assert_eq!((stage.requests("PUT").len(), stage.requests("DELETE").len()), (requests, records));
    assert!(stage.visit("").contains("1.0.0"));
}

#[test]
fn the_same_build_is_nothing_to_do_and_half_a_build_is_refused() {
    let mut stage = SiteStage::alone();
    let many: BTreeMap<String, String> =
        build("1.0.0").into_iter().chain((0..60).map(|at| (format!("page{at}.html"), at.to_string()))).collect();
    let rollout = crate::fakes::Outcome::Succeeds { after: std::time::Duration::from_secs(8) };
    stage.release_of("1.0.0", &many, rollout);
    assert_eq!(stage.promote("1.0.0", "p-1").outcome, Outcome::Succeeded);
    let same = outlook(&stage, &many).unwrap();
    assert!(same.plan.is_nothing() && same.forgotten.is_empty(), "{:?}", written(&same));
    let half = outlook(&stage, &build("2.0.0")).unwrap_err();
    assert!(half.starts_with("the site would shrink from 69 files to 9"), "{half}");
}

#[test]
fn a_directory_becomes_the_artifact_that_is_planned_with() {
    let stage = SiteStage::alone();
    let rules = stage.stage.application.component(&web()).unwrap().site.clone().unwrap().rules;
    let kept = executor::run(keep_site(&*directory(&build("1.0.0")), &rules, &stage.stage.ports.store));
    let kept = kept.unwrap().unwrap();
    let planned = outlook(&stage, &build("1.0.0")).unwrap();
    assert_eq!((kept.manifest.digest(), kept.lints.len()), (&planned.plan.next, 0));
}
