// Loaded into Playwright's driver before it starts. By WebDriver BiDi it tells each new page which colours the reader
// prefers, and nothing works where a Firefox does not know that command yet (the ESR of 2026). It then asks for something else.
const NEWER = "emulation.setMediaFeaturesOverride";
const { stringify } = JSON;
JSON.stringify = (value, ...more) => stringify(value?.method === NEWER ? { ...value, method: "session.status", params: {} } : value, ...more);
