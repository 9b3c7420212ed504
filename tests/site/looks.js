// The looks of a text: all that axe's verdict on its contrast rests on, as the browser has computed it. That is its
// own colour and size, and whatever is painted behind, over or around it. Class names do not count.
window.looksOfTexts = (() => {
  const PAINTED = new Set(["IMG", "SVG", "CANVAS", "VIDEO", "OBJECT", "IFRAME"]);
  const FIELDS = "input:not([type=checkbox], [type=radio], [type=hidden]), select, textarea";
  const MUTE = /^[\s!-/:-@[-`{-~]*$/; // Of punctuation alone, axe says nothing.

  /** How an element changes what is seen behind a text, or nothing. */
  function paint(element, style) {
    const { backgroundColor, backgroundImage, opacity, filter, backdropFilter, mixBlendMode } = style;
    const effects = [backgroundImage, opacity, filter, backdropFilter, mixBlendMode].join(" ");
    const plain = effects === "none 1 none none normal";
    if (PAINTED.has(element.nodeName.toUpperCase())) return `picture ${effects}`;
    return plain ? (backgroundColor === "rgba(0, 0, 0, 0)" ? "" : backgroundColor) : `${backgroundColor} ${effects}`;
  }

  function rectsOfText(element) {
    if (element.matches(FIELDS)) return [element.getBoundingClientRect()];
    if (MUTE.test(element.textContent)) return [];
    const range = document.createRange();
    return [...element.childNodes].flatMap((node) => {
      if (node.nodeType !== Node.TEXT_NODE || !node.data.trim()) return [];
      range.selectNodeContents(node);
      return [...range.getClientRects()];
    });
  }

  /** Every visible element that has words of its own with the painters among its ancestors, and every painter. */
  function walk() {
    const texts = [], painters = [];
    const visit = (element, ancestors, layer) => {
      const style = getComputedStyle(element);
      if (style.display === "none" || style.opacity === "0") return;
      const { position, zIndex, float } = style;
      if (position !== "static" || zIndex !== "auto" || float !== "none") layer += `/${position} ${zIndex} ${float}`;
      const painted = paint(element, style);
      if (painted) {
        const painter = { painted, layer, box: element.getBoundingClientRect(), rects: [...element.getClientRects()] };
        painters.push(painter);
        ancestors = new Set(ancestors).add(painter);
      }
      const rects = style.visibility === "visible" ? rectsOfText(element) : [];
      if (rects.length) texts.push({ element, style, ancestors, layer, rects });
      for (const child of element.children) visit(child, ancestors, layer);
    };
    visit(document.documentElement, new Set(), "");
    return { texts, painters };
  }

  const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const holds = (a, b) => a.left <= b.left && b.right <= a.right && a.top <= b.top && b.bottom <= a.bottom;

  /** Whether none, some or all of a text lies where the painter paints. */
  function covered(rects, painter) {
    if (!rects.some((rect) => meet(painter.box, rect))) return "none";
    if (rects.every((rect) => painter.rects.some((box) => holds(box, rect)))) return "all";
    return rects.some((rect) => painter.rects.some((box) => meet(box, rect))) ? "some" : "none";
  }

  function looks({ style, ancestors, layer, rects }, painters) {
    const { color, webkitTextFillColor, webkitTextStroke, textShadow, fontSize, fontWeight } = style;
    const all = [color, webkitTextFillColor, webkitTextStroke, textShadow, fontSize, fontWeight, layer];
    for (const painter of painters) {
      const how = covered(rects, painter), kin = ancestors.has(painter);
      if (kin || how !== "none") all.push(kin, how, painter.painted, painter.layer);
    }
    return all.join("|");
  }

  /** All elements that show words, by their looks. */
  return () => {
    const { texts, painters } = walk();
    const found = new Map();
    for (const text of texts) {
      const key = looks(text, painters);
      if (!found.has(key)) found.set(key, []);
      found.get(key).push(text.element);
    }
    return found;
  };
})();
