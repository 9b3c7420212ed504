// From greenlit/site/scripts/accessible.js
document.querySelector("[data-md-component=search]")?.setAttribute("aria-label", "Search");
new MutationObserver((changes) => {
for (const node of changes.flatMap(({ addedNodes }) => [...addedNodes])) {
if (!(node instanceof Element)) continue;
const all = (selector) => [...node.querySelectorAll(selector), ...(node.matches(selector) ? [node] : [])];
for (const nav of all(".md-code__nav")) nav.setAttribute("role", "none");
for (const box of all(".md-typeset__scrollwrap")) box.tabIndex = 0;
}
}).observe(document.body, { childList: true, subtree: true });
