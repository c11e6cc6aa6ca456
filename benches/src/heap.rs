//! How much memory work takes. Whoever measures makes a [`PeakAlloc`] the global allocator of its program.

pub use peak_alloc::PeakAlloc;

/// Bytes in a megabyte, as the tables count.
const MEGABYTE: f64 = 1_000_000.0;

/// What `work` needs at its worst beyond what was there before and what it leaves, both in megabytes, and its result.
pub fn measured<T>(heap: &PeakAlloc, work: impl FnOnce() -> T) -> ((f64, f64), T) {
    heap.reset_peak_usage();
    let before = megabytes(heap.current_usage());
    let result = work();
    let (peak, after) = (megabytes(heap.peak_usage()), megabytes(heap.current_usage()));
    ((peak - before, after - before), result)
}

/// Bytes in megabytes.
#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "a figure for a table, below 2^52"
)]
pub fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / MEGABYTE
}
