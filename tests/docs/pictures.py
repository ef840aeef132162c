"""Draws a comment as GitHub shows it: `python -m tests.docs.pictures COMMENT.md PICTURE.png [--open]`.

GitHub's own parser (`cmarkgfm`) makes HTML of it, GitHub's own style sheet (npm `github-markdown-css`, fetched into
`build/`) gives it its looks, and Chromium takes the picture. `--open` unfolds what is folded.
"""

from __future__ import annotations

import argparse
import subprocess
import tarfile
import tempfile
from pathlib import Path

import cmarkgfm
from cmarkgfm.cmark import Options

ROOT = Path(__file__).resolve().parents[2]
WIDTH = 980
PAGE = """<!doctype html><meta charset="utf-8"><style>{style}
body {{ margin: 0; padding: 24px; background: #fff }}
.frame {{ border: 1px solid #d1d9e0; border-radius: 6px }}
.head {{ padding: 8px 16px; background: #f6f8fa; border-bottom: 1px solid #d1d9e0; font: 14px sans-serif }}
.markdown-body {{ padding: 16px }}
</style><div class="frame"><div class="head"><b>github-actions</b> bot commented</div>
<article class="markdown-body">{body}</article></div>"""


def html(markdown: str) -> str:
    """Return a comment as HTML, by GitHub's rules: tables, raw HTML but for the tags that it filters."""
    extensions = ("table", "autolink", "strikethrough", "tagfilter", "tasklist")
    made = cmarkgfm.markdown_to_html_with_extensions(markdown, Options.CMARK_OPT_UNSAFE, list(extensions))
    return str(made)


def style() -> str:
    """Return GitHub's style sheet."""
    place = ROOT / "build" / "pictures"
    place.mkdir(parents=True, exist_ok=True)
    if not (found := [*place.glob("*.tgz")]):
        subprocess.run(["npm", "pack", "--silent", "github-markdown-css@5.9.0"], cwd=place, check=True)
        found = [*place.glob("*.tgz")]
    with tarfile.open(found[0]) as archive:
        sheet = archive.extractfile("package/github-markdown-light.css")
        if sheet is None:
            raise FileNotFoundError("github-markdown-light.css")
        return sheet.read().decode()


def draw(page: str, picture: Path, height: int) -> None:
    """Write a picture of a page of HTML."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "page.html")
        source.write_text(page, encoding="utf-8")
        switches = (
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--hide-scrollbars",
        )
        quiet = ("--disable-background-networking", "--disable-component-update", "--disable-sync")
        size = (
            "--hide-scrollbars",
            f"--window-size={WIDTH},{height}",
            "--force-device-scale-factor=1",
            f"--user-data-dir={folder}/profile",
        )
        command = ["chromium", *switches, *quiet, *size, f"--screenshot={picture.absolute()}", source.as_uri()]
        subprocess.run(command, check=True, capture_output=True)


def main() -> None:
    """Draw one comment."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("comment", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--open", action="store_true")
    parser.add_argument("--height", type=int, default=900, help="pixels of the picture")
    asked = parser.parse_args()
    body = html(asked.comment.read_text(encoding="utf-8"))
    if asked.open:
        body = body.replace("<details>", "<details open>")
    draw(PAGE.format(style=style(), body=body), asked.picture, asked.height)


if __name__ == "__main__":
    main()
