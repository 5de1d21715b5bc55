//! Scenario 39: the image is rolled back after the schema was migrated.
//!
//! In the wild: the migration had run, the new code failed, the old code was put back and did not know the new schema.
//!
//! Demanded: no migration is run without a word on whether the old code can live with it.
//!
//! Not here: migrations are not run yet; a configuration that asks for one is refused with its place, exit 2, in place of
//! being deployed without it.

use towpath_cli::{Exit, Printer, Variables};
use towpath_tests::Stage;

#[test]
fn a_configuration_that_asks_for_a_migration_is_refused_in_place_of_being_deployed_without_it() {
    let migrate = "container = \"api\"\nmigrate = { command = [\"alembic\", \"upgrade\", \"head\"] }";
    let text = Stage::configuration().replace("container = \"api\"", migrate).replace("ENDPOINT", "http://127.0.0.1:9");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("towpath.toml");
    std::fs::write(&path, &text).unwrap();
    let config = path.to_str().unwrap();
    for words in [vec!["check"], vec!["promote", "dev", "--release", "1.1.0"]] {
        let words = ["towpath", "--config", config].into_iter().chain(words);
        let exit = towpath_cli::run(words, &Printer::to(std::io::sink(), std::io::sink()), Variables::default());
        assert_eq!(exit, Exit::Usage);
    }
    let mistakes = towpath_core::config::parse(&text, "towpath.toml").unwrap_err().to_string();
    assert!(mistakes.contains("migrate") && mistakes.contains("no migration would be run"), "{mistakes}");
}
