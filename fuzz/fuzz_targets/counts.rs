#![no_main]

relgate_fuzz::reader!(Counts);
