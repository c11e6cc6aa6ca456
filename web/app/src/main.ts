/** Starts the app. */

import { mount } from "svelte";

import { keepOffline } from "./state/offline.ts";
import "./style/tokens.css";
import "./style/base.css";
import "./style/board.css";
import "./style/card.css";
import "./style/labels.css";
import "./style/pages.css";
import App from "./view/App.svelte";

const target = document.getElementById("app");
if (target === null) throw new Error("index.html has no #app");
mount(App, { target });
keepOffline();
