//! Runs the adapters' calls against moto, somebody else's idea of AWS, and says where the two differ.
//!
//! ```sh
//! python3 -m venv venv && venv/bin/pip install 'moto[server]'
//! venv/bin/moto_server -H 127.0.0.1 -p 5601 &
//! export AWS_ENDPOINT_URL=http://127.0.0.1:5601 AWS_REGION=us-west-2 AWS_ACCESS_KEY_ID=t AWS_SECRET_ACCESS_KEY=t
//! cargo run -p towpath-aws --example peer_moto
//! ```
//!
//! One line a check: `ok`, `known` for a difference that is moto's and listed in [`KNOWN`], or `DIFFERENT`, which also
//! makes the exit status 1. Each run makes what it needs under names of its own, so that it can be repeated.
//! It does not look at rollouts: moto has none.

use std::{error::Error, process::ExitCode, time::SystemTime};

use aws_sdk_ecr::types::Image;
use serde_json::{Value, json};
use towpath_aws::{Aws, Patience, Settings};
use towpath_core::{
    identifier::{Digest, ImageReference, SecretReference},
    ports::{
        CallError, Fault, Identity as _, ImagePresence, Images as _, SecretPresence, Secrets as _, Services as _,
        TaskDefinitions as _,
    },
    rollout::ServiceKey,
    task_definition::{Document, Tag},
};

/// Where moto differs from AWS: the check, what is found there, and why. moto 5.2.5.
const KNOWN: &[(&str, &str, &str)] = &[
    ("task definition: futureMember", "None", "moto drops members that it does not know"),
    ("container: futureKnob", "None", "moto drops members that it does not know"),
    ("task definition: enableFaultInjection", "None", "moto drops this one of AWS's members"),
    ("ecr: a digest is the manifest's hash", "false", "moto makes digests up in its own way"),
    ("services: service deployments", "Some(Unanswered { waited: None })", "moto has none, and answers HTTP 500"),
];

/// The account that moto gives to everybody.
const ACCOUNT: &str = "123456789012";

type Anything<T> = Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Anything<ExitCode> {
    if std::env::var_os("AWS_ENDPOINT_URL").is_none() {
        return Err("set AWS_ENDPOINT_URL to a moto server; this must never run against AWS".into());
    }
    let peer = Peer::connect().await?;
    let mut checks = Checks::default();
    peer.identity(&mut checks).await?;
    peer.task_definitions(&mut checks).await?;
    peer.images(&mut checks).await?;
    peer.secrets(&mut checks).await?;
    peer.services(&mut checks).await?;
    Ok(checks.finish())
}

/// What was found so far.
#[derive(Default)]
struct Checks {
    ok: u32,
    known: u32,
    different: u32,
}

impl Checks {
    #[expect(clippy::print_stdout, reason = "the lines are what this program is for")]
    fn same<T: PartialEq + std::fmt::Debug>(&mut self, check: &str, found: &T, expected: &T) {
        let text = format!("{found:?}");
        let known = KNOWN.iter().find(|(name, shown, _)| *name == check && *shown == text);
        match known {
            _ if found == expected => {
                self.ok += 1;
                println!("ok {check}");
            }
            Some((_, _, why)) => {
                self.known += 1;
                println!("known {check}: {why}");
            }
            None => {
                self.different += 1;
                println!("DIFFERENT {check}: found {found:?}, expected {expected:?}");
            }
        }
    }

    #[expect(clippy::print_stdout, reason = "the lines are what this program is for")]
    fn finish(self) -> ExitCode {
        println!("{} ok, {} known to differ, {} different", self.ok, self.known, self.different);
        ExitCode::from(u8::from(self.different > 0))
    }
}

/// The adapters, and the SDK's own clients to make what the adapters never make.
struct Peer {
    aws: Aws,
    ecs: aws_sdk_ecs::Client,
    ecr: aws_sdk_ecr::Client,
    secrets_manager: aws_sdk_secretsmanager::Client,
    region: String,
    /// What tells this run's names from another's.
    run: String,
}

impl Peer {
    async fn connect() -> Anything<Self> {
        let config = aws_config::load_defaults(aws_config::BehaviorVersion::v2026_01_12()).await;
        let region = config.region().ok_or("set AWS_REGION")?.to_string();
        let patience = Patience { read_attempts: 1, ..Patience::default() };
        let settings = Settings { patience, ..Settings::new(region.parse()?, ACCOUNT.parse()?) };
        Ok(Self {
            aws: Aws::connect(settings).await?,
            ecs: aws_sdk_ecs::Client::new(&config),
            ecr: aws_sdk_ecr::Client::new(&config),
            secrets_manager: aws_sdk_secretsmanager::Client::new(&config),
            region,
            run: SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_millis().to_string(),
        })
    }

    async fn identity(&self, checks: &mut Checks) -> Anything<()> {
        let caller = self.aws.identity().caller().await?;
        checks.same("identity: the account", &caller.account.as_str(), &ACCOUNT);
        checks.same("identity: an ARN", &caller.arn.starts_with("arn:aws:"), &true);
        Ok(())
    }

    async fn task_definitions(&self, checks: &mut Checks) -> Anything<()> {
        let task_definitions = self.aws.task_definitions();
        let family = format!("peer-{}", self.run);
        let tag = Tag { key: "team".to_owned(), value: "shop".to_owned() };
        let document = Document::from_described(task_definition(&family), vec![tag])?;
        let first = task_definitions.register(&document).await?;
        let second = task_definitions.register(&document).await?;
        checks.same("task definition: the first revision", &first.short(), &&*format!("{family}:1"));
        let latest = task_definitions.latest(&family.parse()?).await?.ok_or("there is no latest revision")?;
        checks.same("task definition: the latest revision", &latest.arn, &second);
        checks.same("task definition: it is active", &latest.is_active, &true);
        checks.same("task definition: its tags", &latest.document.tags(), &document.tags());
        let (mut found, mut expected) = (latest.document.to_value(), document.to_value());
        let container = |value: &mut Value| value["containerDefinitions"][0].take();
        members(checks, "container", &container(&mut found), &container(&mut expected));
        members(checks, "task definition", &found, &expected);
        let nobody = task_definitions.latest(&format!("nobody-{}", self.run).parse()?).await?;
        checks.same("task definition: an unknown family", &nobody, &None);
        let unknown = task_definitions.describe(&format!("{first}9").parse()?).await?;
        checks.same("task definition: an unknown revision", &unknown, &None);
        Ok(())
    }

    async fn images(&self, checks: &mut Checks) -> Anything<()> {
        let images = self.aws.images();
        let name = format!("peer/{}", self.run);
        self.ecr.create_repository().repository_name(&name).send().await?;
        let repository = format!("{ACCOUNT}.dkr.ecr.{}.amazonaws.com/{name}", self.region);
        let single = single_manifest();
        let child = self.push(&name, "single", &single).await?;
        let index = self.push(&name, "index", &index_manifest(&child)).await?;
        let reference = |digest: &Digest| -> Anything<ImageReference> {
            Ok(ImageReference::new(repository.parse()?, digest.clone()))
        };

        let resolved = images.resolve(&format!("{repository}:single").parse()?).await?;
        checks.same("ecr: a tag is resolved", &resolved, &Some(child.clone()));
        let is_hash = child == Digest::of(single.as_bytes());
        checks.same("ecr: a digest is the manifest's hash", &is_hash, &true);
        let unknown = images.resolve(&format!("{repository}:unknown").parse()?).await?;
        checks.same("ecr: an unknown tag", &unknown, &None);
        let nowhere = images.resolve(&format!("{repository}-unknown:single").parse()?).await;
        checks.same("ecr: an unknown repository", &fault(nowhere), &Some(Fault::NotFound));
        let presence = images.presence(&reference(&child)?).await?;
        checks.same("ecr: an image is present", &presence, &ImagePresence::Present);
        let presence = images.presence(&reference(&Digest::of(b"unknown"))?).await?;
        checks.same("ecr: an unknown image is missing", &presence, &ImagePresence::Missing);
        checks.same("ecr: children of an index", &images.children(&reference(&index)?).await?, &vec![child.clone()]);
        checks.same("ecr: children of an image", &images.children(&reference(&child)?).await?, &vec![]);
        let unknown = images.children(&reference(&Digest::of(b"unknown"))?).await;
        checks.same("ecr: children of an unknown image", &fault(unknown), &Some(Fault::NotFound));
        Ok(())
    }

    async fn push(&self, repository: &str, tag: &str, manifest: &str) -> Anything<Digest> {
        let request = self.ecr.put_image().repository_name(repository).image_tag(tag).image_manifest(manifest);
        let pushed = request.send().await?;
        let digest = pushed.image().and_then(Image::image_id).and_then(|id| id.image_digest());
        Ok(digest.ok_or("the pushed image has no digest")?.parse()?)
    }

    async fn secrets(&self, checks: &mut Checks) -> Anything<()> {
        let (kept, deleted) = (self.make_secret("kept").await?, self.make_secret("deleted").await?);
        self.secrets_manager.delete_secret().secret_id(&deleted).send().await?;
        let presence = async |text: String| -> Anything<SecretPresence> {
            Ok(self.aws.secrets().presence(&text.parse::<SecretReference>()?).await?)
        };
        checks.same("secrets: present", &presence(kept.clone()).await?, &SecretPresence::Present);
        checks.same("secrets: with a key", &presence(format!("{kept}:key::")).await?, &SecretPresence::Present);
        checks.same("secrets: being deleted", &presence(deleted).await?, &SecretPresence::BeingDeleted);
        let unknown = kept.replace("kept", "unknown");
        checks.same("secrets: missing", &presence(unknown).await?, &SecretPresence::Missing);
        Ok(())
    }

    async fn make_secret(&self, name: &str) -> Anything<String> {
        let name = format!("peer/{}/{name}", self.run);
        let made = self.secrets_manager.create_secret().name(name).secret_string("not a secret").send().await?;
        Ok(made.arn().ok_or("the secret has no ARN")?.to_owned())
    }

    async fn services(&self, checks: &mut Checks) -> Anything<()> {
        let services = self.aws.services();
        let cluster = format!("peer-{}", self.run);
        self.ecs.create_cluster().cluster_name(&cluster).send().await?;
        let key = |cluster: &str| -> Anything<ServiceKey> {
            Ok(ServiceKey { cluster: cluster.parse()?, service: "nobody".parse()? })
        };
        let found = services.describe(&[key(&cluster)?]).await?;
        checks.same("services: a missing service", &found, &vec![None]);
        let nowhere = services.describe(&[key("nowhere")?]).await;
        checks.same("services: a missing cluster", &fault(nowhere), &Some(Fault::NotFound));
        let listed = services.deployments(&key(&cluster)?, None).await;
        checks.same("services: service deployments", &fault(listed), &Some(Fault::NotFound));
        Ok(())
    }
}

fn fault<T>(result: Result<T, CallError>) -> Option<Fault> {
    result.err().map(|error| error.fault)
}

/// Compares two objects member by member.
fn members(checks: &mut Checks, of: &str, found: &Value, expected: &Value) {
    let names = |value: &Value| value.as_object().map(|members| members.keys().cloned().collect::<Vec<_>>());
    let mut all: Vec<String> = [names(found), names(expected)].into_iter().flatten().flatten().collect();
    all.sort();
    all.dedup();
    for name in all {
        checks.same(&format!("{of}: {name}"), &found.get(&name), &expected.get(&name));
    }
}

fn task_definition(family: &str) -> Value {
    json!({
        "family": family, "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
        "executionRoleArn": format!("arn:aws:iam::{ACCOUNT}:role/execution"), "volumes": [], "placementConstraints": [],
        "runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
        "enableFaultInjection": false, "futureMember": {"deep": [1, 2]},
        "containerDefinitions": [{
            "name": "api", "image": "public.ecr.aws/nginx/nginx:1.27", "cpu": 0, "memory": 512, "essential": true,
            "environment": [{"name": "STAGE", "value": ""}], "mountPoints": [], "volumesFrom": [], "systemControls": [],
            "portMappings": [{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}],
            "futureKnob": 1.5,
        }],
    })
}

fn single_manifest() -> String {
    let media = "application/vnd.oci.image";
    json!({"schemaVersion": 2, "mediaType": format!("{media}.manifest.v1+json"),
        "config": {"mediaType": format!("{media}.config.v1+json"), "size": 2, "digest": Digest::of(b"{}").as_str()},
        "layers": [{"mediaType": format!("{media}.layer.v1.tar+gzip"), "size": 5, "digest": Digest::of(b"layer").as_str()}]})
    .to_string()
}

fn index_manifest(child: &Digest) -> String {
    let media = "application/vnd.oci.image.manifest.v1+json";
    let attestation = Digest::of(b"attestation");
    json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [
        {"mediaType": media, "size": 300, "digest": child.as_str(), "platform": {"os": "linux", "architecture": "arm64"}},
        {"mediaType": media, "size": 300, "digest": attestation.as_str(), "platform": {"os": "unknown", "architecture": "unknown"}},
    ]})
    .to_string()
}
