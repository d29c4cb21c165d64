//! `ui/src/lib/bindings.ts` is written from the shell's commands and committed, so that the page type-checks without Rust.

use std::path::Path;

use specta_typescript::Typescript;

#[test]
fn committed_bindings_are_what_the_commands_say() {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/src/lib/bindings.ts");
    if std::env::var_os("BALLAST_WRITE_BINDINGS").is_some() {
        ballast_desktop::calls().export(Typescript::default(), &committed).expect("write the bindings");
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fresh = folder.path().join("bindings.ts");
    ballast_desktop::calls().export(Typescript::default(), &fresh).expect("write the bindings");
    let lines = |path: &Path| std::fs::read_to_string(path).unwrap_or_default().replace("\r\n", "\n");
    assert!(
        lines(&fresh) == lines(&committed),
        "{} does not match the commands: run `cargo xtask bindings` and commit the result",
        committed.display()
    );
}
