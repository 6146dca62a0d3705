"""Put what was measured last into README.md, between its two markers; nothing that was not printed."""

import re

from bench.measuring import RESULTS, ROOT, Result

README = ROOT / "README.md"
#: In the order of the README; a measurement that was not made is not mentioned.
ORDER = ("lost_requests", "clicks", "aws_calls", "suite")
MARKED = re.compile(r"(<!-- numbers -->\n).*?(<!-- /numbers -->)", re.DOTALL)


def main() -> None:
    results = [Result.read(path) for name in ORDER if (path := RESULTS / f"{name}.json").exists()]
    text = README.read_text()
    if not MARKED.search(text):
        raise SystemExit(f"{README.name} has no place for them: <!-- numbers --> … <!-- /numbers -->")
    README.write_text(inserted(text, results))


def inserted(text: str, results: list[Result]) -> str:
    shown = "\n\n".join(f"{result.text()}\n\n{result.machine}; {result.measured}." for result in results)
    return MARKED.sub(lambda markers: f"{markers[1]}\n{shown}\n\n{markers[2]}", text)


if __name__ == "__main__":
    main()
