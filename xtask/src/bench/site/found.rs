//! Two questions with a yes or a no: whether a change of equal size and time is found, and whether content types depend
//! on the machine's tables.
//!
//! The tables are hidden in a namespace of the process alone; where that may not be done, nothing is said of it.

use std::{
    collections::BTreeMap,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};

use super::{
    super::measure,
    storage::Storage,
    tool::{Job, Tool},
    tree::{SMALL, samples},
};

/// What sites have.
const EXTENSIONS: [&str; 18] = [
    "html",
    "css",
    "js",
    "mjs",
    "json",
    "svg",
    "png",
    "jpg",
    "webp",
    "avif",
    "ico",
    "woff2",
    "ttf",
    "otf",
    "map",
    "wasm",
    "webmanifest",
    "txt",
];

/// Hides the tables of types that Python and Go read, and then becomes the command in its words.
const WITHOUT_TABLES: &str = r#"
for table in /etc/mime.types /etc/apache2/mime.types /etc/httpd/conf/mime.types /usr/local/share/mime/globs2; do
  if [ -e "$table" ]; then mount --bind /dev/null "$table" || exit 1; fi
done
if [ -d /usr/share/mime ]; then mount -t tmpfs none /usr/share/mime || exit 1; fi
exec "$@"
"#;

/// What was found out of one of them.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) name: &'static str,
    /// Whether the change reached the bucket.
    pub(super) change: bool,
    /// The types that differ without the tables; `None` where they could not be hidden.
    pub(super) types: Option<Vec<String>>,
}

/// Asks both of each.
pub(super) fn all(storage: &Storage, tools: &[Tool], folder: &Path) -> Result<Vec<Found>> {
    let hides = can_hide();
    let ask = |(at, tool): (usize, &Tool)| {
        let change = is_found(storage, tool, at, folder).context(tool.name)?;
        let types = hides.then(|| differing(storage, tool, at, folder)).transpose().context(tool.name)?;
        Ok(Found { name: tool.name, change, types })
    };
    tools.iter().enumerate().map(ask).collect()
}

fn is_found(storage: &Storage, tool: &Tool, at: usize, folder: &Path) -> Result<bool> {
    SMALL.build(folder, 1)?;
    let (tree, prefix) = (SMALL.path(folder), format!("change-{at}"));
    let publish = |release| -> Result<BTreeMap<_, _>> {
        publish(storage, tool, Job { tree: &tree, prefix: &prefix, release }, folder, &[])?;
        storage.objects(&prefix)
    };
    let before = publish(1)?;
    let file = SMALL.change_unnoticed(folder)?;
    let after = publish(2)?;
    ensure!(before.contains_key(&file), "{file} was not published");
    Ok(before.get(&file) != after.get(&file))
}

fn differing(storage: &Storage, tool: &Tool, at: usize, folder: &Path) -> Result<Vec<String>> {
    let tree = folder.join("trees/samples");
    samples(&tree, &EXTENSIONS)?;
    let types = |prefix: &str, before: &[&str]| -> Result<BTreeMap<String, String>> {
        publish(storage, tool, Job { tree: &tree, prefix, release: 1 }, folder, before)?;
        Ok(storage.objects(prefix)?.into_iter().map(|(key, (_, content_type))| (key, content_type)).collect())
    };
    let with = types(&format!("with-{at}"), &[])?;
    let hidden = ["unshare", "--mount", "sh", "-c", WITHOUT_TABLES, "sh"];
    let without = types(&format!("without-{at}"), &hidden)?;
    ensure!(with.len() > EXTENSIONS.len(), "not everything was published: {with:?}");
    let differs = |(key, with): (&String, &String)| {
        let without = without.get(key).map_or("nothing", String::as_str);
        (with != without).then(|| format!("`{key}`: `{with}`, without `{without}`"))
    };
    Ok(with.iter().filter_map(differs).collect())
}

/// Publishes with the words of another program before the command.
fn publish(storage: &Storage, tool: &Tool, job: Job<'_>, folder: &Path, before: &[&str]) -> Result<()> {
    tool.prepare(job.prefix)?;
    let mut command = tool.command(job);
    storage.known_to(&mut command, storage.address());
    if let [program, words @ ..] = before {
        let mut wrapped = Command::new(program);
        wrapped.args(words).arg(command.get_program()).args(command.get_args());
        wrapped.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.get_current_dir().map(|current| wrapped.current_dir(current));
        command = wrapped;
    }
    measure::run(&command, folder, tool.exit()).map(drop)
}

fn can_hide() -> bool {
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", WITHOUT_TABLES, "sh", "true"]);
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}
