"""An analyst goes from a table to a named report, in a real JupyterLab and a real browser."""

from __future__ import annotations

import json
from contextlib import contextmanager

import pandas as pd
from playwright.sync_api import expect

from segmentation.data import open_names

NAMES = ["Careful middle", "Big spenders", "Savers", "Young & loud", "<b>Odd</b> ones"]
SANDBOX = "Blocked script execution in 'blob:"
LONG = 180_000  # milliseconds: generous, so that only a hang fails


@contextmanager
def opened(browser, url: str):
    """Opens a page of JupyterLab that records its requests and faults."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(LONG)
    page.requests, page.faults = [], []
    page.on("request", lambda request: page.requests.append(request.url))
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on(
        "console",
        lambda message: page.faults.append(message.text) if message.type == "error" else None,
    )
    page.goto(f"{url}?reset")  # without the tabs of an earlier page, whose kernel is idle too
    page.get_by_text("| Idle").wait_for()
    yield page
    page.close()


def list_faults(page, url: str) -> list[str]:
    """Returns the page's errors, and the addresses beyond this machine that it requested."""
    inside = (url, url.replace("http", "ws"), "data:", "blob:", "about:")
    return page.faults + [address for address in page.requests if not address.startswith(inside)]


def run_all(page) -> None:
    """Starts all cells; wait for what they show."""
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells') }")


def test_an_analyst_goes_from_a_table_to_a_named_report(browser, lab):
    with opened(browser, f"{lab.url}/lab/tree/notebooks/explore.ipynb") as page:
        expect(page.locator(".jp-OutputArea-output").first).to_be_attached()
        run_all(page)
        page.get_by_role("button", name="Make this the report").wait_for()
        page.get_by_text("Quick form").wait_for()
        picture = page.locator("img.seg")
        assert "their 4 segments" in picture.get_attribute("alt")

        page.locator(".noUi-handle").focus()
        page.keyboard.press("ArrowRight")
        expect(page.locator("img.seg[alt*='their 5 segments']")).to_be_visible()

        table = page.get_by_role("table").filter(has_text="All customers")
        expect(table).to_contain_text("age")
        page.get_by_role("checkbox", name="age").focus()
        page.keyboard.press("Space")
        page.get_by_text("Press Fit").wait_for()
        page.get_by_role("button", name="Fit", exact=True).press("Enter")
        expect(table).not_to_contain_text("age")
        page.get_by_text("2 sets of columns were tried").wait_for()
        assert "their 5 segments" in picture.get_attribute("alt")

        for number, name in enumerate(NAMES, 1):
            field = page.get_by_label(f"Segment {number}", exact=True)
            field.fill(name)
            field.press("Enter")
            expect(table).to_contain_text(f"{number} · {name}")
        page.get_by_text("Kept in explored/mall-k5.yaml").wait_for()

        page.get_by_role("button", name="2 · Big spenders").press("Enter")
        page.get_by_text("Segment 2: the first 10 of").wait_for()
        page.get_by_role("button", name="Export these customers").press("Enter")
        page.get_by_text("customers written to explored/mall-k5-segment-2.csv").wait_for()

        page.get_by_role("button", name="Make this the report").press("Enter")
        page.get_by_text("The report is made.").wait_for()
        assert page.locator(".Toastify__toast").count() == 0
        assert list_faults(page, lab.url) == []
        page.get_by_role("link", name="Open mall-k5").click()
        shown = page.frame_locator("iframe.jp-HTMLViewer iframe, .jp-HTMLViewer iframe")
        expect(shown.get_by_role("heading", level=1)).to_contain_text("200 customers")
        # JupyterLab blocks the scripts of a page until it is trusted; the page is complete without.
        assert all(SANDBOX in fault for fault in list_faults(page, lab.url))
        page.evaluate("() => { console.error('planted'); fetch('http://192.0.2.1/x') }")
        page.wait_for_function("() => performance.getEntriesByType('resource').length > 0")
        assert any("planted" in fault for fault in list_faults(page, lab.url))
        assert any("192.0.2.1" in fault for fault in list_faults(page, lab.url))

    result = json.loads((lab.folder / "reports" / "mall-k5" / "result.json").read_text())
    assert result["names"] == NAMES and result["features"] == ["income", "score"]
    index = (lab.folder / "reports" / "index.html").read_text()
    assert "Careful middle, Big spenders, Savers, Young &amp; loud, &lt;b&gt;Odd" in index
    kept = open_names(str(lab.folder / "notebooks" / "explored" / "mall-k5.yaml"))
    assert [one.name for one in kept.segments] == NAMES
    exported = pd.read_csv(lab.folder / "notebooks" / "explored" / "mall-k5-segment-2.csv")
    listed = pd.read_csv(lab.folder / "reports" / "mall-k5" / "segmented_customers.csv")
    assert set(exported["customer"]) == set(listed.loc[listed["segment"] == 2, "customer"])


def test_make_lab_opens_the_explorer(lab):
    pages = [path.read_text() for path in (lab.folder / "run").glob("*open.html")]
    assert any("/lab/tree/notebooks/explore.ipynb" in page for page in pages)


def test_a_published_notebook_opens_and_runs(browser, lab):
    """After the report above: the same title, and the cells at the end that reports leave out."""
    folder = lab.folder / "reports" / "mall-k5"
    title = json.loads((folder / "result.json").read_text())["title"]
    with opened(browser, f"{lab.url}/lab/tree/reports/mall-k5/segmentation.ipynb") as page:
        run_all(page)
        page.get_by_text("The clearest customers of segment 1").first.wait_for()
        expect(page.locator(".jp-OutputArea h1")).to_have_text(title)
        expect(page.locator("[data-mime-type='application/vnd.jupyter.stderr']")).to_have_count(0)
        assert list_faults(page, lab.url) == []
