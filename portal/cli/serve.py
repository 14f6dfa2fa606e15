"""`portal serve`: the web server, with a worker beside it."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys

import click
from flask import Flask

from kb.problems import N_, Problem, ProblemError
from portal import address, create_app, plugin_host
from portal.cli.context import portal_app
from portal.settings import Settings, load

LAST_SECONDS = 10
"""A server process that has not ended by then, after being told to, is killed."""

THREADS = 2
"""Threads per process: one may wait for the database while the other works. Python runs one at a
time, so more only make each other wait."""


def require_free_port(host: str, port: int) -> None:
    """Raise ProblemError JS-1001 when `port` cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                message = N_("端口 %(port)s 已被别的程序占用")
                remedy = N_(
                    "换一个端口：portal serve --port %(other)s（或 PORT=%(other)s make run）"
                )
            else:
                message = N_("不能在 %(host)s:%(port)s 上监听：%(error)s")
                remedy = N_("检查地址是不是本机的，以及端口权限（1024 以下要管理员）")
            params = {"host": host, "port": port, "other": port + 1, "error": error.strerror}
            raise ProblemError(Problem("JS-1001", message, remedy, params=params)) from error


def announce(settings: Settings) -> None:
    """Check the database and say where the portal is, with the first administrator's link."""
    from portal.accounts import service as accounts

    with portal_app():
        address.note(settings)
        click.echo(f"金石学堂：{address.of(settings)}")
        if not accounts.admins():
            token = accounts.new_link(accounts.FIRST_ADMIN)
            link = f"{address.of(settings)}/welcome/{token}"
            click.secho(f"建立第一个管理员（一次有效）：{link}", bold=True)


def _application(_target: str) -> Flask:
    """The application of a server process.

    Ctrl-C reaches every process of the group; together with the SIGTERM that the server sends its
    processes it can leave one waiting for ever, so they leave Ctrl-C to the server. Until the
    server's own handler is in place here, SIGTERM ends the process: the one inherited from the
    server would swallow it, and the server would wait for this process for ever.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    app = create_app()
    plugin_host.preload(app)
    return app


@click.command()
@click.option("--host", help="监听的地址（默认 127.0.0.1）")
@click.option("--port", type=int, help="端口（默认 8000）")
@click.option("--workers", type=int, help="进程数（默认 1）")
@click.option("--no-worker", is_flag=True, help="不带后台任务进程（另行运行 portal worker 时用）")
@click.option("--safe-mode", is_flag=True, help="不载入第三方插件，出了问题也进得来")
@click.option("--dev", is_flag=True, help="插件的文件一改就重新读（写插件时用，只开一个进程）")
def command(
    host: str | None,
    port: int | None,
    workers: int | None,
    no_worker: bool,
    safe_mode: bool,
    dev: bool,
) -> None:
    """启动门户网站（并带一个后台任务进程）。"""
    # The server's processes and the worker read the same settings from the environment.
    if safe_mode:
        os.environ["PORTAL_PLUGINS_SAFE_MODE"] = "true"
    if dev:
        os.environ["PORTAL_DEV"] = "true"
    settings = load(host=host, port=port, workers=1 if dev else workers)
    require_free_port(settings.host, settings.port)
    announce(settings)
    os.environ["PORTAL_HOME"] = str(settings.home)
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    server = Server(
        "portal:create_app",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=settings.workers,
        blocking_threads=THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=LAST_SECONDS,
        log_level=LogLevels.warning,
    )
    worker = None
    if not no_worker:
        worker = subprocess.Popen(
            [sys.executable, "-m", "portal.cli", "worker", "--parent", str(os.getpid())]
        )
    try:
        server.serve(target_loader=_application)
    finally:
        if worker is not None:
            worker.terminate()
            worker.wait(timeout=10)
