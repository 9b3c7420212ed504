// Made by 'make catalogue' from greenlit/site/scripts/on_demand.js.
{
const folder = document.currentScript.src;
const fetched = (name, onerror) => {
const src = new URL(name, folder).href;
if (!document.querySelector(`script[src="${src}"]`)) document.head.append(Object.assign(document.createElement("script"), { src, onerror }));
};
const blocked = () => document.querySelectorAll(".gl-blocked").forEach((said) => (said.hidden = false));
const turn = ({ target }) => target instanceof Element && target.closest(".gl-doctor") && fetched("doctor.js", blocked);
for (const type of ["focusin", "pointerover", "dragover"]) document.addEventListener(type, turn);
const shown = () => ["calculator", "filter"].forEach((name) => document.querySelector(`.gl-${name}`) && fetched(`${name}.js`, blocked));
window.document$ ? window.document$.subscribe(shown) : shown();
}
