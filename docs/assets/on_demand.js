// From greenlit/site/scripts/on_demand.js
{
const folder = document.currentScript.src;
const fetched = (name, onerror) => {
const src = new URL(name, folder).href;
if (!document.querySelector(`script[src="${src}"]`)) document.head.append(Object.assign(document.createElement("script"), { src, onerror }));
};
const blocked = () => (document.querySelector(".gl-blocked").hidden = false);
const turn = ({ target }) => target instanceof Element && target.closest(".gl-doctor") && fetched("doctor.js", blocked);
for (const type of ["focusin", "pointerover", "dragover"]) document.addEventListener(type, turn);
const shown = () => document.querySelector(".gl-calculator") && fetched("calculator.js");
window.document$ ? window.document$.subscribe(shown) : shown();
}
