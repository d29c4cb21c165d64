//! A study on more than one machine: its runs as independent tasks of a Slurm job array.

use super::{StudyPlan, read_study};
use crate::StudioError;
use crate::proposal::{Wish, command_line, quoted};
use crate::workspace::{create, write_file};
use std::path::{Path, PathBuf};

/// Writes `tasks.txt`, a command a line, and `array.sbatch`, which runs the line of its task. Returns the two files. What the
/// commands name has to lie where every machine finds it.
pub fn write_tasks(study: &Path) -> Result<[PathBuf; 2], StudioError> {
    let plan = read_study(study)?.plan;
    let specs = plan.runs();
    let lines = specs.iter().map(|spec| task(&plan, spec)).collect::<Vec<_>>();
    create(&study.join("logs"))?;
    create(&study.join("runs"))?;
    let tasks = study.join("tasks.txt");
    write_file(&tasks, (lines.join("\n") + "\n").as_bytes())?;
    let array = study.join("array.sbatch");
    write_file(&array, script(specs.len()).as_bytes())?;
    Ok([tasks, array])
}

/// The command of one run. What was cut off before its first record leaves an empty checkpoint behind. One that was cut off
/// later, as by a time limit, goes on when its task is run again.
fn task(plan: &StudyPlan, spec: &super::RunSpec) -> String {
    let arm = &plan.arms[spec.arm];
    let wish = Wish { encoder: arm.encoder.clone(), choices: plan.choices(spec), device: plan.device.clone() };
    let train = command_line(&plan.data, &plan.options(spec), &wish, &arm.recipe.presets);
    let train = train.strip_prefix("ballast ").unwrap_or(&train);
    let run = quoted(&format!("runs/{}", spec.name));
    format!(
        "if [ -f {run}/run.json ]; then \"$BALLAST\" resume {run}; else rm -rf {run}/checkpoint; \"$BALLAST\" {train} --out {run}; fi"
    )
}

fn script(tasks: usize) -> String {
    format!(
        r#"#!/bin/bash
#SBATCH --job-name=ballast-study
#SBATCH --array=1-{tasks}
#SBATCH --cpus-per-task=4
#SBATCH --output=logs/%a.log
# Submit from this folder: sbatch array.sbatch
# Gather what has ended, at any time: ballast study --collect .
# BALLAST names the program where it is not on the path.
set -eu
cd "${{SLURM_SUBMIT_DIR:-.}}"
export BALLAST="${{BALLAST:-ballast}}"
task="$(sed -n "${{SLURM_ARRAY_TASK_ID}}p" tasks.txt)"
exec bash -c "$task"
"#
    )
}
