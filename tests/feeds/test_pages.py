"""JSON-LD blocks out of pages, next to what a whole HTML parser makes of them."""

from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tinyhtml5.constants import Token
from tinyhtml5.tokenizer import HTMLTokenizer

from feeds.pages import blocks

LD = '<script type="application/ld+json">'
PIECES = [
    LD, "<script>", "</script>", "</SCRIPT >", "</scripty>", "<!--", "-->", "--!>", "<!-->", "<!", "<?", "</", "</ x>",
    "<title>", "</title>", "<style>", "</style>", "<p>", "</p>", "<a href='", "<a b=\"", "'", '"', "=", "<", ">", "/",
    "<script type=application/ld+json>", "<script type = 'application/ld+json' a>", '<script x="1" type="text/plain">',
    '<script type="a" type="application/ld+json">', "</p a=\">\">", "json", " ", "é", "&amp;", "<textarea>", "<br/>",
]  # fmt: skip
RAW = {"style": "rawtext_state", "title": "rcdata_state", "textarea": "rcdata_state", "script": "script_data_state"}


def blocks_by_a_parser(page: str) -> list[str]:
    """The same by the tokeniser of tinyhtml5, told what the elements' texts are as a browser's tree would."""
    tokens = HTMLTokenizer(StringIO(page))
    found: list[str] = []
    is_inside = False
    for token in tokens:
        if token["type"] == Token.START_TAG:
            if token["name"] in RAW:
                tokens.state = getattr(tokens, RAW[token["name"]])
            is_inside = token["name"] == "script" and dict(token["data"]).get("type") == "application/ld+json"
            found += [""] if is_inside else []
        elif token["type"] == Token.END_TAG:
            is_inside = False
        elif is_inside and token["type"] in (Token.CHARACTERS, Token.SPACE_CHARACTERS):
            found[-1] += token["data"]
    return found


def pages_of(pieces: list[str]) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(pieces), max_size=14).map("".join)


def takes_two_ends(page: str) -> bool:
    """A script in a comment in a script, which the standard keeps for pages of 1995 and nobody writes JSON in."""
    return "<!--" in page and page.lower().count("<script") > 1


@given(pages_of(PIECES).filter(lambda page: not takes_two_ends(page)))
def test_a_page_of_pieces_is_read_as_a_parser_reads_it(page: str) -> None:
    assert list(blocks(f"json{page}")) == blocks_by_a_parser(f"json{page}")


@given(pages_of([piece for piece in PIECES if "script" not in piece.lower()]))
def test_what_stands_before_a_block_hides_it_where_a_parser_says_so(before: str) -> None:
    page = f"{before}{LD}{{}}</script>"
    assert list(blocks(page)) == blocks_by_a_parser(page)


@pytest.mark.parametrize(
    "tag",
    [
        '<script type="application/ld+json">',
        "<SCRIPT TYPE='Application/LD+JSON; charset=utf-8' class=\"yoast\" >",
        "<script data-a = '>' type=application/ld+json>",
        '<script type="application/ld&#x2B;json">',
        "<script\ntype=application/ld+json\n/>",
    ],
)
def test_a_block_is_known_however_its_tag_is_written(tag: str) -> None:
    assert list(blocks(f'<p>json</p>{tag}{{"a": "<b>"}}</script ><p>')) == ['{"a": "<b>"}']


def test_a_block_that_is_not_closed_goes_to_the_end() -> None:
    assert list(blocks(f"{LD}{{}}")) == ["{}"]


def test_a_page_without_blocks_has_none() -> None:
    assert list(blocks("<script type='application/json'>{}</script>")) == []


@pytest.mark.parametrize("piece", ["<", "<!--", "<a ", '<a b="', "<div>", " a=1", "<script>", "</scrip ", "<![", "</"])
def test_a_hostile_page_is_read_in_one_go(piece: str) -> None:
    """It would run for hours if the time grew with the square of the page."""
    assert list(blocks("json<a" + piece * 200_000)) == []
