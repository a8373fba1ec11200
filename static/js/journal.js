// The behaviours of every page; each finds its own elements and does nothing without them.
import "./editor.js";
import "./sign-in.js";
import "./zone.js";
