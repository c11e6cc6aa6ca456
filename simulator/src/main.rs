//! Plays seeds, or one seed with its trace.
#![expect(clippy::print_stdout, reason = "a command-line tool talks to the person who started it")]

use clap::Parser;
use warroom_simulator::{Plan, Plant, World};

/// Plays War Room in a simulated world.
#[derive(Debug, Parser)]
struct Arguments {
    /// Play this seed and print its trace
    #[arg(long)]
    seed: Option<u64>,
    /// How many seeds to play, from 0 or from --from
    #[arg(long, default_value_t = 2_000)]
    seeds: u64,
    /// The first seed
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Put a bug in on purpose
    #[arg(long)]
    plant: Option<Plant>,
}

fn main() -> std::process::ExitCode {
    let arguments = Arguments::parse();
    let (from, count) = arguments.seed.map_or((arguments.from, arguments.seeds), |seed| (seed, 1));
    let mut failures = 0_u64;
    for seed in from..from + count {
        let plan = Plan { plant: arguments.plant, ..Plan::of(seed) };
        match World::run(plan, arguments.seed.is_some()) {
            Ok(summary) if arguments.seed.is_some() => println!("{summary:?}"),
            Ok(_) => {}
            Err(failure) => {
                failures += 1;
                failure.trace.iter().for_each(|line| println!("{line}"));
                println!("{failure}");
            }
        }
    }
    println!("{} passed, {failures} failed", count - failures);
    if failures == 0 { std::process::ExitCode::SUCCESS } else { std::process::ExitCode::FAILURE }
}
