//! How fast boards build, edit, merge and open.
