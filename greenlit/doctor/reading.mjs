// A text as the doctor compares it, and where each of its characters came from.
import { AS_SPACE, READ } from "./lines.mjs";

export const SPACE = 32, BACKSLASH = 92, SLASH = 47, QUOTE = 39, DOUBLE = 34, ESCAPE = 27;
const LONGEST_COLOUR = 40; // Characters of an escape sequence.
const ENTITIES = new Map([
  ["l", [["&lt;", "<"]]], ["n", [["&nbsp;", " "], ["&nbsp", " "]]], ["g", [["&gt;", ">"]]], ["a", [["&amp;", "&"]]], ["q", [["&quot;", '"']]],
  ["#", [["&#39;", "'"], ["&#x27;", "'"], ["&#34;", '"']]],
]);

/**
 * The text as it is compared: lower case, one space for any run of white space, control characters or
 * the lines that terminals draw; without colours; escapes of JSON and HTML undone; Windows' separators turned.
 * `origin` tells where each character came from, `kept` which of them are read.
 */
export function decode(given, kept = null) {
  const codes = new Uint16Array(given.length);
  const origin = new Uint32Array(given.length);
  let length = 0, i = 0;
  const put = (code, at) => {
    if (code === SPACE && codes[length - 1] === SPACE) return;
    codes[length] = code;
    origin[length++] = at;
  };
  while (i < given.length) {
    let code = given.charCodeAt(i);
    const at = i++;
    if (kept && kept[at] !== READ) {
      if (kept[at] === AS_SPACE) put(SPACE, at);
    } else if (code === ESCAPE && given.charCodeAt(i) === 91) {
      i++;
      while (i < at + LONGEST_COLOUR && !isFinal(given.charCodeAt(i))) i++;
      i++;
    } else if (code === BACKSLASH) {
      while (given.charCodeAt(i) === BACKSLASH) i++;
      const next = given.charCodeAt(i);
      if (next === 110) { put(SPACE, at); i++; } // \n of a JSON log line
      else if (next === DOUBLE || next === QUOTE) { put(next, i); i++; }
      else if (next === 117 && isHex(given, i + 1)) { put(plain(parseInt(given.slice(i + 1, i + 5), 16)), at); i += 5; }
      else put(SLASH, at);
    } else if (code === 38) {
      const [name, meant] = ENTITIES.get(given[i])?.find(([name]) => given.startsWith(name, at)) ?? ["&", "&"];
      put(meant.charCodeAt(0), at);
      i = at + name.length;
    } else put(plain(code), at);
  }
  return { codes, origin, length };
}

const isFinal = (code) => code >= 64 && code <= 126;
const isHex = (text, at) => [0, 1, 2, 3].every((i) => HEX.includes(text[at + i]));
const HEX = "0123456789abcdefABCDEF";

function plain(code) {
  // mutant <= -> <: the last line returns a space as it is.
  if (code <= SPACE || code === 127 || code === 160 || code === 0x200b || code === 0xfeff) return SPACE;
  // mutant 65 -> 64: @ would become 96, in signals too, and no other character does.
  if (code >= 65 && code <= 90) return code + 32;
  if (code === 0x2018 || code === 0x2019 || code === 96) return QUOTE; // ‘ ’ `
  if (code === 0x201c || code === 0x201d) return DOUBLE;
  if (code >= 0x2500 && code <= 0x259f) return SPACE; // The boxes of rich tracebacks.
  if (code === 124) return SPACE; // | of docker compose
  return code;
}

// Both for short pieces: each character is an argument of the call.
export const asText = (codes, from, to) => String.fromCharCode(...codes.subarray(from, to));

export function plainText(given) {
  const { codes, length } = decode(given);
  return asText(codes, 0, length).trim();
}
