"""Links, pixel and preview of a message: made once, filled for each contact."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.kernel import clock
from relance.messages.links import link_id
from relance.messages.merge import CannotRender, MergeTagError, Values
from relance.messages.templates import CompiledMessage, Content, compile_message, read_links
from relance.messages.track.addresses import slug

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
URL = "https://relance.example"


def compiled(html: str, subject: str = "Ferns", **more: Any) -> CompiledMessage:
    return compile_message(7, 1, Content(subject, html, **more), public_url=URL, address_fields=("ADDRESS",))


def written(html: str, *, pixel: bool = False, fields: dict[str, object] | None = None, **more: Any) -> str:
    system: dict[str, Any] = {"UNSUB": f"{URL}/u/T"}
    values = Values(NOW, fields=fields or {}, system=system)
    return compiled(html, **more).write(values, system, "T", pixel=pixel).html


def test_a_link_is_its_url_without_tracking_parameters() -> None:
    html = '<a href="https://fern.example/?a=1&amp;utm_source=mail">1</a><a href="https://FERN.example/?a=1#top">2</a>'
    assert read_links(html) == ["https://fern.example/?a=1"]


def test_links_become_tracked_addresses_and_each_keeps_what_was_written() -> None:
    html = "<a class=x href='https://fern.example/?utm_content=text'>1</a> <a href=\"https://fern.example/\">2</a>"
    one, two = slug(link_id(7, "https://fern.example/")), slug(link_id(7, "https://fern.example/"), 1)
    assert written(html) == f'<a class=x href="{URL}/t/c/T/{one}">1</a> <a href="{URL}/t/c/T/{two}">2</a>'
    message = compiled(html)
    assert message.url(one, None) == "https://fern.example/?utm_content=text"
    assert message.url(two, None) == "https://fern.example/"
    assert message.url("zzz", None) is None


@pytest.mark.parametrize(
    "html",
    [
        '<a href="mailto:hello@fern.example">write</a>',
        '<a href="tel:+33123456789">call</a>',
        '<a href="#top">up</a>',
        '<a name="https://fern.example/">place</a>',
        '<a href="/relative">where?</a>',
        '<!-- <a href="https://fern.example/">hidden</a> -->',
        "<script>'<a href=\"https://fern.example/\">'</script>",
        '<img src="https://fern.example/fern.png">',
        '<a href="https://[broken/">broken</a>',
    ],
)
def test_what_is_no_link_to_the_web_stays_as_it_is(html: str) -> None:
    assert read_links(html) == []
    assert written(html) == html


def test_the_ways_back_to_relance_are_not_counted() -> None:
    assert written('<a href="*|UNSUB|*">out</a>') == f'<a href="{URL}/u/T">out</a>'
    assert read_links('<a href="*|UNSUB|*">a</a><a href="*|ARCHIVE|*">b</a><a href="*|LIST:UNSUB|*">c</a>') == []


def test_links_for_outlook_are_tracked_too() -> None:
    assert read_links('<!--[if mso]><v:rect href="https://fern.example/"></v:rect><![endif]-->') == [
        "https://fern.example/"
    ]


def test_a_link_with_merge_tags_is_written_again_for_the_contact_that_clicks() -> None:
    template = "https://fern.example/me?email=*|EMAIL|*&amp;name=*|FNAME:there|*"
    message = compiled(f'<a href="{template}">me</a>')
    (name,) = message.links.urls
    ana = Values(NOW, fields={"EMAIL": "ana+ferns@example.com", "FNAME": "Ana & Ben"})
    assert message.url(name, ana) == "https://fern.example/me?email=ana%2Bferns%40example.com&name=Ana%20%26%20Ben"
    assert message.url(name, None) is None
    assert read_links(f'<a href="{template}">me</a>') == [
        "https://fern.example/me?email=*|EMAIL|*&name=*|FNAME:there|*"
    ]


def test_the_pixel_stands_at_the_end_of_the_body_and_only_where_opens_are_tracked() -> None:
    html = "<html><body><p>Ferns</p></body></html>"
    pixel = f'<img src="{URL}/t/o/T.gif" width="1" height="1" alt="" border="0">'
    assert written(html, pixel=True) == html.replace("</body>", f"{pixel}</body>")
    assert written("<p>Ferns</p>", pixel=True) == f"<p>Ferns</p>{pixel}"
    assert written(html) == html
    assert written(html, pixel=True, track_opens=False) == html


def test_without_click_tracking_links_stay() -> None:
    html = '<a href="https://fern.example/">ferns</a>'
    assert written(html, track_clicks=False) == html


def test_the_preview_is_hidden_at_the_top_and_its_tags_are_read() -> None:
    html = written(
        "<body><p>Ferns</p></body>", preview='*|IF:FNAME="Ana"|*Ana & you*|END:IF|*', fields={"FNAME": "Ana"}
    )
    assert re.search(r'<body><div style="display:none[^"]*">Ana &amp; you(&#847;|&zwnj;|&nbsp;)+</div><p>', html)


def test_a_message_that_prints_its_preview_gets_no_other() -> None:
    assert written("<p>*|MC_PREVIEW_TEXT|*</p>", preview="New: *|FNAME|*", fields={"FNAME": "Ana"}) == "<p>New: Ana</p>"


def test_the_text_part_is_the_author_s_or_derived_with_the_author_s_links() -> None:
    system: dict[str, Any] = {}
    values = Values(NOW, fields={"FNAME": "Ana"}, system=system)
    html = '<p>Hi *|FNAME|*, <a href="https://fern.example/">ferns</a></p>'
    assert compiled(html).write(values, system, "T").text == "Hi Ana, ferns (https://fern.example/)"
    assert compiled(html, text="*|FNAME|*!").write(values, system, "T").text == "Ana!"


def test_a_contact_cannot_name_the_marks() -> None:
    """What stands for token and pixel is different in each compiled message, so no field value can be taken for it."""
    one, two = compiled("<p></p>"), compiled("<p></p>")
    assert one._token_mark != two._token_mark
    assert len({one._token_mark, one._pixel_mark, two._pixel_mark}) == 3


def test_a_text_that_cannot_be_read_is_told() -> None:
    with pytest.raises(MergeTagError):
        compiled("<p>*|FNAM</p>*|END:IF|*")


def test_a_message_that_grows_beyond_measure_is_not_sent() -> None:
    system: dict[str, Any] = {}
    with pytest.raises(CannotRender) as refusal:
        compiled("<p>*|FNAME|*</p>").write(Values(NOW, fields={"FNAME": "x" * 1_100_000}), system, "T")
    assert refusal.value.code == "S12"


@given(st.text(alphabet="<>a=\"'/ *|hrefx!-\n", max_size=80))
def test_any_text_is_read_and_rewriting_changes_links_only(html: str) -> None:
    links = read_links(html)
    assert links == []  # no web address can be written with these letters


@pytest.mark.parametrize("piece", ["<!--", "<a ", "<a x='\"", "*|a", '<a href="', "<script"])
def test_reading_takes_time_in_proportion_to_the_text(piece: str) -> None:
    begun = clock.monotonic()
    read_links(piece * (300_000 // len(piece)))
    assert clock.monotonic() - begun < 3
