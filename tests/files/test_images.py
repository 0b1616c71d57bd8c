"""Pictures of every format, the secrets they carry, and those that are made to do harm."""

import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from orchestrator.files import cleaning, images
from orchestrator.files.cleaning import FileRefused
from tests.files.samples import opened, picture

SECRET = b"52.5163N 13.3777E"
FORMATS = ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"]
# Pillow tells of broken metadata, which is thrown away here.
broken_metadata = pytest.mark.filterwarnings("ignore::UserWarning")


def oriented(value: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = value
    exif[0x010E] = SECRET.decode()
    return exif


def png_of_size(width: int, height: int) -> bytes:
    """A header that promises any number of pixels, and none of them behind it."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b""))


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


@pytest.mark.parametrize(
    ("name", "media_type", "kept_name"),
    [
        ("PNG", "image/png", "a.png"),
        ("JPEG", "image/jpeg", "a.jpg"),
        ("WEBP", "image/webp", "a.webp"),
        ("GIF", "image/png", "a.png"),
        ("BMP", "image/png", "a.png"),
        ("TIFF", "image/png", "a.png"),
    ],
)
def test_a_picture_is_known_by_its_content_and_kept_in_a_format_models_read(
    name: str, media_type: str, kept_name: str
) -> None:
    clean = cleaning.clean("a.gif", picture(name))
    assert (clean.kind, clean.media_type, clean.name) == ("image", media_type, kept_name)
    assert clean.text == ""
    kept = opened(clean.data)
    assert kept.get_format_mimetype() == media_type
    red = kept.convert("RGB").getpixel((0, 0))
    assert isinstance(red, tuple)
    assert red[0] > 200 > 90 > red[2]


@pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_orientation_is_applied_and_everything_else_it_carried_is_gone(name: str) -> None:
    data = picture(name, exif=oriented(6), icc_profile=SECRET)
    assert SECRET in data
    clean = cleaning.clean("a", data)
    assert SECRET not in clean.data
    kept = opened(clean.data)
    assert not kept.getexif()
    assert {"exif", "icc_profile", "xmp", "comment", "dpi"}.isdisjoint(kept.info)
    assert kept.size == (6, 8)
    top = kept.convert("RGB").getpixel((3, 1))
    assert isinstance(top, tuple)
    assert top[0] > top[2]


@pytest.mark.parametrize(
    "data",
    [
        picture("JPEG", comment=SECRET),
        picture("JPEG", xmp=SECRET),
        picture("GIF", comment=SECRET),
        picture("WEBP", xmp=SECRET),
        picture("PNG") + SECRET,
        picture("JPEG") + SECRET,
    ],
)
def test_comments_and_what_hangs_behind_the_picture_are_gone(data: bytes) -> None:
    assert SECRET in data
    assert SECRET not in cleaning.clean("a", data).data


def test_text_chunks_of_a_png_are_gone() -> None:
    info = PngInfo()
    info.add_text("Author", SECRET.decode())
    info.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    data = picture("PNG", pnginfo=info)
    assert data.count(SECRET) == 2
    assert SECRET not in cleaning.clean("a", data).data


@broken_metadata
def test_a_picture_with_broken_metadata_is_still_a_picture() -> None:
    data = picture("JPEG", exif=b"Exif\0\0garbage that is no TIFF header")
    assert opened(cleaning.clean("a", data).data).size == (8, 6)


@pytest.mark.parametrize("name", FORMATS)
def test_the_largest_side_is_reduced_and_the_shape_kept(name: str) -> None:
    kept = opened(cleaning.clean("a", picture(name, (4096, 1024))).data)
    assert kept.size == (2048, 512)


def test_a_small_picture_is_not_made_larger() -> None:
    assert opened(cleaning.clean("a", picture(size=(2048, 3))).data).size == (2048, 3)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_pixel_is_taken(mode: str) -> None:
    assert opened(cleaning.clean("a", picture(mode=mode)).data).size == (8, 6)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "LAB", "I;16", "F"])
def test_every_kind_of_tiff_pixel_is_taken(mode: str) -> None:
    assert opened(cleaning.clean("a", picture("TIFF", mode=mode)).data).mode in images.DIRECT_MODES


def test_sixteen_bits_a_pixel_keep_their_greys() -> None:
    wide = Image.new("I;16", (3, 1))
    wide.putdata([0, 30_000, 60_000])
    out = BytesIO()
    wide.save(out, "PNG")
    kept = opened(cleaning.clean("a", out.getvalue()).data)
    assert [kept.getpixel((x, 0)) for x in range(3)] == [0, 127, 255]


def test_transparency_is_kept() -> None:
    clear = Image.new("RGBA", (2, 2), (255, 0, 0, 0))
    for name in ("PNG", "WEBP", "GIF"):
        out = BytesIO()
        clear.save(out, name)
        kept = opened(cleaning.clean("a", out.getvalue()).data).convert("RGBA")
        assert kept.getpixel((0, 0))[3] == 0  # type: ignore[index]


def test_of_an_animation_the_first_picture_is_kept() -> None:
    out = BytesIO()
    frames = [Image.new("RGB", (4, 4), color) for color in ("red", "blue")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    clean = cleaning.clean("a.gif", out.getvalue())
    assert clean.media_type == "image/png"
    assert opened(clean.data).convert("RGB").getpixel((0, 0)) == (255, 0, 0)


def test_a_picture_too_large_for_providers_becomes_a_jpeg_on_white() -> None:
    noise = Image.effect_noise((2048, 2048), 90)
    clear = Image.merge(
        "RGBA",
        (noise, noise.rotate(90), noise.rotate(180), Image.new("L", (1, 1)).resize(noise.size)),
    )
    out = BytesIO()
    clear.save(out, "PNG", compress_level=1)
    clean = cleaning.clean("a.png", out.getvalue())
    assert (clean.media_type, clean.name) == ("image/jpeg", "a.jpg")
    assert len(clean.data) <= images.MAX_ENCODED_BYTES
    assert opened(clean.data).getpixel((9, 9)) == (255, 255, 255)


@pytest.mark.parametrize(
    "size", [(7_072, 7_072), (10_000, 10_000), (60_000, 60_000), (2**31 - 1, 1)]
)
def test_a_bomb_is_refused_by_its_header(size: tuple[int, int]) -> None:
    with pytest.raises(FileRefused) as refused:
        cleaning.clean("a.png", png_of_size(*size))
    assert str(refused.value) == images.TOO_MANY_PIXELS


@broken_metadata
@pytest.mark.parametrize("name", FORMATS)
def test_a_picture_cut_anywhere_is_refused(name: str) -> None:
    whole = picture(name, (64, 48))
    # The last 20 bytes of a PNG hold no pixels.
    for kept in range(12, len(whole) - 20, 7 if len(whole) < 1000 else 97):
        with pytest.raises(FileRefused):
            cleaning.clean("a.png", whole[:kept])


@broken_metadata
@pytest.mark.parametrize("name", FORMATS)
@given(data=st.data())
def test_a_damaged_picture_is_cleaned_or_refused_and_nothing_else(
    name: str, data: st.DataObject
) -> None:
    bytes_ = bytearray(picture(name, (40, 30)))
    for _ in range(data.draw(st.integers(1, 6))):
        bytes_[data.draw(st.integers(0, len(bytes_) - 1))] = data.draw(st.integers(0, 255))
    try:
        clean = cleaning.clean("a.png", bytes(bytes_))
    except FileRefused:
        return
    assert clean.kind != "image" or max(opened(clean.data).size) <= images.MAX_SIDE_PX


def test_up_to_the_limit_the_pixels_are_looked_at() -> None:
    with pytest.raises(FileRefused) as refused:
        cleaning.clean("a.png", png_of_size(7_071, 7_071))
    assert str(refused.value) == images.BROKEN_IMAGE


@pytest.mark.parametrize("brand", [b"heic", b"mif1", b"avif"])
def test_phone_pictures_are_refused_with_what_to_do(brand: bytes) -> None:
    with pytest.raises(FileRefused, match="Export this one as JPEG"):
        cleaning.clean("a.jpg", b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0")


def test_a_page_that_is_called_a_picture_is_text() -> None:
    clean = cleaning.clean("a.png", b"<html><script>alert(1)</script></html>")
    assert (clean.kind, clean.media_type) == ("text", "text/plain")
