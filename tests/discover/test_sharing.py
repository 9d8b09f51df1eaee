"""Links to pass on and ways to go: what they carry, and what they must not."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from catalogue.models import Venue
from discover.directions import directions
from tests.catalogue.factories import venue
from web.sharing import share_links

URL = "https://doorstep.example/opportunities/7-caf%C3%A9"
TITLE = "Tea & cake: 50% off? Gŵyl + more"


@pytest.fixture
def hall(session: Session) -> Venue:
    made = venue(50.3714, -4.1422, name="Hall & Bar (upstairs)")
    session.add(made)
    session.flush()
    session.refresh(made)
    return made


def links(app: Flask) -> dict[str, str]:
    with app.test_request_context():
        return share_links(TITLE, URL)


def asked(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def test_whatsapp_gets_the_title_and_the_address(wordy_app: Flask) -> None:
    address = links(wordy_app)["WhatsApp"]
    assert address.startswith("https://wa.me/?")
    assert asked(address) == {"text": f"{TITLE}\n{URL}"}


def test_linkedin_gets_the_address(wordy_app: Flask) -> None:
    address = links(wordy_app)["LinkedIn"]
    assert address.startswith("https://www.linkedin.com/sharing/share-offsite/?")
    assert asked(address) == {"url": URL}


def test_a_mail_has_its_subject_and_body_without_pluses(wordy_app: Flask) -> None:
    address = links(wordy_app)["E-mail"]
    assert address.startswith("mailto:?")
    assert "+" not in address
    assert asked(address)["subject"] == TITLE
    assert asked(address)["body"] == f"I found this on Doorstep: {TITLE}\r\n\r\n{URL}\r\n"


def test_a_title_of_several_lines_is_one_in_a_mail(wordy_app: Flask) -> None:
    with wordy_app.test_request_context():
        ways = share_links("Weld\r\nBcc: a@b.example\x0b\x1b", URL)
    assert asked(ways["E-mail"])["subject"] == "Weld Bcc: a@b.example"
    assert "%0D%0A" not in ways["E-mail"].split("&")[0]
    assert asked(ways["WhatsApp"]) == {"text": f"Weld Bcc: a@b.example\n{URL}"}


def test_directions_lead_to_the_door_and_not_from_the_person(hall: Venue) -> None:
    ways = directions(hall).by_app
    assert {name: asked(way) for name, way in ways.items()} == {
        "Google Maps": {"api": "1", "destination": "50.37140,-4.14220"},
        "Apple Maps": {"daddr": "50.37140,-4.14220"},
        "OpenStreetMap": {"to": "50.37140,-4.14220"},
    }


def test_a_geo_link_names_the_door(hall: Venue) -> None:
    geo = directions(hall).geo
    assert geo.startswith("geo:50.37140,-4.14220?q=")
    assert unquote(geo.split("q=")[1]) == "50.37140,-4.14220(Hall & Bar (upstairs))"
