"""Call a script of the site from Python: one Node for many calls."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from greenlit.doctor.diagnose import node

LOOP = """
import { createInterface } from "node:readline";
const module = await import(process.argv[1]);
const call = new Function("module", "given", `return ${process.argv[2]}`);
// JSON has no number for these.
const plain = (key, value) => (typeof value === "number" && !Number.isFinite(value) ? String(value) : value);
for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try { answer = { value: call(module, JSON.parse(line)) }; } catch (error) { answer = { error: String(error) }; }
  console.log(JSON.stringify(answer, plain));
}
"""


class Script:
    """`expression` is evaluated for each `given`, and sees `module`."""

    def __init__(self, path: Path, expression: str) -> None:
        command = [node(), "--input-type=module", "--eval", LOOP, path.as_uri(), expression]
        self._node = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, given: object) -> Any:
        assert self._node.stdin and self._node.stdout
        self._node.stdin.write(json.dumps(given) + "\n")
        self._node.stdin.flush()
        line = self._node.stdout.readline()
        assert line, "Node has ended: see its message above"
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["value"]

    def close(self) -> None:
        assert self._node.stdin and self._node.stdout
        self._node.stdin.close()
        self._node.stdout.close()
        self._node.wait()
