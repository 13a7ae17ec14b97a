"""Opens pages in a browser, offline, and prints what it saw, for ``test_browser.py``.

Arguments: the browser, axe.min.js or nothing, then the pages.
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
#: Whatever a reader may want to reach: links, tables that scroll, what opens.
FOCUSABLE = 'a[href], [tabindex="0"], summary'
#: Charts that would not be seen, or have nothing in them.
UNDRAWN = """() => [...document.querySelectorAll('svg[role=img]')].filter(svg => {
  const box = svg.getBoundingClientRect();
  return box.width < 150 || box.height < 40 || svg.querySelectorAll('path').length < 3
    || [...svg.querySelectorAll('text')].every(text => !text.getBoundingClientRect().width);
}).map(svg => svg.getAttribute('aria-label').slice(0, 80))"""


def look(page, path, axe):
    """Return what is wrong with a page."""
    requests, said = [], []
    page.on("request", lambda r: requests.append(r.url) if r.url != path.as_uri() else None)
    page.on("console", lambda m: said.append(m.text))
    page.on("pageerror", lambda e: said.append(str(e)))
    page.on("dialog", lambda d: (said.append(f"dialog: {d.message}"), d.dismiss()))
    page.goto(path.as_uri())
    overflow, undrawn, violations = [], [], []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        overflow += page.evaluate(WIDER)
        undrawn += page.evaluate(UNDRAWN)
        if axe:
            violations += [[width, *one] for one in accessible(page, axe)]
    return {
        "requests": requests,
        "console": said,
        "overflow": overflow,
        "undrawn": undrawn,
        "unreached": unreached(page),
        "violations": violations,
        "charts": page.evaluate("() => document.querySelectorAll('svg[role=img]').length"),
        "pdf": len(page.pdf(prefer_css_page_size=True)),
    }


def unreached(page):
    """Press Tab until everything was reached; return what never was."""
    expected = page.evaluate(f"() => document.querySelectorAll('{FOCUSABLE}').length")
    reached = set()
    for _ in range(expected + 2):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                f"() => [...document.querySelectorAll('{FOCUSABLE}')]"
                ".indexOf(document.activeElement)"
            )
        )
    return [i for i in range(expected) if i not in reached]


def accessible(page, axe):
    """Run axe-core; the page forbids scripts, so it runs in a world of its own."""
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
            "expression": "axe.run(document).then(r => JSON.stringify({passes: r.passes.length, "
            "violations: r.violations.map(v => "
            "[v.id, v.help, v.nodes.slice(0, 3).map(n => n.html.slice(0, 200))])}))",
            "contextId": context,
            "awaitPromise": True,
            "returnByValue": True,
        },
    )
    session.detach()
    found = json.loads(made["result"].get("value", '{"passes": 0, "violations": []}'))
    if found["passes"] < 10:
        return [["axe", "did not run", []]]
    return found["violations"]


def main(chromium, axe, *pages):
    """Look at every page."""
    found = {}
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        for path in map(Path, pages):
            context = browser.new_context(offline=True)
            found[str(path)] = look(context.new_page(), path, axe)
            context.close()
        browser.close()
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
