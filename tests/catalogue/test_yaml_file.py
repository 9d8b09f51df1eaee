"""A YAML file with its lines, and what is refused."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from catalogue.yaml_file import MAX_BYTES, MAX_DEPTH, BadFile, Wrong, parse, read

LAUGHS = "a: &a [lol, lol]\nb: &b [*a, *a]\nc: [*b, *b]\n"


def refused(text: str) -> list[Wrong]:
    with pytest.raises(BadFile) as bad:
        parse(text)
    return bad.value.wrongs


def test_every_part_has_its_line() -> None:
    found = parse("# About\npathways:\n  - slug: one\n    steps:\n      - title: A\n\n      - title: B\n")
    assert found.data == {"pathways": [{"slug": "one", "steps": [{"title": "A"}, {"title": "B"}]}]}
    assert found.wrongs == []
    assert found.line(()) == 2
    assert found.line(("pathways", 0, "slug")) == 3
    assert found.line(("pathways", 0, "steps", 1, "title")) == 7
    # Names of shapes are passed over, and what is not there has the line of what it should be in.
    assert found.line(("pathways", 0, "steps", 1, "a step", "asks_for")) == 7
    assert found.line(("pathways", 0, "provider")) == 3


def test_scalars_are_what_they_look_like_and_days_are_text() -> None:
    found = parse("{a: 1, b: 1.5, c: yes, d: , e: 2026-11-22, f: '1', <<: x, g: =}")
    assert found.data == {"a": 1, "b": 1.5, "c": True, "d": None, "e": "2026-11-22", "f": "1", "<<": "x", "g": "="}
    assert found.wrongs == []


def test_keys_that_stand_twice_are_all_named() -> None:
    found = parse("a: 1\nb:\n  - c: 1\n    c: 2\na: 3\n")
    assert found.wrongs == [
        Wrong(4, "c stands twice: first on line 3"),
        Wrong(5, "a stands twice: first on line 1"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: !!python/object:os.system x", "the tag tag:yaml.org,2002:python/object:os.system cannot be used here"),
        ("a: !mine {b: c}", "the tag !mine cannot be used here"),
        ("a: !!set {b}", "the tag tag:yaml.org,2002:set cannot be used here"),
        ("a: !!int b", "this number cannot be read"),
        ("a: " + "9" * 5_000, "this number cannot be read"),
        ('a: "\\0"', "there is a character here that cannot be shown"),
        ('a: "\\ud800"', "there is a character here that cannot be shown"),
        ("[a]: b", "a key is one word"),
    ],
)
def test_what_is_more_than_plain_yaml_is_named(text: str, said: str) -> None:
    assert parse(text).wrongs == [Wrong(1, said)]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 0, "the file is empty"),
        ("# nothing", 0, "the file is empty"),
        ("a: b: c", 1, "this is not YAML: mapping values are not allowed here"),
        ("a: 1\nb: [", 2, "this is not YAML: expected the node content, but found '<stream end>'"),
        ("a: 1\n---\nb: 2", 2, "this is not YAML: but found another document"),
        ("a: 1\n\tb: 2", 2, "this is not YAML: found character '\\t' that cannot start any token"),
        ("a: 1\nb: \x07", 2, "there is a character here that must not stand in a file"),
        (LAUGHS, 2, "aliases such as *name cannot be used here: write it out"),
        ("a: &a [*a]", 1, "aliases such as *name cannot be used here: write it out"),
        ("[" * 100_000, 1, f"nested more than {MAX_DEPTH} levels deep"),
        ("\n".join(f"{' ' * depth}a:" for depth in range(200)), MAX_DEPTH + 1, f"nested more than {MAX_DEPTH} levels"),
    ],
)
def test_what_is_not_yaml_or_would_explode_is_one_line(text: str, line: int, said: str) -> None:
    (wrong,) = refused(text)
    assert wrong.line == line
    assert wrong.message.startswith(said)


def test_what_is_no_text_file_is_one_line(tmp_path: Path) -> None:
    large, binary = tmp_path / "large.yaml", tmp_path / "binary.yaml"
    large.write_text("a: b\n" * (MAX_BYTES // 5 + 1))
    binary.write_bytes(b"\x89PNG\r\n\x1a\n\x00")
    said = {
        tmp_path: "this is a folder, not a file",
        tmp_path / "none.yaml": "cannot be read: No such file or directory",
        Path("\0"): "cannot be read: embedded null byte",
        Path("/dev/zero"): "this is not a file",
        large: "larger than 1,000,000 bytes: split it into several files",
        binary: "this is not text in UTF-8",
    }
    for path, message in said.items():
        with pytest.raises(BadFile) as bad:
            read(path)
        assert bad.value.wrongs == [Wrong(0, message)]


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    path = tmp_path / "marked.yaml"
    path.write_bytes("\ufeffa: é".encode())
    assert read(path).data == {"a": "é"}


@given(st.text(max_size=60) | st.text(alphabet="ab:-[]{},&*!|>'\"# \n\t?%@`0~<=", max_size=60))
@example("? ")
@example("!!float '.'")
@example("!!bool x")
@example("- !!timestamp x")
def test_any_text_is_read_or_refused(text: str) -> None:
    said = None
    try:
        parse(text)
    except BadFile as bad:
        said = bad.wrongs
    assert said is None or len(said) == 1
