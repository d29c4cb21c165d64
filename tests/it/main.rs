//! What must hold of the whole: the page speaks the shell's language, nothing reaches the network, the window opens.

mod bindings;
mod network;
mod webdriver;
mod window;
