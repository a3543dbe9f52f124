"""Python: short functions of the standard library of CPython 3.11.3 and of packages under the BSD and MIT licences."""

import hashlib
import io
import re
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from studio.core.error import UserError
from studio.core.place import data_dir
from studio.core.translation import N_
from studio.datasets.package import fetch_package, fetch_wheels, read_member
from studio.datasets.progress import Progress
from studio.datasets.python_function import SharedRuns, functions_of
from studio.datasets.shakespeare import read_works, write_works
from studio.datasets.split import Split, split_by_share

STANDARD_LIBRARY: Final = "pyodide@0.25.1"
"""An npm package that brings the standard library of CPython 3.11.3 along, as source text."""
SHA_256: Final = "d301c5b18b888ec7ad2bf616fcdd14eb36f4c9f41c513f89fcfcc3455d447a63"
MEMBER: Final = "package/python_stdlib.zip"
FILE_NAME: Final = "python.npz"
VALIDATION_SHARE, TEST_SHARE = 0.01, 0.02
GAP: Final = "\n\n"
"""Between two functions of a file; inside of one there is no empty line."""
_LEFT_OUT: Final = re.compile(
    r"(^|/)(tests?|testing|_?vendor|_vendored|examples?|benchmarks?|migrations|locale|_?pyodide)/"
    r"|(^|/)(test_[^/]*|conftest|[^/]*_tests?|__phello__[^/]*)\.py$"
)
_MAX_FILE_BYTES: Final = 400_000
_MAX_MEMBER_BYTES: Final = 16 << 20


@dataclass(frozen=True)
class PythonPackage:
    """A wheel that runs anywhere: its name, its version, its licence and its SHA-256."""

    name: str
    version: str
    licence: str
    sha256: str


# fmt: off
_BSD: Final = """
authlib 1.9.10 c62d10e1b23945c6d4c578a16170bfefe4879bd23d4be62edea494993dce70aa
celery 5.7.0 18310a9c919f9029e4735367484d93e6a25cdfd30afdc474622cc263d9b35f6e
click 8.5.1 8bb5376d2006950386f8c6427613334a2acadc5f559cb80e638d00b4df957e37
control 0.10.2 8f7b5c58f5ccd761a6c070e3dedceca4c53c7a9cf105fcc22caba7a67f99025a
dask 2026.8.0 ccc0c83a189b0398602435189771d28dad7b5773b6089bb8dce14ae732dd782c
distributed 2026.8.0 3bd8882861a2cf497453f28c6b61135fa8ef2bb1d6885ad3b9f27e887e9c0e01
django 5.2.19 5965d974a5218a2b68a11dd1276434707f23886525c23f0598eccedaf4f4ca00
djangorestframework 3.18.3 8544bb674846731b1e3c9b309236ee1dc412905a0aa725be2ec193ca950a7d12
flask 3.1.3 f4bcbefc124291925f1a26446da31a5178f9483862233b23c0c96a20701f670c
fsspec 2026.9.0 8dd6e646e99ea382bd85f97a45e6b526a442d79423a7dc673f1e2756d05fcb5f
geopandas 1.2.0 948fd57df4f713697d5cce149333c0e4714965320c9f5ffa411666c577962eba
holoviews 1.23.2 0742d9d1dbc645611f04f8b948558febf556f712872a1e5bc96c37790722e6ca
httpx 0.28.1 d909fcccc110f8c7faf814ca82a9a4d816bc5a6dbfea25d6591d6985b8ba59ad
imageio 2.38.1 36d23eb7423d2fb63f637098758edb3d2df3687f7125e0a5ce8596572022dcf9
invoke 3.0.3 f11327165e5cbb89b2ad1d88d3292b5113332c43b8553b494da435d6ec6f5053
ipython 9.18.1 997ce9140d374531a61069c70c0f9ef299d6dd3559ea0f94b8af589726e3c1d5
jinja2 3.1.6 85ece4451f492d0c13c5dd7c13a64681a86afae63a5f347908daf103ce6d2f67
joblib 1.6.0 3dbbf9f6e4b592a2357b854608e980fe6390d131d7a82f011a377ef2ebef7aba
jupyter-client 8.10.0 5f73f24f22fa25192cfff6b23c051932a2473a797b05734aff495b392103e14e
kombu 5.7.0 dede73bff4c89175be382c4203d2f167cf7017c384396ec75c36a1b5678f1587
markdown 3.11.3 e1a31a112232504d753e5c01bb8c2de90d3f0ba986b063e10770cf7695b09e73
mkdocs 1.6.1 db91759624d1647f3f34aa0c3f327dd2601beae39a366d6e064c03468d35c20e
mlxtend 0.25.0 71b9500d9cb506642588995783d681a30c99a3b35abfbeb7b4e800d217fc12a5
mpmath 1.4.1 dc4f0ea2304480d4a9a48a94c1020571558ade522b44a6912efac63a586e140f
nbconvert 7.17.2 6a143c11c00bf831604da4b1be4347d36ea52367057eb920135d69bc2862fed2
networkx 3.6.1 d47fbf302e7d9cbbb9e2555a0d267983d2aa476bac30e90dfbe5669bd57f3762
oauthlib 4.0.1 498a298876e996301950a5b053d12c31628bb7b895db03666430c69ce182eb61
param 2.4.2 56f56e991d11cdf9fa8248ca3b1c7d5badfd6b4da3b3886b764b95823d270b07
pint 0.25.3 27eb25143bd5de9fcc4d5a4b484f16faf6b4615aa93ece6b3373a8c1a3c1b97d
prompt-toolkit 3.0.53 01c0891d7f9237d5e339f7d3e42cdae80b7534abb1c7c0e3352efba6231492f2
pypdf 7.1.1 04c5680d4b4cfa04ab505b09393fc949860c34a4dad6565284d11a2f5c3ce8b1
scrapy 2.19.0 44c1ad4b008f1976e946c75b2adce0e448cbfe470c584b1b59469abf270e8013
seaborn 0.13.2 636f8336facf092165e27924f223d3c62ca560b1f2bb5dff7ab7fad265361987
sktime 1.2.0 dbffc6731d2d683b668dceb5e2bbc5804bebc8446b4c580803a281684d90e4ae
sphinx 9.0.4 5bebc595a5e943ea248b99c13814c1c5e10b3ece718976824ffa7959ff95fffb
starlette 1.10.0 478c0ab3b4ced6e82719849c118fa406f0278a3499c1a898cd15cd31bdc38ce4
toga-core 0.5.7 7b95e0c18e62fe2de32b5d88178e532fae90b72d29cca38da83ddcacb8dc8302
toolz 1.2.0 890f820b1cb8152785aaf9386d8707770110809035800985ca65cb24ce1120ef
traitlets 5.16.1 f775618166caa0396c8e337099240f2bd3e5e917d203b2e6fbe21a58d3cb1f6b
uvicorn 0.54.0 505bdb0f318731d45f1f712071fc781a8981f6847a31c902c9f5e652d4f67faf
wagtail 8.0.1 1e6ad5c7891a54efce1400e168298b5a2cc343b642cee89c31bf5ec30c98b26c
weasyprint 70.0 5043e55e38d2a2af2b2b871e869697b1f65dad5f8b4a3677961d04ceacf9c5fe
websockets 17.4 c6bd2c9781915592b209160d0f017d4c7c82ad53075e6b0c24d2a89299e7f9e9
werkzeug 3.1.9 6392e50c78460ba618e5b21f08a71f59c99ce99cdc6cf6e3dd7e6ccca8754fab
wtforms 3.3.2 2fac992f39102d6268b06e05cdbdf37a7e9b9a4e103916d2dff1d09a080b531d
xlsxwriter 3.3.1 8e2c89e59d733fe59e112317218c64fbbc276d90a8c144ebd6f7fa15e7ab184a
"""
_MIT: Final = """
alembic 1.20.1 9970712cfb81ea26c8658d378aaa5b8f6ff9146e5bb111d70497c164016cf598
anyio 4.16.0 c66ae634e0b8228396b801741beb3294326d4b6102f7bba4041c0dfb58c29026
apscheduler 3.11.3 bbeb2ec02d23d3c06a6c07ed7f0f3939ada6680eb121fae809a69bb42c537a30
asn1crypto 1.5.1 db4e40728b728508912cbb3d44f19ce188f218e9eba635821bb4b68564f8fd67
attrs 26.1.0 c647aa4a12dfbad9333ca4e71fe62ddc36f4e63b2d260a37a8b83d2f043ac309
beautifulsoup4 4.15.0 d6f88de62e1d4e38ecb1077eb9724cd0eff29d2a08ca16a401e9b9e93f117cf9
black 26.10.1 28842f9a8207cc1df6eb983a35a14c5a0dfcd603d214fe82d84bef552afd2e3a
botorch 0.18.1 fa1cd4483fbc21087dcc40088b6031661e46ce5fe9d0b47a56ebcd578c260f33
cmd2 4.3.1 cb432f9e0cae011422c2b96a6b9ce87686dad3777d50a30d3ac3d9afb84b53a2
django-extensions 4.1 0699a7af28f2523bf8db309a80278519362cd4b6e1fd0a8cd4bf063e1e023336
fastapi 0.165.0 896f48462042bb4f162147eb8fac7e858753dc1f486765709baf105d70e4fc5b
fonttools 4.68.0 d76f8fdcb6936f5e1045a0c9dd721a4bf11112e60d1e243bfa1d39f06a8b3104
gpytorch 1.15.2 2112fdc7c0c0bf56a7f2444663cfc80fdfc3e19724399d6303a83d8efdd71e9e
gunicorn 27.0.1 378b26b9a38adcf4592f28828233c1716acc55e833ea06bf48719782efaa0d10
hatch 1.18.2 3991c741a2746d1e62345c403cb1f873a58d9c38fd25e3c3ad740437014f56b4
lark 1.3.1 c629b661023a014c37da873b4ff58a817398d12635d3bbb2c5a03be7fe5d1e12
locust 2.47.0 a773af200bb93b1bed0b99c48c18f11343ed159803a8af3ee3ad0696b05b7d09
mako 1.4.3 723296007c870bfd6b3f0c3230dba7198096e5269297ebf5e4eff9e7ffa39d4f
marshmallow 4.4.0 03a882ff2eabb9a4e24b433c2949f359ef4d172a12fdc14cde10375fd55328b4
mongoengine 0.29.3 2d5a216cf2368867d43e5321b13044ecc3e72c3f19ace21b1c5e7403951ca685
more-itertools 11.2.1 35a7377edd1dd6608dcb2cdf534ded55ea32d49448875ad042cd3f879fb1ded0
mypy 2.4.1 1784648d6ec8c2b5465e3f26241b845a0b3cb4e56c993c64abe16989e7698999
nibabel 5.4.2 553482c5f1e1034fc312edf6fb7f32236c0056439845d1c29293b7e8c98d4854
openpyxl 3.1.5 5282c12b107bffeef825f4617dc029afaf41d0ea60823bbb665ef3079dc79de2
parso 0.8.7 a8926eb2a1b915486941fdbd31e86a4baf88fe8c210f25f2f35ecec5b574ca1c
pip 26.3 f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13
poetry 2.5.1 3f7910abc667ce0c33a67e306baf017acdec1c8eeec4aa64d176e530d8338a61
poetry-core 2.5.0 98ee465b66f7e14bb9fbe68fb5e00d0cff184f036993ec94610ae4b5612f3add
pydantic 2.14.4 653a2ad9f6d8858529c77c72717d0ea991d6c6837fe683246b2f4b2bbfc3fadc
pydicom 3.0.2 abf971a5440f84dbaf42c4b6758e30e62480902584f8b270b9a5d146e278a07b
pyparsing 3.3.3 ece8c00a69cf01b45d0b1dedabb469c90d8caf996d4fda40f147627a122849a4
pytest 9.2.0 07acdcf88ec174f907dc01af70bf52d49b014bbab03faeeade31c96b18c2e588
pyvista 0.49.1 e4bd78c829051207e885281c45d03280dcde25445e1885c0824518ea7849b1c8
redis 8.1.0 a4fe1aac3d3b3cc791d4b3d5931c5a956045dc951ee74d1c913ee3ac4d2ee9fb
rich 15.0.0 33bd4ef74232fb73fe9279a257718407f169c09b78a87ad3d296f548e27de0bb
sanic 25.12.1 3874f1fe0442e3b12ce4a3f6524f676d5d3c43839c6a4967d1b82fd8db53c0f3
setuptools 84.2.1 ca140b45d5325a9478f880e351484f62fef15f336462e449ca0c03c873d589c2
sqlalchemy 2.1.9 449fed5c2caa3b278cc57499d09db001fb3f28dc7f18affc48142aee4dcc0cdf
sqlglot 30.30.0 06c4c212a7868c7dcff0fd0fda348dd3c5cbad40137b3083a70ecdfe22921cf9
textual 8.2.8 267375fd402dc8d981457212efa71f0e3365fd17bba144ba9bb3ed7563cb374a
torch-geometric 2.8.1 b628de243c0893f3435b6eca9a7bbc07f3219293ed27c974b8929aaae42e65d0
trimesh 5.2.0 04db2c7ec62afdd7763fb04c82bb5f257ddd984993a19ee83697f475fc58fd29
trio 0.35.0 9a062a029487c1bdbcc1b2543b729a0bde857ce478b1512c84f391f628e0c5c9
twisted 26.10.0 3732f42af218925a0fe78d6668db55853f7fb532245a89a2669babe7d3000fa8
urllib3 2.8.0 0cf3cae568d36aa9576b28dfb35f11328f1cb974ca7647d9475ebb86c75ac6e3
virtualenv 21.15.11 0390c40275487b5e677a1e559e30204ff061db4c5fec39c81d0dff1b24d2b774
zarr 3.1.6 b5a82c5079d1c3d4ee8f06746fa3b9a98a7d804300fa3f4be154362a33e1207e
"""


# fmt: on


def _packages(lines: str, licence: str) -> list[PythonPackage]:
    rows = [line.split() for line in lines.split("\n") if line]
    return [PythonPackage(name, version, licence, sha256) for name, version, sha256 in rows]


PYTHON_PACKAGES: Final = tuple(_packages(_BSD, "BSD") + _packages(_MIT, "MIT"))


@dataclass(frozen=True)
class PythonFunctions:
    """Some functions.

    Attributes:
        texts: of each, ASCII, from column 0, without a line end. n_files: how many files they are from.
    """

    texts: tuple[str, ...]
    n_files: int


def load_python(split: Split, folder: Path | None = None) -> PythonFunctions:
    """One part of the functions that were built (in `folder` or the data folder).

    Raises:
        UserError: they were not built, or the file is damaged.
    """
    path = (folder or data_dir() / "datasets") / FILE_NAME
    if not path.is_file():
        raise UserError(
            N_("The data set “python” is not on this computer."), N_("Build it with “main.py data python”.")
        )
    try:
        files = read_works(path)
    except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(
            N_("The Python functions on this computer are damaged."), N_("Build the data set again.")
        ) from error
    chosen = [text for name, text in files.items() if split_of(name) is split]
    return PythonFunctions(tuple(one for text in chosen for one in text.split(GAP)), len(chosen))


def split_of(name: str) -> Split:
    """The part that a file belongs to, named such as "cpython/json/decoder.py": whole files are held out."""
    return split_by_share(name, VALIDATION_SHARE, TEST_SHARE)


def build_python(to: Path) -> Iterator[Progress]:
    """Fetch the packages with npm and pip and write their functions into folder `to`; yields the progress.

    Raises:
        UserError: npm or pip is missing, or a package cannot be fetched or read.
    """
    yield Progress(0.0, N_("Downloading the standard library with npm"))
    with tempfile.TemporaryDirectory() as folder:
        functions = dict(read_standard_library(fetch_package(STANDARD_LIBRARY, Path(folder))))
    yield Progress(0.1, N_("Downloading {n} packages with pip").format(n=len(PYTHON_PACKAGES)))
    with tempfile.TemporaryDirectory() as folder:
        hashes = {f"{package.name}=={package.version}": package.sha256 for package in PYTHON_PACKAGES}
        wheels = fetch_wheels(hashes, Path(folder))
        for place, wheel in enumerate(wheels):
            yield Progress(0.2 + 0.7 * place / len(wheels), N_("Reading {name}").format(name=wheel.name))
            functions |= read_package(wheel, wheel.name.split("-")[0])
    yield Progress(0.9, N_("Leaving out what functions have in common"))
    kept = without_shared(functions)
    write_works(to / FILE_NAME, {name: GAP.join(texts) for name, texts in kept.items()})
    yield Progress(1.0, N_("{n} functions are ready").format(n=sum(map(len, kept.values()))))


def read_standard_library(archive: Path) -> Iterator[tuple[str, list[str]]]:
    """The functions in the files of the standard library by name. Raises UserError where it is another archive."""
    if hashlib.sha256(archive.read_bytes()).hexdigest() != SHA_256:
        raise UserError(N_("The package “{name}” has changed and can no longer be used.").format(name=STANDARD_LIBRARY))
    with tarfile.open(archive, "r:gz") as tar:
        data = read_member(tar, MEMBER, _MAX_MEMBER_BYTES)
    yield from read_package(io.BytesIO(data), "cpython")


def read_package(archive: Path | io.BytesIO, package: str) -> Iterator[tuple[str, list[str]]]:
    """The functions in each file of a zip archive, but for tests, examples and copies of other packages."""
    with zipfile.ZipFile(archive) as opened:
        for entry in sorted(opened.infolist(), key=lambda one: one.filename):
            name = entry.filename
            if name.endswith(".py") and not _LEFT_OUT.search(name) and entry.file_size <= _MAX_FILE_BYTES:
                yield f"{package}/{name}", functions_of(opened.read(entry))


def without_shared(functions: dict[str, list[str]]) -> dict[str, list[str]]:
    """The same without functions that share a run with an earlier one; those of held-out files come first.

    What a model writes of such a run it has learnt from one place only, and real held-out bodies have none of them.
    """
    runs, kept = SharedRuns(), {}
    for name in sorted(functions, key=_order):
        if texts := [text for text in functions[name] if runs.take(text)]:
            kept[name] = texts
    return kept


def _order(name: str) -> tuple[int, str]:
    return (Split.TEST, Split.VALIDATION, Split.TRAIN).index(split_of(name)), name
