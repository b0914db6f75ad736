//! How the load of a file was made.

use crate::evidence::foreign::{Halt, Json, Retelling, Select};

/// What is said of the load, for every benchmark of the file.
#[derive(Default)]
pub(super) struct Load {
    /// The word for how it was planned.
    pub(super) profile: String,
    /// Setting and value.
    data: Vec<(&'static str, String)>,
}

impl Load {
    /// One that was planned so.
    pub(super) fn planned(profile: &str) -> Self {
        Self { profile: profile.to_owned(), data: Vec::new() }
    }

    /// Takes what is said of the data.
    pub(super) fn data(&mut self, json: &Json<'_>) {
        for setting in ["prompt_tokens", "output_tokens"] {
            self.data.extend(json[setting].name().map(|value| (setting, value.to_owned())));
        }
    }

    /// Tells what is known of the load of a run.
    pub(super) fn tell(&self, select: &Select, strategy: &str, out: &mut Retelling) -> Result<(), Halt> {
        // A sweep finds its rates itself: they are what it measured.
        let load = if self.profile == "sweep" { "sweep" } else { strategy };
        out.load(select, "strategy", Some(load))?;
        for (setting, value) in &self.data {
            out.load(select, setting, Some(value))?;
        }
        Ok(())
    }
}
