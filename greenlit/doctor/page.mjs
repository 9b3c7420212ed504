// "Paste your traceback" on a page. Whatever is pasted becomes text nodes: none of it is ever markup.
import { doctor } from "./diagnose.mjs";
import { harmless, shown, whole } from "./pasted.mjs";

const AT_ONCE = 200000; // Characters: before a longer text is read, the page shows that it was taken.
const FRAME_SHOWN = 50; // Milliseconds.
const REMEMBERED = 1000000; // Characters kept for the way back to this page, in this tab alone.
const PLACE = "greenlit.doctor";
const script = typeof document === "undefined" ? null : document.currentScript; // Known only while it loads.

function start(catalogue) {
  const known = doctor(catalogue);
  const ask = asking(known);
  const arm = () => {
    for (const box of document.querySelectorAll(".gl-doctor:not([data-armed])")) armed(box, ask, catalogue);
  };
  arm();
  window.document$?.subscribe(arm); // Again after instant navigation.
}

/** A function that answers; of several questions asked in a row the last one counts. */
function asking(known) {
  let last = 0;
  return (text, then) => {
    const number = ++last;
    if (text.length <= AT_ONCE) return then(known(text));
    setTimeout(() => number === last && then(known(text)), FRAME_SHOWN);
  };
}

function armed(box, ask, catalogue) {
  box.dataset.armed = "";
  const input = box.querySelector("textarea");
  let kept = "", waiting;
  const answer = (look) => {
    clearTimeout(waiting);
    const text = whole(input.value, kept);
    remember(text);
    if (text.length > AT_ONCE) box.querySelector("[role=status]").textContent = "Reading…";
    ask(text, (diagnoses) => show(box, text, diagnoses, look));
  };
  const take = (text) => {
    kept = text;
    input.value = shown(text);
    answer(true);
  };
  input.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text");
    const long = shown(text) !== text;
    if (!long) return void (waiting = setTimeout(() => answer(true)));
    event.preventDefault();
    take(text);
  });
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(answer, 40);
  });
  const taken = async (file) => file && take(await file.text());
  box.addEventListener("dragover", (event) => event.preventDefault());
  box.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    taken(event.dataTransfer.files[0]);
  });
  box.querySelector("input[type=file]")?.addEventListener("change", ({ target }) => taken(target.files[0]));
  box.querySelector(".gl-example")?.addEventListener("click", () => take(example(catalogue)));
  const before = input.value || recalled();
  if (before) take(before);
}

/** A message of the error that people meet most. */
const example = ([{ classes, says }]) => `${classes[0]}: ${says[0]}`;

function remember(text) {
  try {
    if (text.length <= REMEMBERED) sessionStorage.setItem(PLACE, text);
    else sessionStorage.removeItem(PLACE);
  } catch {} // Not allowed here: nothing is remembered.
}

function recalled() {
  try {
    return performance.getEntriesByType("navigation")[0]?.type === "back_forward" || window.document$ ? (sessionStorage.getItem(PLACE) ?? "") : "";
  } catch {
    return "";
  }
}

// What is said -------------------------------------------------------------------------------------

const OUTER = ["unhandled errors in a TaskGroup", "ExceptionGroup:"];

function said(text, diagnoses) {
  if (!text.trim()) return "";
  const group = OUTER.some((words) => text.includes(words));
  if (!diagnoses.length && group)
    return "This is the outer line of a group of errors. Paste the lines below it as well: the error inside says more.";
  if (!diagnoses.length)
    return "I don't know this one, and I won't guess. If it comes from SQLAlchemy or your FastAPI application, paste the whole traceback.";
  if (diagnoses[0].weak) return "No message that I know, only words or the name of an error. It may be one of these; the whole traceback says more:";
  return `${diagnoses.length === 1 ? "One diagnosis" : `${diagnoses.length} diagnoses, the likeliest first`}:`;
}

function show(box, text, diagnoses, look) {
  const status = box.querySelector("[role=status]");
  status.textContent = said(text, diagnoses);
  box.querySelector(".gl-diagnoses").replaceChildren(...diagnoses.map(entry));
  box.querySelector(".gl-unknown").hidden = diagnoses.length > 0 || !text.trim();
  const { top, bottom } = status.getBoundingClientRect();
  if (look === true && text.trim() && (top < 0 || bottom > innerHeight * 0.8)) status.scrollIntoView({ block: "start" });
}

function entry({ entry, why, yours }, number) {
  const link = make("a", entry.title);
  link.href = page(`guides/errors/${entry.slug}/`);
  const parts = [classed("gl-found", make("p", link)), make("p", ...spans(entry.cause))];
  if (yours && number === 0) parts.push(make("p", "Your line:"), classed("gl-yours", make("pre", make("div", harmless(yours)))));
  const lines = why.map((pieces) => make("div", ...pieces.map((piece, i) => (i % 2 ? make("mark", harmless(piece)) : harmless(piece)))));
  if (lines.length) parts.push(make("p", "Decided by these lines of yours:"), classed("gl-why", make("pre", ...lines)));
  if (entry.fix) parts.push(make("p", "The fix:"), classed("gl-rows", make("pre", ...entry.fix.rows.map(row))));
  for (const pre of parts.filter(({ tagName }) => tagName === "PRE")) pre.tabIndex = 0;
  return make("li", ...parts);
}

const page = (path) =>
  new URL(location.protocol === "file:" ? path.replace(/\/?(#|$)/, "/index.html$1") : path, new URL("..", script.src)).href;
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
