"""Text from providers, for what takes lines and no controls: calendar files, subjects of mails."""

import unicodedata

UNSEEN = ("Cc", "Cs", "Cn")  # controls, halves of characters, and what is none


def one_line(text: str) -> str:
    """The text on one line: each run of whitespace is a space, and what has no form is left out."""
    return " ".join("".join(each for each in text if each.isspace() or _has_form(each)).split())


def paragraphs(text: str) -> str:
    """The text with its line ends, each a newline, and nothing else that has no form."""
    return "\n".join(one_line(line) for line in text.splitlines())


def _has_form(character: str) -> bool:
    return unicodedata.category(character) not in UNSEEN
