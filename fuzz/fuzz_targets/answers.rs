//! The target `answers`: what it does with the bytes is in `src/answers.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    towpath_fuzz::answers::run(bytes);
});
