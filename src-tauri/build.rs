//! Embeds the window's settings, icons and permissions; `tauri.conf.json` lies beside `Cargo.toml`, not beside this file.

fn main() {
    // The page is built into the program: a new page asks for a new program.
    println!("cargo:rerun-if-changed=ui/dist");
    let attributes = tauri_build::Attributes::new().capabilities_path_pattern("src-tauri/capabilities/*.json");
    if let Err(error) = tauri_build::try_build(attributes) {
        eprintln!("error: the desktop shell cannot be prepared: {error:#}");
        std::process::exit(1);
    }
}
