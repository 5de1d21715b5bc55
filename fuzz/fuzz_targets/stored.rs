//! The target `stored`: what it does with the bytes is in `src/stored.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    towpath_fuzz::stored::run(bytes);
});
