"""Reads shaders from the files beside this module."""

from pathlib import Path


def shader(name: str) -> str:
    """The text of shaders/`name`.glsl."""
    return (Path(__file__).with_name("shaders") / f"{name}.glsl").read_text("utf-8")
