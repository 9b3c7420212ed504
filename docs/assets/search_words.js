// From greenlit/site/scripts/search_words.js
window.searchWords = (() => {
/** Of an error message, the words that pages share with it: its quotes, colons and dashes would be commands. */
function plain(query) {
const errors = [...query.matchAll(/(?:^|[\s(.])(\w+(?:Error|Exception|Warning|Greenlet|Found|Mismatch)): /g)];
if (query.length > 200 && errors.length) query = query.slice(errors.at(-1).index);
return query
.slice(0, 400)
.replace(/https?:\/\/\S+|\(Background on this error.*|\[(?:SQL|parameters): .*/g, " ")
.replace(/<[^>]*>|0x[0-9a-f]+|\b\d{4,}\b/gi, " ")
.replace(/\b(?:[a-z_]+\.)+(?=[A-Z])/g, " ") // the module before a class
.replace(/(_)(?:\d+|[0-9a-f]{6,})_*(?!\w)/g, "$1") // the number that ends a name
.replace(/["`“”(){}[\]<>:;,!?=*+~^|/\\]|--|\s-|\.(?=\s|$)|(?<!\w)['‘’]|['’](?!\w)/g, " ")
.trim()
.replace(/\s+/g, " ");
}
/** Material takes any word for the beginning of one: of a sentence, only the last one is. */
function words(query) {
const all = query.split(" ");
if (all.length < 3) return query;
return all.map((word, i) => (word.endsWith("_") || (i === all.length - 1 && word.length > 2) ? word : `${word}^1`)).join(" ");
}
const bare = (text) => text.toLowerCase().replace(/\d+/g, "").replace(/[^a-z]+/g, " ").trim();
const entity = { "&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"', "&#39;": "'" };
/** Pages that say it in these very words come first. A few words are a subject, a sentence is more likely an error. */
function rank(groups, query, pages) {
const phrase = bare(query), length = query.split(" ").length;
const weight = new Map();
for (const group of groups) {
const url = group[0].location.split("#")[0];
const { names, text } = pages.get(url);
const times = phrase && length > 2 ? text.split(phrase).length - 1 : 0;
const said = times ? 4 + 2 * Math.log(times) : 1;
const named = length > 3 || !phrase ? 1 : names[0] === phrase ? 9 : names.some((name) => name.includes(phrase)) ? 3 : 1;
const isError = (length > 3 || /\w(?:Error|Greenlet|Exception|Warning)\b/.test(query)) && /guides\/errors\/./.test(url) ? 2 : 1;
weight.set(group, group[0].score * said * named * isError);
}
return groups.sort((a, b) => weight.get(b) - weight.get(a));
}
/** What each page says, as `rank` compares it. */
function read(docs) {
const pages = new Map();
for (const { location, title, text } of docs) {
const url = location.split("#")[0];
if (!pages.has(url)) pages.set(url, { names: [bare(url.split("/").at(-2) ?? ""), bare(title)], text: "" });
const said = text.replace(/<[^>]*>/g, "").replace(/&(?:lt|gt|amp|quot|#39);/g, (found) => entity[found]);
pages.get(url).text += ` ${bare(`${title} ${said}`)}`;
}
return pages;
}
return { plain, words, rank, read };
})();
