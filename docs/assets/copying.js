// Made by 'make catalogue' from greenlit/site/scripts/: copying.js.
window.copying = (() => {
const spoken = document.createElement("p");
spoken.className = "gl-spoken";
spoken.setAttribute("role", "status");
document.body.append(spoken);
async function write(text) {
try {
const blob = Promise.resolve(text).then((known) => new Blob([known], { type: "text/plain" }));
await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
} catch {
const area = Object.assign(document.createElement("textarea"), { value: await text });
document.body.append(area);
area.select();
const done = document.execCommand("copy");
area.remove();
if (!done) throw new Error("refused");
}
}
async function fetched(address) {
const answer = await fetch(address);
if (!answer.ok) throw new Error(answer.status);
return answer.text();
}
async function copy(button, text) {
let said = "Copied";
try {
await write(text);
} catch {
said = "Not copied";
}
spoken.textContent = "";
spoken.textContent = said;
if (!button.copies) return void button.classList.toggle("gl-done", said === "Copied");
button.dataset.label ??= button.textContent;
button.textContent = said;
setTimeout(() => (button.textContent = button.dataset.label), 2000);
}
const codeOf = (box) => box.querySelector("pre > code").textContent.replace(/\n$/, "");
const commandOf = (href) =>
[...document.querySelectorAll(".gl > .gl-run")].find((run) => run.parentNode.querySelector(".filename a").href === href);
function more(button) {
const bar = button.parentNode, box = bar.closest(".gl");
const open = button.getAttribute("aria-expanded") !== "true";
button.setAttribute("aria-expanded", open);
if (!open) return bar.nextElementSibling.remove();
const row = document.createElement("div"), { href } = bar.querySelector("a");
row.className = "gl-copies";
const offer = (textContent, copies) => row.append(Object.assign(document.createElement("button"), { textContent, copies }));
offer("Copy the whole file", () => fetched(href));
const run = commandOf(href);
if (run) offer("Copy its command", () => codeOf(run));
offer("Copy a link to this code", () => `${location.href.split("#")[0]}#${box.id}`);
if (box.dataset.twin) row.append(twinOf(box, new URL(box.dataset.twin, href).href));
bar.after(row);
}
function twinOf(box, file) {
const section = box.id.replace(/-\d+$/, "").split("-").slice(2).join("-");
const here = [...document.querySelectorAll(".gl[id]")].filter((other) => other.querySelector(".filename > a").href === file);
const shown = here.find(({ id }) => id.endsWith(`-${section}`)) ?? here[0];
const textContent = file.endsWith("_breaks.py") ? "See the twin that breaks" : "See the fix";
return Object.assign(document.createElement("a"), { textContent, href: shown ? `#${shown.id}` : file });
}
return (button) => {
if (button.matches(".gl-more")) return more(button);
if (button.matches(".gl-page")) return copy(button, fetched(button.value));
const copies = button.copies ?? (() => codeOf(button.closest(".gl-run, .gl")));
return copy(button, copies());
};
})();
