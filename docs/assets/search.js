// Made by 'make catalogue' from greenlit/site/search/. A classic script: a page opened as a file loads no module.
(() => {
// What a text consists of, for the search: words without their endings, and of an error what pages share with it.

// Of a question, what it is about.
const SMALL = new Set(
  ("a about after again all an and any are as at be been before but by can could did do does doing for from get gets getting got had has have how i if in into is it " +
    "its just me my no not of off on one or our out over should so some than that the their them then there these they this to too under up us use used using want versus vs was we were what " +
    "when where which while who why will with without would you your").split(" "),
);

/** One form for "migrate", "migrations" and "migrating": both sides are cut alike, so it need not be a word. */
function stem(word) {
  if (word.length < 4 || /[_+\d]/.test(word)) return word;
  word = word.replace(/ies$/, "y").replace(/(ss|x|ch|sh)es$/, "$1").replace(/([^siu])s$/, "$1");
  const bare = word.replace(/^(.{6,})ation$/, "$1").replace(/^(.{4,})(?:ing|ed)$/, "$1").replace(/^(.{4,})ion$/, "$1");
  return bare.replace(/([^aeiouls])\1$/, "$1").replace(/^(.{3,}l)l$/, "$1").replace(/^(.{3,})e$/, "$1");
}

/** A word as it stands; of "n+1" and "C++" the sign is a part. */
const WORD = /[\p{L}\p{N}_]+(?:\+[\p{L}\p{N}]+|\+\+)?/gu;
const plainWords = (text) => text.match(WORD) ?? [];

const known = new Map();

/** All words that were met, as they were written. */
const allWords = () => known.keys();

/** All forms of a word that find it: `begin_nested` also as its parts, `MissingGreenlet` as two words. */
function forms(word) {
  let found = known.get(word);
  if (!found) known.set(word, (found = made(word)));
  return found;
}

function made(word) {
  const parts = word.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase().split("_").filter((part) => part.length > 1);
  return [[stem(word.toLowerCase()), 1], ...(parts.length > 1 ? parts.map((part) => [stem(part), 0.6]) : [])];
}

/** The words of a query, without the small ones if there are others. */
function asked(query) {
  const all = [...new Set(plainWords(query.toLowerCase()))];
  const large = all.filter((word) => !SMALL.has(word) && !/^\d{4,}$/.test(word));
  return large.length ? large : all;
}

const ERROR = /(?:^|[\s(.'"])\w+(?:Error|Exception|Greenlet|Found|Mismatch): /g;
const LONG = 200;

/** Of a log or a traceback, the error that ended it. */
function lastError(text) {
  const errors = text.length > LONG ? [...text.matchAll(ERROR)] : [];
  return errors.length ? text.slice(errors.at(-1).index).slice(0, 2 * LONG) : text.slice(0, 2 * LONG);
}

/** A message without what differs from one machine to the next: addresses, numbers, quotes, what was sent. */
function bare(text) {
  return text
    .replace(/https?:\/\/\S+|\(Background on this error[^)]*\)?|\[(?:SQL|parameters): .*/g, " ")
    .replace(/<[^>]*>|0x[0-9a-f]+/gi, " ")
    .toLowerCase()
    .replace(/[^a-z*]+/g, " ")
    .trim();
}

// The part of a text that has most of the words, with them marked.

/** Pieces of the text: `[piece, is it one of the words?]`. At most about so many characters. */
function excerpt(text, marks, most) {
  const words = [...text.matchAll(WORD)].map(({ 0: word, index }) => ({
    from: index,
    to: index + word.length,
    term: forms(word).find(([term]) => marks.has(term))?.[0],
  }));
  const met = words.filter(({ term }) => term);
  let from = 0, richest = 0;
  if (text.length > most)
    for (const first of met) {
      const within = new Set(met.filter((word) => word.from >= first.from && word.to <= first.from + 0.8 * most).map(({ term }) => term));
      if (within.size > richest) [richest, from] = [within.size, first.from];
    }
  // A little of what stands before, from the beginning of a sentence if there is one near.
  const sentence = text.slice(0, from).search(/[^.?!]*$/);
  const start = from <= 0.2 * most ? 0 : from - sentence < 0.3 * most ? sentence : (words.findLast(({ to }) => to < from - 20)?.from ?? from);
  const rest = words.filter(({ from: begin, to }) => begin >= start && to <= start + most);
  const end = text.length - start <= most ? text.length : (rest.at(-1)?.to ?? start + most);
  const pieces = start ? [["… ", false]] : [];
  let at = start;
  for (const word of met.filter((word) => word.from >= start && word.to <= end)) {
    pieces.push([text.slice(at, word.from), false], [text.slice(word.from, word.to), true]);
    at = word.to;
  }
  return [...pieces, [text.slice(at, end), false], [end < text.length ? " …" : "", false]].filter(([piece]) => piece);
}

// Which pages answer a query: all of its words before some of them, a title before a heading, a heading before a sentence.

const TITLE = 10, WORDS = 9, HEADING = 4, MESSAGE = 2, SENTENCE = 1;
// Headings that each page has say nothing of this one.
const SAID_OF_ALL = /^(?:Read more|Where next|What you see|The fix|Fix|Keep it from coming back)$/;
const MOST_PAGES = 10, MOST_HEADINGS = 3, MOST_READ = 10_000, LIKELY = 40;

/** The anchor that a heading gets of itself, as greenlit/site/search_index.py makes it. */
const slug = (title) => title.toLowerCase().replace(/[^\w\s-]/g, "").trim().replace(/[-\s]+/g, "-");

class Index {
  constructor(named) {
    /** Each word, and on which pages it stands: by page, the weight of the fields; by section, how often. */
    this.postings = new Map();
    this.pages = named.map((said) => this.#page(said));
    this.pages.forEach((page, at) => this.#names(page, at));
    this.whole = false;
  }

  #page({ url, title = "", place = [], words = [], asked = [], about = "", says = [], classes = [], rank = 0, lists = false, heads = [] }) {
    const sections = [{ title, anchor: "", text: "" }];
    for (const head of heads) {
      const [name, anchor] = Array.isArray(head) ? head : [head, slug(head)];
      sections.push({ title: name, anchor, text: "" });
    }
    const name = url.split("/").at(-2)?.replace(/_/g, " ") ?? "";
    const messages = [...says, title].map((text) => bare(text)).filter((text) => text.length > 9);
    return { url, title, place, words, about, other: [...says, ...classes, ...asked], rank, lists, name, sections, messages };
  }

  #names(page, at) {
    this.#add(page.title, at, 0, TITLE);
    this.#add(page.name, at, 0, TITLE / 2);
    for (const words of page.words) this.#add(words, at, 0, WORDS);
    this.#add(page.about, at, 0, MESSAGE);
    for (const words of page.other) this.#add(words, at, 0, MESSAGE);
    page.sections.forEach(({ title }, i) => i && this.#add(title, at, i, HEADING));
  }

  /** The sentences of a page come later. */
  read(url, texts) {
    const at = this.pages.findIndex((page) => page.url === url);
    texts.forEach((text, i) => {
      const section = this.pages[at]?.sections[i];
      if (!section || section.text) return;
      section.text = text;
      this.#add(text, at, i, SENTENCE);
    });
  }

  #add(text, at, section, weight) {
    for (const word of plainWords(text)) for (const [term, share] of forms(word)) this.#met(term, share, at, section, weight);
  }

  #met(term, share, at, section, weight) {
    let pages = this.postings.get(term);
    if (!pages) this.postings.set(term, (pages = new Map()));
    let found = pages.get(at);
    if (!found) pages.set(at, (found = { named: 0, times: 0, sections: [], weights: [] }));
    if (weight === SENTENCE) found.times += share;
    else found.named = Math.max(found.named, weight * share) + (found.named ? 0.2 : 0);
    const { sections, weights } = found, more = weight === SENTENCE ? share : 3 * share;
    if (sections.at(-1) === section) weights[weights.length - 1] += more;
    else {
      sections.push(section);
      weights.push(more);
    }
  }

  find(query) {
    const text = query.slice(-MOST_READ), error = lastError(text);
    const isMessage = text.length > 60 || /\w(?:Error|Greenlet|Exception|Warning)\b/.test(text);
    const groups = this.#groups(asked(error).slice(0, 30));
    const scores = this.#scores(groups);
    this.#messages(bare(text), isMessage, scores);
    this.#phrases(error, isMessage, scores);
    const all = [...scores.values()].filter(({ missing }) => missing < 1).length;
    const found = best(scores);
    return {
      all,
      some: found.length,
      one: groups.length === 1,
      isMessage: text.length > 60,
      marks: new Set(groups.flatMap(({ terms: known }) => known.map(([term]) => term))),
      pages: found.slice(0, MOST_PAGES).map((hit) => this.#shown(hit, groups)),
    };
  }

  /** For each word of the query the terms that stand for it, each with how well. */
  #groups(words) {
    return words.map((word, i) => {
      const known = new Map([[stem(word), 1]]);
      const has = (term) => this.postings.has(term);
      for (const [before, after] of [[words[i - 1], word], [word, words[i + 1]]])
        if (before && after && has(stem(before + after))) known.set(stem(before + after), 1);
      if (i === words.length - 1 && word.length > 1)
        for (const term of this.postings.keys()) if (term.startsWith(word) && !known.has(term)) known.set(term, has(stem(word)) ? 0.3 : 0.7);
      if (![...known.keys()].some(has)) for (const term of this.#near(word)) known.set(term, 0.6);
      return { word, terms: [...known].filter(([term]) => has(term)) };
    });
  }

  /** Of a word that stands nowhere: its two halves, or words that differ by one letter. */
  #near(word) {
    const has = (term) => this.postings.has(term);
    for (let at = 3; at < word.length - 2; at += 1) {
      const halves = [stem(word.slice(0, at)), stem(word.slice(at))];
      if (halves.every(has)) return halves;
    }
    return word.length < 5 ? [] : [...allWords()].map((other) => other.toLowerCase()).filter((other) => isNear(word, other)).map(stem);
  }

  /** How well each page answers, and how many of the words stand nowhere in it. */
  #scores(groups) {
    const scores = new Map();
    groups.forEach(({ terms: known }, word) => {
      const most = new Map();
      for (const [term, share] of known) {
        const pages = this.postings.get(term);
        const rare = Math.log(1 + this.pages.length / pages.size);
        for (const [at, { named, times, sections }] of pages) {
          if (!scores.has(at)) scores.set(at, { at, score: 0, missing: groups.length, together: new Map() });
          const { together } = scores.get(at);
          for (const i of sections) together.set(i, (together.get(i) ?? 0) | (1 << word));
          const score = (this.pages[at].lists ? 0.4 : 1) * share * rare * (named + (2 * times) / (times + 2));
          if (score > (most.get(at) ?? 0)) most.set(at, score);
        }
      }
      for (const [at, score] of most) {
        const hit = scores.get(at);
        hit.score += score;
        hit.missing -= 1;
      }
    });
    // Words that stand together, in one section and the names of its page, say more than those of a whole page.
    for (const hit of scores.values()) {
      const names = hit.together.get(0) ?? 0;
      const most = Math.max(...[...hit.together.values()].map((met) => ones(met | names)));
      hit.apart = groups.length - most;
      hit.score *= most / groups.length;
    }
    return scores;
  }

  /** A page's own message in what was pasted, or what was pasted in a page's message: that is the page. */
  #messages(told, isMessage, scores) {
    if (told.split(" ").length < 3 && !isMessage) return;
    for (const [at, page] of this.pages.entries()) {
      let most = 0, whole = isMessage;
      for (const message of page.messages) {
        // Of several errors in a traceback, the last one counts; a warning may come behind it.
        const end = endOf(message, told);
        const share = end ? 0.5 + (0.5 * end) / told.length : message.includes(told) && told.length > 11 ? 0.8 : 0;
        const warned = end && /warning [^*]*$/.test(told.slice(Math.max(0, end - message.length - 12), end)) ? 0.5 : 1;
        whole ||= end && message.includes(" ") && told.length < 2 * message.length;
        most = Math.max(most, share * warned * (10 + Math.min(message.length, told.length) / 3));
      }
      if (!most) continue;
      if (!scores.has(at)) scores.set(at, { at, score: 0, missing: 0, apart: 0 });
      const hit = scores.get(at);
      hit.said = most;
      hit.score = (isMessage ? 0.3 : 1) * hit.score + (isMessage ? 4 : 2) * most + (page.rank ? 8 / Math.sqrt(page.rank) : 0);
      if (whole) hit.missing = hit.apart = -1;
    }
  }

  /** The very words, side by side: as a title or another name of a page, within one, or in a heading. */
  #phrases(query, isMessage, scores) {
    const wanted = phrase(query), several = wanted.includes(" ");
    for (const hit of best(scores).slice(0, LIKELY)) {
      const page = this.pages[hit.at];
      if (hit.said && isMessage) continue;
      page.phrases ??= [page.title, page.name, ...page.words].map(phrase);
      page.heads ??= page.sections.map(({ title }) => phrase(title));
      const within = (texts) => several && texts.some((text) => holdsWords(text, wanted));
      // Another name of the page within the query makes up for one word that the page has not.
      const part = Math.max(...page.phrases.map((text) => (several && text.includes(" ") && holdsWords(wanted, text) ? text.length / wanted.length : 0)));
      if (part && part < 1 && hit.apart > 0) hit.apart -= 1;
      hit.score += part < 1 ? 15 * part * part : 0;
      hit.score += page.phrases.includes(wanted) ? 40 : within(page.phrases) ? 15 : within(page.heads) ? 8 : 0;
    }
  }

  #shown({ at, said }, groups) {
    const page = this.pages[at], weights = page.sections.map(() => 0), words = page.sections.map(() => 0);
    for (const { terms: known } of groups) {
      const met = new Set();
      for (const [term, share] of known) {
        const found = this.postings.get(term).get(at);
        found?.sections.forEach((i, place) => {
          weights[i] += (share * found.weights[place]) / (found.weights[place] + 2);
          met.add(i);
        });
      }
      for (const i of met) words[i] += 1;
    }
    const order = [...weights.keys()].sort((a, b) => words[b] - words[a] || weights[b] - weights[a] || a - b);
    const most = Math.max(...words);
    const heads = order.filter((i) => i && words[i] === most && most && !SAID_OF_ALL.test(page.sections[i].title)).slice(0, MOST_HEADINGS).map((i) => page.sections[i]);
    const sentences = (i) => page.sections[i].text.split("\n", 1)[0];
    const from = order.find((i) => sentences(i) && words[i] === most);
    const text = said || from === undefined ? page.about : sentences(from);
    return { url: page.url, title: page.title, place: page.place, heads: said ? [] : heads, text };
  }
}

/** Words in the form in which phrases are compared. */
const phrase = (text) => asked(text).map((word) => stem(word)).join(" ");

const ones = (bits) => bits.toString(2).replace(/0/g, "").length;

/** Those with all words first, and of those the ones with the most weight. */
const best = (scores) => [...scores.values()].sort((a, b) => a.apart - b.apart || b.score - a.score);

const holdsWords = (text, words) => ` ${text} `.includes(` ${words} `);

/** Where the pieces of a message end in a text, one behind the other: the last time; 0 if they are not there. */
function endOf(message, text) {
  const pieces = message.split("*").map((piece) => piece.trim()).filter(Boolean);
  const start = text.lastIndexOf(pieces[0]);
  if (start < 0) return 0;
  let from = start;
  for (const piece of pieces) {
    const at = text.indexOf(piece, from);
    if (at < 0) return 0;
    from = at + piece.length;
  }
  return from;
}

/** Is one letter more, less, another one, or are two of them exchanged? */
function isNear(a, b) {
  if (Math.abs(a.length - b.length) > 1 || a === b) return false;
  let i = 0;
  while (i < a.length && a[i] === b[i]) i += 1;
  const [restA, restB] = [a.slice(i), b.slice(i)];
  return (
    restA.slice(1) === restB.slice(1) || restA.slice(1) === restB || restA === restB.slice(1) ||
    (restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2))
  );
}

// The search as the reader sees it: the box that every page has, and the list below it.

const SLICE = 12; // Milliseconds in which the page does nothing else.

function start() {
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

start();
})();
