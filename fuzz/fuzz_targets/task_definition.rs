//! The target `task_definition`: what it does with the bytes is in `src/task_definition.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    towpath_fuzz::task_definition::run(bytes);
});
