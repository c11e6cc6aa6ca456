//! What a board is: documents, commands, deltas, history, undo and the Replica machine.
