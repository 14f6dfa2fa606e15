"""软件研发: start, doing and closing of one release, with development and testing overlapping."""

from __future__ import annotations

from portal.api import N_, ProjectTemplate
from portal.api import LearningLink as Learn
from portal.api import TemplatePhase as Phase
from portal.api import TemplateRole as Role
from portal.api import TemplateTask as Task

WBS = Learn(N_("先把工作拆对：WBS 五步法"), "/tutorials/wbs-basics")
SIZE = Learn(N_("任务要拆到多细才合适？"), "/faq/how-fine-to-split-tasks")
ESTIMATE = Learn(N_("三点估算：别再只报一个数"), "/tutorials/estimate-three-points")
RISKS = Learn(N_("风险登记册"), "/tutorials/risk-register")
LINKS = Learn(N_("四种依赖与提前滞后"), "/tutorials/dependencies-and-lag")
CRITICAL = Learn(N_("关键路径：哪几天不能丢"), "/tutorials/critical-path")
WIP = Learn(N_("手上少开几件事，周期变短（推演）"), "/cases/sim-wip-limit")
PRIORITY = Learn(N_("研发与测试争优先级"), "/cases/essay-priority-conflict")
WEEKLY = Learn(N_("一周节奏：排、记、校、记、收"), "/tutorials/weekly-routine")
PROBLEM = Learn(N_("把问题说清楚，一次就有人能帮"), "/tutorials/report-problem-well")
METRICS = Learn(N_("少而准的指标"), "/tutorials/metrics-that-matter")
ONTIME = Learn(N_("按时交付率从 52% 到 87%"), "/cases/essay-on-time-rate")
BASELINE = Learn(N_("计划变了，改计划还是改基线？"), "/faq/change-plan-or-baseline")

PM = "项目经理"
PO = "产品经理"
ARCH = "架构师"
DEV = "开发"
TEST = "测试"
OPS = "运维"
USER = "业务代表"

TEMPLATE = ProjectTemplate(
    name="software_release",
    title=N_("软件研发"),
    description=N_(
        "一个版本的启动、执行、收尾。测试用例与开发并行准备，第一批功能交出就开始测；"
        "前置任务没有完成，后面的不动。"
    ),
    industry=N_("软件与互联网"),
    learn=(ONTIME, CRITICAL, WEEKLY),
    phases=(
        Phase("1", N_("启动"), N_("为谁解决什么问题、怎样算成、谁来做，一页纸说清")),
        Phase("2", N_("设计"), N_("接口先定，开发和测试才能并行")),
        Phase("3", N_("开发与测试"), N_("分三批交付，每批都能演示")),
        Phase("4", N_("上线"), N_("能上也能退")),
        Phase("5", N_("收尾"), N_("交给维护的人，学到的写下来")),
    ),
    roles=(
        Role(PM, N_("排计划、清障碍、报风险")),
        Role(PO, N_("定范围与先后，验收")),
        Role(ARCH, N_("方案、接口、关键技术验证")),
        Role(DEV, N_("编码、单元测试、代码评审")),
        Role(TEST, N_("用例、测试、缺陷跟踪")),
        Role(OPS, N_("环境、发布、监控、回退")),
        Role(USER, N_("说清业务，参加验收")),
    ),
    tasks=(
        Task("1.1", "访谈业务，写问题陈述", 3, 18, PO, "一页问题陈述"),
        Task("1.2", "定成功标准与不做的事", 1, 6, PO, "成功标准、范围边界", ("1.1",), (METRICS,)),
        Task("1.3", "梳理需求并排先后", 4, 28, PO, "需求清单（分必须、应当、可以）", ("1.2",)),
        Task("1.4", "关键技术验证", 4, 24, ARCH, "验证结论", ("1.3SS+2",)),
        Task("1.5", "拆解任务", 2, 16, PM, "WBS", ("1.3",), (WBS, SIZE)),
        Task("1.6", "估算并排进度", 1, 10, PM, "进度计划", ("1.5", "1.4"), (ESTIMATE, LINKS)),
        Task("1.7", "登记风险与应对", 1, 5, PM, "风险登记册", ("1.5",), (RISKS,)),
        Task("1.8", "启动会，定基线", 0, 6, PM, "批准的计划", ("1.6", "1.7"), (BASELINE,)),
        Task("2.1", "总体方案与接口定义", 4, 28, ARCH, "接口文档", ("1.8",)),
        Task("2.2", "数据模型与迁移方案", 3, 18, ARCH, "数据模型、迁移脚本思路", ("2.1SS+2",)),
        Task("2.3", "交互稿", 5, 30, PO, "可点的原型", ("1.8",)),
        Task("2.4", "搭建开发、测试环境与流水线", 3, 20, OPS, "一条命令能构建、能部署", ("1.8",)),
        Task("2.5", "编写测试计划", 2, 12, TEST, "测试计划", ("2.1SS+1",)),
        Task("2.6", "设计评审通过", 0, 6, ARCH, "评审记录", ("2.1", "2.2", "2.3")),
        Task("3.1", "第一批：主流程", 8, 120, DEV, "主流程可演示", ("2.6", "2.4"), (WIP,)),
        Task("3.2", "第二批：周边功能", 8, 120, DEV, "周边功能可演示", ("3.1",)),
        Task("3.3", "第三批：权限、报表、导入导出", 6, 90, DEV, "功能齐全", ("3.2",)),
        Task("3.4", "编写测试用例", 8, 50, TEST, "用例（覆盖全部必须项）", ("2.5", "2.6")),
        Task(
            "3.5",
            "功能测试",
            18,
            110,
            TEST,
            "缺陷记录",
            ("3.1SS+6", "3.3FF+3", "3.4"),
            (LINKS, PROBLEM),
        ),
        Task("3.6", "缺陷修复", 16, 96, DEV, "严重缺陷清零", ("3.5SS+2", "3.5FF+1"), (PRIORITY,)),
        Task("3.7", "性能与安全测试", 4, 28, TEST, "测试报告", ("3.3",)),
        Task("3.8", "用户手册与常见问题", 5, 24, PO, "手册、FAQ 各一份", ("3.2",)),
        Task("3.9", "测试通过", 0, 3, TEST, "测试总结", ("3.6", "3.7")),
        Task("4.1", "用户验收测试", 4, 32, USER, "签字的验收单", ("3.9",)),
        Task("4.2", "演练迁移与回退", 2, 14, OPS, "演练记录（含用时）", ("3.9", "2.2")),
        Task("4.3", "培训使用者", 2, 12, PO, "签到与练习结果", ("4.1", "3.8")),
        Task("4.4", "灰度发布", 3, 16, OPS, "灰度观察记录", ("4.1", "4.2")),
        Task("4.5", "全量上线", 0, 6, OPS, "上线公告", ("4.3", "4.4")),
        Task("5.1", "上线值守", 5, 24, DEV, "值守日志", ("4.5",)),
        Task("5.2", "移交维护：代码、文档、告警", 3, 16, OPS, "移交清单", ("4.5SS+2",)),
        Task("5.3", "核对成功标准", 1, 6, PO, "达成情况", ("5.1",), (METRICS,)),
        Task(
            "5.4",
            "复盘，估算与实际对照",
            1,
            12,
            PM,
            "复盘记录、修正后的估算系数",
            ("5.1",),
            (ESTIMATE,),
        ),
        Task("5.5", "项目关闭", 0, 2, PM, "关闭确认", ("5.2", "5.3", "5.4")),
    ),
)
