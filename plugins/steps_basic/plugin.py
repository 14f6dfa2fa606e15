"""The catalogue entries of the basic steps: what each is for and how it can end."""

from __future__ import annotations

from plugins.steps_basic import models
from plugins.steps_basic.doing import send, wait
from portal.api import (
    N_,
    LearningLink,
    Outcome,
    PluginContext,
    PluginManifest,
    WorkflowStepKind,
    hookimpl,
)

manifest = PluginManifest(
    name="steps_basic",
    title=N_("基本流程步骤"),
    summary=N_("填表、审批、检查清单、通知、条件、并行、等待、培训门槛"),
    category="workflow",
)

APPROVAL_FLOW = LearningLink(
    N_("审批流程设计：少几道，各管一件"), "/tutorials/approval-flow-design"
)
STUCK = LearningLink(N_("审批卡住了怎么办？"), "/faq/approval-stuck")
WHO = LearningLink(N_("这件事该由谁来批？"), "/faq/who-approves")
TRAINING = LearningLink(N_("培训设计：练会为止"), "/tutorials/training-design")
BY_AMOUNT = LearningLink(N_("审批按金额分档（推演）"), "/cases/sim-approval-by-amount")

KINDS = (
    WorkflowStepKind(
        "form",
        N_("填表"),
        N_("请一个人把后面要用的内容填齐；栏目的类型和必填在这里定"),
        models.FormConfig,
        (Outcome("submitted", N_("已提交")), Outcome("withdrawn", N_("申请人撤回"))),
        human=True,
        example={
            "fill_by": "role:采购工程师",
            "fields": [
                {"name": "item", "label": "采购内容", "required": True},
                {"name": "amount", "label": "金额（元）", "type": "money", "required": True},
                {"name": "reason", "label": "理由", "type": "textarea"},
            ],
            "due_hours": 8,
        },
    ),
    WorkflowStepKind(
        "approval",
        N_("审批"),
        N_("会签、或签或顺序会签；不同意、超时、找不到人、自己批自己，各怎么办都先说定"),
        models.ApprovalConfig,
        (
            Outcome("approved", N_("同意")),
            Outcome("rejected", N_("否决")),
            Outcome("returned", N_("退回")),
        ),
        human=True,
        example={
            "approvers": ["role:采购经理", "role:项目经理"],
            "mode": "all",
            "on_reject": "return",
            "timeout_hours": 16,
            "on_timeout": "remind",
        },
        learn=(APPROVAL_FLOW, WHO, STUCK),
    ),
    WorkflowStepKind(
        "checklist",
        N_("检查清单"),
        N_("逐条核对，勾完必须的才往下走；要凭据的附上文件"),
        models.ChecklistConfig,
        (Outcome("complete", N_("齐了")), Outcome("failed", N_("有不合格"))),
        human=True,
        example={
            "check_by": "role:质量工程师",
            "items": [
                {"text": "首件尺寸全检合格", "evidence": True},
                {"text": "作业指导书在工位上"},
                {"text": "操作工都有上岗确认"},
            ],
        },
    ),
    WorkflowStepKind(
        "notify",
        N_("通知"),
        N_("把走到这里的消息发给该知道的人，不等回音"),
        models.NotifyConfig,
        (Outcome("sent", N_("已发出")),),
        # Sending again would tell people twice.
        repeat_safe=False,
        example={
            "to": ["role:计划员"],
            "subject": "采购已批准：{item}",
            "body": "金额 {amount} 元，请据此排试产计划。",
        },
        enter=send,
    ),
    WorkflowStepKind(
        "condition",
        N_("条件"),
        N_("按表单里的内容选一条路；从上往下，第一个成立的算数"),
        models.ConditionConfig,
        (Outcome("matched", N_("有分支成立")), Outcome("otherwise", N_("都不成立"))),
        example={
            "branches": [
                {"when": "amount >= 200000", "go_to": "总经理审批"},
                {"when": "amount >= 20000", "go_to": "部门审批"},
            ],
            "otherwise": "直接下单",
        },
        learn=(BY_AMOUNT,),
    ),
    WorkflowStepKind(
        "parallel",
        N_("并行"),
        N_("几件事同时开始，照约定的办法汇合"),
        models.ParallelConfig,
        (Outcome("joined", N_("已汇合")),),
        example={"branches": ["质量确认", "工艺确认", "成本确认"], "join": "all"},
    ),
    WorkflowStepKind(
        "timer",
        N_("等待"),
        N_("等一段时间，或等到某一天；停机期间到点的，恢复后只算一次"),
        models.TimerConfig,
        (Outcome("elapsed", N_("时间到")),),
        example={"hours": 16},
        enter=wait,
    ),
    WorkflowStepKind(
        "training_gate",
        N_("培训门槛"),
        N_("没学过该学的，就不能往下做；谁可以免、免了怎么记，都写明"),
        models.TrainingGateConfig,
        (Outcome("passed", N_("学过了")), Outcome("waived", N_("经批准免学"))),
        human=True,
        example={
            "who": "role:生产主管",
            "articles": ["/tutorials/wbs-basics", "/tutorials/dependencies-and-lag"],
            "valid_months": 12,
            "waive_by": "role:项目经理",
        },
        learn=(TRAINING,),
    ),
)


@hookimpl
def portal_workflow_step_kinds(ctx: PluginContext) -> tuple[WorkflowStepKind, ...]:
    """All of them."""
    return KINDS
