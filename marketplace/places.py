"""Where something is: the local governments of Latvia, the state cities first (Law on Administrative Territories).

Names of places are the same in every language of the site.
"""

from typing import Final

CITIES: Final = (
    ("riga", "Rīga"),
    ("daugavpils", "Daugavpils"),
    ("jelgava", "Jelgava"),
    ("jekabpils", "Jēkabpils"),
    ("jurmala", "Jūrmala"),
    ("liepaja", "Liepāja"),
    ("ogre", "Ogre"),
    ("rezekne", "Rēzekne"),
    ("valmiera", "Valmiera"),
    ("ventspils", "Ventspils"),
)

_MUNICIPALITIES: Final = (
    *("Aizkraukles", "Alūksnes", "Augšdaugavas", "Ādažu", "Balvu", "Bauskas", "Cēsu", "Dienvidkurzemes", "Dobeles"),
    *("Gulbenes", "Jelgavas", "Jēkabpils", "Krāslavas", "Kuldīgas", "Ķekavas", "Limbažu", "Līvānu", "Ludzas"),
    *("Madonas", "Mārupes", "Ogres", "Olaines", "Preiļu", "Rēzeknes", "Ropažu", "Salaspils", "Saldus", "Saulkrastu"),
    *("Siguldas", "Smiltenes", "Talsu", "Tukuma", "Valkas", "Valmieras", "Varakļānu", "Ventspils"),
)

_PLAIN: Final = str.maketrans("āčēģīķļņšūž", "acegiklnsuz")

PLACES: Final = (
    *CITIES,
    *((f"{name.lower().translate(_PLAIN)}-novads", f"{name} novads") for name in _MUNICIPALITIES),
)
"""Code and name of each place."""
