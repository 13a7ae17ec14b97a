"""Opens pages in a browser and prints what it saw, for ``test_present.py``.

Arguments: the browser, the folder of pages, and axe.min.js or nothing.
"""

import json
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

WIDTHS = (390, 820, 1280)
WIDER = """() => {
  const wide = document.documentElement.scrollWidth - window.innerWidth;
  return wide > 1 ? [`${window.innerWidth}: ${wide}px too wide`] : [];
}"""
FOCUSABLE = """() => [...document.querySelectorAll('a[href], [tabindex="0"]')].length"""


def look(page, path, axe):
    """Return what is wrong with a page."""
    requests, console = [], []
    page.on("request", lambda r: requests.append(r.url) if not r.url.startswith("file:") else None)
    page.on("console", lambda m: console.append(m.text))
    page.on("pageerror", lambda e: console.append(str(e)))
    page.goto(path.as_uri())
    overflow = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        overflow += page.evaluate(WIDER)
    expected = page.evaluate(FOCUSABLE)
    reached = set()
    for _ in range(expected + 2):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                "() => [...document.querySelectorAll('a[href], [tabindex=\"0\"]')]"
                ".indexOf(document.activeElement)"
            )
        )
    unreached = [i for i in range(expected) if i not in reached]
    violations = []
    if axe:
        # The page forbids scripts; the check runs in a world of its own.
        session = page.context.new_cdp_session(page)
        session.send("Page.enable")
        frame = session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
        world = session.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": "axe"})
        context = world["executionContextId"]
        session.send(
            "Runtime.evaluate",
            {"expression": Path(axe).read_text(encoding="utf-8"), "contextId": context},
        )
        made = session.send(
            "Runtime.evaluate",
            {
                "expression": "axe.run(document).then(r => JSON.stringify(r.violations.map(v => "
                "[v.id, v.help, v.nodes.slice(0, 3).map(n => n.html.slice(0, 200))])))",
                "contextId": context,
                "awaitPromise": True,
                "returnByValue": True,
            },
        )
        violations = json.loads(made["result"].get("value", '[["axe", "did not run", []]]'))
    return {
        "requests": requests,
        "console": console,
        "overflow": overflow,
        "unreached": unreached,
        "violations": violations,
    }


def main(chromium, folder, axe):
    """Look at the report and one school's page."""
    folder = Path(folder)
    schools = sorted(p for p in (folder / "schools").glob("*.html") if p.name != "index.html")
    found = {}
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        for path in (folder / "report.html", schools[0], folder / "schools" / "index.html"):
            page = browser.new_page()
            found[path.name] = look(page, path, axe)
            page.close()
        browser.close()
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:4])
