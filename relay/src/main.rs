//! Arguments → configuration → serve.

fn main() {}
