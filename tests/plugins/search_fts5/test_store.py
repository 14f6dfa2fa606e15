"""The index file in several processes and threads, killed in the middle, and on a damaged disk."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from kb.search import IndexUnavailable, SearchDocument, parse_query
from plugins.search_fts5.engine import Fts5Engine
from plugins.search_fts5.store import IndexBusy
from tests.unit.search.contract import DOCUMENTS, article, found

SPAWN = multiprocessing.get_context("spawn")


def test_a_missing_index_is_said_so(engine: Fts5Engine, tmp_path: Path) -> None:
    for call in (
        engine.stats,
        lambda: engine.search(parse_query("甘特图")),
        lambda: engine.suggest("甘"),
        lambda: engine.related("1"),
        lambda: list(engine.ids()),
        lambda: engine.writer().__enter__(),
    ):
        with pytest.raises(IndexUnavailable):
            call()
    assert not list(tmp_path.glob("index/g*"))
    assert engine.rebuild(DOCUMENTS) == len(DOCUMENTS)


def test_another_version_is_said_so(engine: Fts5Engine, tmp_path: Path) -> None:
    engine.rebuild(DOCUMENTS)
    with sqlite3.connect(next((tmp_path / "index").glob("g*.sqlite"))) as connection:
        connection.execute("UPDATE state SET version = 'fts5-0/0'")
    connection.close()
    with pytest.raises(IndexUnavailable, match="version"):
        engine.stats()


def test_old_generations_are_removed(engine: Fts5Engine, tmp_path: Path) -> None:
    for _ in range(3):
        engine.rebuild(DOCUMENTS)
        assert engine.search(parse_query("关键路径")).total
    assert len(list((tmp_path / "index").glob("g*.sqlite"))) == 1
    assert not list((tmp_path / "index").glob("CURRENT.*"))


def test_an_index_removed_under_a_reader(engine: Fts5Engine, tmp_path: Path) -> None:
    engine.rebuild(DOCUMENTS)
    engine.search(parse_query("甘特图"))
    shutil.rmtree(tmp_path / "index")
    with pytest.raises(IndexUnavailable):
        engine.search(parse_query("甘特图"))
    engine.rebuild(DOCUMENTS)
    assert found(engine.search(parse_query("关键路径"))) == ["2"]


def _damage(file: Path, how: str, chance: random.Random) -> None:
    data = file.read_bytes()
    if how == "delete":
        file.unlink()
    elif how == "truncate":
        file.write_bytes(data[: chance.randrange(len(data) or 1)])
    else:
        broken = bytearray(data)
        for _ in range(40):
            if broken:
                broken[chance.randrange(len(broken))] = chance.randrange(256)
        file.write_bytes(broken)


@pytest.mark.parametrize("how", ["delete", "truncate", "scribble"])
@pytest.mark.parametrize("seed", range(4))
def test_damage_gives_index_unavailable_and_a_rebuild_mends_it(
    tmp_path: Path, how: str, seed: int
) -> None:
    whole = tmp_path / "whole"
    first = Fts5Engine(whole)
    first.rebuild(DOCUMENTS)
    first.close()
    names = [path.name for path in whole.iterdir() if path.stat().st_size]
    assert len(names) == 2
    unavailable = 0
    for name in names:
        folder = tmp_path / f"{how}-{name}"
        shutil.copytree(whole, folder)
        engine = Fts5Engine(folder)
        _damage(folder / name, how, random.Random(seed))
        for query in ("甘特图 导出", "JS-2004", "kind:faq", "关键路径的算法"):
            try:
                engine.search(parse_query(query))
                engine.suggest(query)
                engine.related("1")
                with engine.writer() as writer:
                    writer.add(DOCUMENTS[0])
            except IndexUnavailable:
                unavailable += 1
        assert engine.rebuild(DOCUMENTS) == len(DOCUMENTS)
        assert found(engine.search(parse_query("关键路径")))[0] == "2"
        engine.close()
    assert unavailable or how == "scribble"


def _other_process(path: Path, pipe: Connection) -> None:
    engine = Fts5Engine(path)
    while (title := pipe.recv()) is not None:
        if title == "rebuild":
            engine.rebuild([article("r", "重建之后")])
        else:
            with engine.writer() as writer:
                writer.add(article("other", title))
        pipe.send("done")


def test_a_reader_sees_what_another_process_writes(engine: Fts5Engine, tmp_path: Path) -> None:
    engine.rebuild(DOCUMENTS)
    assert engine.search(parse_query("跨进程")).total == 0
    ours, theirs = SPAWN.Pipe()
    child = SPAWN.Process(target=_other_process, args=(tmp_path / "index", theirs))
    child.start()
    for title in ("跨进程第一稿", "跨进程第二稿", "rebuild"):
        ours.send(title)
        assert ours.poll(60)
        ours.recv()
        text = "重建之后" if title == "rebuild" else title
        assert engine.search(parse_query(text)).hits[0].title == text
    ours.send(None)
    child.join(60)
    ours.close()
    theirs.close()
    assert child.exitcode == 0


def _killed_while_writing(path: Path, stage: str) -> None:
    """Write, and die by SIGKILL in the middle of it."""
    engine = Fts5Engine(path)

    def some() -> Iterator[SearchDocument]:
        for i in range(50):
            yield article(f"k{i}", f"没有写完的一篇 {i}", ("节", "内容" * 50))
        os.kill(os.getpid(), signal.SIGKILL)

    if stage == "rebuild":
        engine.rebuild(some())
    else:
        with engine.writer() as writer:
            for document in some():
                writer.add(document)


@pytest.mark.parametrize("stage", ["batch", "rebuild"])
def test_a_killed_writer_leaves_a_good_index(
    engine: Fts5Engine, tmp_path: Path, stage: str
) -> None:
    engine.rebuild(DOCUMENTS)
    child = SPAWN.Process(target=_killed_while_writing, args=(tmp_path / "index", stage))
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    assert sorted(id_ for id_, _ in engine.ids()) == [document.id for document in DOCUMENTS]
    with engine.writer() as writer:  # the dead process holds no lock
        writer.add(article("after", "写得完的一篇"))
    assert engine.search(parse_query("写得完的一篇")).hits[0].id == "after"
    engine.rebuild(DOCUMENTS)
    assert len(list((tmp_path / "index").glob("g*.sqlite"))) == 1


def test_one_writer_at_a_time(engine: Fts5Engine, tmp_path: Path) -> None:
    engine.rebuild(DOCUMENTS)
    second = Fts5Engine(tmp_path / "index", lock_seconds=0.05)
    with engine.writer() as writer:
        with pytest.raises(IndexBusy), second.writer():
            pass
        with pytest.raises(IndexBusy):
            second.rebuild(DOCUMENTS)
        writer.add(article("x", "第一个写完"))
    with second.writer() as writer:
        writer.add(article("y", "第二个写完"))
    second.close()
    assert engine.stats().documents == len(DOCUMENTS) + 2


def test_threads_share_an_engine(engine: Fts5Engine) -> None:
    engine.rebuild(DOCUMENTS)
    failures: list[BaseException] = []

    def read() -> None:
        try:
            for _ in range(30):
                assert found(engine.search(parse_query("关键路径")))[0] == "2"
                assert engine.suggest("关键")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for i in range(10):
        with engine.writer() as writer:
            writer.add(article("t", f"另一篇 {i}"))
        if i % 4 == 0:
            engine.rebuild(DOCUMENTS)
    for thread in threads:
        thread.join()
    assert failures == []
