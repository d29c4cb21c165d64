// First of all: what follows asks for the language as it is loaded.
import "./lib/navigator";

import { mount } from "svelte";
import App from "./App.svelte";
import "./app.css";

const target = document.getElementById("app");
if (!target) throw new Error("index.html lacks the element #app");
mount(App, { target });
