"""Names that are nobody's, built of syllables."""

from __future__ import annotations

from itertools import product

import numpy as np

GIVEN = np.array(
    [
        a + b
        for a, b in product(
            (
                "Al",
                "Bre",
                "Cor",
                "Da",
                "El",
                "Fi",
                "Ga",
                "Ha",
                "Im",
                "Jo",
                "Ka",
                "Lu",
                "Ma",
                "Ne",
                "Or",
                "Pe",
                "Ro",
                "Sa",
                "Ti",
                "Wi",
            ),
            ("dra", "len", "mis", "nor", "ra", "ric", "sta", "tha", "vin", "wyn", "lo", "bel"),
        )
    ]
)
FAMILY = np.array(
    [
        a + b
        for a, b in product(
            (
                "Ald",
                "Barr",
                "Cask",
                "Dunn",
                "Ever",
                "Farr",
                "Gant",
                "Hess",
                "Ingle",
                "Jarr",
                "Kest",
                "Lamm",
                "Marl",
                "Nash",
                "Orr",
                "Penn",
                "Quill",
                "Rend",
                "Stav",
                "Tull",
                "Umber",
                "Vess",
                "Wick",
                "Yarr",
                "Zell",
            ),
            (
                "ant",
                "bury",
                "croft",
                "den",
                "ell",
                "ford",
                "ham",
                "ick",
                "low",
                "more",
                "nock",
                "ock",
                "ridge",
                "stone",
                "ton",
                "well",
            ),
        )
    ]
)
# A short form by which some agencies know somebody: the first syllable, as people do.
SHORT = np.array([name[:3] for name in GIVEN])
STREETS = np.array(
    [
        a + b
        for a, b in product(
            (
                "Alder",
                "Birch",
                "Chapel",
                "Dene",
                "Elm",
                "Forge",
                "Grange",
                "Hazel",
                "Ivy",
                "Jubilee",
                "Kiln",
                "Lime",
                "Mill",
                "North",
                "Orchard",
            ),
            (" Road", " Street", " Lane", " Close"),
        )
    ]
)
