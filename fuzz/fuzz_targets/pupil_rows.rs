#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| disprop_tests::fuzz::pupil_rows(data));
