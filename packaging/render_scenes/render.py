"""Renders the pictures that our scenes are learnt from, with Blender as a module (bpy 4.5, in its own environment).

    python packaging/render_scenes/render.py SCENE FOLDER --models DIR [--threads N]

DIR holds the unpacked models of "BlendSwap-CC-0.sh3f" (a zip) of Debian's package sweethome3d-furniture, all CC0.
`main.py data glossy` (or another scene) fetches everything and calls this.
"""

import argparse
from pathlib import Path

import animated
import glossy
import relit

SCENES = {"animated": animated.render, "glossy": glossy.render, "relit": relit.render}


def main() -> None:
    """Render one scene."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("scene", choices=sorted(SCENES))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    SCENES[options.scene](options.folder.absolute(), options.models, options.threads)


main()
