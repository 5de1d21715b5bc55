//! The target `configuration`: what it does with the bytes is in `src/configuration.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    towpath_fuzz::configuration::run(bytes);
});
