//! One tool for people and CI.

fn main() {}
