"""Makes the photos that travel with a scene out of its full set: fewer pixels, and only what is learnt and measured.

.venv/bin/python packaging/make_scene_pack.py FOLDER -o plugins/nerf/models/glossy-views.npz
    [--side 256 --quality 85] [--passers-by]
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from plugins.nerf.field.photos.pack import pack_photos
from plugins.nerf.field.photos.photos import Photos
from plugins.nerf.field.photos.reader import read_photos
from plugins.nerf.field.training.our_scenes import PASSERS_SEED, with_passers_by
from plugins.nerf.foreign.transforms import read_transforms


def main() -> None:
    """Read the training and test photos, shrunk, and pack them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--side", type=int, default=128, help="the longest side in pixels")
    parser.add_argument("--quality", type=int, help="0 to 100 where the pictures need not be lossless")
    parser.add_argument(
        "--passers-by", action="store_true", help="let somebody stand before some, as `nerf/relit` does"
    )
    options = parser.parse_args()
    photos = _read(options.folder, options.side)
    if options.passers_by:
        photos = with_passers_by(photos, PASSERS_SEED)
    data = pack_photos(replace(photos, given_box=None), options.quality)
    options.output.write_bytes(data)
    print(f"{len(photos)} photos, {len(data):,} bytes")


def _read(folder: Path, side_px: int) -> Photos:
    reading = read_photos(read_transforms(folder), side_px, ("train", "test"))
    while True:
        try:
            print(next(reading).sentence)
        except StopIteration as end:
            photos: Photos = end.value[0]
            return photos


main()
