"""The converter's helper that downloads."""

from __future__ import annotations

import os
import urllib.request

import torch

__all__ = ["download_url"]


def download_url(url: str, dst: str | os.PathLike[str]) -> int:
    """Download a file, such as the weights of a network to convert, unless it is there already.

    Equation::

        bytes of dst = bytes at url

    Args:
        url: where the file is.
        dst: where it goes; its folder exists. A file of the right size is kept; any other one is replaced,
            once the download is complete.

    Returns: the size of the file in bytes.

    Raises:
        urllib.error.URLError: there is nothing to be had at ``url``.

    Source: ``ann2snn.utils.download_url``, SpikingJelly 0.0.0.0.14 (which needs ``requests`` and ``tqdm``;
        the text of an error page is saved as the file).
    """
    with urllib.request.urlopen(url) as answer:
        size = answer.headers.get("Content-Length")
    if size is None or not os.path.isfile(dst) or os.path.getsize(dst) != int(size):
        torch.hub.download_url_to_file(url, os.fspath(dst))
    return os.path.getsize(dst)
