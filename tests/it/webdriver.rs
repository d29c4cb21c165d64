//! As much of WebDriver (<https://www.w3.org/TR/webdriver2/>) as one window needs, over a plain socket: a client from
//! the shelf would bring the HTTP stack that the product must not have.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// The key under which an element's reference travels.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A window of the app under remote control. Dropping it closes the window and the driver.
pub struct Window {
    driver: Child,
    port: u16,
    session: String,
}

impl Window {
    /// Starts `program` through WebKitWebDriver, with every file it writes below `home`, and more environment variables.
    pub fn open(program: &Path, home: &Path, variables: &[(String, PathBuf)]) -> Self {
        let port = free_port();
        // A limit on the size of files stands in for a full disk. Its signal, which would end the program, is not sent.
        let driver = Command::new("sh")
            .args(["-c", &format!("trap '' XFSZ; exec WebKitWebDriver --port={port}")])
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
            .env("NO_AT_BRIDGE", "1")
            .env("GDK_BACKEND", "x11")
            .env("LANG", "C.UTF-8")
            .env("LANGUAGE", "en")
            .env("XDG_DATA_HOME", home.join("data"))
            .env("XDG_CACHE_HOME", home.join("cache"))
            .env("XDG_CONFIG_HOME", home.join("config"))
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .spawn()
            .expect("start WebKitWebDriver");
        let mut window = Self { driver, port, session: String::new() };
        until("WebKitWebDriver answers", || TcpStream::connect(("127.0.0.1", port)).is_ok().then_some(()));
        // Without `browserName`: any name makes the driver refuse a program that is not a browser.
        let options = json!({ "webkitgtk:browserOptions": { "binary": program, "args": [] } });
        let opened = window.request("POST", "/session", Some(json!({ "capabilities": { "alwaysMatch": options } })));
        window.session = opened["sessionId"].as_str().expect("a session").to_owned();
        window
    }

    /// What the page's `script` returns.
    pub fn run(&self, script: &str) -> Value {
        self.command("/execute/sync", json!({ "script": script, "args": [] }))
    }

    /// The text a reader sees in the first element that `selector` matches, empty where there is none.
    pub fn text(&self, selector: &str) -> String {
        let found = self.run(&format!("return document.querySelector({})?.innerText ?? ''", json!(selector)));
        found.as_str().unwrap_or_default().to_owned()
    }

    pub fn click(&self, selector: &str) {
        let element = self.element(selector);
        self.command(&format!("/element/{element}/click"), json!({}));
    }

    /// Types into the first element that `selector` matches; special keys are WebDriver's code points.
    pub fn press(&self, selector: &str, keys: &str) {
        let element = self.element(selector);
        self.command(&format!("/element/{element}/value"), json!({ "text": keys }));
    }

    /// Types wherever the focus is.
    pub fn keys(&self, keys: &str) {
        let pressed = keys.chars().flat_map(|key| {
            [
                json!({ "type": "keyDown", "value": key.to_string() }),
                json!({ "type": "keyUp", "value": key.to_string() }),
            ]
        });
        let actions = json!([{ "type": "key", "id": "keyboard", "actions": pressed.collect::<Vec<_>>() }]);
        self.command("/actions", json!({ "actions": actions }));
    }

    /// Drags the middle of one element onto that of another, with Alt held where `alt` says so.
    pub fn drag(&self, from: &str, onto: &str, alt: bool) {
        let to = |selector: &str| {
            let origin = json!({ ELEMENT: self.element(selector) });
            json!({ "type": "pointerMove", "origin": origin, "x": 0, "y": 0, "duration": 50 })
        };
        let (down, up) = (json!({ "type": "pointerDown", "button": 0 }), json!({ "type": "pointerUp", "button": 0 }));
        let pause = || json!({ "type": "pause" });
        let pointer = [to(from), down, to(onto), up, pause()];
        let key = |action: &str| if alt { json!({ "type": action, "value": "\u{e00a}" }) } else { pause() };
        let keys = [key("keyDown"), pause(), pause(), pause(), key("keyUp")];
        let actions = json!([
            { "type": "key", "id": "keyboard", "actions": keys },
            { "type": "pointer", "id": "mouse", "parameters": { "pointerType": "mouse" }, "actions": pointer },
        ]);
        self.command("/actions", json!({ "actions": actions }));
    }

    pub fn resize(&self, width: u32, height: u32) {
        self.command("/window/rect", json!({ "x": 0, "y": 0, "width": width, "height": height }));
    }

    fn element(&self, selector: &str) -> String {
        let found = self.command("/element", json!({ "using": "css selector", "value": selector }));
        found[ELEMENT].as_str().unwrap_or_else(|| panic!("no element {selector}: {found}")).to_owned()
    }

    fn command(&self, path: &str, body: Value) -> Value {
        self.request("POST", &format!("/session/{}{path}", self.session), Some(body))
    }

    fn request(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let (status, answer) = self.exchange(method, path, body).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert!(status.contains(" 200 "), "{method} {path}: {status}: {answer}");
        answer["value"].clone()
    }

    /// One request on a connection of its own: the status line and the body.
    fn exchange(&self, method: &str, path: &str, body: Option<Value>) -> std::io::Result<(String, Value)> {
        let body = body.map(|value| value.to_string()).unwrap_or_default();
        let mut socket = TcpStream::connect(("127.0.0.1", self.port))?;
        socket.set_read_timeout(Some(Duration::from_secs(60)))?;
        write!(
            socket,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json; charset=utf-8\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )?;
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer)?;
        let answer = String::from_utf8_lossy(&answer);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.lines().next().unwrap_or_default().to_owned();
        Ok((status, serde_json::from_str(body).unwrap_or_else(|_| Value::String(body.to_owned()))))
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            // A session that is already gone is what this wants.
            let _ = self.exchange("DELETE", &format!("/session/{}", self.session), None);
        }
        // The driver ends the program, which nobody would do once the driver itself is gone.
        let driver = self.driver.id().to_string();
        let programs =
            || Command::new("pgrep").args(["-P", &driver]).output().is_ok_and(|found| !found.stdout.is_empty());
        let began = Instant::now();
        while programs() && began.elapsed() < Duration::from_secs(5) {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = Command::new("pkill").args(["-KILL", "-P", &driver]).status();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("its address").port()
}

/// Asks again until there is an answer; panics with `what` after 40 seconds.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(start.elapsed() < Duration::from_secs(40), "waited 40 seconds in vain until {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}
