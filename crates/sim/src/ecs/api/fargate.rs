//! The sizes that Fargate knows.
//!
//! The table is AWS's; processors above 16 vCPU are let through.

use super::errors::client;
use crate::fault::AwsError;

/// For so many CPU units: the least and the greatest memory, and the step between.
const SIZES: [(u32, u32, u32, u32); 7] = [
    (256, 512, 2048, 512),
    (512, 1024, 4096, 1024),
    (1024, 2048, 8192, 1024),
    (2048, 4096, 16_384, 1024),
    (4096, 8192, 30_720, 1024),
    (8192, 16_384, 61_440, 4096),
    (16_384, 32_768, 122_880, 8192),
];

/// Refuses a pair of sizes that Fargate does not have.
pub(super) fn check_size(cpu: &str, memory: &str) -> Result<(), AwsError> {
    let exists = match (cpu.parse::<u32>(), memory.parse::<u32>()) {
        (Ok(cpu), Ok(_)) if cpu > 16_384 => true,
        (Ok(cpu), Ok(memory)) => SIZES.iter().any(|size| fits(*size, cpu, memory)),
        _ => false,
    };
    if exists {
        return Ok(());
    }
    Err(client(format!("No Fargate configuration exists for given values: {cpu} CPU, {memory} memory.")))
}

/// The smallest processor has 512, 1024 and 2048 only.
fn fits((units, least, most, step): (u32, u32, u32, u32), cpu: u32, memory: u32) -> bool {
    let in_steps = (least..=most).contains(&memory) && (memory - least).is_multiple_of(step);
    units == cpu && in_steps && (units, memory) != (256, 1536)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cpu: &str, memory: &str, exists: bool) {
        assert_eq!(check_size(cpu, memory).is_ok(), exists, "{cpu} {memory}");
    }

    #[test]
    fn only_the_pairs_of_the_table_exist() {
        check("256", "512", true);
        check("256", "1536", false);
        check("1024", "1024", false);
        check("4096", "30720", true);
        check("8192", "20480", true);
        check("8192", "17408", false);
        check("100", "512", false);
        check("nonsense", "512", false);
    }

    #[test]
    fn a_wrong_pair_is_named_in_the_words_of_aws() {
        let error = check_size("1024", "1024").unwrap_err();
        assert_eq!(error.message, "No Fargate configuration exists for given values: 1024 CPU, 1024 memory.");
    }
}
