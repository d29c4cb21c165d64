//! The real window, end to end: page, typed calls, shell, job thread and engine, driven as a user would.
//!
//! They run only where `BALLAST_WINDOW` is set, as `cargo xtask test` does under a virtual display, so that no window pops
//! up in front of a developer. With `BALLAST_PICTURES=FOLDER` they leave a picture of every screen and state there, for
//! people to look at. One window at a time: pictures are cut from the display.

#[cfg(target_os = "linux")]
mod closing;
mod entities;
mod failures;
mod keyboard;
mod label;
mod label_forms;
mod looks;
mod own_data;
mod pace;
mod sample;
mod study;
mod tasks;

use crate::webdriver::{Window, until};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The program that is tested, unless `BALLAST_PROGRAM` names another, as one that was built for release.
fn program() -> PathBuf {
    std::env::var_os("BALLAST_PROGRAM").map_or_else(|| env!("CARGO_BIN_EXE_ballast-desktop").into(), PathBuf::from)
}

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// A user's computer: a home of its own, a window, and what will be picked in dialogs.
struct Desk {
    home: tempfile::TempDir,
    window: Option<Window>,
    _turn: MutexGuard<'static, ()>,
}

/// `None`, said aloud, where no window may be shown.
fn desk() -> Option<Desk> {
    if std::env::var_os("BALLAST_WINDOW").is_none() {
        eprintln!("skipped: `cargo xtask test` runs this with BALLAST_WINDOW set, on a virtual display");
        return None;
    }
    let turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let home = tempfile::tempdir().expect("a temporary folder");
    let mut desk = Desk { home, window: None, _turn: turn };
    desk.open();
    Some(desk)
}

impl Desk {
    /// Opens the window, again after it was closed or killed.
    fn open(&mut self) {
        // One that was closed a moment ago may still be on its way out, and would hold the queue.
        let began = Instant::now();
        while !self.processes().is_empty() {
            if began.elapsed() > Duration::from_secs(10) {
                self.kill();
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        std::fs::write(self.picks(), "").expect("nothing is picked yet");
        let mut variables = vec![("BALLAST_PICKS".to_string(), self.picks())];
        if let Some(encoder) = tiny() {
            variables.push(("BALLAST_STARTER".into(), encoder));
        }
        self.window = Some(Window::open(&program(), self.home.path(), &variables));
        until("the window is there", || (!self.text("h1").is_empty()).then_some(()));
    }

    fn window(&self) -> &Window {
        self.window.as_ref().expect("the window is open")
    }

    /// Ends the program without asking it, as a crash or a power cut would.
    fn kill(&mut self) {
        let pattern = format!("^{}$", program().display());
        let _ = Command::new("pkill").args(["-KILL", "-f", &pattern]).status();
        self.window = None;
    }

    /// The numbers of the program's processes, a line each; empty when it has ended.
    fn processes(&self) -> String {
        let found = Command::new("pgrep").args(["-f", &format!("^{}$", program().display())]).output().expect("pgrep");
        String::from_utf8_lossy(&found.stdout).trim().to_string()
    }

    /// Bytes that the program and the processes of its page hold together (shared pages counted once), in MB.
    fn memory(&self) -> u64 {
        let main = self.processes();
        let children = Command::new("pgrep").args(["-P", &main]).output().expect("pgrep");
        let children = String::from_utf8_lossy(&children.stdout).into_owned();
        let own = |id: &str| {
            let rollup = std::fs::read_to_string(format!("/proc/{id}/smaps_rollup")).unwrap_or_default();
            let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).unwrap_or_default().to_string();
            line.trim_end_matches("kB").trim().parse::<u64>().unwrap_or(0)
        };
        main.lines().chain(children.lines()).map(own).sum::<u64>() / 1000
    }

    /// Lets no file grow beyond `bytes`, as a disk with no more room does; `unlimited` gives the room back.
    fn room(&self, bytes: &str) {
        let id = self.processes();
        let set = Command::new("prlimit").args(["--pid", &id, &format!("--fsize={bytes}:")]).status();
        assert!(set.is_ok_and(|status| status.success()), "prlimit could not limit the program {id:?}");
    }

    fn picks(&self) -> PathBuf {
        self.home.path().join("picks")
    }

    /// The next dialog will be answered with `path`.
    fn will_pick(&self, path: &Path) {
        std::fs::write(self.picks(), format!("{}\n", path.display())).expect("write the pick");
    }

    fn workspace(&self) -> PathBuf {
        self.home.path().join("data/ballast")
    }

    /// A file in the user's home.
    fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.home.path().join(name);
        std::fs::write(&path, content).expect("write a file");
        path
    }

    fn text(&self, selector: &str) -> String {
        self.window().text(selector)
    }

    fn has(&self, selector: &str) -> bool {
        self.window().run(&format!("return document.querySelector({}) !== null", json!(selector))) == true
    }

    /// Waits for something that can be clicked, and clicks it.
    fn click(&self, selector: &str) {
        let ready = format!(
            "const found = document.querySelector({}); return found !== null && !found.disabled",
            json!(selector)
        );
        until(&format!("{selector} can be clicked"), || (self.window().run(&ready) == true).then_some(()));
        self.window()
            .run(&format!("document.querySelector({}).scrollIntoView({{ block: 'center' }})", json!(selector)));
        self.window().click(selector);
    }

    /// Replaces what stands in a field.
    fn fill(&self, selector: &str, text: &str) {
        until(&format!("{selector} is there"), || self.has(selector).then_some(()));
        self.window().run(&format!("document.querySelector({}).select?.()", json!(selector)));
        self.window().press(selector, text);
    }

    /// Chooses an option of a select by its value.
    fn choose(&self, selector: &str, value: &str) {
        let offered = format!(
            "return [...(document.querySelector({})?.options ?? [])].some((option) => option.value === {})",
            json!(selector),
            json!(value)
        );
        until(&format!("{selector} offers {value}"), || (self.window().run(&offered) == true).then_some(()));
        self.window().run(&format!(
            "const select = document.querySelector({}); select.value = {}; \
             select.dispatchEvent(new Event('change', {{ bubbles: true }}))",
            json!(selector),
            json!(value)
        ));
    }

    /// Changes appearance and language where a user does.
    fn dress(&self, theme: &str, language: &str) {
        self.go("settings");
        self.click(&format!("input[name=theme][value={theme}] + span"));
        self.click(&format!("input[name=language][value={language}] + span"));
    }

    fn go(&self, screen: &str) {
        self.window().run(&format!("location.hash = '#/{screen}'"));
        let shown = format!(
            "return document.querySelector('nav [aria-current]')?.hash === '#/{screen}' \
             && document.querySelector('main [aria-busy=true]') === null && document.querySelector('h1') !== null"
        );
        until(&format!("{screen} is shown"), || (self.window().run(&shown) == true).then_some(()));
    }

    /// The screen must not scroll sideways.
    fn fits(&self, name: &str) {
        let spilling = self.window().run(
            "const spill = document.documentElement.scrollWidth - innerWidth; return spill <= 0 ? [] : [`${spill} px`, \
             ...[...document.querySelectorAll('body *')] \
             .filter((part) => part.getBoundingClientRect().right > innerWidth && !part.closest('nav')) \
             .map((part) => part.outerHTML.slice(0, 200))]",
        );
        assert_eq!(spilling, json!([]), "{name} scrolls sideways");
    }

    /// Waits until the text of an element holds one of `wanted`; answers with the text.
    fn reads(&self, selector: &str, wanted: &[&str]) -> String {
        until(&format!("{selector} reads one of {wanted:?}"), || {
            let text = self.text(selector);
            wanted.iter().any(|part| text.contains(part)).then_some(text)
        })
    }

    /// A picture of the window, cut from the display: WebDriver's own hangs here.
    fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("BALLAST_PICTURES") else { return };
        std::thread::sleep(Duration::from_millis(500));
        let size = self.window().run("return innerWidth + 'x' + innerHeight + '+0+0'");
        let file = Path::new(&folder).join(format!("{name}.png"));
        let mut import = Command::new("import");
        import.args(["-window", "root", "-crop", size.as_str().unwrap_or_default(), "+repage", "-strip"]).arg(&file);
        let taken = import.status();
        assert!(
            taken.is_ok_and(|status| status.success()),
            "ImageMagick's `import` could not write {}",
            file.display()
        );
    }

    /// Has axe look for violations of WCAG 2.2 A and AA on the screen as it is, in the light and in the dark appearance.
    fn audit(&self, name: &str) {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/ui/node_modules/axe-core/axe.min.js");
        let axe = std::fs::read_to_string(script).expect("the page's packages are installed");
        if self.window().run("return typeof window.axe") != "object" {
            self.window().run(&format!("{axe}; window.axe = axe;"));
        }
        let own = self.window().run("return document.documentElement.dataset.theme ?? ''");
        let dress = |theme: &str| {
            // Colours that fade over from one appearance to the other are neither's.
            self.window().run(&format!(
                "document.documentElement.dataset.theme = '{theme}'; return Promise.allSettled(document.getAnimations() \
                 .filter((animation) => animation.effect?.getTiming().iterations !== Infinity) \
                 .map((animation) => animation.finished))"
            ));
        };
        for theme in ["light", "dark"] {
            dress(theme);
            let found = self.window().run(
                "return axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then((result) => \
                 result.violations.map(({ id, nodes }) => id + ': ' + nodes.map((node) => node.html + ' ' + node.failureSummary).join(' | ')))",
            );
            assert_eq!(found, json!([]), "violations on {name}, {theme}");
        }
        dress(own.as_str().unwrap_or_default());
    }
}

/// The small encoder that set-up fetches for tests.
fn tiny() -> Option<PathBuf> {
    let cache = std::env::var_os("BALLAST_CACHE").map(PathBuf::from);
    let cache = cache.or_else(|| Some(directories::ProjectDirs::from("", "", "ballast")?.cache_dir().to_path_buf()))?;
    Some(cache.join("encoders/bert-tiny")).filter(|folder| folder.join("config.json").is_file())
}

/// Notes of two departments, `count` of them, with `bad` rows that cannot be used at the end.
fn notes(count: usize, bad: usize) -> String {
    let words = ["chest pain and murmur on exertion", "fracture of the wrist after a fall"];
    let mut table = "when,story,ward\n".to_string();
    for row in 0..count {
        table.push_str(&format!(
            "2024-01-{:02},{} number {row},{}\n",
            row % 28 + 1,
            words[row % 2],
            ["heart", "bone"][row % 2]
        ));
    }
    (0..bad).for_each(|_| table.push_str("2024-02-01,a note without ward\n"));
    table
}
