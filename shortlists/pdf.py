"""A list as a PDF, from the same template as the page that is printed, tagged for people who cannot see it."""

import io

from web.assets import STATIC

SHEETS = ("css/pdf.css", "css/sheet.css")
VARIANT = "pdf/ua-1"  # ISO 14289-1: text, order and pictures can be read aloud


def pdf(html: str) -> bytes:
    """Make a PDF of a whole page of HTML that needs no other file."""
    # Here, for it takes a while to load and most processes never need it.
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

    # No file and no address: notes are anybody's text.
    nothing = URLFetcher(allowed_protocols=())

    fonts = FontConfiguration()
    sheets = [
        CSS(string=(STATIC / name).read_text(encoding="utf-8"), font_config=fonts, url_fetcher=nothing)
        for name in SHEETS
    ]
    made = io.BytesIO()
    document = HTML(string=html, url_fetcher=nothing)
    document.write_pdf(made, stylesheets=sheets, font_config=fonts, pdf_variant=VARIANT)
    return made.getvalue()
