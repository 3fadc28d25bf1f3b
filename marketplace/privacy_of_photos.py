"""What the photos of listings hold about people, in the database and beside it (clauses Q2.1, Q10.6, Q14.9)."""

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Holding, NotPersonal, Personal, Store
from datamap.terms import Category, LawfulBasis, Source

HOLDINGS = (
    Holding(
        model="marketplace.ListingPhoto",
        label=_("Photos of your listings"),
        about={"user": "listing__seller"},
        purposes=("SERVICE",),
        basis=LawfulBasis.CONTRACT,
        source=Source.PROVIDED,
        period="VOLUNTARY",
        files_with="marketplace.photo_files.files_in_copy",
        why=_(
            "Of what your camera wrote into the file (place, time, device) nothing is kept: each photo is painted anew."
            " In your copy the photos lie in the folder “files”, each under its number."
        ),
        personal={
            "id": Personal(Category.PUBLIC_CONTENT, label=_("number of the photo")),
            "words": Personal(Category.PUBLIC_CONTENT),
            "position": Personal(Category.PUBLIC_CONTENT),
            "width": Personal(Category.PUBLIC_CONTENT),
            "height": Personal(Category.PUBLIC_CONTENT),
            "added_at": Personal(Category.PUBLIC_CONTENT),
        },
        neutral={"listing"},
    ),
)

STORES = (
    Store(
        code="listing_photos",
        label=_("Files of the photos of your listings"),
        holds=_("a large and a small picture of each photo, under a random number"),
        period="VOLUNTARY",
        purposes=("SERVICE",),
        erase_with="marketplace.photo_files.erase",
        count_with="marketplace.photo_files.count",
    ),
    Store(
        code="listing_photos.left",
        label=_("Files of photos that belong to no listing"),
        holds=_("what a server that stopped in the middle had written of a photo, or had not yet taken away"),
        period="UNCLAIMED_FILE",
        purposes=("SERVICE",),
        purge_with="marketplace.photo_files.purge",
        late_with="marketplace.photo_files.is_late",
    ),
)

NOT_PERSONAL = (
    NotPersonal("marketplace.GoneFile", "random numbers of photos that are no more, until their files have gone too"),
)
