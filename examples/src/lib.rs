//! Small programs on the engine and the native client.
