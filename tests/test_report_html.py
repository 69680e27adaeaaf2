"""The HTML report: renders every part, fetches nothing, escapes what it is given."""

from __future__ import annotations

import copy
import math
from html.parser import HTMLParser

import pytest

from unisnn.parity import report as reports
from unisnn.parity.report import plot

NASTY = "<script>alert('x')</script> & \"more\""


def sides(values):
    return {"upstream": list(values), "unisnn": list(values)}


X = [step / 8 - 2 for step in range(33)]
COUNTS = {"cases": 10, "exact": 7, "close": 2, "deviates": 1, "unexplained": 0}
REPORT = {
    "summary": {
        **COUNTS,
        "mutants": 2,
        "mutants_rejected": 1,
        "editions": {"braincog==0.2.7.19": {**COUNTS, "source": "run"}, "snngrow-git": {**COUNTS}},
    },
    "problems": [f"a problem with {NASTY}"],
    "skipped": {"spikingjelly==2.0.0": f"no network {NASTY}"},
    "environment": {"torch": NASTY, "editions": {"braincog==0.2.7.19": {"upstream": {"python": "3.11"}}}},
    "symbols": [
        {
            "edition": "braincog==0.2.7.19",
            "symbol": f"base.strategy.surrogate.{name}",
            "family": "surrogate",
            "status": status,
            "cases": 5,
            "exact": 4,
            "close": 1,
            "deviates": 0,
            "unexplained": 0,
            "max_ulp": ulp,
            "dtypes": ["float16", "float32"],
            "deviations": [],
        }
        for name, status, ulp in (("AtanGrad", "close", 1), ("EIGrad", "deviates", 2**63))
    ],
    "deviations": [
        {
            "id": "bc-ei",
            "edition": "braincog==0.2.7.19",
            "symbol": "base.strategy.surrogate.EIGrad",
            "reason": f"upstream crashes {NASTY}",
            "cases": 3,
            "example": {"case": "bc/EIGrad", "first": {"index": [0], "upstream": "nan"}},
        }
    ],
    "mutants": [
        {
            "id": "wrong-alpha",
            "family": "surrogate",
            "edition": "snngrow-git",
            "case": "a",
            "rejected": True,
            "first_difference": {"output": "grad"},
        },
        {
            "id": "wrong-reset",
            "family": "neuron",
            "edition": "snngrow-git",
            "case": "b",
            "rejected": False,
            "first_difference": {},
        },
    ],
    "differences": [
        {
            "case": "bc/AtanGrad",
            "output": "grad",
            "first": {"index": [1]},
            "max_abs": "inf",
            "max_ulp": 1,
            "explained": "rule",
        }
    ],
    "plots": {
        "surrogates": [
            {
                "edition": "braincog==0.2.7.19",
                "symbol": "base.strategy.surrogate.AtanGrad",
                "label": NASTY,
                "x": X,
                "case": "k",
                "forward": sides([float(x >= 0) for x in X]),
                "gradient": sides([None, *X[1:]]),
            }
        ],
        "neurons": [
            {
                "edition": "snngrow-git",
                "symbol": "base.neuron.LIFNode.LIFNode",
                "label": "tau=2.0",
                "input": X,
                "threshold": 1.0,
                "voltage": sides(X),
                "spikes": sides([float(x > 1) for x in X]),
            }
        ],
    },
    "cases": [{"id": "k", "verdict": "close"}],
}
MOVE = {"from": "spikingjelly", "to": "braincog", "genuine": True, "verdict": "exact", "spikes_equal": True,
        "prediction_agreement": 1.0, "max_grad_diff": 0.0}  # fmt: skip
REFUSED = {
    **MOVE,
    "verdict": "refused",
    "spikes_equal": False,
    "prediction_agreement": None,
    "max_grad_diff": None,
}
DEMO = {
    "accuracy": 0.9711,
    "moves": [MOVE, {**REFUSED, "reason": f"v_reset=-0.5 {NASTY}"}],
    "history": [{"epoch": epoch, "accuracy": 0.5 + epoch / 20} for epoch in range(10)],
}


class Page(HTMLParser):
    """Collects tags, ids and links, and checks that every element is closed."""

    VOID = {"meta", "link", "br", "wbr", "input", "img", "hr"}

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.open = [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def values(self, name):
        return [value for key, value in self.attributes if key == name]


@pytest.fixture(scope="module")
def text():
    return reports.render(REPORT, demo=DEMO)


def test_every_part_is_there(text):
    page = Page(text)
    wanted = {"editions", "moves", "surrogates", "neurons", "symbols", "deviations", "mutants", "differences"}
    assert {*wanted, "environment"} <= set(page.values("id"))
    assert page.tags.count("svg") == 4  # forward, gradient, trace, training
    for words in (
        "none unexplained",
        "97.1\u202f%",
        "refused",
        "survived",
        "AtanGrad",
        "not comparable",
        "not run",
    ):
        assert words in text


def test_links_inside_the_page_lead_somewhere(text):
    page = Page(text)
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in page.values("href")} <= set(ids)


def test_nothing_is_fetched(text):
    page = Page(text)
    assert page.values("src") == []
    assert all(link.startswith("#") for link in page.values("href"))
    assert "link" not in page.tags
    for way in ("http:", "https:", "url(", "@import", "fetch(", "import("):
        assert way not in text


def test_given_text_is_escaped(text):
    assert NASTY not in text
    assert text.count("<script>") == 1
    assert text.count("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp;") == 6


def test_a_bare_report_renders():
    bare = {"summary": {**COUNTS, "unexplained": 3, "mutants": 0, "mutants_rejected": 0, "editions": {}}}
    text = reports.render(bare)
    assert "3 unexplained" in text
    assert "None in this run." in text
    assert Page(text).tags.count("svg") == 0


def test_the_card_shows_the_verdict_of_the_drawn_case(text):
    card = text[text.index('id="surrogates"') : text.index('id="neurons"')]
    assert '<span class="badge close">close</span>' in card
    assert "equal at all 66 points" in card


def test_a_difference_is_said_and_drawn():
    changed = copy.deepcopy(REPORT)
    changed["plots"]["neurons"][0]["voltage"]["unisnn"][5] += 0.25
    text = reports.render(changed)
    assert "largest difference 0.25" in text


def test_write_makes_the_folder(tmp_path, text):
    path = reports.write(REPORT, tmp_path / "deep" / "report.html", demo=DEMO)
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("upstream", "ours", "said"),
    [
        ([1.0, None], [1.0, None], "equal at all 2 points"),
        ([1.0, "inf"], [1.0, "inf"], "equal at all 2 points"),
        ([1.0, 2.0], [1.0, 2.5], "largest difference 0.5"),
        ([1.0, 2.0], [1.0, None], "largest difference inf"),
        ([1.0, 2.0], [1.0], "2 points upstream, 1 in unisnn"),
        ([], [1.0], "upstream raises, unisnn does not"),
    ],
)
def test_agreement_in_words(upstream, ours, said):
    assert plot.agreement({"forward": {"upstream": upstream, "unisnn": ours}}) == said


def test_plots_survive_what_numbers_can_be():
    for values in (
        [math.nan] * 33,
        [math.inf] * 33,
        [0.0] * 33,
        [1e-30 * x for x in X],
        [1e30 * x for x in X],
    ):
        svg = str(plot.curves(X, sides(values), "any"))
        assert "nan" not in svg
        assert "inf" not in svg


def test_a_side_that_raised_leaves_the_other_drawn():
    svg = str(plot.curves(X, {"upstream": [], "unisnn": X}, "any"))
    assert '<path class="upstream" d=""/>' in svg
    assert '<path class="unisnn" d="M' in svg


def test_a_pole_does_not_flatten_the_rest():
    values = [1 / x if x else None for x in X]
    values[17] = 1e6
    svg = str(plot.curves(X, sides(values), "pole"))
    assert "1e+06" not in svg
