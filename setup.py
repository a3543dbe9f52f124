"""Finds the packages of the wheel and builds its translations; everything else stands in pyproject.toml.

A top-level package called `plugins` or `assets` would belong to nobody: the wheel gives ours names of their own.
"""

import runpy

from setuptools import find_packages, setup

FOLDERS = {"studio": "studio", "studio_assets": "assets", "studio_plugins": "plugins"}

runpy.run_path("packaging/catalogues.py")["compile_all"]()

setup(
    packages=[
        ".".join([name, *inner.split(".")]).rstrip(".")
        for name, folder in FOLDERS.items()
        for inner in ["", *find_packages(folder)]
    ],
    package_dir={"": ".", **FOLDERS},
)
