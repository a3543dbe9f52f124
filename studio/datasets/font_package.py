"""The Debian packages whose typefaces may be learnt from, by the licences in their own files."""

from typing import Final

# fmt: off
_NAMES: Final = (
    "3270", "adobe-sourcesans3", "agave", "allerta", "anonymous-pro", "apropal",
    "atkinson-hyperlegible-ttf", "averia-gwf", "averia-sans-gwf", "averia-serif-gwf", "b612",
    "babelstone-modern", "breip", "cabin", "campania", "cantarell", "cardo", "cascadia-code",
    "century-catalogue", "cherrybomb", "clear-sans", "comfortaa", "comic-neue", "compagnon",
    "courier-prime", "crosextra-caladea", "crosextra-carlito", "dancingscript", "dosis", "ebgaramond",
    "elstob", "essays1743", "eurofurence", "evertype-conakry", "fantasque-sans", "fanwood", "firacode",
    "gamaliel", "gemunu-libre", "georgewilliams", "gfs-artemisia", "gfs-didot", "gfs-neohellenic", "go",
    "gotico-antiqua", "goudybookletter", "havana", "hermit", "inconsolata", "inter", "jetbrains-mono",
    "junction", "junicode", "jura", "karla", "kaushanscript", "klaudia-berenika", "kode-mono", "lato",
    "le-murmure", "league-mono", "league-spartan", "leckerli-one", "lemonada", "liberation",
    "lindenhill", "linuxlibertine", "lobster", "lobstertwo", "manrope", "monofur", "monoid", "mononoki",
    "national-park", "noto-mono", "ocr-a", "okolaks", "oldstandard", "open-sans", "opendin", "play",
    "prociono", "quattrocento", "quicksand", "radisnoir", "roadgeek", "roboto-slab", "roboto-unhinted",
    "routed-gothic", "schraubenkiste", "sil-andika", "sil-charis", "sil-galatia", "sil-gentium-basic",
    "sil-gentiumplus", "sil-harmattan", "sil-sophia-nubian", "sn-pro", "sora", "stix", "tuffy",
    "vazirmatn", "vollkorn", "yanone-kaffeesatz", "yrsa-rasa",
)
# fmt: on
FONT_PACKAGES: Final = tuple(f"fonts-{name}" for name in _NAMES)
