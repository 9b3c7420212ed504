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
new MutationObserver((_, observer) => {
if (!dressed && document.body) dressed = dress() ?? true;
configured ||= config();
if (dressed && configured) observer.disconnect();
}).observe(document, { childList: true, subtree: true });
if (file) document.addEventListener("DOMContentLoaded", open);
}
