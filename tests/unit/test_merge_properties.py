"""What holds for every text and every value: reading never crashes, values are never read again."""

import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser

from hypothesis import example, given
from hypothesis import strategies as st

from relance.messages.merge import (
    Document,
    Known,
    KnownField,
    MergeTagError,
    Place,
    Values,
    compile_template,
    parse,
    review,
)

NOW = datetime(2026, 3, 31, tzinfo=UTC)
KNOWN = Known(fields={"FNAME": KnownField("text"), "AGE": KnownField("number")}, groups={"Plants": ["Ferns"]})
PIECES = [
    *("*|", "|*", "|", "*", ":", "=", '"', " ", "\n", "<", ">", "&gt;", "'", "x", "é", "-->", "<!--", "="),
    *("FNAME", "fname", "IF:", "IFNOT:", "ELSEIF:", "ELSE:", "END:IF", "INTERESTED:", "END:INTERESTED", "Plants:"),
    *("ABANDONED_CART:", "END:ABANDONED_CART", "ORDER_LINES:", "PRODUCT:TITLE", "EVENT:a.b", "DATE:", "COUPON:c"),
    *("TRIGGER:", "CART:", "URL:", "HTML:", "UPPER:", "*|FNAME|*", "*|IF:FNAME|*", "*|ELSE:|*", "*|END:IF|*"),
    *("<a href=", "<script>", "</script>", "<style>", "<p ", "javascript:", "*|FNAME:there|*"),
]
tangles = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
values = st.one_of(st.text(min_size=1), st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join))
printable = values.filter(lambda value: value.strip() != "")


def parsed(text: str, *, html: bool) -> Document | MergeTagError:
    try:
        return parse(text, html=html)
    except MergeTagError as error:
        return error


@given(tangles, st.booleans())
@example("*|IF:FNAME|*" * 5000, False)
@example("*|" * 5000, False)
def test_reading_gives_a_document_or_says_what_is_wrong(text, html):
    read = parsed(text, html=html)
    if isinstance(read, MergeTagError):
        assert read.code == "V10"
        assert text.split("\n")[read.line - 1][read.column - 1 :].startswith("*|")
    else:
        assert isinstance(read, Document)


@given(tangles, st.sampled_from(Place))
def test_what_was_read_can_be_checked_and_written_or_is_refused_by_name(text, place):
    problems = review(text, place=place, known=KNOWN)
    try:
        template = compile_template(parse(text, html=place is Place.HTML), place)
    except MergeTagError:
        assert [problem.code for problem in problems] == ["V10"]
        return
    rich = Values(NOW, fields={"FNAME": "Ana"}, cart_lines=[{}], order_lines=[{}], coupons={"c": "MOSS"})
    assert isinstance(template.render(rich), str)


@given(st.text().filter(lambda text: "*|" not in text), st.sampled_from(Place))
def test_text_without_tags_is_left_as_it_is(text, place):
    assert compile_template(parse(text, html=place is Place.HTML), place).render(Values(NOW)) == text


@given(printable)
def test_a_value_is_never_read_as_a_tag(value):
    template = compile_template(parse("[*|FNAME|*][*|EVENT:x|*]"), Place.TEXT)
    fields = {"FNAME": value, "LNAME": "SECRET", "EMAIL": "SECRET"}
    assert template.render(Values(NOW, fields=fields, webhook={"x": 1})) == f"[{value}][]"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, attrs))

    def handle_data(self, data):
        self.text += data


def read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader


BODY = compile_template(
    parse(
        "<p title=\"*|FNAME|*\" class='*|FNAME|*' id=*|FNAME|*>*|FNAME|*</p>"
        '<a href="*|FNAME|*" id="l">x</a><a href="https://fern.example/?q=*|FNAME|*">x</a>'
    ),
    Place.HTML,
)


@given(printable.filter(lambda value: "\r" not in value and "\0" not in value))
@example('"><script>alert(1)</script>')
@example("' onmouseover='x")
@example("x onmouseover=y")
@example("&lt;script&gt;")
def test_a_browser_reads_back_the_value_and_nothing_else(value):
    reader = read(BODY.render(Values(NOW, fields={"FNAME": value})))
    assert [tag for tag, _ in reader.seen] == ["p", "a", "a"]
    assert [name for name, _ in reader.seen[0][1]] == ["title", "class", "id"]
    assert reader.seen[0][1][0][1] == value
    assert reader.seen[0][1][1][1] == value
    href = dict(reader.seen[1][1])["href"]
    assert href == "" or re.match(r"(?i)(https?|mailto|tel):", href)
    assert re.fullmatch(r"https://fern\.example/\?q=[A-Za-z0-9%_.~-]*", dict(reader.seen[2][1])["href"])


@given(printable)
def test_html_mode_leaves_nothing_that_acts(value):
    template = compile_template(parse("<div>*|HTML:FNAME|*</div>"), Place.HTML)
    for tag, attributes in read(template.render(Values(NOW, fields={"FNAME": value}))).seen:
        assert tag not in {"script", "style", "iframe", "form", "object", "svg", "link", "meta"}
        assert not [name for name, _ in attributes if name.startswith("on") or name == "style"]


@given(printable)
def test_headers_have_one_line_and_json_stays_json(value):
    fields = {"FNAME": value}
    header = compile_template(parse("Hi *|FNAME|*!"), Place.HEADER).render(Values(NOW, fields=fields))
    assert header.splitlines() == [header]
    body = compile_template(parse('{"name": "*|FNAME|*"}'), Place.JSON).render(Values(NOW, fields=fields))
    assert json.loads(body) == {"name": value}


@given(printable)
def test_a_default_prints_like_a_value(value):
    default = value.replace("|", "")
    for place in Place:
        own = compile_template(parse(f"*|FNAME:{default}|*"), place).render(Values(NOW))
        theirs = compile_template(parse("*|FNAME|*"), place).render(Values(NOW, defaults={"FNAME": default}))
        assert own == theirs


@given(st.text(), st.text())
def test_a_test_and_its_opposite_never_agree(stored, literal):
    literal = literal.replace("|", "").replace('"', "")
    equal = compile_template(parse(f'*|IF:FNAME="{literal}"|*y*|ELSE:|*n*|END:IF|*'), Place.TEXT)
    differs = compile_template(parse(f'*|IF:FNAME!="{literal}"|*y*|ELSE:|*n*|END:IF|*'), Place.TEXT)
    contact = Values(NOW, fields={"FNAME": stored})
    assert {equal.render(contact), differs.render(contact)} == {"y", "n"}
