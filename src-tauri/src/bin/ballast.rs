//! The `ballast` command: the same engine in a terminal.

fn main() -> std::process::ExitCode {
    cli::main()
}
