"""What can be set for each kind of step. Titles and descriptions are shown in the catalogue."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from portal.api import N_

Person = Annotated[str, StringConstraints(pattern=r"^(user|role|unit|field):.+$")]
PEOPLE_HELP = N_("写成 user:账号、role:项目角色、unit:部门，或 field:表单里选人的那一栏")
Name = Annotated[str, StringConstraints(min_length=1, max_length=40)]


class StepConfig(BaseModel):
    """Every step's settings are fixed once a flow is saved."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FormField(StepConfig):
    """A field of a form."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
    label: Name
    type: Literal["text", "textarea", "number", "money", "date", "choice", "person", "file"] = (
        "text"
    )
    required: bool = False
    choices: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _choices_for_choice(self) -> FormField:
        if (self.type == "choice") != bool(self.choices):
            raise ValueError(f"栏目 {self.name}：选项（choices）和类型 choice 要一起用")
        return self


class FormConfig(StepConfig):
    """填表."""

    fill_by: Person = Field(title=N_("谁来填"), description=PEOPLE_HELP)
    fields: tuple[FormField, ...] = Field(
        min_length=1, title=N_("栏目"), description=N_("每栏有代号、名称、类型，是否必填")
    )
    due_hours: int | None = Field(
        None, ge=1, le=2000, title=N_("几个工作小时内填完"), description=N_("空着就不催")
    )

    @model_validator(mode="after")
    def _different_names(self) -> FormConfig:
        names = [field.name for field in self.fields]
        if len(set(names)) != len(names):
            raise ValueError("两个栏目用了同一个代号")
        return self


class ApprovalConfig(StepConfig):
    """审批."""

    approvers: tuple[Person, ...] = Field(min_length=1, title=N_("审批人"), description=PEOPLE_HELP)
    mode: Literal["all", "any", "sequence"] = Field(
        "all",
        title=N_("方式"),
        description=N_("all 会签：都要表态；any 或签：一人即可；sequence 顺序会签：按次序一个个来"),
    )
    quorum: int | None = Field(
        None,
        ge=1,
        title=N_("会签几票通过"),
        description=N_("只用于会签；空着就是全部同意"),
    )
    on_reject: Literal["end", "return", "count"] = Field(
        "return",
        title=N_("有人不同意时"),
        description=N_("end 当即否决；return 退回上一步；count 记一票，按票数算"),
    )
    own_request: Literal["skip", "upward", "allow"] = Field(
        "upward",
        title=N_("审批人就是申请人时"),
        description=N_("skip 跳过此人；upward 交给他的上级；allow 照常由他批"),
    )
    nobody: Literal["block", "pmso", "pass"] = Field(
        "pmso",
        title=N_("找不到审批人时"),
        description=N_("block 停住等人处理；pmso 交软件官；pass 直接通过"),
    )
    timeout_hours: int | None = Field(
        None, ge=1, le=2000, title=N_("几个工作小时算超时"), description=N_("空着就不算")
    )
    on_timeout: Literal["remind", "escalate", "pass"] = Field(
        "remind",
        title=N_("超时后"),
        description=N_("remind 催办；escalate 交上级；pass 视为同意"),
    )
    show_fields: tuple[str, ...] = Field(
        (), title=N_("给审批人看的栏目"), description=N_("表单栏目的代号；空着就全给看")
    )

    @model_validator(mode="after")
    def _quorum_can_be_reached(self) -> ApprovalConfig:
        if self.quorum is not None and self.mode != "all":
            raise ValueError("票数只用于会签（all）")
        # A role or unit may stand for several people; only named users can be counted.
        named = all(one.startswith("user:") for one in self.approvers)
        if named and self.quorum is not None and self.quorum > len(self.approvers):
            raise ValueError("要的票数比审批人还多")
        if self.on_reject == "count" and self.quorum is None:
            raise ValueError("按票数算（count）要写明会签几票通过")
        return self


class ChecklistItem(StepConfig):
    """One thing to tick."""

    text: Name
    required: bool = True
    evidence: bool = False


class ChecklistConfig(StepConfig):
    """检查清单."""

    check_by: Person = Field(title=N_("谁来核对"), description=PEOPLE_HELP)
    items: tuple[ChecklistItem, ...] = Field(
        min_length=1,
        title=N_("条目"),
        description=N_("每条写一件看得见的事；required 必须勾，evidence 要附凭据"),
    )


class NotifyConfig(StepConfig):
    """通知."""

    to: tuple[Person, ...] = Field(min_length=1, title=N_("通知谁"), description=PEOPLE_HELP)
    subject: str = Field(min_length=1, max_length=100, title=N_("标题"))
    body: str = Field(
        "",
        max_length=2000,
        title=N_("正文"),
        description=N_("可用 {栏目代号} 代入表单的内容"),
        json_schema_extra={"multiline": True},
    )


class Branch(StepConfig):
    """One way on."""

    when: str = Field(min_length=1, max_length=200)
    go_to: Name


class ConditionConfig(StepConfig):
    """条件分支."""

    branches: tuple[Branch, ...] = Field(
        min_length=1,
        title=N_("分支"),
        description=N_(
            "从上往下，第一个成立的走它；条件只能用表单栏目比大小、比相等，用 and / or 连接"
        ),
    )
    otherwise: Name = Field(title=N_("都不成立时去"), description=N_("步骤的名称"))


class ParallelConfig(StepConfig):
    """并行."""

    branches: tuple[Name, ...] = Field(
        min_length=2, title=N_("同时开始的步骤"), description=N_("步骤的名称，至少两个")
    )
    join: Literal["all", "any", "count"] = Field(
        "all",
        title=N_("怎样汇合"),
        description=N_("all 都完成；any 有一个完成，其余撤回；count 完成够数"),
    )
    count: int | None = Field(
        None, ge=1, title=N_("完成几个就汇合"), description=N_("只用于 count")
    )

    @model_validator(mode="after")
    def _count_makes_sense(self) -> ParallelConfig:
        if (self.join == "count") != (self.count is not None):
            raise ValueError("完成几个（count）和汇合方式 count 要一起用")
        if self.count is not None and self.count > len(self.branches):
            raise ValueError("要完成的比分出去的还多")
        return self


class TimerConfig(StepConfig):
    """等待."""

    hours: float | None = Field(None, gt=0, title=N_("等几个小时"))
    until_field: str = Field(
        "", title=N_("等到哪一天"), description=N_("表单里日期栏目的代号；与「等几个小时」二选一")
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> TimerConfig:
        if (self.hours is None) == (not self.until_field):
            raise ValueError("「等几个小时」和「等到哪一天」要写一个，也只能写一个")
        return self


class TrainingGateConfig(StepConfig):
    """培训门槛."""

    who: Person = Field(title=N_("查谁"), description=PEOPLE_HELP)
    articles: tuple[Annotated[str, StringConstraints(pattern=r"^/[a-z].*$")], ...] = Field(
        min_length=1,
        title=N_("要学过的"),
        description=N_("学堂里的地址，例如 /tutorials/wbs-basics"),
    )
    valid_months: int | None = Field(
        None, ge=1, le=60, title=N_("几个月内有效"), description=N_("空着就一直有效")
    )
    waive_by: Person | None = Field(
        None, title=N_("谁可以免"), description=N_("空着就谁也不能免；免了要写原因")
    )
