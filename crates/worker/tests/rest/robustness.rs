//! Bodies and paths that are no good.
