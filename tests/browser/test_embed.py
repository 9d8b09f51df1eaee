"""Pathways on somebody else's site: another host name, not only another port, in a browser that knows both."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, Page, Route, expect
from sqlalchemy import delete, insert, select

from benchmarks.serving import CHROMIUM, FLAGS
from catalogue.embed_models import ProviderOrigin
from catalogue.pathway_models import Pathway
from database.engine import connect
from settings import Settings
from tests.browser.conftest import DESKTOP, PATIENCE_MS, PHONE, Visitor, visit

SITE = "doorstep.example"
HOST = "host.example"
MAPPED = f"--host-resolver-rules=MAP {HOST} 127.0.0.1, MAP {SITE} 127.0.0.1"
SLUG = "cook-for-a-living"
TITLE = "Cook for a living"
BUILDER = f"/pathways/{SLUG}/embed"
COOP = "Cross-Origin-Opener-Policy header has been ignored"
SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@dataclass
class HostSite:
    """Somebody else's site: what it answers with at each path, and with which headers."""

    address: str
    pages: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def put(self, body: str, head: str = "", path: str = "/") -> str:
        """Put a page there; gives its address."""
        self.pages[path] = (
            f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Us</title>'
            f'<link rel="icon" href="data:,"><meta name="viewport" content="width=device-width">{head}</head>'
            f'<body><h1>Our own page</h1>{body}<p id="after">What comes after</p></body></html>'
        )
        return self.address + path


@pytest.fixture(scope="session")
def neighbours(browser: Browser) -> Iterator[Browser]:
    """A browser in which both names lead to this machine."""
    launched = browser.browser_type.launch(executable_path=CHROMIUM, args=[*FLAGS, MAPPED])
    yield launched
    launched.close()


@pytest.fixture(scope="session")
def doorstep(address: str) -> str:
    """The site's address under its own name."""
    return f"http://{SITE}:{urlsplit(address).port}"


@pytest.fixture
def host() -> Iterator[HostSite]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = site.pages.get(self.path.split("?")[0])
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            for name, value in site.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write((body or "").encode())

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site = HostSite(f"http://{HOST}:{server.server_port}")
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield site
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Guest(Visitor):
    """Someone on the host's page. `asked` are the hosts that anything was asked of."""

    asked: set[str] = field(default_factory=set)

    def watch(self) -> None:
        self.page.on("console", lambda message: self._heard(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))
        # Over plain http, as here and not in earnest, it is ignored.
        self.forgiven = (*self.forgiven, COOP)
        self.context.on("request", lambda request: self.asked.add(urlsplit(request.url).hostname or ""))


@contextmanager
def guest(browser: Browser, address: str, **options: Any) -> Iterator[Guest]:
    context = browser.new_context(**({"viewport": DESKTOP} | options))
    context.set_default_timeout(PATIENCE_MS)
    made = Guest(context, context.new_page(), address)
    made.watch()
    try:
        yield made
        assert made.complaints == []
        assert made.asked <= {HOST, SITE, ""}
        assert context.cookies() == []
    finally:
        context.close()


def snippets(visitor: Visitor, query: str = "") -> dict[str, str]:
    """What the builder's page gives to copy, once it has measured how tall the widget is."""
    visitor.page.goto(visitor.address + BUILDER + query)
    expect(visitor.page.locator("[data-measured]")).to_have_count(0)
    boxes = visitor.page.locator("[data-snippet] textarea")
    return dict(boxes.evaluate_all("all => all.map(each => [each.id, each.value])"))


def loader(doorstep: str) -> str:
    return f'<script async src="{doorstep}/embed.js"></script>'


def frames(page: Page, name: str = "doorstep-pathway") -> Locator:
    # Through the shadow root, into which a page's own rules do not reach.
    return page.locator(f"{name} iframe")


def inside(page: Page, number: int = 0) -> FrameLocator:
    return page.frame_locator("iframe").nth(number)


def expect_fit(frame: Locator) -> None:
    """The frame is as tall as what is in it, to the pixel."""
    content = frame.content_frame.locator("html")
    expect(content).to_be_attached()
    frame.page.wait_for_function(
        "([frame, wanted]) => Math.abs(frame.offsetHeight - wanted) <= 1",
        arg=[frame.element_handle(), content.evaluate("html => html.getBoundingClientRect().height")],
    )


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_frame_shows_the_pathway_on_another_site(
    neighbours: Browser, doorstep: str, host: HostSite, viewport: dict[str, int]
) -> None:
    with guest(neighbours, doorstep, viewport=viewport) as visitor:
        url = host.put(snippets(visitor)["frame-snippet"])
        visitor.page.goto(url)
        expect(inside(visitor.page).get_by_role("heading", name=TITLE)).to_be_visible()
        expect(visitor.page.locator("iframe")).to_have_attribute("title", TITLE)
        expect(visitor.page.get_by_role("link", name=TITLE)).to_have_attribute("href", f"{doorstep}/pathways/{SLUG}")
        assert visitor.has_no_overflow()


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_script_makes_a_frame_that_fits_what_is_in_it(
    neighbours: Browser, doorstep: str, host: HostSite, viewport: dict[str, int]
) -> None:
    with guest(neighbours, doorstep, viewport=viewport) as visitor:
        visitor.page.goto(host.put(snippets(visitor, "?near=PL1")["script-snippet"]))
        expect(inside(visitor.page).get_by_role("heading", name=TITLE)).to_be_visible()
        expect(frames(visitor.page)).to_have_attribute("title", TITLE)
        expect(visitor.page.get_by_role("link", name=TITLE)).to_be_hidden()
        expect_fit(frames(visitor.page))
        assert visitor.has_no_overflow()
        visitor.page.set_viewport_size({"width": 500, "height": 700})
        expect_fit(frames(visitor.page))


def test_the_height_follows_a_step_that_is_opened_and_closed(
    neighbours: Browser, doorstep: str, host: HostSite
) -> None:
    with guest(neighbours, doorstep) as visitor:
        visitor.page.goto(host.put(f'<doorstep-pathway slug="{SLUG}"></doorstep-pathway>{loader(doorstep)}'))
        frame = frames(visitor.page)
        expect_fit(frame)
        closed = frame.evaluate("frame => frame.offsetHeight")
        step = inside(visitor.page).locator("details").last
        step.locator("summary").click()
        visitor.page.wait_for_function("([f, h]) => f.offsetHeight > h", arg=[frame.element_handle(), closed])
        expect_fit(frame)
        step.locator("summary").click()
        visitor.page.wait_for_function("([f, h]) => f.offsetHeight === h", arg=[frame.element_handle(), closed])


HOSTILE = """
iframe { height: 10px; max-height: 10px; width: 10px; opacity: .1; position: absolute; left: -999px }
* { max-height: 10px; visibility: hidden; color: red !important; font: 2px/1 serif }
body, h1 { visibility: visible; max-height: none }
#frame, #doorstep, #main { display: none }
"""


def test_three_on_a_page_live_with_each_other_and_with_the_page(
    neighbours: Browser, doorstep: str, host: HostSite
) -> None:
    body = f"""
    <div id="main"></div><div id="frame"></div><script>var doorstep = 1, frame = 2, script = 3, define = 4;</script>
    <style>{HOSTILE}</style>
    <doorstep-pathway id="a" slug="{SLUG}" near="PL1"></doorstep-pathway>
    <doorstep-pathway id="a" slug="into-film-production" steps="2" compact></doorstep-pathway>
    <doorstep-search id="a" near="PL1"></doorstep-search>
    {loader(doorstep)}
    """
    with guest(neighbours, doorstep) as visitor:
        visitor.page.goto(host.put(body))
        all_frames = visitor.page.locator("[id=a] iframe")
        expect(all_frames).to_have_count(3)
        for number in range(3):
            all_frames.nth(number).scroll_into_view_if_needed()
            expect(all_frames.nth(number)).to_be_visible()
            expect_fit(all_frames.nth(number))
        sizes = all_frames.evaluate_all("all => all.map(each => [each.offsetWidth, each.offsetHeight])")
        assert min(width for width, _ in sizes) > 500
        assert len({height for _, height in sizes}) == 3
        expect(inside(visitor.page, 1).get_by_role("heading", name="Into film and TV production").first).to_be_visible()


def test_what_a_provider_offers_and_a_search_box_are_widgets_too(
    neighbours: Browser, doorstep: str, host: HostSite
) -> None:
    provider = "plymouth-neighbourhood-learning"
    body = f"""
    <doorstep-opportunities provider="{provider}" near="PL1"><a href="{doorstep}/providers/{provider}">Ours</a>
    </doorstep-opportunities><doorstep-search><a href="{doorstep}/">Near you</a></doorstep-search>{loader(doorstep)}
    """
    with guest(neighbours, doorstep) as visitor:
        visitor.page.goto(host.put(body))
        offers, search = frames(visitor.page, "doorstep-opportunities"), frames(visitor.page, "doorstep-search")
        expect(offers).to_have_attribute("title", "Ours")
        expect(offers).to_have_attribute("src", f"{doorstep}/embed/opportunities?near=PL1&provider={provider}")
        expect_fit(offers)
        search.scroll_into_view_if_needed()
        expect(search.content_frame.get_by_role("textbox")).to_be_visible()
        expect_fit(search)


LISTENING = """<script>
window.heard = [];
addEventListener("message", (event) => heard.push([event.origin, event.data]));
</script>"""


def test_a_sandbox_that_allows_only_scripts_is_enough(neighbours: Browser, doorstep: str, host: HostSite) -> None:
    with guest(neighbours, doorstep) as visitor:
        source = f"{doorstep}/embed/pathways/{SLUG}#doorstep=mine"
        visitor.page.goto(host.put(f'{LISTENING}<iframe sandbox="allow-scripts" title="x" src="{source}"></iframe>'))
        expect(inside(visitor.page).get_by_role("heading", name=TITLE)).to_be_visible()
        visitor.page.wait_for_function("heard.length")
        origin, message = visitor.page.evaluate("heard[0]")
        assert origin == "null"
        assert message.keys() == {"doorstep", "value", "id"}
        assert (message["doorstep"], message["id"]) == ("height", "mine")
        # Its style sheet has come too: nothing of it is of our own origin there.
        body = inside(visitor.page).locator("body")
        assert body.evaluate("body => getComputedStyle(body).fontFamily").startswith("system-ui")


def test_without_javascript_the_link_stays_and_the_frame_works(
    neighbours: Browser, doorstep: str, host: HostSite
) -> None:
    with guest(neighbours, doorstep) as visitor:
        copied = snippets(visitor)
    with guest(neighbours, doorstep, java_script_enabled=False) as visitor:
        visitor.page.goto(host.put(copied["script-snippet"], path="/script"))
        host.put(copied["frame-snippet"], path="/frame")
        expect(visitor.page.get_by_role("link", name=TITLE)).to_be_visible()
        visitor.page.goto(f"{host.address}/frame")
        step = inside(visitor.page).locator("details").last
        step.locator("summary").click()
        expect(step).to_have_attribute("open", "")


@contextmanager
def allowed_only(settings: Settings, origins: tuple[str, ...]) -> Iterator[None]:
    """While it lasts, these origins alone may frame the pathway."""
    engine = connect(settings.database_url)
    whose = select(Pathway.provider_id).where(Pathway.slug == SLUG)
    with engine.begin() as connection:
        provider_id = connection.scalar(whose)
        # Past the check that asks for https, which the host of a test has not.
        add = insert(ProviderOrigin)
        connection.execute(add, [{"provider_id": provider_id, "origin": origin} for origin in origins])
    try:
        yield
    finally:
        with engine.begin() as connection:
            connection.execute(delete(ProviderOrigin).where(ProviderOrigin.provider_id == provider_id))
        engine.dispose()


def test_an_origin_that_is_not_allowed_gets_the_link_and_no_widget(
    neighbours: Browser, doorstep: str, host: HostSite, site_settings: Settings
) -> None:
    with (
        allowed_only(site_settings, ("https://other.example",)),
        guest(neighbours, doorstep) as visitor,
    ):
        copied = snippets(visitor)
        expect(visitor.page.locator(".note", has_text="https://other.example")).to_be_visible()
        visitor.forgiven = (COOP, "frame-ancestors", "chrome-error")
        visitor.page.goto(host.put(copied["script-snippet"]))
        expect(visitor.page.get_by_role("link", name=TITLE)).to_be_visible()
        expect(frames(visitor.page)).to_have_count(0)
        with visitor.page.expect_console_message(lambda message: "frame-ancestors" in message.text):
            visitor.page.goto(host.put(copied["frame-snippet"]))
        expect(inside(visitor.page).get_by_role("heading", name=TITLE)).to_have_count(0)


def test_an_origin_on_the_list_gets_it(
    neighbours: Browser, doorstep: str, host: HostSite, site_settings: Settings
) -> None:
    with (
        allowed_only(site_settings, (host.address,)),
        guest(neighbours, doorstep) as visitor,
    ):
        visitor.page.goto(host.put(snippets(visitor)["script-snippet"]))
        expect(inside(visitor.page).get_by_role("heading", name=TITLE)).to_be_visible()
        expect_fit(frames(visitor.page))


def test_nothing_else_of_the_site_can_be_framed(neighbours: Browser, doorstep: str, host: HostSite) -> None:
    with guest(neighbours, doorstep) as visitor:
        visitor.forgiven = (COOP, "X-Frame-Options", "frame-ancestors", "chrome-error")
        for path in (f"/pathways/{SLUG}", BUILDER, "/"):
            with visitor.page.expect_console_message(lambda message: "frame-ancestors" in message.text):
                visitor.page.goto(host.put(f'<iframe title="x" src="{doorstep}{path}"></iframe>'))
            expect(inside(visitor.page).get_by_role("heading")).to_have_count(0)


def test_no_cookie_no_storage_and_no_other_host(neighbours: Browser, doorstep: str, host: HostSite) -> None:
    with guest(neighbours, doorstep) as visitor:
        body = f"""<doorstep-pathway slug="{SLUG}" near="PL1 2AA"></doorstep-pathway>
        <iframe title="x" src="{doorstep}/embed/pathways/into-film-production?near=PL1"></iframe>{loader(doorstep)}"""
        visitor.page.goto(host.put(body))
        expect_fit(frames(visitor.page))
        expect(inside(visitor.page, 1).get_by_role("heading").first).to_be_visible()
        assert visitor.asked == {HOST, SITE}
        assert visitor.context.cookies() == []
        assert visitor.context.storage_state() == {"cookies": [], "origins": []}


def wordpress(doorstep: str, secret: str) -> str:
    """A page that does what wp-includes/js/wp-embed.js documents: height between 200 and 1000, links to its host."""
    return f"""<iframe class="wp-embedded-content" sandbox="allow-scripts" title="x" width="600" height="338"
      data-secret="{secret}" src="{doorstep}/embed/pathways/{SLUG}?near=PL1#?secret={secret}"></iframe>
    <script>
    window.links = []; window.heights = [];
    addEventListener("message", (event) => {{
      const data = event.data;
      if (!data || !(data.secret || data.message || data.value) || /[^a-zA-Z0-9]/.test(data.secret)) return;
      for (const source of document.querySelectorAll(`iframe[data-secret="${{data.secret}}"]`)) {{
        if (event.source !== source.contentWindow) continue;
        source.removeAttribute("style");
        if (data.message === "height") {{
          heights.push(data.value);
          source.height = Math.min(Math.max(parseInt(data.value, 10), 200), 1000);
        }}
        if (data.message === "link" && new URL(data.value).host === new URL(source.src).host) {{
          if (document.activeElement === source) links.push(data.value);
        }}
      }}
    }});
    function ready() {{
      const source = document.querySelector("iframe");
      source.contentWindow.postMessage({{ message: "ready", secret: "{secret}" }}, "*");
    }}
    </script>"""


def test_wordpress_can_fit_it_and_open_its_links(neighbours: Browser, doorstep: str, host: HostSite) -> None:
    with guest(neighbours, doorstep) as visitor:
        page = visitor.page
        page.goto(host.put(wordpress(doorstep, "aB3dE6gH9k")))
        page.wait_for_function("heights.length")
        wanted = inside(page).locator("html").evaluate("html => Math.ceil(html.getBoundingClientRect().height)")
        expect(page.locator("iframe")).to_have_js_property("height", str(min(max(wanted, 200), 1000)))
        page.evaluate("heights.length = 0, ready()")
        page.wait_for_function("heights.length === 1")
        inside(page).locator("a[target=_blank]:visible").first.click()
        page.wait_for_function("links.length === 1")
        assert page.evaluate("links[0]").startswith(f"{doorstep}/")


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_nothing_on_the_page_shifts(
    neighbours: Browser, doorstep: str, host: HostSite, viewport: dict[str, int]
) -> None:
    with guest(neighbours, doorstep) as builder:
        copied = snippets(builder)["script-snippet"]
    with guest(neighbours, doorstep, viewport=viewport) as visitor:
        visitor.page.add_init_script(SHIFTS)
        # The script comes late, as on a slow line, when everything else is there and painted.
        late: list[Route] = []
        visitor.context.route("**/embed.js", lambda route: late.append(route))
        visitor.page.goto(host.put(copied), wait_until="commit")
        expect(visitor.page.get_by_text("What comes after")).to_be_attached()
        visitor.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        late.pop().continue_()
        expect_fit(frames(visitor.page))
        visitor.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        assert visitor.page.evaluate("window.shifted") <= 0.01


def test_included_twice_it_is_made_once_and_leaves_no_global(
    neighbours: Browser, doorstep: str, host: HostSite
) -> None:
    head = "<script>window.before = new Set(Object.getOwnPropertyNames(window));</script>"
    body = f'<doorstep-pathway slug="{SLUG}"></doorstep-pathway>{loader(doorstep) * 2}'
    with guest(neighbours, doorstep) as visitor:
        body += f'<script async src="{doorstep}/embed-1.js"></script>'
        visitor.page.goto(host.put(body, head))
        expect_fit(frames(visitor.page))
        expect(visitor.page.locator("iframe")).to_have_count(1)
        new = "Object.getOwnPropertyNames(window).filter((name) => !before.has(name) && name !== 'before')"
        # The browser itself names frames by their number.
        assert [name for name in visitor.page.evaluate(new) if not name.isdigit()] == []


def test_a_strict_policy_of_the_host_needs_to_allow_only_our_script_and_frame(
    neighbours: Browser, doorstep: str, host: HostSite
) -> None:
    host.headers["Content-Security-Policy"] = (
        f"default-src 'none'; img-src data:; script-src {doorstep}; frame-src {doorstep}"
    )
    with guest(neighbours, doorstep) as visitor:
        visitor.page.goto(host.put(f'<doorstep-pathway slug="{SLUG}"></doorstep-pathway>{loader(doorstep)}'))
        # The browser's own policy would stop a test's function that waits; an assertion that is tried again is none.
        expect(inside(visitor.page).get_by_role("heading", name=TITLE)).to_be_visible()
        height = inside(visitor.page).locator("html").evaluate("html => Math.ceil(html.getBoundingClientRect().height)")
        expect(frames(visitor.page)).to_have_css("height", f"{height}px")


def test_only_its_own_frame_can_set_its_height(neighbours: Browser, doorstep: str, host: HostSite) -> None:
    forging = """<iframe title="x" srcdoc="<script>parent.postMessage({doorstep: 'height', value: 7777}, '*');
      parent.postMessage('done', '*')</script>"></iframe>"""
    body = f'{LISTENING}<doorstep-pathway slug="{SLUG}"></doorstep-pathway>{loader(doorstep)}'
    with guest(neighbours, doorstep) as visitor:
        visitor.page.goto(host.put(body))
        expect_fit(frames(visitor.page))
        visitor.page.evaluate("(html) => document.body.insertAdjacentHTML('beforeend', html)", forging)
        visitor.page.evaluate("postMessage({doorstep: 'height', value: 7777}, '*')")
        visitor.page.wait_for_function("heard.filter(([, data]) => data.value === 7777).length === 2")
        expect_fit(frames(visitor.page))


def test_what_a_page_changes_or_moves_later_is_shown_anew(neighbours: Browser, doorstep: str, host: HostSite) -> None:
    with guest(neighbours, doorstep) as visitor:
        visitor.page.goto(host.put(f'<doorstep-pathway slug="{SLUG}"></doorstep-pathway>{loader(doorstep)}'))
        expect_fit(frames(visitor.page))
        widget = visitor.page.locator("doorstep-pathway")
        widget.evaluate("each => { each.setAttribute('steps', '1'); each.setAttribute('compact', ''); }")
        expect(frames(visitor.page)).to_have_attribute("src", f"{doorstep}/embed/pathways/{SLUG}?compact=1&steps=1")
        expect_fit(frames(visitor.page))
        widget.evaluate("each => document.body.append(each)")
        expect(frames(visitor.page)).to_have_count(1)
        expect_fit(frames(visitor.page))


def test_far_down_the_page_it_waits_and_is_not_given_up(neighbours: Browser, doorstep: str, host: HostSite) -> None:
    body = f"""<p style="height:9000px"></p><doorstep-pathway slug="{SLUG}"></doorstep-pathway>{loader(doorstep)}"""
    with guest(neighbours, doorstep) as visitor:
        visitor.page.clock.install()
        visitor.page.goto(host.put(body))
        expect(frames(visitor.page)).to_have_count(1)
        visitor.page.clock.fast_forward(60_000)
        expect(frames(visitor.page)).to_have_count(1)
        frames(visitor.page).scroll_into_view_if_needed()
        expect_fit(frames(visitor.page))
        visitor.page.clock.fast_forward(60_000)
        expect(frames(visitor.page)).to_have_count(1)


def test_a_script_held_to_its_digest_runs_and_another_does_not(
    neighbours: Browser, doorstep: str, host: HostSite
) -> None:
    with guest(neighbours, doorstep) as visitor:
        held = snippets(visitor, "?fixed=1")["script-snippet"]
        visitor.page.goto(host.put(held))
        expect_fit(frames(visitor.page))
        visitor.forgiven = (
            COOP,
            "integrity",
        )
        start = held.index("sha384-") + len("sha384-")
        visitor.page.goto(host.put(held[:start] + ("B" if held[start] == "A" else "A") + held[start + 1 :]))
        expect(visitor.page.get_by_role("link", name=TITLE)).to_be_visible()


def test_the_builder_follows_what_is_chosen(visitor: Visitor) -> None:
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.go(f"/pathways/{SLUG}")
    visitor.page.get_by_role("link", name="Put this on your own website").click()
    visitor.page.wait_for_url(f"**{BUILDER}")
    visitor.page.get_by_label("How many steps to show").select_option("2")
    visitor.page.get_by_label("Light or dark").select_option("dark")
    box = visitor.page.get_by_label("With a script")
    expect(box).to_have_value(_containing('steps="2"'))
    expect(box).to_have_value(_containing('theme="dark"'))
    expect(visitor.page.locator("[data-measured]")).to_have_count(0)
    visitor.page.get_by_role("button", name=re.compile("^Copy.*: With a script")).click()
    expect(visitor.page.get_by_role("status").filter(has_text="Copied.")).to_be_visible()
    assert visitor.page.evaluate("navigator.clipboard.readText()") == box.input_value()
    expect(visitor.page).to_have_url(re.compile("theme=dark"))
    expect(visitor.page).not_to_have_url(re.compile("accent"))
    preview = visitor.page.frame_locator(".desktop iframe")
    height = preview.locator("html").evaluate("html => Math.ceil(html.getBoundingClientRect().height)")
    assert f"min-height:{height}px" in box.input_value()


def _containing(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text))


def test_the_builder_works_without_javascript(plain_visitor: Visitor) -> None:
    visitor = plain_visitor
    visitor.go(BUILDER)
    expect(visitor.page.get_by_role("button", name="Copy")).to_have_count(0)
    visitor.page.get_by_label("Make it small").check()
    visitor.page.get_by_label("Your postcode, or a town").fill("PL4")
    visitor.page.get_by_role("button", name="Show it").click()
    expect(visitor.page.get_by_label("With a script")).to_have_value(_containing('near="PL4" compact="1"'))
    expect(visitor.page.get_by_label("The address")).to_have_value(_containing(f"/pathways/{SLUG}?near=PL4"))
    expect(visitor.page.frame_locator(".phone iframe").get_by_role("heading", name=TITLE)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_axe_finds_nothing_on_the_builder(
    browser: Browser, address: str, scheme: str, viewport: dict[str, int]
) -> None:
    with visit(browser, address, viewport=viewport, color_scheme=scheme) as visitor:
        visitor.forgiven = ("400",)
        for query in ("", "?near=PL1&compact=1&accent=javascript:"):
            visitor.go(BUILDER + query)
            expect(visitor.page.locator("[data-measured]")).to_have_count(0)
            # The frames are of another origin, as their sandbox has it; their own tests look into them.
            assert visitor.axe() == [], query
            assert visitor.has_no_overflow(), query
