from pathlib import Path

import pytest

from bench import report
from bench.measuring import Result, Table, percentile


@pytest.mark.parametrize(("percent", "expected"), [(50, 10), (95, 19), (100, 20), (1, 1)])
def test_a_percentile_is_one_of_the_values(percent: float, expected: int) -> None:
    assert percentile(range(20, 0, -1), percent) == expected


def test_the_percentile_of_one_value_is_that_value() -> None:
    assert percentile([0.3], 95) == 0.3


def test_a_table_puts_words_to_the_left_and_numbers_to_the_right() -> None:
    table = Table(("what", "n", "s"), [("sent", 1200, 0.5), ("lost", 0, "")])

    assert table.text().splitlines() == [
        "| what |    n |    s |",
        "| ---- | ---: | ---: |",
        "| sent | 1200 | 0.50 |",
        "| lost |    0 |      |",
    ]


def test_what_was_printed_is_what_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("bench.measuring.RESULTS", tmp_path)
    Result.of("Requests lost", [Table(("sent", "lost"), [(1200, 0)])], ["On loopback."]).publish("lost")
    kept = Result.read(tmp_path / "lost.json")

    text = report.inserted("before\n<!-- numbers -->\nold\n<!-- /numbers -->\nafter\n", [kept])

    assert kept.text() in capsys.readouterr().out
    assert kept.text() in text
    assert f"{kept.machine}; {kept.measured}." in text
    assert "old" not in text
    assert text.startswith("before\n<!-- numbers -->\n")
    assert text.endswith("<!-- /numbers -->\nafter\n")


def test_a_long_table_is_folded_away() -> None:
    table = Table(("operation", "calls"), [("ecs:ListTasks", number) for number in range(20)])

    text = report.inserted("<!-- numbers -->\n<!-- /numbers -->", [Result.of("Calls", [table], [])])

    assert f"<summary>By operation</summary>\n\n{table.text()}\n\n</details>" in text
