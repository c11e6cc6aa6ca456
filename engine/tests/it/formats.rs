//! Files: what goes out comes in again, a bad file changes nothing and says where it is wrong, and an import is few
//! changes and one step to undo.

mod any;
mod bad;
mod foreign;
mod held;
mod room;
mod round;
mod trello;
mod writing;
