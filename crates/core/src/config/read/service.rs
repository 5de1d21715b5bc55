//! A component as an ECS service in one environment: the component's keys, the environment's over them, filled.

use std::{collections::BTreeMap, str::FromStr};

use crate::{
    config::{
        OnPause, OnTimeout, Service, WhenBusy,
        application::is_at,
        building,
        key::{Form, Kind, Open},
        keys,
        mistake::{Complaint, Findings},
        template::{Filling, with_sample_release},
        tree::{Node, Section},
    },
    identifier::{ContainerName, Repository},
};

use super::{deployment, smoke};

/// The ECS services named so far, with where: one service belongs to one component of one environment.
#[derive(Debug, Default)]
pub(super) struct Seen(BTreeMap<[String; 4], String>);

/// A component's section, and over it the environment's.
pub(super) struct Layers<'a, 't> {
    pub(super) base: Section<'t>,
    pub(super) over: Option<Section<'t>>,
    pub(super) filling: Filling<'a>,
}

impl<'t> Layers<'_, 't> {
    /// The service, where nothing stands in the way.
    pub(super) fn read(&self, seen: &mut Seen, findings: &mut Findings<'_>) -> Option<Service> {
        let (cluster, service) = (self.required("cluster", findings), self.required("service", findings));
        let container = self.container(findings);
        let task_definition = self.filled("task-definition", findings);
        let repository = self.repository(findings);
        let smoke = smoke::all(self, findings);
        let deployment = deployment::members(self.get("deployment").as_ref(), findings);
        self.only_here(seen, findings);
        let smoke = smoke?;
        Some(Service {
            cluster: cluster?,
            service: service?,
            container: container?,
            task_definition,
            placeholders: self.texts("placeholders"),
            variables: self.texts("variables"),
            repository,
            rollout_timeout: self.get("rollout-timeout").and_then(|timeout| timeout.duration()),
            on_timeout: match self.get("on-timeout")?.text()? {
                "leave" => OnTimeout::Leave,
                "rollback" => OnTimeout::Rollback,
                _ => return None,
            },
            when_busy: match self.get("when-busy")?.text()? {
                "wait" => WhenBusy::Wait,
                "refuse" => WhenBusy::Refuse,
                "take-over" => WhenBusy::TakeOver,
                _ => return None,
            },
            busy_timeout: self.get("busy-timeout")?.duration()?,
            on_pause: match self.get("on-pause")?.text()? {
                "leave" => OnPause::Leave,
                "wait" => OnPause::Wait,
                _ => return None,
            },
            deployment,
            allow_empty: self.get("allow-empty")?.flag()?,
            smoke: smoke.after,
            smoke_before_traffic: smoke.before_traffic,
        })
    }

    /// What the environment says for this key, otherwise the component, otherwise the default.
    pub(super) fn get(&self, name: &str) -> Option<Node<'t>> {
        self.over.as_ref().and_then(|over| over.written(name)).or_else(|| self.base.get(name))
    }

    /// A text with placeholders, filled; nothing where there is none, or where it is wrong and that was found.
    pub(super) fn filled(&self, name: &str, findings: &mut Findings<'_>) -> Option<String> {
        let Kind::Template(form, open) = keys::COMPONENT.find(name)?.kind else {
            return None;
        };
        fill(&self.get(name)?, form, open, &self.filling, findings)
    }

    pub(super) fn required<T: FromStr>(&self, name: &str, findings: &mut Findings<'_>) -> Option<T> {
        if self.get(name).is_none() {
            let (component, environment) = (self.filling.component, self.filling.environment);
            let message = format!("missing `{name}` in environment {environment}");
            let remedy = format!("add it here, or under [environments.{environment}.components.{component}]");
            findings.add_also(&self.base.span, &self.base.path, Complaint::new(message, remedy));
        }
        self.filled(name, findings)?.parse().ok()
    }

    fn container(&self, findings: &mut Findings<'_>) -> Option<ContainerName> {
        match self.get("container") {
            Some(_) => self.filled("container", findings)?.parse().ok(),
            None => self.filling.component.as_str().parse().ok(),
        }
    }

    /// The environment's repository, which must be the component's, wherever it is.
    fn repository(&self, findings: &mut Findings<'_>) -> Option<Repository> {
        let repository: Repository = self.filled("repository", findings)?.parse().ok()?;
        let image = self.base.section("image", &building::IMAGE).and_then(|image| image.get("repository"));
        let wanted = image.as_ref().and_then(Node::text);
        if let Some((wanted, node)) =
            wanted.zip(self.get("repository")).filter(|(wanted, _)| !is_at(&repository, wanted))
        {
            let message = format!("`{repository}` does not end with `{wanted}`, the component's `image.repository`");
            findings.add(
                &node.span,
                &node.path,
                Complaint::new(message, "make them agree, or remove `image.repository`"),
            );
        }
        Some(repository)
    }

    /// The component's table of texts, and the environment's over it.
    fn texts(&self, name: &str) -> BTreeMap<String, String> {
        let layers = [Some(&self.base), self.over.as_ref()];
        let nodes = layers.into_iter().flatten().filter_map(|layer| layer.written(name));
        let entries = nodes.flat_map(|node| node.entries());
        entries.filter_map(|entry| Some((entry.name, self.filling.fill(entry.node.text()?)))).collect()
    }

    /// Two components, or two environments, must not deploy to one service: each would undo the other.
    fn only_here(&self, seen: &mut Seen, findings: &mut Findings<'_>) {
        let Some((cluster, service)) = self.get("cluster").zip(self.get("service")) else {
            return;
        };
        let (Some(cluster_name), Some(service_name)) = (cluster.text(), service.text()) else {
            return;
        };
        let Filling { environment, component, account, region, .. } = self.filling;
        let names =
            [account.to_string(), region.to_string(), self.filling.fill(cluster_name), self.filling.fill(service_name)];
        let here = format!("{component} in {environment}");
        if let Some(first) = seen.0.get(&names) {
            let message =
                format!("{here} is the same ECS service as {first}: `{}` in cluster `{}`", names[3], names[2]);
            findings.add(
                &service.span,
                &service.path,
                Complaint::new(message, "use `{environment}` or `{component}` in a name, or another account or region"),
            );
            return;
        }
        seen.0.insert(names, here);
    }
}

/// A text with placeholders, filled for an environment; its form is judged as it will be.
pub(super) fn fill(
    node: &Node<'_>,
    form: &Form,
    open: Open,
    filling: &Filling<'_>,
    findings: &mut Findings<'_>,
) -> Option<String> {
    let filled = filling.fill(node.text()?);
    let sample = match open {
        Open::Environment => filled.clone(),
        Open::Release | Open::Build => with_sample_release(&filled),
    };
    match (form.check)(&sample) {
        Ok(()) => Some(filled),
        Err(invalid) => {
            findings.add(&node.span, &node.path, invalid.into());
            None
        }
    }
}
