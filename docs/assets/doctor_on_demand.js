// The doctor comes when somebody turns to it: a page that is only read does not fetch it.
{
  const address = new URL("doctor.js", document.currentScript.src).href;
  const wanted = ({ target }) => {
    if (!(target instanceof Element) || !target.closest(".gl-doctor") || document.querySelector(`script[src="${address}"]`)) return;
    document.head.append(Object.assign(document.createElement("script"), { src: address }));
  };
  for (const type of ["focusin", "pointerover", "dragover"]) document.addEventListener(type, wanted);
}
