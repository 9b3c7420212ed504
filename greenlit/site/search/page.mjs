// The search as the reader sees it: the box that every page has, and the list below it.
import { Index } from "./engine.mjs";
import { excerpt } from "./excerpt.mjs";

const SLICE = 12; // Milliseconds in which the page does nothing else.

export function start() {
  const form = document.forms.find, box = form.words, output = form.nextElementSibling;
  const said = output.querySelector("[role=status]"), list = output.querySelector("ol");
  const site = new URL("..", document.currentScript.src).href, toggle = document.getElementById("__search");
  const close = () => toggle.checked && toggle.click();
  let index, rest = "loading";

  const answer = () => {
    if (!index) return;
    const found = box.value.trim() ? index.find(box.value) : null;
    list.replaceChildren(...(found?.pages ?? []).map((page) => item(site, page, found.marks)));
    said.replaceChildren(...told(site, found, rest));
    requestAnimationFrame(() => output.firstElementChild.scrollTo(0, 0));
    // For whoever waits for the answer to this question.
    list.dataset.query = box.value.slice(0, 100);
    list.dataset.rest = rest;
  };
  form.addEventListener("input", answer);
  form.addEventListener("reset", () => setTimeout(answer));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    list.querySelector("a")?.click();
  });
  list.addEventListener("click", ({ target }) => target.closest("a") && close());
  form.parentElement.addEventListener("keydown", (event) => {
    const places = [box, ...list.querySelectorAll("a")], at = places.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && at >= 0) {
      event.preventDefault();
      places[(at + step + places.length) % places.length].focus();
    } else if (at > 0 && event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) box.focus();
  });
  form.parentElement.addEventListener("focusout", ({ relatedTarget }) => relatedTarget && !form.parentElement.contains(relatedTarget) && close());

  window.siteSearch = {
    names(named) {
      index = new Index(named);
      answer();
    },
    async reads(sentences) {
      let since = performance.now();
      for (const [url, texts] of Object.entries(sentences ?? {})) {
        index?.read(url, texts);
        if (performance.now() - since < SLICE) continue;
        await new Promise((resolve) => setTimeout(resolve));
        since = performance.now();
      }
      rest = sentences ? "read" : "lost";
      if (document.activeElement === box) answer();
      else list.dataset.rest = rest;
    },
  };
}

/** What the list is: how many pages, and whether they have all words. */
function told(site, found, rest) {
  const doctor = Object.assign(document.createElement("a"), { href: address(site, "doctor/"), textContent: "ask the doctor" });
  const late = { loading: " The sentences of the pages are loading…", lost: " Only titles and headings were searched: the rest could not be loaded.", read: "" }[rest];
  if (!found) return [`Type a few words, or paste an error message.${late}`];
  if (found.isMessage) return ["For the cause of a whole traceback, ", doctor, `.${late}`];
  if (!found.some) return ["Nothing was found. For an error, ", doctor, `.${late}`];
  const pages = found.all === 1 ? "1 page has" : `${found.all} pages have`;
  return [(found.all ? `${pages} ${found.one ? "it" : "all words"}.` : "No page has all words. These have some:") + late];
}

/** A page that is opened as a file has no server that knows what a folder shows. */
const address = (site, url) => site + url + (location.protocol === "file:" ? "index.html" : "");

function item(site, page, marks) {
  const make = (name, className, ...inside) => {
    const made = Object.assign(document.createElement(name), { className });
    made.append(...inside);
    return made;
  };
  const marked = (text, most) => excerpt(text, marks, most).map(([part, isMark]) => (isMark ? make("mark", "", part) : part));
  const link = (className, anchor, ...inside) => Object.assign(make("a", className, ...inside), { href: address(site, page.url) + (anchor && `#${anchor}`) });
  const parts = [
    page.place.length && make("span", "gl-place", page.place.join(" › ")),
    make("strong", "gl-title", ...marked(page.title, 200)),
    make("span", "gl-excerpt", ...marked(page.text, 150)),
  ];
  const hit = make("li", "md-search-result__item", link("md-search-result__link gl-hit", "", ...parts.filter(Boolean)));
  if (page.heads.length) hit.append(make("div", "gl-heads", ...page.heads.map(({ title, anchor }) => link("", anchor, ...marked(title, 80)))));
  return hit;
}
