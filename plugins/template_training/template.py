"""培训活动: one course from need to follow-up, measured on Kirkpatrick's levels."""

from __future__ import annotations

from portal.api import N_, ProjectTemplate
from portal.api import LearningLink as Learn
from portal.api import TemplatePhase as Phase
from portal.api import TemplateRole as Role
from portal.api import TemplateTask as Task

TRAINING = Learn(N_("培训设计：练会为止"), "/tutorials/training-design")
METRICS = Learn(N_("少而准的指标"), "/tutorials/metrics-that-matter")
KNOWLEDGE = Learn(N_("知识库怎么运营"), "/tutorials/knowledge-base-operation")
PROBLEM = Learn(N_("把问题说清楚，一次就有人能帮"), "/tutorials/report-problem-well")

OWNER = "培训负责人"
TEACHER = "讲师"
HELPER = "会务"
BOSS = "学员主管"

TEMPLATE = ProjectTemplate(
    name="training_event",
    title=N_("培训活动"),
    description=N_(
        "一次培训从问清需求到两周后回访。练习先于讲稿，试讲之后才发通知；"
        "效果看反应、学到、用上三层，不止看满意度。"
    ),
    industry=N_("通用"),
    learn=(TRAINING, METRICS),
    phases=(
        Phase("1", N_("问清需求"), N_("做不到的是什么，培训能不能解决")),
        Phase("2", N_("备课"), N_("先定练习，再写讲稿")),
        Phase("3", N_("办会"), N_("人、场地、环境都试过")),
        Phase("4", N_("授课与回访"), N_("课上练会，两周后看用没用上")),
    ),
    roles=(
        Role(OWNER, N_("定目标，盯效果")),
        Role(TEACHER, N_("练习、讲稿、授课")),
        Role(HELPER, N_("通知、场地、签到")),
        Role(BOSS, N_("课前说明为什么来，课后给机会用")),
    ),
    tasks=(
        Task("1.1", "访谈主管与学员，找出做不到的事", 3, 12, OWNER, "差距清单"),
        Task(
            "1.2",
            "判断该不该培训（缺的是技能、工具还是规矩）",
            1,
            4,
            OWNER,
            "结论",
            ("1.1",),
            (TRAINING,),
        ),
        Task("1.3", "写学习目标（学完能做什么）", 1, 4, OWNER, "三条以内的目标", ("1.2",)),
        Task(
            "1.4",
            "定怎样检验",
            1,
            4,
            OWNER,
            "课前课后同一份题、两周后的观察点",
            ("1.3",),
            (METRICS,),
        ),
        Task("1.5", "目标确认", 0, 1, BOSS, "主管签认", ("1.4",)),
        Task("2.1", "设计练习与答案", 3, 18, TEACHER, "练习册", ("1.5",), (TRAINING,)),
        Task("2.2", "写讲稿与讲义", 4, 24, TEACHER, "讲稿、讲义", ("2.1SS+1", "2.1FF+1")),
        Task("2.3", "准备练习环境与数据", 2, 10, TEACHER, "人手一份的练习账号", ("2.1",)),
        Task("2.4", "试讲，改一轮", 2, 10, TEACHER, "修改记录", ("2.2", "2.3")),
        Task("2.5", "课件定稿", 0, 1, OWNER, "定稿课件", ("2.4",)),
        Task("3.1", "订场地与设备", 2, 4, HELPER, "预订单", ("1.5",)),
        Task("3.2", "发通知，收报名与课前题", 5, 6, HELPER, "名单、课前成绩", ("2.4", "3.1")),
        Task("3.3", "现场走一遍：投影、网络、账号", 1, 4, HELPER, "走场清单", ("3.2", "2.5")),
        Task("4.1", "授课", 2, 16, TEACHER, "签到、课后成绩", ("3.3",)),
        Task(
            "4.2",
            "发讲义，答疑写成常见问题",
            3,
            10,
            TEACHER,
            "FAQ 若干篇",
            ("4.1",),
            (KNOWLEDGE, PROBLEM),
        ),
        Task("4.3", "两周后回访：用上了没有", 2, 8, OWNER, "回访表", ("4.1FS+10",)),
        Task(
            "4.4", "效果小结", 1, 4, OWNER, "一页小结：反应、学到、用上", ("4.2", "4.3"), (METRICS,)
        ),
        Task("4.5", "活动结束", 0, 1, OWNER, "归档", ("4.4",)),
    ),
)
