// Made by 'make catalogue' from greenlit/site/scripts/: first.js.
{
const root = new URL("..", document.currentScript.src);
const key = (name, scope) => `${scope.pathname}.${name}`;
Object.assign(window, {
__md_scope: root,
__md_hash: (text) => [...text].reduce((hash, letter) => (hash << 5) - hash + letter.charCodeAt(0), 0),
__md_get: (name, storage = localStorage, scope = root) => JSON.parse(storage.getItem(key(name, scope))),
__md_set(name, value, storage = localStorage, scope = root) {
try {
storage.setItem(key(name, scope), JSON.stringify(value));
} catch {} // It is full or forbidden: then nothing is remembered.
},
});
const remembered = (name) => {
try {
return window.__md_get(name);
} catch {}
};
const dark = matchMedia("(prefers-color-scheme: dark)").matches;
const colours = remembered("__palette")?.color ?? (dark ? { scheme: "slate" } : {});
const dress = () => {
for (const [name, value] of Object.entries(colours)) document.body.setAttribute(`data-md-color-${name}`, value);
};
const choose = (set) => {
const labels = [...set.querySelectorAll(":scope > .tabbed-labels > label")];
const chosen = (remembered("__tabs") ?? []).map((tab) => labels.find((label) => label.textContent.trim() === tab));
const input = document.getElementById(chosen.find(Boolean)?.htmlFor);
if (input) input.checked = true;
const named = document.getElementById(location.hash.slice(1));
if (named?.name?.startsWith("__tabbed_")) named.checked = true;
};
const file = location.protocol === "file:";
const open = () => {
for (const link of document.links)
if (link.protocol === "file:" && link.pathname.endsWith("/")) link.pathname += "index.html";
};
const config = () => {
const found = document.getElementById("__config");
if (found) found.textContent = found.textContent.replace('"navigation.instant", ', "");
return found;
};
let dressed = false, configured = !file;
new MutationObserver((changes) => {
if (!dressed && document.body) dressed = dress() ?? true;
configured ||= config();
for (const { addedNodes } of changes)
for (const node of addedNodes) {
if (!(node instanceof Element)) continue;
if (node.matches(".tabbed-content")) choose(node.parentElement);
else if (node.matches("[data-md-component=container]")) node.querySelectorAll(".tabbed-set").forEach(choose);
}
}).observe(document, { childList: true, subtree: true });
if (file) document.addEventListener("DOMContentLoaded", open);
}
