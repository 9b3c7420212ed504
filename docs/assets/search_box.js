// Made by 'make catalogue' from greenlit/site/scripts/search_box.js.
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
