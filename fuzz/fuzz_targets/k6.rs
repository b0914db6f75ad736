#![no_main]

relgate_fuzz::reader!(K6);
