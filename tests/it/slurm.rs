//! A study as a job array of a real Slurm on this machine. Not part of the usual tests: it takes Debian's `slurm-wlm` and
//! `munge`, and root to start their daemons. Run it with
//! `cargo nextest run --workspace --run-ignored only slurm`.

use crate::command::{Place, show};
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Daemons that end with the test.
struct Cluster {
    daemons: Vec<Child>,
    conf: String,
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for daemon in self.daemons.iter_mut().rev() {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
        let _ = Command::new("pkill").args(["-x", "munged"]).status();
    }
}

impl Cluster {
    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        command.env("SLURM_CONF", &self.conf);
        command
    }
}

fn output(command: &mut Command) -> String {
    let output = command.output().expect("the program is installed");
    format!("{}{}", show(&output.stdout), show(&output.stderr))
}

/// munged, slurmctld and slurmd, started by hand.
fn start(folder: &Path) -> Cluster {
    let host = output(&mut Command::new("hostname")).trim().to_string();
    let state = folder.join("slurm");
    fs::create_dir_all(state.join("spool")).expect("a folder");
    let conf = folder.join("slurm.conf");
    let here = state.display();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    fs::write(
        &conf,
        format!(
            "ClusterName=test\nSlurmctldHost={host}\nSlurmUser=root\nAuthType=auth/munge\nProctrackType=proctrack/linuxproc\n\
             TaskPlugin=task/none\nJobAcctGatherType=jobacct_gather/none\nAccountingStorageType=accounting_storage/none\nSelectType=select/cons_tres\nStateSaveLocation={here}\nSlurmdSpoolDir={here}/spool\n\
             SlurmctldPidFile={here}/ctld.pid\nSlurmdPidFile={here}/d.pid\nReturnToService=2\nMpiDefault=none\n\
             NodeName={host} CPUs={cores} State=UNKNOWN\nPartitionName=all Nodes=ALL Default=YES State=UP\n"
        ),
    )
    .expect("the configuration");
    let _ = Command::new("pkill").args(["-x", "munged"]).status();
    fs::create_dir_all("/run/munge").expect("root");
    let munge = Command::new("munged").args(["--force"]).status();
    assert!(munge.is_ok_and(|status| status.success()), "munged did not start");
    let conf = conf.display().to_string();
    let daemon = |name: &str| {
        let log = fs::File::create(state.join(format!("{name}.log"))).expect("a log");
        let mut command = Command::new(name);
        command.arg("-D").env("SLURM_CONF", &conf).stdin(Stdio::null());
        command.stdout(log.try_clone().expect("a log")).stderr(log).spawn().expect("the daemon is installed")
    };
    let daemons = vec![daemon("slurmctld"), daemon("slurmd")];
    let cluster = Cluster { daemons, conf };
    let began = Instant::now();
    while !output(cluster.command("sinfo").args(["-h", "-o", "%T"])).contains("idle") {
        let said = fs::read_to_string(state.join("slurmctld.log")).unwrap_or_default();
        let node = fs::read_to_string(state.join("slurmd.log")).unwrap_or_default();
        assert!(began.elapsed() < Duration::from_secs(60), "no node came up\n{said}\n{node}");
        sleep(Duration::from_millis(500));
    }
    cluster
}

#[test]
#[ignore = "takes a Slurm on this machine, and root"]
fn a_job_array_of_a_real_slurm_runs_a_study() {
    let place = Place::new();
    let cluster = start(place.folder.path());
    place.succeed(
        "study --data sample:sentences --encoder starter --presets standard,freeze --seeds 2 --epochs 2 --lr 1e-3 --plan {}/plan",
    );
    let plan = place.path("plan");
    // One task cannot run; the others do.
    fs::write(plan.join("runs/1-standard-seed2"), "in the way").expect("a file");
    let mut submit = cluster.command("sbatch");
    submit.arg("--cpus-per-task=1").arg("array.sbatch").current_dir(&plan);
    submit.env("BALLAST", env!("CARGO_BIN_EXE_ballast"));
    submit.env("BALLAST_WORKSPACE", place.path("workspace")).env("BALLAST_CACHE", place.path("no-cache"));
    submit.env_remove("BALLAST_STARTER");
    let said = output(&mut submit);
    assert!(said.contains("Submitted batch job"), "{said}");
    let began = Instant::now();
    while !output(cluster.command("squeue").args(["-h"])).trim().is_empty() {
        assert!(began.elapsed() < Duration::from_secs(180), "{}", output(&mut cluster.command("squeue")));
        sleep(Duration::from_millis(500));
    }
    let said = show(&place.succeed("study --collect {}/plan").stdout);
    assert!(said.contains("1 of 2") && said.contains("Not all planned runs have ended"), "{said}");
    let log = fs::read_to_string(plan.join("logs/3.log")).unwrap_or_default();
    assert!(log.contains("exists and is not empty"), "the log of the task that could not run: {log}");
}
