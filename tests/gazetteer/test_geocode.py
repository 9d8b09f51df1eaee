"""`flask geocode`: many places at a time."""

import json

from flask import Flask


def test_each_text_gets_a_line(site: Flask) -> None:
    result = site.test_cli_runner().invoke(args=["geocode", "br34hg", "Nowheresby"])
    assert result.exit_code == 0, result.output
    first, second = (json.loads(line) for line in result.output.splitlines())
    assert (first["text"], first["found"], first["label"]) == ("br34hg", True, "BR3 4HG")
    assert (second["text"], second["found"], second["problem"]) == ("Nowheresby", False, "unknown-place")


def test_a_dash_reads_lines_and_every_line_is_answered(site: Flask) -> None:
    texts = ["PL1 2AA", "", "Plymouth", "\u00e9", "x" * 200]
    result = site.test_cli_runner().invoke(args=["geocode", "-"], input="\r\n".join(texts) + "\n")
    assert result.exit_code == 0, result.output
    answers = [json.loads(line) for line in result.output.splitlines()]
    assert [answer["text"] for answer in answers] == texts
    assert [answer["found"] for answer in answers] == [True, False, True, False, False]


def test_bytes_that_are_no_text_are_answered_too(site: Flask) -> None:
    result = site.test_cli_runner().invoke(args=["geocode", "-"], input=b"\xff\xfe\nPL1\n")
    assert result.exit_code == 0, result.output
    assert [json.loads(line)["found"] for line in result.output.splitlines()] == [False, True]
