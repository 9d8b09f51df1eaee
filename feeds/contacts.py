"""People's own addresses and numbers, which stand in texts and are not to be kept."""

import re

# Mobile telephones are people's own; a landline is most often that of an organisation.
_CONTACTS = re.compile(
    r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}"
    r"|(?<![\w.])(?:\+44\s?(?:\(0\)\s?)?|0)7[0-9]{3}[\s-]?[0-9]{3}[\s-]?[0-9]{3}\b"
)


def without_contacts(text: str) -> str:
    """The text with an ellipsis for each e-mail address and UK mobile number."""
    return _CONTACTS.sub("…", text)
