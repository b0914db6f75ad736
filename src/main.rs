//! The `relgate` binary.
fn main() {}
