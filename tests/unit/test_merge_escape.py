"""A value is escaped for the very place where it prints (spec/flows.md 8.3)."""

import json
from datetime import UTC, datetime

import pytest

from relance.messages.merge import MergeTagError, Place, Values, compile_template, parse

NOW = datetime(2026, 3, 31, tzinfo=UTC)
EVIL = "<b>Ana</b> & \"co\" 'x'"


def write(text: str, value: object = EVIL, place: Place = Place.HTML, **more: object) -> str:
    return compile_template(parse(text), place).render(Values(NOW, fields={"X": value, **more}))


class TestPlaces:
    def test_html_shows_values_as_text(self):
        assert write("<p>*|X|*</p>") == "<p>&lt;b&gt;Ana&lt;/b&gt; &amp; &#34;co&#34; &#39;x&#39;</p>"

    def test_text_leaves_them(self):
        assert write("*|X|*", place=Place.TEXT) == EVIL

    def test_headers_are_one_line(self):
        value = "Ana\r\nBcc: all@example.com\x0b\u2028end\x00"
        written = write("Hello *|X|*", value, Place.HEADER)
        assert written == "Hello Ana Bcc: all@example.com end "
        assert len(written.splitlines()) == 1

    def test_json_strings(self):
        value = 'say "hi"\\\n\t\u0001é</script>'
        assert json.loads(write('{"x": "*|X|*"}', value, Place.JSON)) == {"x": value}

    def test_urls(self):
        assert write("https://fern.example/?q=*|X|*", "a&b=c d", Place.URL) == "https://fern.example/?q=a%26b%3Dc%20d"
        assert write("*|X|*?a=1", "https://fern.example/é", Place.URL) == "https://fern.example/%C3%A9?a=1"
        assert write("*|X|*", "javascript:alert(1)", Place.URL) == ""


class TestAttributes:
    def test_quotes_cannot_be_left(self):
        assert write('<p title="*|X|*">', '" onclick="x') == '<p title="&#34; onclick=&#34;x">'
        assert write("<p title='*|X|*'>", "' onclick='x") == "<p title='&#39; onclick=&#39;x'>"

    def test_nor_an_attribute_without_quotes(self):
        assert write("<p title=*|X|*>", "a onclick=x>`") == "<p title=a&#32;onclick&#61;x&#62;&#96;>"

    def test_a_space_ends_a_value_without_quotes(self):
        assert write('<a id=a href="*|X|*" class=b title="*|X|*">', '"') == '<a id=a href="" class=b title="&#34;">'

    def test_event_attributes_scripts_and_names_print_nothing(self):
        assert write("<p onclick='go(*|X|*)'><script>*|X|*</script><*|X|*p *|X|*>", "x") == (
            "<p onclick='go()'><script></script><p >"
        )

    def test_html_mode_inside_an_attribute_is_escaped(self):
        assert write('<p title="*|HTML:X|*">', "<b>") == '<p title="&lt;b&gt;">'

    def test_styles(self):
        url = "https://fern.example/a(1).png?b=1&c='2'"
        assert write('<td style="background:url(*|X|*)">', url) == (
            '<td style="background:url(https://fern.example/a%281%29.png?b=1&amp;c=%272%27)">'
        )
        assert write('<td style="color:*|X|*">', "red;position:fixed}") == '<td style="color:redpositionfixed">'
        assert (
            write("<style>p{color:*|X|*}</style>*|X|*", "</style><b>")
            == "<style>p{color:styleb}</style>&lt;/style&gt;&lt;b&gt;"
        )


class TestLinks:
    @pytest.mark.parametrize("quote", ['"', "'", ""])
    def test_a_whole_link(self, quote):
        written = write(f"<a href={quote}*|X|*{quote}>", "https://fern.example/a b?c=é&d='\"<")
        inside = "https://fern.example/a%20b?c=%C3%A9&amp;d=&#39;%22%3C"
        assert written == f"<a href={quote}{inside}{quote}>"

    @pytest.mark.parametrize(
        "value",
        [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " javascript:alert(1)",
            "java\tscript:alert(1)",
            "\x01javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "//evil.example",
            "fern.example",
            "/path",
            "ftp://fern.example",
        ],
    )
    @pytest.mark.parametrize("attribute", ["href", "src", "HREF", "action", "background"])
    def test_only_four_schemes(self, attribute, value):
        assert write(f'<a {attribute}="*|X|*">', value) == f'<a {attribute}="">'
        assert write(f'<a {attribute} = " *|X|*">', value) == f'<a {attribute} = " ">'

    @pytest.mark.parametrize("value", ["http://a.example/", "HTTPS://a.example", "mailto:ana@example.com", "tel:+331"])
    def test_these_four(self, value):
        assert write('<a href="*|X|*">', value) == f'<a href="{value}">'

    def test_a_part_of_a_link_stays_a_part(self):
        assert write('<a href="https://fern.example/?e=*|X|*&f=*|X|*#*|X|*">', "a&b/c@d:e") == (
            '<a href="https://fern.example/?e=a%26b%2Fc%40d%3Ae&f=a%26b%2Fc%40d%3Ae#a%26b%2Fc%40d%3Ae">'
        )

    def test_two_tags_cannot_make_a_scheme(self):
        assert write('<a href="*|X|**|Y|*">', "java", Y="script:alert(1)") == '<a href="script%3Aalert%281%29">'
        assert write('<a href="*|X|**|Y|*">', "", Y="javascript:alert(1)") == '<a href="javascript%3Aalert%281%29">'

    def test_mail_and_phone_links_keep_at_and_plus(self):
        assert write('<a href="mailto:*|X|*?subject=hi">', "ana+moss@example.com") == (
            '<a href="mailto:ana+moss@example.com?subject=hi">'
        )
        assert write('<a href="tel:*|X|*">', "+33 6 12") == '<a href="tel:+33%206%2012">'

    def test_an_authors_script_link_gets_no_value(self):
        assert write("<a href=\"javascript:go('*|X|*')\">", "x") == "<a href=\"javascript:go('')\">"

    def test_url_mode_is_not_encoded_twice(self):
        assert (
            write('<a href="https://fern.example/?e=*|URL:X|*">', "a b") == '<a href="https://fern.example/?e=a%20b">'
        )


class TestReadingHtml:
    def test_a_greater_sign_in_quotes_does_not_end_the_tag(self):
        assert write('<a title="1 > 0" href="*|X|*">', "nope:x") == '<a title="1 > 0" href="">'

    def test_text_that_looks_like_attributes_is_text(self):
        assert write('<p>href="*|X|*"</p> 1 < 2 href=*|X|*', "nope:x") == '<p>href="nope:x"</p> 1 < 2 href=nope:x'

    def test_comments(self):
        assert (
            write('<!-- <a href="*|X|*"> --><a href="*|X|*">', "nope:>") == '<!-- <a href="nope:&gt;"> --><a href="">'
        )
        assert write('<!--><a href="*|X|*">', "nope:x") == '<!--><a href="">'

    def test_what_outlook_reads_is_html(self):
        html = '<!--[if mso]><v:roundrect href="*|X|*"><![endif]--><!--[if !mso]><!--><a href="*|X|*"><!--<![endif]-->'
        assert write(html, "nope:x") == html.replace("*|X|*", "")

    def test_style_and_title_are_not_markup(self):
        assert write('<title><a href="*|X|*"></title><a href="*|X|*">', "nope:x") == (
            '<title><a href="nope:x"></title><a href="">'
        )
        assert write('<style>a > b {} </styles></style ><a href="*|X|*">', "nope:x").endswith('<a href="">')

    def test_each_way_of_a_block_is_read_from_where_it_begins(self):
        html = '*|IF:X|*<a href="*|X|*">*|ELSE:|*<a title="*|X|*">*|END:IF|**|X|*</a>'
        assert write(html, "nope:<") == '<a href="">nope:&lt;</a>'

    def test_attributes_inside_ways(self):
        html = '<td *|IF:X|*title="*|X|*"*|ELSE:|*nowrap*|END:IF|* class="*|X|*">*|X|*'
        assert write(html, "<") == '<td title="&lt;" class="&lt;">&lt;'

    def test_a_link_begun_in_one_way_only_is_a_link_begun(self):
        html = '<a href="*|IF:Y|*https://fern.example/*|END:IF|**|X|*">'
        assert write(html, "javascript:x") == '<a href="javascript%3Ax">'
        assert write(html, "a b", Y="1") == '<a href="https://fern.example/a%20b">'

    def test_lines_of_a_block_are_read_again_from_where_they_ended(self):
        html = '<a href="*|ORDER_LINES:|**|PRODUCT:URL|* *|END:ORDER_LINES|*">'
        compiled = compile_template(parse(html), Place.HTML)
        lines = [{"URL": "java"}, {"URL": "script:x"}]
        assert compiled.render(Values(NOW, order_lines=lines)) == '<a href="java script%3Ax ">'

    @pytest.mark.parametrize(
        "html",
        [
            '<a href="*|IF:X|*a"*|ELSE:|*b*|END:IF|*>',
            "<p *|INTERESTED:Plants:Ferns|*>*|END:INTERESTED|*",
            "*|ORDER_LINES:|*<p *|END:ORDER_LINES|*>",
            "*|IF:X|*<!-- *|END:IF|* -->",
        ],
    )
    def test_torn_blocks_are_v10(self, html):
        with pytest.raises(MergeTagError) as error:
            compile_template(parse(html), Place.HTML)
        assert error.value.code == "V10"
        compile_template(parse(html), Place.TEXT)


class TestHtmlMode:
    def test_an_allow_list_is_left(self):
        value = '<p onclick="x">Moss<script>x</script> <a href="javascript:x">y</a><img src="https://f.example/1.png">'
        assert write("*|HTML:X|*", value) == '<p>Moss <a>y</a><img src="https://f.example/1.png"></p>'

    def test_open_elements_are_closed(self):
        assert write("*|HTML:X|*</div>", "<div><b>x") == "<div><b>x</b></div></div>"

    def test_outside_html_it_prints_as_any_value(self):
        assert write("*|HTML:X|*", "<b>x", Place.TEXT) == "<b>x"
        assert write("*|HTML:X|*", "a\nb", Place.HEADER) == "a b"
