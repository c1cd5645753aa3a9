//! Rules over files: no connector, no socket.
