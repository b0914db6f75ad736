//! Mathematics: numbers in, numbers out; knows no release.
