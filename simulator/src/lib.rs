//! One seed drives clients, network, relay, disk and clock in one thread.
