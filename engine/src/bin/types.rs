//! Prints the TypeScript declarations of the engine's values (`web/sdk/src/generated.ts`).

use std::io::{self, Write};

fn main() -> io::Result<()> {
    io::stdout().write_all(warroom_engine::typescript::declarations().as_bytes())
}
