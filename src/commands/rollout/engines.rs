//! Telling engines a weight, and asking them for it.

use std::path::PathBuf;

use super::context::Context;
use crate::cli::EngineArgs;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::files::{StagedFiles, engine_text, run_typed};
use crate::manifest::{Strategy, TargetKind, TargetSpec, TrafficWeight};
use crate::target::{self, Refusal, TrafficSplit};

/// A weight that is meant.
pub(super) struct Meant<'a> {
    pub(super) candidate: &'a str,
    pub(super) stable: Option<&'a str>,
    pub(super) per_10000: u16,
    pub(super) cohort: Option<&'a str>,
}

impl Context {
    fn split(&self, meant: &Meant<'_>) -> TrafficSplit {
        let mut split = TrafficSplit::new(self.name(), meant.candidate, meant.stable, meant.per_10000);
        split.cohorts = meant.cohort.map(str::to_owned).into_iter().collect();
        split.shadow = self.deployment.strategy.value == Strategy::Shadow;
        split
    }

    /// Writes the weight to every target and runs what was typed; the kinds that were told.
    pub(super) fn tell(&self, meant: &Meant<'_>, engine: &EngineArgs) -> Result<Vec<String>, Diagnostics> {
        let split = self.split(meant);
        let (mut staged, mut runtime) = (StagedFiles::default(), Vec::new());
        for target in &self.deployment.targets {
            let Some(path) = self.place(target)? else { continue };
            let existing = engine_text(&path)?;
            runtime.extend(target::runtime(target, &split).map_err(|why| refused(target, &why))?);
            let text = self.text(target, &split, existing.as_deref())?;
            if existing.as_deref() != Some(text.as_str()) {
                staged.add_with_folder(&path, text.as_bytes())?;
            }
        }
        staged.commit()?;
        let variables = [
            ("RELGATE_CANDIDATE_PER_10000", meant.per_10000.to_string()),
            ("RELGATE_CANDIDATE", meant.candidate.to_owned()),
            ("RELGATE_STABLE", meant.stable.unwrap_or_default().to_owned()),
            ("RELGATE_NAME", self.name().to_owned()),
            ("RELGATE_RUNTIME", runtime.join("; ")),
        ];
        for command in &engine.run {
            run_typed(command, &variables)?;
        }
        Ok(self.deployment.targets.iter().map(|target| target.kind.value.word().to_owned()).collect())
    }

    /// Whether every step of the plan, and the way back, can be written to every target as it stands; nothing is written.
    ///
    /// # Errors
    /// A target cannot express a step, or what stands there is not understood.
    pub(super) fn expressible(&self) -> Result<(), Diagnostics> {
        let version = self.version();
        let steps = self.deployment.steps.iter().map(|step| {
            (step.weight.value.per_10000, step.cohort.as_ref().map(|cohort| cohort.value.as_str()))
        });
        for (per_10000, cohort) in steps.chain([(0, None)]) {
            let split = self.split(&Meant { candidate: &version, stable: None, per_10000, cohort });
            for target in &self.deployment.targets {
                let Some(path) = self.place(target)? else { continue };
                self.text(target, &split, engine_text(&path)?.as_deref())?;
            }
        }
        Ok(())
    }

    /// The text of a target's file with a split.
    fn text(
        &self,
        target: &TargetSpec,
        split: &TrafficSplit,
        existing: Option<&str>,
    ) -> Result<String, Diagnostic> {
        // Going back, or all the way, sends nobody now here, now there.
        let is_split = !matches!(split.candidate_per_10000, 0 | 10_000) && self.deployment.unit.is_some();
        let loose = is_split.then(|| target::unsticky(target, self.name(), existing)).flatten();
        match loose {
            Some(why) => Err(refused(target, &why)),
            None => target::write(target, split, existing).map_err(|why| refused(target, &why)),
        }
    }

    /// The candidate's share that is served; none where nothing was ever written.
    ///
    /// # Errors
    /// Targets that disagree, or that cannot be read.
    pub(super) fn served(&self, engine: &EngineArgs) -> Result<Option<u16>, Diagnostics> {
        let mut shares: Vec<(String, u16)> = Vec::new();
        for target in &self.deployment.targets {
            let Some(path) = self.place(target)? else { continue };
            if let Some(text) = engine_text(&path)? {
                let share = target::read(target, self.name(), &text).map_err(|why| refused(target, &why))?;
                shares.push((path.display().to_string(), share));
            }
        }
        if let Some(command) = &engine.read_back {
            let said = run_typed(command, &[("RELGATE_NAME", self.name().to_owned())])?;
            shares.push((format!("`{command}`"), share_of(&said, command)?));
        }
        match shares.as_slice() {
            [] => Ok(None),
            [(first, share), rest @ ..] => match rest.iter().find(|(_, other)| other != share) {
                None => Ok(Some(*share)),
                Some((second, other)) => {
                    let told = |per_10000: u16| TrafficWeight { per_10000 };
                    let text = format!(
                        "the engines disagree: {} in {first}, {} in {second}",
                        told(*share),
                        told(*other)
                    );
                    Err(Diagnostic::error(Code::EngineDiffers, text)
                        .help("find out who changed one of them; `relgate rollback` sets all of them")
                        .into())
                }
            },
        }
    }

    /// Where the file of a target stands; none of one that a command writes.
    fn place(&self, target: &TargetSpec) -> Result<Option<PathBuf>, Diagnostic> {
        let Some(path) = target.path.as_ref().filter(|_| target.kind.value != TargetKind::Command) else {
            return Ok(None);
        };
        let resolved = self.root.resolve(&path.value);
        let resolved =
            resolved.map_err(|trouble| trouble.finding(&path.value).at(path.span, "the target"))?;
        Ok(Some(self.root.absolute(&resolved)))
    }

    /// Whether no target has a file.
    pub(super) fn is_by_command(&self) -> bool {
        self.deployment.targets.iter().all(|target| target.kind.value == TargetKind::Command)
    }

    /// Whether a command is needed to write or to read back, and was not typed.
    pub(super) fn lacks_commands(&self, engine: &EngineArgs) -> Option<Diagnostic> {
        let target =
            self.deployment.targets.iter().find(|target| target.kind.value == TargetKind::Command)?;
        let lacks = |flag: &str| {
            Diagnostic::error(Code::RolloutPlan, format!("the target is a command, and no `{flag}` is given"))
                .at(target.kind.span, "relgate writes nothing itself")
                .help("give both: `--run 'flags set candidate=$RELGATE_CANDIDATE_PER_10000' --read-back 'flags get candidate'`")
        };
        if engine.run.is_empty() {
            return Some(lacks("--run"));
        }
        engine.read_back.is_none().then(|| lacks("--read-back"))
    }
}

fn refused(target: &TargetSpec, why: &Refusal) -> Diagnostic {
    let path = target.path.as_ref().map_or("", |path| path.value.as_str());
    let finding = Diagnostic::error(Code::EngineFailed, format!("`{path}`: {}", why.text));
    let finding = match why.line {
        Some(line) => finding.at_line(path, line as u64),
        None => finding.in_file(path.to_owned()),
    };
    finding.help(why.help.clone())
}

/// A split as JSON, a percentage, or parts of 10,000.
fn share_of(said: &str, command: &str) -> Result<u16, Diagnostic> {
    let text = said.trim();
    let json = || {
        let value: serde_json::Value = serde_json::from_str(text).ok()?;
        value.get("candidate_per_10000")?.as_u64()
    };
    let percent = || {
        let percent: f64 = text.strip_suffix('%')?.trim().parse().ok()?;
        let parts = percent * 100.0;
        ((0.0..=10_000.0).contains(&parts) && (parts - parts.round()).abs() < 1e-6)
            .then(|| parts.round() as u64)
    };
    let found = json().or_else(percent).filter(|share| *share <= 10_000);
    found.and_then(|share| u16::try_from(share).ok()).ok_or_else(|| {
        Diagnostic::error(
            Code::EngineFailed,
            format!(
                "`{command}` printed no split: `{}`",
                crate::diagnostic::printable(crate::diagnostic::shortened(text))
            ),
        )
        .help("it has to print the candidate's share such as `10%`, or `{\"candidate_per_10000\": 1000}`")
    })
}
