//! The clock of the tables: the time that this thread has had a processor for, so that what else the machine does counts
//! for little.

use cpu_time::ThreadTime;

/// Measures from its start.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(ThreadTime);

impl Stopwatch {
    /// Starts.
    pub fn start() -> Self {
        Self(ThreadTime::now())
    }

    /// Milliseconds of processor time since the start.
    pub fn ms(&self) -> f64 {
        self.0.elapsed().as_secs_f64() * 1_000.0
    }
}

/// Milliseconds of processor time that `work` takes, and its result.
pub fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let watch = Stopwatch::start();
    let result = work();
    (watch.ms(), result)
}

/// The one in the middle.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}
