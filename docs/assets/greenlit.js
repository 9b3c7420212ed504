// Made by 'make catalogue' from greenlit/site/scripts/: accessible.js, on_demand.js, reading.js.
document.querySelector("[data-md-component=search]")?.setAttribute("aria-label", "Search");
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
const blocked = () => (document.querySelector(".gl-blocked").hidden = false);
const turn = ({ target }) => target instanceof Element && target.closest(".gl-doctor") && fetched("doctor.js", blocked);
for (const type of ["focusin", "pointerover", "dragover"]) document.addEventListener(type, turn);
const shown = () => document.querySelector(".gl-calculator") && fetched("calculator.js");
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
