//! Feeds `fuzzing::entities`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| trapkey_tests::fuzzing::entities(data));
