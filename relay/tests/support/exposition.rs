//! The text format of Prometheus, version 0.0.4, read as strictly as its own parser does.

use std::collections::{BTreeMap, BTreeSet};

/// One answer of `/metrics`.
#[derive(Debug, Default)]
pub(crate) struct Exposition {
    /// Type by name.
    pub(crate) types: BTreeMap<String, String>,
    /// Value by name and labels, as in `name{label="value"}`.
    pub(crate) samples: BTreeMap<String, f64>,
}

impl Exposition {
    /// Reads the text; what no parser of Prometheus would take fails the test, and so does a metric without help.
    pub(crate) fn read(text: &str) -> Self {
        assert!(text.ends_with('\n'), "the last line ends");
        let mut read = Self::default();
        let (mut helped, mut family) = (BTreeSet::new(), String::new());
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, help) = rest.split_once(' ').unwrap();
                assert!(is_name(name) && help.len() > 10 && help.ends_with('.'), "{line}");
                assert!(helped.insert(name.to_owned()), "twice: {line}");
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').unwrap();
                assert!(helped.contains(name), "no help: {line}");
                assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
                assert!(read.types.insert(name.to_owned(), kind.to_owned()).is_none(), "{line}");
                assert_eq!(name.ends_with("_total"), kind == "counter", "{line}");
                name.clone_into(&mut family);
            } else {
                let (series, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("{line}"));
                let name = check_series(series);
                assert_eq!(read.family_of(name), family, "apart from its type: {line}");
                let value = value.parse().unwrap_or_else(|_| panic!("no number: {line}"));
                let before = read.samples.insert(series.to_owned(), value);
                assert!(before.is_none(), "twice: {line}");
            }
        }
        read.check_histograms();
        assert_eq!(helped, read.types.keys().cloned().collect(), "help and no type");
        read
    }

    /// The value of a series.
    pub(crate) fn value(&self, series: &str) -> f64 {
        *self.samples.get(series).unwrap_or_else(|| panic!("no {series}"))
    }

    fn family_of<'a>(&self, name: &'a str) -> &'a str {
        let histogram = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
        let is_histogram =
            |family: &&str| self.types.get(*family).is_some_and(|kind| kind == "histogram");
        histogram.filter(is_histogram).unwrap_or(name)
    }

    fn check_histograms(&self) {
        for (name, _) in self.types.iter().filter(|(_, kind)| *kind == "histogram") {
            let start = format!("{name}_bucket{{le=\"");
            let mut buckets: Vec<(f64, f64)> = self
                .samples
                .iter()
                .filter_map(|(series, count)| {
                    let bound = series.strip_prefix(&start)?.strip_suffix("\"}")?;
                    Some((bound.parse().unwrap(), *count))
                })
                .collect();
            buckets.sort_by(|(one, _), (other, _)| one.total_cmp(other));
            assert!(buckets.is_sorted_by_key(|(_, count)| *count), "{name} is not cumulative");
            let last = (f64::INFINITY, self.value(&format!("{name}_count")));
            assert_eq!(buckets.last(), Some(&last), "{name}");
            assert!(self.value(&format!("{name}_sum")) >= 0.0, "{name} went back");
        }
    }
}

/// The name of a series whose labels are well-formed.
fn check_series(series: &str) -> &str {
    let Some((name, labels)) = series.split_once('{') else {
        assert!(is_name(series), "{series}");
        return series;
    };
    assert!(is_name(name), "{series}");
    for label in labels.strip_suffix('}').unwrap().split(',') {
        let (label, value) = label.split_once('=').unwrap();
        assert!(is_name(label) && !label.contains(':'), "{series}");
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap();
        assert!(!value.contains(['"', '\\', '\n']), "our values need no escapes: {series}");
    }
    name
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}
