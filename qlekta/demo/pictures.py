"""Photos for the demo, drawn: a thing of simple shapes in front of a wall, two for each category."""

from functools import cache
from io import BytesIO
from random import Random
from typing import Final

from PIL import Image, ImageDraw

from marketplace.pictures import Picture, make_picture
from marketplace.terms import Category

VARIANTS: Final = 2
_SIZE: Final = (800, 600)


@cache
def picture_of(category: Category, variant: int) -> Picture:
    """The same picture every time."""
    chance = Random(f"{category}-{variant}")  # noqa: S311 - a drawing, nothing is secret
    hue = chance.randrange(360)
    image = Image.new("RGB", _SIZE, f"hsl({hue}, 30%, 88%)")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 430, *_SIZE), fill=f"hsl({(hue + 40) % 360}, 22%, 70%)")
    for layer in range(5):
        left, top = chance.randrange(120, 420), chance.randrange(120, 330)
        box = (left, top, left + chance.randrange(120, 300), top + chance.randrange(90, 180))
        colour = f"hsl({(hue + 150 + 25 * layer) % 360}, 45%, {35 + 7 * layer}%)"
        if (layer + variant + len(category)) % 2:
            draw.ellipse(box, fill=colour)
        else:
            draw.rounded_rectangle(box, radius=24, fill=colour)
    file = BytesIO()
    image.save(file, "PNG")
    return make_picture(file.getvalue())
