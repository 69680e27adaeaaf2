"""The parity report as one self-contained HTML file.

``render(report)`` turns the data of a parity run (``report.json``) into a page with every style, script and
plot inside; nothing is fetched when it is opened.
"""

from unisnn.parity.report.page import render, write

__all__ = ["render", "write"]
