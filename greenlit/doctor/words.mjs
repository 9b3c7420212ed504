// What is evidence without a message: the name of an error's class, SQLAlchemy's code for it, the title of its page.

// These are raised by much else: alone they say nothing.
const GENERAL = new Set([
  "integrityerror", "operationalerror", "programmingerror", "dataerror", "interfaceerror", "internalerror", "databaseerror",
  "dbapierror", "timeouterror", "runtimeerror", "valueerror", "typeerror", "attributeerror", "keyerror", "assertionerror",
  "importerror", "modulenotfounderror", "oserror", "connectionerror", "connectionreseterror", "connectionrefusederror",
  "filenotfounderror", "permissionerror", "cancellederror", "validationerror", "exception", "error", "gaierror",
  "nameerror", "lookuperror", "indexerror", "recursionerror", "memoryerror", "notimplementederror", "systemexit",
  "exceptiongroup", "baseexceptiongroup", "deprecationwarning", "runtimewarning", "failed", "warning", "userwarning", "commanderror",
  "httpexception", "argumenterror", "invalidrequesterror", "statementerror", "sqlalchemyerror", "postgreserror", "compileerror", "unicodedecodeerror", "sslcertverificationerror",
]);
// SQLAlchemy's codes for DBAPI's classes: as general as these.
const OF_DBAPI = new Set(["f405", "e3q8", "rvf5", "9h9h", "2j85", "4xp6", "tw8g", "dbapi"]);
const LEAST_OF_TITLE = 14; // Characters: a shorter one is a word of many texts.

/** [kind, text] of each weak signal of an entry. */
export function weakSignals(entry) {
  const names = new Set((entry.classes ?? []).map((name) => name.split(".").at(-1)).filter((name) => !GENERAL.has(name.toLowerCase())));
  const signals = [...names].map((name) => ["class", name]);
  if (entry.code && !OF_DBAPI.has(entry.code)) signals.push(["code", `/${entry.code}`]);
  const title = (entry.title ?? "").replace(/[^\x20-\x7e]/g, " ");
  if (title.length >= LEAST_OF_TITLE) signals.push(["title", title]);
  return signals;
}
