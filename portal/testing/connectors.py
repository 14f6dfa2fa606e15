"""What every connector must do: a base class for its tests.

::

    class TestShelf(ConnectorContract):
        name = "shelf"

        @pytest.fixture
        def settings(self, recording_server):
            recording_server.answer("/tasks", [{"number": "T1", "changed": "2026-01-01"}])
            return {"address": recording_server.url()}

        wrong = ({"address": "ftp://nowhere"},)

        @pytest.fixture
        def unreachable(self, recording_server):
            recording_server.close()
            return {"address": recording_server.url()}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import pytest

from portal.api import CheckResult, ConnectorKind, Entity, PluginContext, Problem, ProblemError
from portal.plugin_host import host
from portal.plugin_host.config import validate
from portal.testing.kit import fail_unless, in_words

MAX_PULLS = 1000
"""Calls until nothing more comes. More: the connector says `more` for ever."""


class ConnectorContract:
    """Subclass it in a test module; say `name`, `settings`, `wrong` and `unreachable`."""

    name: ClassVar[str] = ""
    """Name of the `ConnectorKind`."""
    wrong: ClassVar[Sequence[Mapping[str, Any]]] = ()
    """Settings that must be refused."""

    @pytest.fixture
    def settings(self) -> Mapping[str, Any]:
        """Settings that work, with at least one record to be pulled. Override it."""
        raise AssertionError("写一个 fixture settings，给出能连通的设置")

    @pytest.fixture
    def unreachable(self) -> Mapping[str, Any]:
        """Settings that are well formed but lead nowhere. Override it."""
        raise AssertionError("写一个 fixture unreachable，给出格式对、但连不上的设置")

    @pytest.fixture
    def kind(self, app: Any) -> ConnectorKind:
        """The connector as the portal has it."""
        found = {one.item.name: one.item for one in host().collected("portal_erp_connectors")}
        fail_unless(self.name in found, f"没有名为 {self.name!r} 的连接器；有：{', '.join(found)}")
        kind: ConnectorKind = found[self.name]
        return kind

    @pytest.fixture
    def ctx(self, kind: ConnectorKind, plugin_ctx: Callable[[str], PluginContext]) -> PluginContext:
        """The context of the plugin it belongs to."""
        plugin = host().origin("portal_erp_connectors", self.name)
        assert plugin is not None
        return plugin_ctx(plugin.name)

    def test_check_finds_what_there_is(
        self, kind: ConnectorKind, ctx: PluginContext, settings: Mapping[str, Any]
    ) -> None:
        """The check succeeds and names entities the kind has declared."""
        result = kind.connector.check(ctx, _config(kind, settings))
        fail_unless(isinstance(result, CheckResult), f"check 返回了 {type(result).__name__}")
        fail_unless(result.ok, f"check 没有通过：{[str(one) for one in _problems(result)]}")
        declared = {entity.name for entity in kind.entities}
        unknown = {entity.name for entity in result.entities} - declared
        fail_unless(not unknown, f"check 报了没有声明的数据：{unknown}")

    def test_wrong_settings_are_refused_in_words(self, kind: ConnectorKind) -> None:
        """The model refuses each of `wrong` and says which field and why."""
        fail_unless(bool(self.wrong), "在 wrong 里至少写一份应当被拒绝的设置")
        for values in self.wrong:
            made, problems = validate(kind.config_model, values, kind.name)
            fail_unless(made is None, f"这份设置应当被拒绝：{values}")
            for problem in problems:
                in_words(problem)

    def test_check_says_why_it_cannot_reach_it(
        self, kind: ConnectorKind, ctx: PluginContext, unreachable: Mapping[str, Any]
    ) -> None:
        """It answers with a problem, or raises ProblemError; nothing else."""
        config = _config(kind, unreachable)
        try:
            result = kind.connector.check(ctx, config)
        except ProblemError as error:
            in_words(error.problem)
            return
        fail_unless(not result.ok, "连不上对方，check 却说没问题")
        for problem in _problems(result):
            in_words(problem)

    def test_pull_says_why_it_cannot_reach_it(
        self, kind: ConnectorKind, ctx: PluginContext, unreachable: Mapping[str, Any]
    ) -> None:
        """Pulling raises ProblemError, so that the portal keeps the last good data."""
        config = _config(kind, unreachable)
        with pytest.raises(ProblemError) as caught:
            kind.connector.pull(ctx, config, kind.entities[0].name, "")
        in_words(caught.value.problem)

    def test_discover_names_declared_entities(
        self, kind: ConnectorKind, ctx: PluginContext, settings: Mapping[str, Any]
    ) -> None:
        """At least one, and none the kind does not know."""
        offered = _offered(kind, ctx, settings)
        fail_unless(bool(offered), "discover 没有给出任何数据")
        unknown = {one.name for one in offered} - {one.name for one in kind.entities}
        fail_unless(not unknown, f"discover 给出了没有声明的数据：{unknown}")

    def test_rows_have_the_columns_of_their_entity(
        self, kind: ConnectorKind, ctx: PluginContext, settings: Mapping[str, Any]
    ) -> None:
        """Texts only, no unknown column, every required one filled, keys different."""
        total = 0
        for entity in _offered(kind, ctx, settings):
            rows, _cursor = _pull_all(kind, ctx, settings, entity.name, "")
            total += len(rows)
            for row in rows:
                unknown = set(row) - set(entity.columns)
                fail_unless(not unknown, f"{entity.name} 有没声明的列：{unknown}")
                empty = [name for name in entity.required if not row.get(name)]
                fail_unless(not empty, f"{entity.name} 有一行缺少：{empty}")
                texts = all(isinstance(value, str) for value in row.values())
                fail_unless(texts, f"{entity.name} 的值要全是文字：{dict(row)}")
            keys = [row.get(entity.key) for row in rows] if entity.key else []
            fail_unless(
                len(keys) == len(set(keys)), f"{entity.name} 一次给了两行同样的 {entity.key}"
            )
        fail_unless(total > 0, "settings 指向的地方要至少有一条数据")

    def test_a_second_pull_gives_nothing_new(
        self, kind: ConnectorKind, ctx: PluginContext, settings: Mapping[str, Any]
    ) -> None:
        """With the cursor of the first, nothing comes, and the cursor stays as it is."""
        for entity in _offered(kind, ctx, settings):
            _rows, cursor = _pull_all(kind, ctx, settings, entity.name, "")
            again, after = _pull_all(kind, ctx, settings, entity.name, cursor)
            fail_unless(not again, f"{entity.name} 没有变化，第二次却又给了 {len(again)} 行")
            fail_unless(after == cursor, f"没有新数据，游标却变了：{cursor!r} → {after!r}")

    def test_an_unknown_entity_is_a_problem(
        self, kind: ConnectorKind, ctx: PluginContext, settings: Mapping[str, Any]
    ) -> None:
        """Asking for what it does not have raises ProblemError."""
        with pytest.raises(ProblemError) as caught:
            kind.connector.pull(ctx, _config(kind, settings), "no_such_entity", "")
        in_words(caught.value.problem)

    def test_a_cursor_that_means_nothing_does_no_harm(
        self, kind: ConnectorKind, ctx: PluginContext, settings: Mapping[str, Any]
    ) -> None:
        """It starts over or raises ProblemError: cursors outlive versions of a connector."""
        try:
            kind.connector.pull(ctx, _config(kind, settings), kind.entities[0].name, "\x00?")
        except ProblemError as error:
            in_words(error.problem)


def _config(kind: ConnectorKind, values: Mapping[str, Any]) -> Any:
    made, problems = validate(kind.config_model, values, kind.name)
    fail_unless(made is not None, f"这份设置本该能用：{[str(one) for one in problems]}")
    return made


def _offered(
    kind: ConnectorKind, ctx: PluginContext, settings: Mapping[str, Any]
) -> tuple[Entity, ...]:
    return tuple(kind.connector.discover(ctx, _config(kind, settings)))


def _problems(result: CheckResult) -> list[Problem]:
    return [*result.problems, *(one for entity in result.entities for one in entity.problems)]


def _pull_all(
    kind: ConnectorKind, ctx: PluginContext, settings: Mapping[str, Any], entity: str, cursor: str
) -> tuple[list[Mapping[str, str]], str]:
    config, rows = _config(kind, settings), list[Mapping[str, str]]()
    for _call in range(MAX_PULLS):
        pulled = kind.connector.pull(ctx, config, entity, cursor)
        rows += pulled.rows
        if pulled.more:
            fail_unless(pulled.cursor != cursor, f"{entity} 说还有，游标却没有前进：{cursor!r}")
        cursor = pulled.cursor
        if not pulled.more:
            return rows, cursor
    raise AssertionError(f"{entity} 读了 {MAX_PULLS} 次还说没完")
