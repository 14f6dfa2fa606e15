"""What plugins contribute, as the rooms ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.accounts.models import Role, User
from portal.contributions import (
    ConnectorKind,
    ContentKind,
    NavigationItem,
    ProjectTemplate,
    WorkflowStepKind,
)
from portal.plugin_host.cards import Cards, WidgetCard
from portal.plugin_host.collecting import Collected
from portal.plugin_host.rights import viewer_of
from portal.plugin_host.states import Plugin

if TYPE_CHECKING:
    from kb.markup.model import MarkupExtension


class Contributed:
    """Questions that a host answers by what its plugins contribute."""

    cards: Cards

    def collected(self, hook: str) -> tuple[Collected, ...]:
        """What all plugins contribute to `hook`, each item with the name of its plugin."""
        raise LookupError(hook)

    def plugin(self, name: str) -> Plugin | None:
        """The plugin with this name."""
        raise LookupError(name)

    def items_of(self, plugin: str, hook: str) -> tuple[Any, ...]:
        """What one plugin contributes to `hook`."""
        return tuple(one.item for one in self.collected(hook) if one.plugin == plugin)

    def items(self, hook: str) -> tuple[Any, ...]:
        """What all plugins contribute to `hook`, without saying who."""
        return tuple(one.item for one in self.collected(hook))

    def markdown_extensions(self) -> tuple[MarkupExtension, ...]:
        """For the renderer."""
        return tuple(one.item.markup for one in self.collected("portal_markdown_extensions"))

    def content_kinds(self) -> tuple[ContentKind, ...]:
        """Kinds of article besides the core's."""
        return self.items("portal_content_kinds")

    def project_templates(self) -> tuple[ProjectTemplate, ...]:
        """Projects to start from."""
        return self.items("portal_project_templates")

    def step_kinds(self) -> tuple[WorkflowStepKind, ...]:
        """Kinds of workflow step."""
        return self.items("portal_workflow_step_kinds")

    def connectors(self) -> tuple[ConnectorKind, ...]:
        """Systems to read from."""
        return self.items("portal_erp_connectors")

    def origin(self, hook: str, name: str) -> Plugin | None:
        """The plugin that contributed `name` to `hook`."""
        found = (one.plugin for one in self.collected(hook) if one.item.name == name)
        return self.plugin(next(found, ""))

    def navigation(self, user: User | None) -> tuple[NavigationItem, ...]:
        """Menu entries that `user` may see, in order."""
        seen = [item for item in self.items("portal_navigation") if _allowed(item, user)]
        return tuple(sorted(seen, key=lambda item: item.order))

    def cli_commands(self) -> dict[str, tuple[Collected, ...]]:
        """Plugin → its commands."""
        found: dict[str, tuple[Collected, ...]] = {}
        for one in self.collected("portal_cli_commands"):
            found[one.plugin] = (*found.get(one.plugin, ()), one)
        return found

    def widgets(self, user: User | None) -> tuple[WidgetCard, ...]:
        """The home page's cards for `user`, in order; one that has nothing to say is left out."""
        return self.cards.widgets(viewer_of(user))


def _allowed(item: NavigationItem, user: User | None) -> bool:
    return not item.role or (user is not None and user.role.at_least(Role(item.role)))
