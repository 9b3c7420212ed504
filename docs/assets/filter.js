// Made by 'make catalogue' from greenlit/site/scripts/: filter.js.
{
const plain = (text) => text.toLowerCase().replace(/[_/]/g, " ");
const arm = (form) => {
form.dataset.armed = "";
const groups = [...document.querySelectorAll(".gl-errors")].filter((group) => form.compareDocumentPosition(group) & Node.DOCUMENT_POSITION_FOLLOWING);
const items = groups.flatMap((group) => [...group.querySelectorAll("li")]);
const said = new Map(items.map((item) => [item, plain(`${item.textContent} ${item.firstElementChild.getAttribute("href")}`)]));
const all = new Set([...said.values()]).size;
const show = () => {
const words = plain(form.words.value).split(/\s+/), driver = form.driver.value;
for (const item of items) {
const { drivers } = item.dataset;
item.hidden = !words.every((word) => said.get(item).includes(word)) || !(!driver || !drivers || drivers.includes(driver));
}
for (const group of groups) group.hidden = !group.querySelector("li:not([hidden])");
const left = new Set(items.filter((item) => !item.hidden).map((item) => said.get(item))).size;
form.querySelector("[role=status]").textContent = left ? `${left} of ${all} errors` : "No error has these words in its title. Paste the traceback, or search the whole text.";
};
form.addEventListener("input", show);
form.addEventListener("submit", (event) => event.preventDefault());
show();
};
const shown = () => document.querySelectorAll(".gl-filter:not([data-armed])").forEach(arm);
shown();
window.document$?.subscribe(shown);
}
