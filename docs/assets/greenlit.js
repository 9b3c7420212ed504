// Made by 'make catalogue' from greenlit/site/scripts/: search_box.js, accessible.js, on_demand.js, reading.js.
(() => {
const site = new URL("..", document.currentScript.src).href;
const form = document.forms.find, box = form.words, toggle = document.getElementById("__search");
const output = form.nextElementSibling, said = output.querySelector("[role=status]");
const open = (yes) => toggle.checked !== yes && toggle.click();
const add = (name, made) => document.head.append(Object.assign(document.createElement(name), made));
let touched = false;
const touch = () => {
if (touched) return;
touched = true;
said.textContent = "The search is loading…";
add("link", { rel: "stylesheet", href: `${site}assets/search.css` });
for (const name of ["assets/search.js", "search/pages.js", "search/sentences.js"])
add("script", { src: site + name, async: false, onerror: () => lost(name) });
};
const lost = (name) => {
if (!name.endsWith("sentences.js")) said.textContent = `The search does not work: ${name} could not be loaded.`;
else window.siteSearch?.reads();
};
box.addEventListener("focus", () => {
touch();
open(true);
});
form.addEventListener("pointerenter", touch);
toggle.addEventListener("change", () => {
output.inert = !toggle.checked;
if (toggle.checked) box.focus();
});
form.addEventListener("reset", () => box.focus());
document.addEventListener("keydown", (event) => {
const { key, target, ctrlKey, metaKey, altKey } = event;
if (toggle.checked && key === "Escape") {
open(false);
box.blur();
} else if (["/", "f", "s"].includes(key) && !ctrlKey && !metaKey && !altKey && !target.closest("input, select, textarea, [contenteditable]")) {
event.preventDefault();
box.focus();
box.select();
}
});
const given = new URLSearchParams(location.search).get("q");
if (given) {
box.value = given;
box.focus();
}
})();
new MutationObserver((changes) => {
for (const node of changes.flatMap(({ addedNodes }) => [...addedNodes])) {
if (!(node instanceof Element)) continue;
const all = (selector) => [...node.querySelectorAll(selector), ...(node.matches(selector) ? [node] : [])];
for (const nav of all(".md-code__nav")) nav.setAttribute("role", "none");
for (const box of all(".md-typeset__scrollwrap")) box.tabIndex = 0;
}
}).observe(document.body, { childList: true, subtree: true });
{
const folder = document.currentScript.src;
const fetched = (name, onerror) => {
const src = new URL(name, folder).href;
if (!document.querySelector(`script[src="${src}"]`)) document.head.append(Object.assign(document.createElement("script"), { src, onerror }));
};
const blocked = () => document.querySelectorAll(".gl-blocked").forEach((said) => (said.hidden = false));
const turn = ({ target }) => target instanceof Element && target.closest(".gl-doctor") && fetched("doctor.js", blocked);
for (const type of ["focusin", "pointerover", "dragover"]) document.addEventListener(type, turn);
const play = (what, on) =>
import(new URL("playground/play.mjs", folder))
.then((made) => made[what](on))
.catch(() => (on.textContent = "Not loaded"));
document.addEventListener("click", ({ target }) => target instanceof Element && target.matches(".gl-try") && play("open", target));
const shown = () => {
for (const at of document.querySelectorAll(".gl[data-run] .filename, .gl-claims[data-run] > .gl-proven"))
if (!at.querySelector(".gl-try")) at.insertBefore(Object.assign(document.createElement("button"), { className: "gl-try", textContent: "Run" }), at.querySelector("button"));
const place = document.querySelector(".gl-here");
if (place) play("here", place);
for (const name of ["calculator", "filter"]) if (document.querySelector(`.gl-${name}`)) fetched(`${name}.js`, blocked);
};
window.document$ ? window.document$.subscribe(shown) : shown();
}
{
const folder = document.currentScript.src;
const KEPT = "greenlit.tabs";
const read = () => {
try {
return JSON.parse(localStorage.getItem(KEPT)) ?? [];
} catch {
return [];
}
};
const keep = (names) => {
try {
localStorage.setItem(KEPT, JSON.stringify(names.slice(0, 20)));
} catch {
}
};
const choose = (names) => {
for (const name of [...names].reverse())
for (const label of document.querySelectorAll(".gl-tabs > label"))
if (label.textContent === name) label.previousElementSibling.checked = true;
};
document.addEventListener("change", ({ target }) => {
if (!target.matches(".gl-tabs > input")) return;
const name = target.nextElementSibling.textContent;
const place = () => target.nextElementSibling.getBoundingClientRect().top;
const before = place();
choose([name]);
scrollBy({ top: place() - before, behavior: "instant" });
keep([name, ...read().filter((other) => other !== name)]);
});
const BUTTONS = ".gl-copy, .gl-more, .gl-page";
let fetched;
const fetching = () =>
(fetched ??= new Promise((resolve) => {
const src = new URL("copying.js", folder).href;
document.head.append(Object.assign(document.createElement("script"), { src, onload: resolve }));
}));
for (const type of ["focusin", "pointerover"])
document.addEventListener(type, ({ target }) => target instanceof Element && target.closest(BUTTONS) && fetching());
document.addEventListener("click", (event) => {
const button = event.target.closest(`${BUTTONS}, .gl-copies > *`);
if (button?.localName === "button") fetching().then(() => window.copying(button));
});
const { dataset } = document.body;
let scheme;
addEventListener("beforeprint", () => ([scheme, dataset.mdColorScheme] = [dataset.mdColorScheme, "default"]));
addEventListener("afterprint", () => (dataset.mdColorScheme = scheme));
const shown = () => choose(read());
window.document$ ? window.document$.subscribe(shown) : shown();
}
