//! What relgate finds wrong, and where.
