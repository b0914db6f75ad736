//! relgate decides whether a generative-AI release may ship.

pub mod diagnostic;
pub mod stats;

pub mod manifest;

pub mod artifact;

pub mod evidence;

pub mod metric;
