//! References by name: to environments in `after`, to components in `needs` and in overrides; and their cycles.

use std::collections::BTreeMap;

use crate::config::{
    key::Table,
    keys,
    mistake::{Complaint, Findings},
    template::nearest,
    tree::{Node, Section},
};

/// Every reference of the file.
pub(super) fn check(root: &Section<'_>, findings: &mut Findings<'_>) {
    let environments = Graph::of(root, "environments", &keys::ENVIRONMENT, "after");
    let components = Graph::of(root, "components", &keys::COMPONENT, "needs");
    environments.check("environment", findings);
    components.check("component", findings);
    for (_, environment) in root.named("environments", &keys::ENVIRONMENT) {
        overrides(&environment, &components.names(), findings);
    }
}

fn overrides(environment: &Section<'_>, components: &[&str], findings: &mut Findings<'_>) {
    let entries = environment.written("components").map(|node| node.entries()).unwrap_or_default();
    for entry in entries.iter().filter(|entry| !components.contains(&entry.name.as_str())) {
        findings.add(&entry.name_span, &entry.node.path, unknown("component", &entry.name, components));
    }
}

fn unknown(what: &str, name: &str, names: &[&str]) -> Complaint {
    let list = || names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let remedy = match nearest(name, names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there is {}", list()),
    };
    Complaint::new(format!("no {what} is called `{}`", name.escape_debug()), remedy)
}

/// Names, and what each refers to, in the order of the file.
struct Graph<'t> {
    nodes: Vec<(String, Vec<Node<'t>>)>,
}

impl<'t> Graph<'t> {
    fn of(root: &Section<'t>, tables: &str, keys: &'static Table, key: &str) -> Self {
        let sections = root.named(tables, keys).into_iter();
        let edges = |section: &Section<'t>| section.written(key).map(|node| node.elements()).unwrap_or_default();
        Self { nodes: sections.map(|(name, section)| (name, edges(&section))).collect() }
    }

    fn names(&self) -> Vec<&str> {
        self.nodes.iter().map(|(name, _)| name.as_str()).collect()
    }

    fn check(&self, what: &str, findings: &mut Findings<'_>) {
        let names = self.names();
        for edge in self.nodes.iter().flat_map(|(_, edges)| edges) {
            let Some(name) = edge.text().filter(|name| !names.contains(name)) else {
                continue;
            };
            findings.add(&edge.span, &edge.path, unknown(what, name, &names));
        }
        let mut walk = Walk { graph: self, state: BTreeMap::new(), path: Vec::new(), findings };
        for name in names {
            walk.visit(name);
        }
    }

    fn edges(&self, name: &str) -> &[Node<'t>] {
        self.nodes.iter().find(|(node, _)| node == name).map_or(&[], |(_, edges)| edges)
    }
}

/// Where a walk in depth has been.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Visit {
    Under,
    Done,
}

struct Walk<'a, 't, 'f, 'x> {
    graph: &'a Graph<'t>,
    state: BTreeMap<&'a str, Visit>,
    path: Vec<&'a str>,
    findings: &'f mut Findings<'x>,
}

impl<'a> Walk<'a, '_, '_, '_> {
    fn visit(&mut self, name: &'a str) {
        if self.state.contains_key(name) {
            return;
        }
        self.state.insert(name, Visit::Under);
        self.path.push(name);
        let graph = self.graph;
        for (edge, target) in graph.edges(name).iter().filter_map(|edge| edge.text().map(|target| (edge, target))) {
            match self.state.get(target) {
                Some(Visit::Under) => self.cycle(edge, target),
                Some(Visit::Done) => {}
                None => self.visit(target),
            }
        }
        self.path.pop();
        self.state.insert(name, Visit::Done);
    }

    fn cycle(&mut self, edge: &Node<'_>, target: &'a str) {
        let from = self.path.iter().position(|name| *name == target).unwrap_or_default();
        let cycle: Vec<&str> = self.path.iter().skip(from).copied().chain([target]).collect();
        let message = format!("goes in a circle: {}", cycle.join(" -> "));
        self.findings.add(&edge.span, &edge.path, Complaint::new(message, "remove one of them"));
    }
}
