"""What the files may hold, and the column names that are understood."""

from __future__ import annotations

import unicodedata

from portal.api import N_, Entity

PROJECTS = Entity(
    "projects",
    N_("项目"),
    {
        "project_no": N_("项目编号"),
        "name": N_("项目名称"),
        "manager": N_("项目经理"),
        "start": N_("开始日期"),
        "finish": N_("完成日期"),
        "status": N_("状态"),
    },
    required=("project_no", "name"),
    key="project_no",
)

TASKS = Entity(
    "tasks",
    N_("任务"),
    {
        "task_no": N_("任务编号"),
        "project_no": N_("项目编号"),
        "name": N_("任务名称"),
        "owner": N_("责任人"),
        "start": N_("开始日期"),
        "finish": N_("完成日期"),
        "hours": N_("工时"),
        "percent": N_("完成百分比"),
    },
    required=("task_no", "project_no", "name"),
    key="task_no",
)

PURCHASES = Entity(
    "purchase_orders",
    N_("采购单"),
    {
        "order_no": N_("采购单号"),
        "project_no": N_("项目编号"),
        "item": N_("物料"),
        "quantity": N_("数量"),
        "amount": N_("金额"),
        "supplier": N_("供应商"),
        "due": N_("交货日期"),
        "status": N_("状态"),
    },
    required=("order_no", "item", "quantity"),
    key="order_no",
)

ENTITIES = (PROJECTS, TASKS, PURCHASES)

# Other names seen in exports. Column titles above are understood as well.
ALIASES = {
    "project_no": ("项目号", "项目代号", "project", "project id", "project code"),
    "name": ("名称", "项目", "任务", "title", "task name", "project name"),
    "manager": ("负责人", "pm", "project manager"),
    "owner": ("负责人", "执行人", "assignee", "resource"),
    "start": ("计划开始", "开始", "开始时间", "start date"),
    "finish": ("计划完成", "完成", "结束", "结束日期", "完成时间", "finish date", "end date"),
    "status": ("项目状态", "单据状态", "state"),
    "task_no": ("任务号", "编号", "wbs", "task id"),
    "hours": ("计划工时", "工时（小时）", "work"),
    "percent": ("完成%", "进度", "完成率", "% complete"),
    "order_no": ("采购订单号", "订单号", "单据编号", "po", "po number"),
    "item": ("物料名称", "品名", "物料编码", "material"),
    "quantity": ("采购数量", "订单数量", "qty"),
    "amount": ("含税金额", "总金额", "价税合计", "total"),
    "supplier": ("供应商名称", "vendor"),
    "due": ("要求到货日期", "交期", "到货日期", "due date"),
}


def folded(header: str) -> str:
    """A header as compared: full-width as half-width, no spaces or underscores, lower case."""
    text = unicodedata.normalize("NFKC", header).casefold()
    return "".join(char for char in text if not char.isspace() and char not in "_-*")


def columns_of(entity: Entity, header: list[str]) -> dict[str, int]:
    """Column name → position, for those columns of `entity` that `header` has."""
    places: dict[str, int] = {}
    for position, title in enumerate(header):
        places.setdefault(folded(title), position)
    found: dict[str, int] = {}
    for name, title in entity.columns.items():
        spellings = (name, title, *ALIASES.get(name, ()))
        place = next((places[s] for s in map(folded, spellings) if s in places), None)
        # One column is never taken for two.
        if place is not None and place not in found.values():
            found[name] = place
    return found
