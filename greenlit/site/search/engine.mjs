// Which pages answer a query: all of its words before some of them, a title before a heading, a heading before a sentence.
import { allWords, asked, bare, forms, lastError, plainWords, stem } from "./words.mjs";

const TITLE = 10, WORDS = 9, HEADING = 4, MESSAGE = 2, SENTENCE = 1;
// Headings that each page has say nothing of this one.
const SAID_OF_ALL = /^(?:Read more|Where next|What you see|The fix|Fix|Keep it from coming back)$/;
const MOST_PAGES = 10, MOST_HEADINGS = 3, MOST_READ = 10_000, LIKELY = 40;

/** The anchor that a heading gets of itself, as greenlit/site/search_index.py makes it. */
export const slug = (title) => title.toLowerCase().replace(/[^\w\s-]/g, "").trim().replace(/[-\s]+/g, "-");

export class Index {
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
export function isNear(a, b) {
  if (Math.abs(a.length - b.length) > 1 || a === b) return false;
  let i = 0;
  while (i < a.length && a[i] === b[i]) i += 1;
  const [restA, restB] = [a.slice(i), b.slice(i)];
  return (
    restA.slice(1) === restB.slice(1) || restA.slice(1) === restB || restA === restB.slice(1) ||
    (restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2))
  );
}
