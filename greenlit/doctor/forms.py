"""Does the doctor find an error's page in each form that a tool gives it? `make forms`"""

from __future__ import annotations

import json
from collections import Counter

from greenlit.doctor.ask import diagnosed
from greenlit.project import HERE


def main() -> None:
    cases = [
        (path.stem, form, text)
        for path in sorted((HERE.root / ".cache" / "forms").glob("*.json"))
        for form, text in json.loads(path.read_text()).items()
    ]
    total, right = Counter[str](), Counter[str]()
    for (slug, form, _), found in zip(cases, diagnosed([text for *_, text in cases]), strict=True):
        total[form] += 1
        right[form] += found[:1] == [slug]
        if found[:1] != [slug]:
            print(f"{form:20} {slug} leads to {', '.join(found[:3]) or 'nothing'}")
    for form, texts in total.items():
        print(f"{form:20} {right[form]} of {texts}")
    print(f"{right.total()} of {total.total()} right first")


if __name__ == "__main__":
    main()
