"""What the report of an import says about links, pictures and files, with the next step."""

from __future__ import annotations

from kb.importers.resolve import Resolution
from kb.importers.targets import Target
from kb.importers.tree import Tree
from kb.problems import N_, Problem, ProblemError

_SHOWN = 200


def about(target: Target, found: Resolution, tree: Tree, where: str) -> list[Problem]:
    """The warnings that a target calls for; none if all is well."""
    template = _media(found, tree) if target.is_media else _link(found, tree)
    if template is None:
        return []
    code = "JS-2007" if target.is_media else "JS-2008"
    message, remedy = template
    params = {
        "target": _shortened(target.text),
        "path": _shortened(found.path),
        "folder": tree.folder_above(found.levels) if found.levels else "",
    }
    return [Problem(code, message, remedy, where, "warning", params)]


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def too_large(path: str, size: int, limit: int) -> Problem:
    """A page or file over its limit; sizes in bytes."""
    return Problem(
        "JS-2003",
        N_("文件有 %(size)s MB，超过上限 %(limit)s MB，没有导入。"),
        N_("页面请拆成几篇；图片请缩小，视频请压缩后再放进来。"),
        path,
        params={"size": f"{size / 1024**2:.1f}", "limit": limit // 1024**2},
    )


def of(path: str, error: ProblemError | OSError) -> Problem:
    """The problem that kept the file at `path` from coming in."""
    if isinstance(error, ProblemError):
        return error.problem
    return Problem(
        "JS-2002",
        N_("文件读不出来：%(reason)s。"),
        N_("检查文件权限和磁盘，然后重新导入。"),
        shown(path),
        params={"reason": error.strerror or type(error).__name__},
    )


def closed(path: str) -> Problem:
    """A folder that could not be listed."""
    return Problem(
        "JS-2002",
        N_("文件夹打不开，里面的页面没有导入。"),
        N_("检查文件夹的权限，然后重新导入。"),
        shown(path) or ".",
    )


def shown(path: str) -> str:
    """`path` as it can be printed, should the disk hold a name that is not UTF-8."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def misnamed(path: str) -> Problem:
    """A page whose file name is not UTF-8, as old zip programs leave them."""
    return Problem(
        "JS-2002",
        N_("文件名的编码无法识别。"),
        N_("把文件名改成正常的中文或英文再导入；如果来自 zip，直接导入那个 zip。"),
        shown(path),
    )


def _media(found: Resolution, tree: Tree) -> tuple[str, str] | None:
    match found.kind:
        case "file" if found.exact:
            return None
        case "refused":
            return None  # said once, at the file itself
        case "file":
            return (
                N_("图片 %(target)s 与文件 %(path)s 大小写不一致，已按该文件处理。"),
                N_("把正文里的写法改得与文件名一致。"),
            )
        case "remote":
            return (
                N_("图片 %(target)s 存放在别的网站，读者的浏览器不会加载它。"),
                N_("下载这张图片，放进导入的文件夹，把正文里的地址改成相对路径，再重新导入。"),
            )
        case "embedded":
            return (
                N_("图片直接写在正文里（%(target)s），不会显示。"),
                N_("把它存成图片文件，放进导入的文件夹，正文里改用相对路径。"),
            )
        case "outside" if found.levels and tree.folder_above(found.levels):
            return (
                N_("图片 %(target)s 在导入的文件夹之外，没有读取。"),
                N_("改为导入同时包含文章和图片的上级文件夹：%(folder)s"),
            )
        case "outside" if found.levels:
            return (
                N_("图片 %(target)s 在导入的文件夹之外，没有读取。"),
                N_("把图片所在的文件夹和文章一起打包或放在一处，再重新导入。"),
            )
        case "outside":
            return (
                N_("图片 %(target)s 是某台电脑上的路径，没有读取。"),
                N_("把图片放进导入的文件夹，正文里改用相对路径，再重新导入。"),
            )
        case "missing" if found.path:
            return (
                N_("图片 %(target)s 不在导入的文件里。"),
                N_("把图片放到 %(path)s，或改正正文里的路径，再重新导入。"),
            )
        case _:
            return (
                N_("图片 %(target)s 的地址不是图片。"),
                N_("改正正文里的路径，再重新导入。"),
            )


def _link(found: Resolution, tree: Tree) -> tuple[str, str] | None:
    match found.kind:
        case "page" | "file" if not found.exact:
            return (
                N_("链接 %(target)s 与文件 %(path)s 大小写不一致，已按该文件处理。"),
                N_("把正文里的写法改得与文件名一致。"),
            )
        case "outside" if found.path:
            return (
                N_("链接 %(target)s 指向没有导入的页面 %(path)s。"),
                N_("导入它所在的整个文件夹；如果那一篇被拒绝了，先按它的提示修好。"),
            )
        case "outside" if found.levels and tree.folder_above(found.levels):
            return (
                N_("链接 %(target)s 指到导入的文件夹之外。"),
                N_("改为导入同时包含两者的上级文件夹 %(folder)s，或删去这个链接。"),
            )
        case "outside" if found.levels:
            return (
                N_("链接 %(target)s 指到导入的文件夹之外。"),
                N_("把目标文件和文章一起打包或放在一处，再重新导入；或删去这个链接。"),
            )
        case "outside":
            return (
                N_("链接 %(target)s 是某台电脑上的路径，别人打不开。"),
                N_("把文件放进导入的文件夹，改用相对路径；或换成网址。"),
            )
        case "missing":
            return (
                N_("链接 %(target)s 指向的 %(path)s 不存在。"),
                N_("改正链接，或补上缺少的文件，再重新导入。"),
            )
        case "embedded":
            return (
                N_("链接 %(target)s 把文件写在了地址里，打不开。"),
                N_("把它存成文件，放进导入的文件夹，改用相对路径。"),
            )
        case _:
            return None
