"""HTML pages: a whole one needs nothing else and has a name for each figure."""

import base64
import html.parser
import re
import xml.etree.ElementTree

from tools_common import need, read


class Page(html.parser.HTMLParser):
    """Complains of what no page of ours may have: a script, something from outside, a figure or a
    picture without a name, two parts of one name, tags that do not fit each other."""
    void = {"meta", "br", "img", "input", "source", "path", "rect", "use", "image"}

    def __init__(self):
        super().__init__()
        self.open, self.rows, self.items, self.ids, self.refers = [], [], [], [], []
        self.figures, self.svgs, self.pictures, self.texts = [], [], [], {}
        self.level, self.before = 0, {}

    def check_address(self, tag, name, value):
        if tag in ("img", "source"):
            kind, _, data = value.partition(";base64,")
            need(kind in ("data:image/png", "data:image/gif"), f"{tag} {name} {value[:60]}")
            start = base64.b64decode(data, validate=True)[:4]
            need(start == (b"GIF8" if kind.endswith("gif") else b"\x89PNG"), f"no {kind}")
        else:
            need(value.startswith("#"), f"{tag} {name} {value[:60]}")
            self.refers.append(value[1:])

    def handle_starttag(self, tag, attributes):
        need(tag not in ("script", "link", "iframe", "object", "embed", "base", "b"), tag)
        given = dict(attributes)
        need(len(given) == len(attributes), f"an attribute twice: {attributes}")
        for name, value in attributes:
            need(not name.startswith("on"), name)
            if name in ("src", "href", "srcset", "xlink:href", "action", "poster"):
                self.check_address(tag, name, value or "")
            elif not name.startswith("xmlns"):
                need("://" not in (value or ""), f"{name}={value}")
        if "id" in given:
            self.ids.append(given["id"])
        self.refers += given.get("aria-labelledby", "").split() + given.get("for", "").split()
        self.see(tag, given)
        if tag not in self.void:
            self.open.append(tag)

    def see(self, tag, given):
        if re.fullmatch("h[1-6]", tag):
            need(1 <= int(tag[1]) <= self.level + 1, f"{tag} below a heading of level {self.level}")
            self.level = int(tag[1])
        if given.get("role") == "region":
            need(given["aria-label"] and given["tabindex"] == "0", f"a box is {given}")
        if tag == "table":
            need(self.before.get("role") == "region", "a table that may be wider than its screen")
        self.before = given
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("best:" if given.get("class") == "best" else "")
        if tag == "li":
            self.items.append("")
        if tag == "figure":
            self.figures.append({"caption": False, "inside": 0})
        if tag == "figcaption":
            self.figures[-1]["caption"] = True
        if tag == "svg":
            self.svgs.append(given)
        if tag == "img":
            need(given.get("alt"), "a picture without a name")
            self.pictures.append(given)
        if tag in ("svg", "img") and "figure" in self.open:
            self.figures[-1]["inside"] += 1

    def handle_endtag(self, tag):
        if tag not in self.void:
            need(self.open and self.open.pop() == tag, f"</{tag}> closes something else")

    def handle_data(self, data):
        self.texts.setdefault(self.open[-1] if self.open else "", []).append(data)
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data
        elif "li" in self.open:
            self.items[-1] += data


def page_of(path):
    text = read(path).decode()
    page = Page()
    page.feed(text)
    page.close()
    need(not page.open, f"{path}: open are {page.open}")
    need(not re.search(r"url\(|@import", text.replace("url(#", "")), "an address in a style")
    need("prefers-color-scheme: dark" in text and "@media print" in text, "the style")
    rest = re.sub(r"--[a-z]+(-[0-9]+)?: #[0-9a-f]{6};", "", text)
    need(not re.search(r"rgb\(|#[0-9a-f]{3,8}\b", rest), "a color without a name")
    need(not set(re.findall(r"var\((.*?)\)", rest)) - set(re.findall(r"(--[-a-z0-9]+): #", text)),
         "a name without a color")
    need(len(set(page.ids)) == len(page.ids), "two parts have one name")
    need(not set(page.refers) - set(page.ids), f"refers to {set(page.refers) - set(page.ids)}")
    for svg in re.findall("<svg .*?</svg>", text, re.DOTALL):
        xml.etree.ElementTree.fromstring(svg)
    for svg in page.svgs:
        need(svg["role"] == "img" and len(svg["aria-labelledby"].split()) == 2, f"{svg}")
    need(len(page.texts["title"]) == len(page.svgs) + 1, "a figure without a title")
    need(len(page.texts.get("desc", [])) == len(page.svgs), "a figure without a description")
    return page


def do_page(path):
    """A page that is whole, alone and without a script; prints its tables' rows, its lists' items."""
    page = page_of(path)
    for row in page.rows:
        print("|".join(row))
    for item in page.items:
        print(f"* {item}")


def do_report(path, figures, pictures):
    """The page of a report: each figure has a caption; this many SVG elements and pictures."""
    page = page_of(path)
    for figure in page.figures:
        need(figure["caption"] and figure["inside"], f"a figure without a caption: {figure}")
    need(len(page.svgs) == int(figures), f"{len(page.svgs)} figures, not {figures}")
    need(len(page.pictures) == int(pictures), f"{len(page.pictures)} pictures, not {pictures}")
