"""Finds the packages of the wheel and builds its translations; everything else stands in pyproject.toml.

A top-level package called `plugins` or `assets` would belong to nobody: the wheel gives ours names of their own.
"""

import re
import runpy
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

FOLDERS = {"studio": "studio", "studio_assets": "assets", "studio_docs": "docs", "studio_plugins": "plugins"}
PAGES = ("studio_docs/*.md", "studio_plugins/*/guide*.md", "studio_plugins/*/family.py")


class BuildWithPages(build_py):
    """Lets the pages of the wheel name each other by the folders that they lie in there."""

    def run(self) -> None:
        """Copy everything, then rename what the pages refer to."""
        super().run()
        for path in (found for pages in PAGES for found in Path(self.build_lib).glob(pages)):
            text = path.read_text("utf-8")
            path.write_text(re.sub(r"((?:\.\./)+)(docs|plugins)/", r"\1studio_\2/", text), "utf-8")


runpy.run_path("packaging/catalogues.py")["compile_all"]()

setup(
    packages=[
        ".".join([name, *inner.split(".")]).rstrip(".")
        for name, folder in FOLDERS.items()
        for inner in ["", *find_packages(folder)]
    ],
    package_dir={"": ".", **FOLDERS},
    cmdclass={"build_py": BuildWithPages},
)
