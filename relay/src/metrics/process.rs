//! What the process takes of its machine, under the names that every Prometheus client gives it. Linux tells; elsewhere
//! nothing is said.

use std::fmt;
use std::fs;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

/// Reads the process's own files at every scrape.
#[derive(Debug)]
pub(super) struct Process;

/// Parts of a second in which Linux tells processor time: 100 on every architecture (`man 5 proc`, `USER_HZ`).
const TICKS_PER_SECOND: f64 = 100.0;

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let gauges = [
            ("process_resident_memory_bytes", "Memory of the process in RAM.", resident_bytes()),
            ("process_open_fds", "Open file descriptors.", open_files()),
            ("process_max_fds", "File descriptors that may be open.", files_max()),
        ];
        for (name, help, value) in gauges {
            let Some(value) = value else { continue };
            let gauge = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
            ConstGauge::new(value).encode(gauge)?;
        }
        if let Some(seconds) = processor_seconds() {
            let (name, help) = ("process_cpu_seconds", "Processor time of the process.");
            let counter = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
            ConstCounter::new(seconds).encode(counter)?;
        }
        Ok(())
    }
}

fn resident_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok()?.checked_mul(1_024)
}

fn open_files() -> Option<u64> {
    u64::try_from(fs::read_dir("/proc/self/fd").ok()?.count()).ok()
}

fn files_max() -> Option<u64> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

fn processor_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // the name of the program, in parentheses, may hold anything; time in user and kernel are the 14th and 15th field
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks: Option<u32> =
        fields.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u32>().ok()).sum();
    Some(f64::from(ticks?) / TICKS_PER_SECOND)
}
