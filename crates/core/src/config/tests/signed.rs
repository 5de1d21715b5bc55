//! What is wrong with `signed`, with its place and its remedy.

use super::mistakes::{and, with};

#[test]
fn a_signer_that_means_everybody_or_nobody_is_refused() {
    let signed = |rest: &str| and(&format!("[environments.dev.signed]\n{rest}\n"));
    insta::assert_snapshot!(with("region =", "signed = true\nregion ="), @"towpath.toml:5:10: environments.dev.signed: expected a table, found `true` or `false`; write it as `[environments.NAME.signed]`");
    insta::assert_snapshot!(signed(""), @"towpath.toml:10:19: environments.dev.signed: missing `by`; write a list of tables, each with one of `github`, `identity`, `key`");
    insta::assert_snapshot!(signed("by = []"), @"towpath.toml:11:6: environments.dev.signed.by: an empty list lets nothing deploy here; list a signer");
    insta::assert_snapshot!(signed("by = [{ who = \"me\" }]"), @"towpath.toml:11:7: environments.dev.signed.by[0]: names no signer; write one of `github`, `identity`, `key`");
    insta::assert_snapshot!(signed("by = [{ github = \"acme/shop\" }]"), @r#"towpath.toml:11:7: environments.dev.signed.by[0]: missing `workflow`; write a workflow's file, for example `workflow = ".github/workflows/release.yml"`"#);
    insta::assert_snapshot!(signed("by = [{ github = \"https://github.com/acme/shop\", workflow = \"release.yml\", refs = [\"main\"] }]"), @"
    towpath.toml:11:18: environments.dev.signed.by[0].github: `https://github.com/acme/shop` is not a repository on GitHub; write owner and name, for example `acme/shop`
    towpath.toml:11:61: environments.dev.signed.by[0].workflow: `release.yml` is not a workflow's file; write `.github/workflows/NAME.yml`; of another repository `OWNER/NAME/.github/workflows/NAME.yml@REF`
    towpath.toml:11:84: environments.dev.signed.by[0].refs[0]: `main` is not a git ref; write it in full, for example `refs/heads/main` or `refs/tags/v*`
    ");
    insta::assert_snapshot!(signed("by = [{ identity = \"*\", issuer = \"accounts.google.com\" }]"), @"
    towpath.toml:11:20: environments.dev.signed.by[0].identity: `*` is not an identity; write what the certificate names, for example `release@acme.example` or `https://gitlab.com/acme/shop//.gitlab-ci.yml@refs/tags/*`; `*` stands for a part of it, never for all
    towpath.toml:11:34: environments.dev.signed.by[0].issuer: `accounts.google.com` is not a token's issuer; write its https address, for example `https://accounts.google.com`
    ");
    insta::assert_snapshot!(signed("by = [{ key = \"/etc/cosign.pub\" }]"), @"towpath.toml:11:15: environments.dev.signed.by[0].key: `/etc/cosign.pub` is not a path from the configuration file; use a relative path with `/`");
    insta::assert_snapshot!(signed("trusted-root = \"roots.json\"\nby = [{ key = \"a.pub\", log = false }]"), @"towpath.toml:11:16: environments.dev.signed.trusted-root: no signer here goes back to a root; remove it, or `log = false`");
    insta::assert_snapshot!(signed("statements = []\nby = [{ key = \"a.pub\" }, { key = \"a.pub\" }]"), @"
    towpath.toml:11:14: environments.dev.signed.statements: nothing could be stated; name what must be stated, or remove `statements`
    towpath.toml:12:26: environments.dev.signed.by[1]: the same signer is listed twice; remove it once
    ");
    insta::assert_snapshot!(signed("by = [{ github = \"acme/shop\", workflow = \".github/workflows/r.yml\", refs = [] }]"), @"towpath.toml:11:76: environments.dev.signed.by[0].refs: the workflow could run for nothing; name a ref, or remove `refs`");
}
