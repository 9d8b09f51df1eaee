"""Where somebody gets a pathway for their own page, and the script that such a page includes."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, abort, render_template, request, url_for
from markupsafe import Markup, escape
from werkzeug import Response

from catalogue import pathway_pages
from catalogue.pathway_models import Pathway
from database.session import session
from embeds.framing import frame_ancestors
from embeds.loader import NEWEST, integrity, loader
from embeds.options import EmbedOptions
from web.addresses import absolute

blueprint = Blueprint("embed_builder", __name__)

# What the widget needs and no more: no origin of its own (allow-same-origin), for it keeps nothing.
SANDBOX = "allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox"


@blueprint.get("/pathways/<slug>/embed")
def show(slug: str) -> tuple[str, int]:
    found = pathway_pages.pathway(session(), slug)
    if found is None:
        abort(404)
    options = EmbedOptions.from_args(request.args)
    is_fixed = request.args.get("fixed") == "1"
    chosen = chosen_options(options)
    page = render_template(
        "embeds/builder.html",
        pathway=found,
        options=options,
        is_fixed=is_fixed,
        page_address=_page_address(found, chosen),
        preview_address=url_for("embeds.pathway", slug=found.slug, **chosen),
        height=reserved_height(found, options),
        sandbox=SANDBOX,
        frame_snippet=frame_snippet(found, options),
        script_snippet=script_snippet(found, options, is_fixed),
        ancestors=frame_ancestors(found.provider_id),
    )
    return page, 400 if options.problems else 200


@blueprint.get("/embed.js")
def latest_loader() -> Response:
    """The newest loader. Hosts include it for good, so it is asked for again after an hour."""
    return _script(loader(), "public, max-age=3600, stale-while-revalidate=86400")


@blueprint.get("/embed-<int:version>.js")
def numbered_loader(version: int) -> Response:
    """A loader that never changes, for whoever pins it by its digest."""
    return _script(loader(version), "public, max-age=31536000, immutable")


def chosen_options(options: EmbedOptions) -> dict[str, Any]:
    """What was chosen and is not so by itself, as the widget's address and its element name it."""
    return ({"near": options.near} if options.near else {}) | options.query()


def reserved_height(pathway: Pathway, options: EmbedOptions) -> int:
    """About how tall the widget is on a page 600 pixels wide, in pixels. A browser with JavaScript measures it."""
    shown = min(len(pathway.steps), options.steps or len(pathway.steps))
    # Measured with the samples; a full widget has its first step open, and with a place what is nearest for it.
    rest = 370 if options.is_compact else 720 if options.near else 560
    return rest + shown * 50


def frame_snippet(pathway: Pathway, options: EmbedOptions) -> str:
    """A frame and a link below it, for pages that take no script."""
    chosen = chosen_options(options)
    height = reserved_height(pathway, options)
    frame = element(
        "iframe",
        {
            "src": absolute(url_for("embeds.pathway", slug=pathway.slug, **chosen)),
            "title": pathway.title,
            "width": "100%",
            "height": str(height),
            "loading": "lazy",
            "sandbox": SANDBOX,
            "style": f"border:0;width:100%;height:{height}px;max-height:none",
        },
    )
    link = element("a", {"href": _page_address(pathway, chosen)}, escape(pathway.title))
    return f"{frame}\n{element('p', {}, link)}"


def script_snippet(pathway: Pathway, options: EmbedOptions, is_fixed: bool = False) -> str:
    """An element with a link in it, and the script that makes it a frame which fits what is in it.

    With `is_fixed` the script is the one that is there now, held to its digest.
    """
    chosen = chosen_options(options)
    style = f"display:block;min-height:{reserved_height(pathway, options)}px"
    link = element("a", {"href": _page_address(pathway, chosen)}, escape(pathway.title))
    widget = element("doorstep-pathway", {"slug": pathway.slug, **chosen, "style": style}, link)
    source = {"src": absolute(url_for("embed_builder.latest_loader"))}
    if is_fixed:
        address = absolute(url_for("embed_builder.numbered_loader", version=NEWEST))
        source = {"src": address, "integrity": integrity(), "crossorigin": "anonymous"}
    return f"{widget}\n{element('script', {'async': '', **source})}"


def element(name: str, attributes: dict[str, str], inside: Markup | str = "") -> Markup:
    """An HTML element. Every value is escaped, and so is `inside` unless it is markup; an empty value is left out."""
    said = Markup("").join(
        Markup(' {}="{}"').format(key, value) if value else Markup(" {}").format(key)
        for key, value in attributes.items()
    )
    return Markup("<{0}{1}>{2}</{0}>").format(name, said, inside)


def _page_address(pathway: Pathway, chosen: dict[str, str]) -> str:
    kept = {name: value for name, value in chosen.items() if name == "near"}
    query = f"?{urlencode(kept)}" if kept else ""
    return absolute(url_for("pathways.show", slug=pathway.slug)) + query


def _script(text: str | None, cache_control: str) -> Response:
    if text is None:
        abort(404)
    answer = Response(text, mimetype="text/javascript")
    answer.headers["Cache-Control"] = cache_control
    # Any page may include it, also with `crossorigin`, and on a site that isolates itself.
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.add_etag()
    return answer.make_conditional(request)
