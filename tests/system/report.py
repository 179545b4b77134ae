"""A report as a reader's program sees it: tags, references, figures, texts.  usage: report.py FILE"""
import re
import sys
from html.parser import HTMLParser

text = open(sys.argv[1], encoding="utf-8").read()
problems = []


def check(good, what):
    if not good:
        problems.append(what)


class Page(HTMLParser):
    void = {"meta", "br", "hr", "img", "link"}

    def __init__(self):
        super().__init__()
        self.open, self.figures, self.ids, self.headings = [], 0, [], []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag not in self.void:
            self.open.append(tag)
        check(tag not in ("script", "iframe", "link", "img", "object"), f"a tag <{tag}>")
        for name in ("src", "href", "xlink:href"):
            check(name not in attrs or attrs[name].startswith("#"), f"{name}={attrs.get(name)} is loaded from elsewhere")
        check(not any(name.startswith("on") for name in attrs), f"a handler in <{tag}>")
        if tag == "figure":
            self.figures += 1
            check(len(attrs.get("aria-label", "")) > 10, "a figure without words")
        if "id" in attrs and tag == "h2":
            self.ids.append(attrs["id"])

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if tag in self.void:
            return
        check(self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-1:]}")
        if self.open and self.open[-1] == tag:
            self.open.pop()


page = Page()
page.feed(text)
check(not page.open, f"not closed: {page.open}")
check(page.ids == ["provenance", "values", "reasons", "measurements", "properties", "convergence", "cost"], f"sections {page.ids}")
check("a &lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;quotes&quot;" in text, "the description, escaped")
check("&lt;b&gt;bold&lt;/b&gt; &amp; co" in text, "a source, escaped")
svgs = re.findall(r"<figure.*?</figure>", text, re.S)
check(len(svgs) == page.figures >= 8, f"{page.figures} figures")
for svg in svgs:
    check("<svg" in svg and len(re.findall(r"<path", svg)) > 5, "an empty figure: " + svg[:120])
check(re.search(r"2425 &plusmn; 12", text) is not None, "the density of the first composition at 1000 K")
check(text.count("atoms_too_close") + text.count("too close") >= 1 or "made up" in text, "why a point failed")
check("few_samples" in text and "<sup>" in text, "flags and what they mean")
check(text.count("hsl(210") > 50, "maps")
for problem in problems[:20]:
    print(problem)
sys.exit(len(problems) > 0)
