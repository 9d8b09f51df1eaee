"""Sitemaps, in the shapes that sites publish."""

import gzip

import pytest

from feeds.sitemaps import Listed, NotSitemap, is_sitemap, read_sitemap, unzipped

URLSET = b"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
  <url><loc> https://a.example.org/1?x=1&amp;y=2 </loc><lastmod>2026-05-01</lastmod>
    <image:image><image:loc>https://a.example.org/picture.jpg</image:loc></image:image></url>
  <url><loc><![CDATA[https://a.example.org/2]]></loc></url>
  <url><loc><![CDATA[https://a.example.org/2]]></loc></url>
  <url><lastmod>2026-05-01</lastmod></url>
</urlset>"""
INDEX = b"<sitemapindex><sitemap><loc>https://a.example.org/more.xml.gz</loc></sitemap></sitemapindex>"


def test_the_pages_of_a_sitemap_and_not_its_pictures() -> None:
    assert read_sitemap(URLSET) == [
        Listed("https://a.example.org/1?x=1&y=2", "2026-05-01", False),
        Listed("https://a.example.org/2", "", False),
    ]


def test_an_index_lists_sitemaps() -> None:
    assert read_sitemap(INDEX) == [Listed("https://a.example.org/more.xml.gz", "", True)]


def test_a_sitemap_is_told_from_a_page() -> None:
    assert is_sitemap(URLSET)
    assert is_sitemap(INDEX)
    assert not is_sitemap(b"<!doctype html><html><body>urlset</body></html>")


def test_a_sitemap_in_gzip() -> None:
    assert unzipped(gzip.compress(URLSET)) == URLSET
    assert unzipped(URLSET) == URLSET


@pytest.mark.parametrize(
    ("body", "said"), [(gzip.compress(b"0" * 5_000_000), "more than 1,000"), (b"\x1f\x8b\x08rubbish", "gzip is broken")]
)
def test_a_bomb_and_a_broken_gzip_are_refused(body: bytes, said: str) -> None:
    with pytest.raises(NotSitemap, match=said):
        unzipped(body, 1_000)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<urlset><url></urlset>", "not XML"),
        (b'<!DOCTYPE u [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><urlset>&b;</urlset>', "document type"),
        (b'<?xml version="1.0" encoding="klingon"?><urlset/>', "klingon|encoding"),
        (b"", "not XML"),
    ],
)
def test_what_is_no_sitemap_is_said_so(body: bytes, said: str) -> None:
    with pytest.raises(NotSitemap, match=said):
        read_sitemap(body)
