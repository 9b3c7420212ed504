// node greenlit/doctor/cli.mjs FILE: the doctor's answer in a terminal. `-` reads standard input.
import { readFileSync } from "node:fs";
import { doctor } from "./diagnose.mjs";

const [file, form] = process.argv.slice(2);
const catalogue = JSON.parse(readFileSync(new URL("../../docs/assets/errors.json", import.meta.url), "utf8"));
const diagnose = doctor(catalogue);

if (file === "--lines") {
  // A JSON text a line in, its slugs out: for tests that ask many times.
  for (const line of readFileSync(0, "utf8").split("\n").filter(Boolean))
    console.log(JSON.stringify(diagnose(JSON.parse(line)).map(({ entry, score }) => [entry.slug, score])));
} else {
  const diagnoses = diagnose(readFileSync(file === "-" ? 0 : file, "utf8"));
  if (form === "--json") console.log(JSON.stringify(diagnoses, null, 1));
  else console.log(diagnoses.length ? diagnoses.map(told).join("\n\n") : unknown());
}

function told({ entry, why }, index) {
  const lines = [`${index + 1}. ${entry.slug}: ${entry.title}`, `   ${entry.cause}`];
  for (const pieces of why) lines.push(`   | ${pieces.map((piece, i) => (i % 2 ? bold(piece) : piece)).join("").trim()}`);
  if (entry.fix && index === 0) lines.push(`   fix (${entry.fix.file}):`, ...entry.fix.rows.map((row) => `     ${row}`));
  lines.push(`   guides/errors/${entry.slug}/`);
  return lines.join("\n");
}

function unknown() {
  return "No diagnosis. Nothing in this text is a message of SQLAlchemy's asyncio, its drivers or FastAPI that has a page here.\n" +
    "By symptom instead: guides/errors/by_symptom/";
}

function bold(text) {
  return process.stdout.isTTY ? `\x1b[1m${text}\x1b[0m` : `»${text}«`;
}
