"""Looking at pictures and making them safe to show."""

from __future__ import annotations

import io

from PIL import Image, ImageOps, ImageSequence

from kb.media.limits import MAX_PIXELS, refused
from kb.media.rasters import STRIPPERS
from kb.media.svg import UnsafeSvg, clean_svg, svg_size
from kb.problems import N_, ProblemError

SVG_MIME = "image/svg+xml"
_FORMATS = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
    "image/avif": "AVIF",
}
_ORIENTATION = 0x0112
_JPEG_QUALITY = 92
_AVIF_QUALITY = 85


def raster_size(data: bytes, mime: str, filename: str) -> tuple[int, int]:
    """Width and height of a bitmap in pixels, as it is shown.

    Raises `ProblemError` JS-2005 if it is damaged, truncated or has more than `MAX_PIXELS`.
    """
    try:
        with _opened(data, mime) as image:
            width, height = image.size
            turned = mime == "image/jpeg" and image.getexif().get(_ORIENTATION, 1) in (5, 6, 7, 8)
        if width * height <= MAX_PIXELS and mime in STRIPPERS:
            STRIPPERS[mime](data)  # notices what the header does not tell: a missing end
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels(filename) from None
    except Exception:
        # Pillow's readers raise whatever a hostile file provokes: OSError, SyntaxError, struct
        # errors, KeyError, … All mean the same.
        raise _damaged(filename) from None
    if width * height > MAX_PIXELS:
        raise _too_many_pixels(filename)
    return (height, width) if turned else (width, height)


def drawing_size(data: bytes, filename: str) -> tuple[int | None, int | None]:
    """Width and height of an SVG, if it says. Raises `ProblemError` JS-2005 if it is unsafe."""
    try:
        return svg_size(data)
    except UnsafeSvg as error:
        raise _unsafe_drawing(filename, error) from None


def clean(data: bytes, mime: str, filename: str = "") -> bytes:
    """The picture alone; see `kb.media.clean_image`."""
    try:
        if mime == SVG_MIME:
            return clean_svg(data)
        if mime == "image/avif":
            return _recoded_avif(data, filename)
        if mime == "image/jpeg" and (recoded := _recoded_jpeg(data)):
            return recoded
        return STRIPPERS[mime](data)
    except UnsafeSvg as error:
        raise _unsafe_drawing(filename, error) from None
    except ProblemError:
        raise
    except Exception:  # as in `raster_size`
        raise _damaged(filename) from None


def _opened(data: bytes, mime: str) -> Image.Image:
    return Image.open(io.BytesIO(data), formats=(_FORMATS[mime],))


def _recoded_jpeg(data: bytes) -> bytes | None:
    """The picture upright and in RGB, if its pixels are stored otherwise."""
    with _opened(data, "image/jpeg") as image:
        if image.getexif().get(_ORIENTATION, 1) == 1 and image.mode in ("L", "RGB"):
            return None
        upright = ImageOps.exif_transpose(image)
        upright = upright if upright.mode in ("L", "RGB") else upright.convert("RGB")
        upright.info.clear()
        out = io.BytesIO()
        upright.save(out, "JPEG", quality=_JPEG_QUALITY)
        return out.getvalue()


def _recoded_avif(data: bytes, filename: str) -> bytes:
    """The pixels encoded anew: metadata of AVIF is woven into its container."""
    with _opened(data, "image/avif") as image:
        if image.width * image.height * getattr(image, "n_frames", 1) > MAX_PIXELS:
            raise _too_many_pixels(filename)
        frames: list[Image.Image] = []
        durations: list[int] = []
        for frame in ImageSequence.Iterator(image):
            frame.load()  # only now the duration is known
            durations.append(int(frame.info.get("duration", 0)))
            frames.append(ImageOps.exif_transpose(frame))
            frames[-1].info.clear()
        out = io.BytesIO()
        first, *rest = frames
        first.save(
            out,
            "AVIF",
            quality=_AVIF_QUALITY,
            save_all=bool(rest),
            append_images=rest,
            duration=durations if rest else 0,
        )
        return out.getvalue()


def _damaged(filename: str) -> ProblemError:
    return refused(
        filename,
        N_("图片无法读取：文件损坏、不完整，或者根本不是图片。"),
        N_("用看图软件确认能打开，另存为 PNG 或 JPEG 后再上传。"),
    )


def _too_many_pixels(filename: str) -> ProblemError:
    return refused(
        filename,
        N_("图片超过 %(most)s 万像素。"),
        N_("缩小图片的宽和高后再上传。"),
        most=MAX_PIXELS // 10_000,
    )


def _unsafe_drawing(filename: str, error: UnsafeSvg) -> ProblemError:
    return refused(
        filename,
        N_("SVG 图里有不接受的内容：%(found)s。脚本、外部引用、动画和内嵌网页都不接受。"),
        N_("在绘图软件里导出为“纯 SVG”或 PNG（draw.io 请关闭“格式化文本”），再上传。"),
        found=str(error),
    )
