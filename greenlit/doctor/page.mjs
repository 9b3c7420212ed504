// "Paste your traceback" on a page. Whatever is pasted becomes text nodes: none of it is ever markup.
import { doctor } from "./diagnose.mjs";

const SHOWN = 100000;
const script = typeof document === "undefined" ? null : document.currentScript; // Known only while it loads.

function start(catalogue) {
  const known = doctor(catalogue);
  const root = new URL("..", script.src);
  const page = (path) => new URL(location.protocol === "file:" ? path.replace(/\/?(#|$)/, "/index.html$1") : path, root).href;

  const arm = () => {
    for (const box of document.querySelectorAll(".gl-doctor:not([data-armed])")) {
      box.dataset.armed = "";
      const input = box.querySelector("textarea");
      let waiting;
      const answer = () => show(box, input.value, known(input.value));
      // A browser takes seconds to lay out megabytes: read all of it, show the beginning.
      input.addEventListener("paste", (event) => {
        const text = event.clipboardData.getData("text");
        if (text.length <= SHOWN) return;
        event.preventDefault();
        input.value = `${text.slice(0, SHOWN)}\n… ${text.length.toLocaleString("en")} characters in all; every one was read.`;
        clearTimeout(waiting);
        show(box, text, known(text));
      });
      input.addEventListener("input", () => {
        clearTimeout(waiting);
        waiting = setTimeout(answer, 40);
      });
      if (input.value) answer();
    }
  };

  function show(box, text, diagnoses) {
    const status = box.querySelector("[role=status]");
    const results = box.querySelector(".gl-diagnoses");
    const some = diagnoses.length > 0;
    status.textContent = !text.trim() ? ""
      : some ? `${diagnoses.length === 1 ? "One diagnosis" : `${diagnoses.length} diagnoses, the likeliest first`}:`
      : "I don't know this one, and I won't guess. Nothing in it is a message of this stack that has a page here.";
    results.replaceChildren(...(some ? diagnoses.map(entry) : []));
    box.querySelector(".gl-unknown").hidden = some || !text.trim();
  }

  function entry({ entry, why }) {
    const link = make("a", entry.title);
    link.href = page(`guides/errors/${entry.slug}/`);
    const lines = why.map((pieces) => make("div", ...pieces.map((piece, i) => (i % 2 ? make("mark", piece) : piece))));
    const parts = [classed("gl-found", make("p", link)), make("p", ...spans(entry.cause))];
    if (lines.length) parts.push(make("p", "Decided by these lines of yours:"), classed("gl-why", make("pre", ...lines)));
    if (entry.fix) parts.push(make("p", "The fix:"), classed("gl-rows", make("pre", ...entry.fix.rows.map(row))));
    for (const pre of parts.filter(({ tagName }) => tagName === "PRE")) pre.tabIndex = 0;
    return make("li", ...parts);
  }

  const row = (text) => {
    const element = make("div", text.startsWith("@") ? "⋯" : text);
    if (text[0] === "-") element.className = "gd";
    if (text[0] === "+") element.className = "gi";
    return element;
  };
  const spans = (text) => text.split("`").map((piece, i) => (i % 2 ? make("code", piece) : piece));
  const classed = (name, element) => ((element.className = name), element);
  const make = (tag, ...children) => {
    const element = document.createElement(tag);
    element.append(...children);
    return element;
  };

  arm();
  window.document$?.subscribe(arm); // Again after instant navigation.
}
