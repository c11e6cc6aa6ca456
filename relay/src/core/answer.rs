//! What a peer lacks, and how it is told: sync without an op set.
