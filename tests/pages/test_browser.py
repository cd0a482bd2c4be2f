"""The pages in a real browser: for every reader, on every width, without a request."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe

from segmentation.analysis.later.model_file import load_model
from tests.pages.conftest import list_pages

VIEWS = [(390, "light"), (1280, "light"), (1920, "light"), (1280, "dark")]
ONLY_FAULTS = {"resultTypes": ["violations"]}  # the rest is not looked at
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}  # all that a scheme changes
STOCK_ALT = "No description has been provided"
UNTOLD = [
    "silhouette",
    "inertia",
    "jaccard",
    "ari",
    "rand",
    "prediction strength",
    "bootstrap",
    "passport",
    "passports",
    "blades",
    "dissent",
    "residuals",
    "coverage",
    "depth",
    "k",
]


@contextmanager
def opened(browser, path: Path, width: int = 1280, scheme: str = "light", **more):
    """A page in a new window, with what it asked for and said in `asked` and `said`."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme, **more)
    page.set_default_timeout(300_000)  # ms that a busy machine may take
    page.asked, page.said = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.goto(path.as_uri())
    yield page
    page.close()


def look(browser, path: Path, views: list[tuple[int, str]]) -> list[str]:
    """What is wrong with a page: axe's violations, stock alt texts, requests, sideways scroll."""
    with opened(browser, path, *views[0]) as page:
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        faults = [fault for view in views for fault in look_at_view(page, *view)]
        faults += [f"asked for {url}" for url in page.asked[1:] if not url.startswith("data:")]
        return faults + [f"console: {text}" for text in page.said]


def look_at_view(page, width: int, scheme: str) -> list[str]:
    """What is wrong with an open page at this width and in this colour scheme."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    # From 64rem on the style knows no other width: only the scroll bar is looked at again.
    options = ONLY_FAULTS | (COLOURS if scheme == "dark" else {})
    found = Axe().run(page, options=options).response["violations"] if width <= 1280 else []
    faults = [f"{fault['id']}: {fault['nodes'][0]['html'][:200]}" for fault in found]
    alts = page.eval_on_selector_all("img", "all => all.map(one => one.alt)")
    faults += [f"alt text: {alt!r}" for alt in alts if STOCK_ALT in alt or len(alt) < 40]
    wide = page.evaluate("document.documentElement.scrollWidth")
    faults += [f"{wide} px wide"] if wide > width else []
    return [f"{width} px, {scheme}: {fault}" for fault in faults]


# The first page of each comes first: two workers then make different reports at the same time.
PAGES = [("reports", 4), ("real_reports", 5), ("placed", 2), ("followed", 3)]
PLACES = [(*pages, place) for place in range(5) for pages in PAGES if place < pages[1]]


@pytest.mark.kernel
@pytest.mark.long
@pytest.mark.parametrize(("made", "count", "place"), PLACES)
def test_no_page_has_a_fault(browser, request, made, count, place):
    pages = list_pages(request.getfixturevalue(made))
    assert len(pages) == count
    assert look(browser, pages[place], VIEWS) == []


def test_what_changed_is_told_in_plain_words(browser, followed):
    with opened(browser, followed / "later" / "report.html") as shown:
        said = shown.inner_text("main").lower()
    assert (
        "had a segment both times; 0 joined and" in said and "are as in shop_customers of" in said
    )
    told = said.split("what changed since the earlier report", 2)[1].split("how differently")[0]
    assert not [word for word in UNTOLD if re.search(rf"\b{word}\b", told)]


def test_two_reports_are_told_of_in_plain_words_first(browser, followed):
    path = followed / "shop_customers-and-later" / "report.html"
    with opened(browser, path) as shown:
        above, differs, below = shown.inner_text("main").partition("What differs")
    alts = re.findall(r'alt="([^"]+)"', path.read_text().partition(">What differs")[0])
    told = " ".join([above, *alts]).lower()
    assert differs and "adjusted rand index" in below.lower()
    assert "of 100 stay together" in told or "one segmentation in practice" in told
    assert not [word for word in UNTOLD if re.search(rf"\b{word}\b", told)]


def test_placed_customers_are_told_of_in_plain_words(browser, placed):
    page = placed / "shop_customers-k4-new" / "report.html"
    with opened(browser, page) as shown:
        said = shown.inner_text("main").lower()
    alts = re.findall(r'alt="([^"]+)"', page.read_text())
    assert "new, and not used: colour." in said
    told = " ".join([said, *alts]).lower()
    assert not [word for word in UNTOLD if re.search(rf"\b{word}\b", told)]


PLANTED = {  # what is said of each
    '<p style="color:#ccc">pale</p>': "color-contrast: <p style",
    '<img src="data:," alt="">': "alt text: ''",
    '<img src="https://example.invalid/x.png" alt="x">': "example.invalid",
    '<div style="width:3000px">wide</div>': "px wide",
    "<script>alert(1)</script>": "inline script",
    '<input id="bare">': "label: <input id",
}


def test_planted_faults_are_seen(browser, reports, tmp_path):
    text = (reports / "customers" / "report.html").read_text()
    copy = tmp_path / "report.html"
    copy.write_text(text.replace("<main>", f"<main>{''.join(PLANTED)}"))
    faults = look(browser, copy, [(1280, "light")])
    assert not [said for said in PLANTED.values() if not any(said in fault for fault in faults)]


def test_the_page_is_complete_without_its_script(browser, reports):
    path = reports / "shop_customers" / "report.html"
    with (
        opened(browser, path, 390) as page,
        opened(browser, path, 390, java_script_enabled=False) as plain,
    ):
        texts = [p.locator("main").inner_text() for p in (page, plain)]
        assert texts[0].replace("Which segment is this customer?", "").split() == texts[1].split()
        assert len(texts[1]) > 5_000
    index = reports / "index.html"
    with opened(browser, index) as page, opened(browser, index, java_script_enabled=False) as plain:
        rows = [p.locator("tbody").inner_text() for p in (page, plain)]
        assert rows[0] == rows[1] and plain.locator("#tools").is_hidden()


def test_plain_words_come_before_the_question_of_trust(browser, reports):
    for path in list_pages(reports)[1:]:
        with opened(browser, path) as page:
            page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            text = page.locator("main").inner_text()
        above, trust, below = text.partition("How far to trust this")
        alts = re.findall(r'alt="([^"]+)"', path.read_text().partition(">How far to trust")[0])
        told = " ".join([above, *alts]).lower()
        assert trust and "silhouette" in below.lower()
        assert [w for w in UNTOLD if re.search(rf"\b{w}\b(?!-means)", told)] == []


def fill(page, rows: list[list[float | None]]) -> list[str]:
    """Types customers into the form, one after the other; its answers."""
    return page.evaluate(
        """rows => rows.map(values => {
          const form = document.getElementById("place-form");
          values.forEach((v, at) => { form.elements[at].value = v === null ? "" : String(v); });
          form.dispatchEvent(new Event("input", {bubbles: true}));
          return document.getElementById("place-answer").textContent;
        })""",
        rows,
    )


@pytest.mark.parametrize("name", ["shop_customers", "shop_customers-k9", "customers"])
def test_the_form_gives_the_segment_of_the_model(browser, reports, name):
    check_form(browser, reports / name)


def test_the_form_gives_the_segment_of_a_mixture(browser, mixture):
    check_form(browser, mixture / "shop_customers-k4")


def check_form(browser, folder: Path) -> None:
    """A thousand random customers get the same segment from the page and from the model."""
    model = load_model(folder / "model.json")
    rng = np.random.default_rng(1)
    middle = np.array([scale.invert(np.zeros(1))[0] for scale in model.scales])
    frame = pd.DataFrame(
        np.abs(middle * rng.lognormal(0, 1, size=(1000, len(middle)))).round(3),
        columns=[scale.feature for scale in model.scales],
    )
    placed = model.placement.place(frame.to_numpy().T)
    expected = [model.numbers[at - 1] for at in placed.first]
    with opened(browser, folder / "report.html") as page:
        answers = fill(page, frame.to_numpy().tolist())
        said = [int(re.match(r"Segment (\d+) ·", answer)[1]) for answer in answers]
        assert said == expected and len(set(said)) > 1
        assert all(model.names[at - 1] in answer for at, answer in zip(said, answers, strict=True))
        assert fill(page, [[None] * len(middle)]) == ["Fill in every field."]
        assert page.said == [] and page.asked[1:] == [u for u in page.asked[1:] if u[:5] == "data:"]


def test_the_form_is_typed_into_by_keyboard(browser, reports):
    with opened(browser, reports / "customers" / "report.html") as page:
        page.get_by_text("Which segment is this customer?").click()
        fields = page.locator("#place-form input")
        for at in range(fields.count()):
            fields.nth(at).press_sequentially("40")
        assert page.locator("#place-answer").inner_text().startswith("Segment ")


def test_the_index_sorts_and_searches(browser, reports):
    with opened(browser, reports / "index.html") as page:
        rows, names = page.locator("tbody tr"), "tbody tr:visible th"
        runs = [text.split()[0] for text in page.locator(names).all_inner_texts()]
        # The newest first; the two refused runs may have ended in the same second.
        assert len(runs) == 4 and set(runs[:2]) == {"customers", "empty"}
        assert "4 of 4 runs" in page.locator("#count").inner_text()
        for column, order in (("Segments", [2, 4, 9]), ("Customers", [20, 754, 754])):
            at = page.locator("thead th").all_inner_texts().index(column)
            for again in (order, order[::-1]):
                page.get_by_role("button", name=column).click()
                cells = [row.locator("th, td").nth(at).inner_text() for row in rows.all()]
                assert [int(cell.replace(",", "")) for cell in cells[:3]] == again
                assert cells[3] == "–"  # a run without a number stays last
        page.get_by_role("searchbox").fill("k9 SHOP")
        assert page.locator(names).all_inner_texts()[0].startswith("shop_customers-k9")
        assert "1 of 4 runs" in page.locator("#count").inner_text()
        page.get_by_role("searchbox").fill("nothing like this")
        assert page.locator(names).count() == 0


def test_the_index_tells_failed_stale_and_best_runs(browser, reports):
    with opened(browser, reports / "index.html") as page:
        texts = {t.split()[0]: t for t in page.locator("tbody tr").all_inner_texts()}
        assert "no rows below it" in texts["empty"] and "refused" in texts["empty"]
        assert "Stale" in texts["customers"] and "'none'" in texts["customers"]
        stars = {name for name, text in texts.items() if "★" in text}
        scores = {
            name: json.loads((reports / name / "result.json").read_text())["silhouette"]
            for name in texts
            if name.startswith("shop")
        }
        assert stars == {max(scores, key=scores.get)} and len(scores) == 2
        for link in page.locator("tbody a").all():
            assert (reports / link.get_attribute("href")).is_file()


def test_tab_goes_through_the_page_in_its_order(browser, reports):
    for path in list_pages(reports)[:2]:
        with opened(browser, path) as page:
            count = page.evaluate("""() => {
              const all = "a[href], button, input, summary, [tabindex='0']";
              window.stops = [...document.querySelectorAll(all)].filter(e => e.checkVisibility());
              return window.stops.length;
            }""")
            seen = []
            for _ in range(count):
                page.keyboard.press("Tab")
                seen.append(page.evaluate("window.stops.indexOf(document.activeElement)"))
                assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != (
                    "none"
                )
            assert seen == list(range(count)) and count > 8


def test_a_contents_link_leads_to_its_heading(browser, reports):
    with opened(browser, reports / "shop_customers" / "report.html") as page:
        for link in page.locator("nav .wide a").all():
            target = page.locator(f"[id='{link.get_attribute('href')[1:]}'] h2")
            assert target.inner_text() == link.inner_text()
