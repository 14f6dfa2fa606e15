"""Manuals as trees: slugs with ``/`` say what lies below what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from portal.library.pages import Link, TreeNode

UNFOLDED = 40
"""Pages up to which an index is shown with every folder open."""


@dataclass(frozen=True)
class Leaf:
    """An article as the tree needs it."""

    slug: str
    title: str
    url: str
    position: int


@dataclass
class Branch:
    """A place in the tree: an article, or a folder without a page of its own."""

    name: str
    leaf: Leaf | None = None
    below: dict[str, Branch] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The article's title, or the folder's name."""
        return self.leaf.title if self.leaf else self.name

    def order(self) -> tuple[int, str]:
        """Position, then title; a folder stands where its first page would."""
        if self.leaf:
            return self.leaf.position, self.leaf.title
        return min((branch.order() for branch in self.below.values()), default=(0, self.name))

    def sorted(self) -> list[Branch]:
        """What lies below, in order."""
        return sorted(self.below.values(), key=Branch.order)

    def first(self) -> Leaf | None:
        """The page this place opens: its own, or the first below."""
        if self.leaf:
            return self.leaf
        return next((leaf for branch in self.sorted() if (leaf := branch.first())), None)

    def walk(self) -> Iterator[Leaf]:
        """Every page in reading order."""
        if self.leaf:
            yield self.leaf
        for branch in self.sorted():
            yield from branch.walk()


def grow(leaves: Iterable[Leaf]) -> Branch:
    """The tree of these pages, under a nameless root."""
    root = Branch("")
    for leaf in leaves:
        place = root
        for part in leaf.slug.split("/"):
            place = place.below.setdefault(part, Branch(part))
        place.leaf = leaf
    return root


def nodes(root: Branch, current: str | None = None) -> tuple[TreeNode, ...]:
    """The tree for a template. Without `current` it is whole, folded when it is long; else it holds
    only what lies along its path, so that a page of a manual with hundreds of pages stays small.
    """
    if current is None:
        unfolded = sum(1 for _leaf in root.walk()) <= UNFOLDED
        return tuple(_whole(branch, unfolded) for branch in root.sorted())
    return tuple(_along(branch, branch.name, current) for branch in root.sorted())


def _whole(branch: Branch, unfolded: bool) -> TreeNode:
    target = branch.first()
    return TreeNode(
        title=branch.title,
        url=target.url if target else "",
        open=unfolded,
        children=tuple(_whole(child, unfolded) for child in branch.sorted()),
    )


def _along(branch: Branch, path: str, current: str) -> TreeNode:
    is_open = current == path or current.startswith(path + "/")
    target = branch.first()
    below = branch.sorted() if is_open else []
    return TreeNode(
        title=branch.title,
        url=target.url if target else "",
        current=current == path,
        open=is_open,
        children=tuple(_along(child, f"{path}/{child.name}", current) for child in below),
    )


def neighbours(order: list[Leaf], slug: str) -> tuple[Link | None, Link | None]:
    """The pages before and after, in reading order."""
    at = next((index for index, leaf in enumerate(order) if leaf.slug == slug), None)
    if at is None:
        return None, None
    before = order[at - 1] if at > 0 else None
    after = order[at + 1] if at + 1 < len(order) else None
    return (
        Link(before.title, before.url) if before else None,
        Link(after.title, after.url) if after else None,
    )
