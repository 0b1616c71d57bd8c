"""Pictures: decoded within limits, made smaller, and written anew without what they carried."""

import struct
from dataclasses import dataclass
from io import BytesIO
from typing import cast

from PIL import Image, ImageOps

from orchestrator.files.refusals import FileRefused

MAX_PIXELS = 50_000_000
MAX_SIDE_PX = 2048
# Providers take 5 MB a picture, counted in base64.
MAX_ENCODED_BYTES = 3_750_000
JPEG_QUALITIES = (90, 75, 50)
DIRECT_MODES = frozenset({"L", "LA", "RGB", "RGBA"})
WIDE_MODES = frozenset({"F", "I", "I;16", "I;16B", "I;16L", "I;16N"})

BOMB = (Image.DecompressionBombWarning, Image.DecompressionBombError)
# What Pillow's readers raise on bytes that only look like their format.
BROKEN = (OSError, SyntaxError, ValueError, LookupError, EOFError, struct.error, OverflowError)

TOO_MANY_PIXELS = (
    f"This picture has more than {MAX_PIXELS // 1_000_000} million pixels. "
    "Make it smaller and attach it again."
)
BROKEN_IMAGE = "This picture is damaged or not complete. Export it again as PNG or JPEG."


@dataclass(frozen=True, slots=True)
class Format:
    """How a picture is read, and as what it is kept."""

    reader: str
    kept_as: str

    @property
    def media_type(self) -> str:
        return f"image/{self.kept_as.lower()}"


@dataclass(frozen=True, slots=True)
class Picture:
    media_type: str
    data: bytes


PNG = Format("PNG", "PNG")
JPEG = Format("JPEG", "JPEG")
WEBP = Format("WEBP", "WEBP")
GIF = Format("GIF", "PNG")
BMP = Format("BMP", "PNG")
TIFF = Format("TIFF", "PNG")


def read(data: bytes, found: Format) -> Picture:
    try:
        with Image.open(BytesIO(data), formats=[found.reader]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise FileRefused(TOO_MANY_PIXELS)
            return _picture(_bare(_upright(_small(image))), found)
    except BOMB:
        raise FileRefused(TOO_MANY_PIXELS) from None
    except FileRefused:
        raise
    except BROKEN:
        raise FileRefused(BROKEN_IMAGE) from None


def _small(image: Image.Image) -> Image.Image:
    """A JPEG stays as it is until it is small, because it can be decoded at half its size."""
    if image.format != "JPEG":
        image = _direct(image)
    image.thumbnail((MAX_SIDE_PX, MAX_SIDE_PX))
    image.load()  # here, where a cut picture is not taken for one with broken metadata
    return image


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except BROKEN:
        return image  # the picture is whole, only what it says of itself is not


def _bare(image: Image.Image) -> Image.Image:
    """The pixels alone: a new picture carries no comment, place, thumbnail or profile."""
    image = _direct(image)
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    return bare


def _direct(image: Image.Image) -> Image.Image:
    """In a mode that every format here can write and that does not lose when it is resized."""
    if image.mode in WIDE_MODES:
        return _narrowed(image)
    if image.has_transparency_data:
        return image if image.mode in DIRECT_MODES - {"RGB", "L"} else image.convert("RGBA")
    if image.mode in DIRECT_MODES:
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _narrowed(image: Image.Image) -> Image.Image:
    """More than 8 bits a pixel, stretched: a plain conversion would cut most of it off as white."""
    wide = image.convert("F")
    low, high = cast(tuple[float, float], wide.getextrema())
    scale = 255 / (high - low) if high > low else 1.0
    return wide.point(lambda value: value * scale - low * scale).convert("L")


def _picture(image: Image.Image, found: Format) -> Picture:
    data = _written(image, found.kept_as, JPEG_QUALITIES[0])
    if len(data) <= MAX_ENCODED_BYTES:
        return Picture(found.media_type, data)
    opaque = _on_white(image)
    for quality in JPEG_QUALITIES:
        data = _written(opaque, "JPEG", quality)
        if len(data) <= MAX_ENCODED_BYTES:
            break
    return Picture(JPEG.media_type, data)


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image
    image = image.convert("RGBA")
    paper = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(paper, image).convert("RGB")


def _written(image: Image.Image, name: str, quality: int) -> bytes:
    out = BytesIO()
    image.save(out, name, quality=quality)
    return out.getvalue()
