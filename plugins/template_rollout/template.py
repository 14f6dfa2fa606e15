"""项目管理软件上线推广: the PMSO's own project, from diagnosis to everyday use."""

from __future__ import annotations

from portal.api import N_, ProjectTemplate
from portal.api import LearningLink as Learn
from portal.api import TemplatePhase as Phase
from portal.api import TemplateRole as Role
from portal.api import TemplateTask as Task

DAYS90 = Learn(N_("软件官上任 90 天"), "/tutorials/pmso-first-90-days")
PILOT = Learn(N_("试点与推行：一圈一圈过门"), "/tutorials/rollout-pilot")
RESIST = Learn(N_("推行新工具遇到抵触"), "/cases/essay-pilot-resistance")
TEMPLATES = Learn(N_("设计项目模板：五个零件，一次试用"), "/tutorials/template-design")
APPROVAL = Learn(N_("审批流程设计：少几道，各管一件"), "/tutorials/approval-flow-design")
KNOWLEDGE = Learn(N_("知识库怎么运营"), "/tutorials/knowledge-base-operation")
TRAINING = Learn(N_("培训设计：练会为止"), "/tutorials/training-design")
METRICS = Learn(N_("少而准的指标"), "/tutorials/metrics-that-matter")
ONTIME = Learn(N_("按时交付率从 52% 到 87%"), "/cases/essay-on-time-rate")
IMPORT = Learn(N_("手里已有一批文档，怎么导进来？"), "/faq/import-existing-docs")
DATES = Learn(N_("导入后日期错位"), "/troubleshooting/dates-shifted-on-import")
FIRST_DAY = Learn(N_("第一天：十五分钟走通学堂"), "/tutorials/portal-first-day")
HOURS = Learn(N_("为什么要填工时，填了给谁看？"), "/faq/hours-why-fill")
AWARD = Learn(N_("“最佳实践案例奖”怎么申报、怎么评？"), "/faq/best-practice-award")
WEEKLY = Learn(N_("周报由任务数据生成（推演）"), "/cases/sim-weekly-report-automation")
RISKS = Learn(N_("风险登记册"), "/tutorials/risk-register")

PMSO = "软件官"
SPONSOR = "发起人"
LEAD = "试点项目经理"
IT = "IT 管理员"
CHAMPION = "部门种子"
HR = "人力资源"

TEMPLATE = ProjectTemplate(
    name="pm_software_rollout",
    title=N_("项目管理软件上线推广"),
    description=N_(
        "软件官自己的项目：先诊断，挑两三个项目试点，照试点所得配置模板和审批，"
        "再导数据、培训、逐部门推广。每一圈都有过不过门的标准，不过就不扩。"
    ),
    industry=N_("通用"),
    learn=(DAYS90, PILOT, RESIST, ONTIME),
    phases=(
        Phase("1", N_("诊断"), N_("用数字说清现在卡在哪里，和发起人约定怎样算成")),
        Phase("2", N_("试点"), N_("小范围真用四周，拿到证据和种子")),
        Phase("3", N_("配置"), N_("把试点里管用的做成模板、流程和权限")),
        Phase("4", N_("导入"), N_("只导还要用的，导一批核一批")),
        Phase("5", N_("培训"), N_("按角色教，练会为止")),
        Phase("6", N_("推广"), N_("一个部门一个部门过门，旧办法按期收口")),
    ),
    roles=(
        Role(PMSO, N_("总负责：诊断、配置、培训、推广")),
        Role(SPONSOR, N_("给资源，定规矩，旧办法收口时出面")),
        Role(LEAD, N_("带着真项目试用，讲实话")),
        Role(IT, N_("账号、权限、集成、备份")),
        Role(CHAMPION, N_("本部门第一个会用的人，教旁边的人")),
        Role(HR, N_("把培训和激励接进制度")),
    ),
    tasks=(
        Task("1.1", "访谈发起人，约定目标与边界", 2, 10, PMSO, "一页任务书", (), (DAYS90,)),
        Task(
            "1.2",
            "抽查在做的项目：拆没拆、有没有责任人、晚了多少",
            5,
            30,
            PMSO,
            "诊断表（逐项有数）",
            ("1.1",),
            (ONTIME,),
        ),
        Task("1.3", "访谈各部门：痛点与担心", 5, 24, PMSO, "访谈纪要", ("1.1",)),
        Task("1.4", "画出现有流程与表单", 4, 24, PMSO, "流程图、表单清单", ("1.3SS+2",)),
        Task(
            "1.5", "定指标与起点值", 2, 10, PMSO, "指标卡：口径、来源、起点", ("1.2",), (METRICS,)
        ),
        Task("1.6", "登记推行风险", 1, 5, PMSO, "风险登记册", ("1.3",), (RISKS,)),
        Task("1.7", "诊断报告通过", 0, 4, SPONSOR, "批准的推行计划", ("1.4", "1.5", "1.6")),
        Task(
            "2.1",
            "选试点：愿意、够真、四周见分晓",
            2,
            8,
            PMSO,
            "两三个试点项目",
            ("1.7",),
            (PILOT,),
        ),
        Task("2.2", "搭最小可用环境", 2, 14, IT, "能登录、能建项目", ("1.7",)),
        Task("2.3", "试点启动：陪着建第一个计划", 2, 16, PMSO, "试点项目的计划", ("2.1", "2.2")),
        Task("2.4", "真用四周，每周收一次反馈", 20, 60, LEAD, "每周反馈记录", ("2.3",), (RESIST,)),
        Task(
            "2.5", "每日站会提醒与周报生成试用", 15, 20, LEAD, "周报样张", ("2.4SS+5",), (WEEKLY,)
        ),
        Task(
            "2.6",
            "试点对照：与起点比",
            2,
            12,
            PMSO,
            "对照表（好的坏的都写）",
            ("2.4", "2.5"),
            (METRICS,),
        ),
        Task("2.7", "过门评审：扩、改还是停", 0, 4, SPONSOR, "决定与理由", ("2.6",)),
        Task("3.1", "定组织架构、角色与权限", 3, 16, IT, "权限表", ("2.7",)),
        Task(
            "3.2",
            "做项目模板（每类一个）",
            6,
            36,
            PMSO,
            "两三个模板，各试用一次",
            ("2.7",),
            (TEMPLATES,),
        ),
        Task(
            "3.3",
            "设审批流（先删再设）",
            5,
            28,
            PMSO,
            "审批流：每道说得出拦什么",
            ("2.7",),
            (APPROVAL,),
        ),
        Task("3.4", "看板与预警", 3, 16, PMSO, "一屏看板、三条预警", ("3.2",), (METRICS,)),
        Task("3.5", "与 ERP、OA 对接（只读起步）", 8, 40, IT, "检查通过的连接器", ("3.1",)),
        Task("3.6", "配置走查通过", 0, 4, LEAD, "走查记录", ("3.3", "3.4")),
        Task("4.1", "清点旧数据：导、不导、归档", 3, 14, CHAMPION, "三列清单", ("2.7",)),
        Task("4.2", "试导一个项目，逐字段核对", 2, 12, IT, "字段对照表", ("4.1", "3.2"), (DATES,)),
        Task("4.3", "分批导入在做的项目", 6, 36, IT, "导入报告", ("4.2", "3.6")),
        Task("4.4", "抽样核对并由项目经理签认", 3, 16, LEAD, "签认单", ("4.3SS+1", "4.3FF+1")),
        Task(
            "4.5",
            "把制度与常见问题导进知识库",
            4,
            20,
            PMSO,
            "知识库首批文章",
            ("4.1",),
            (IMPORT, KNOWLEDGE),
        ),
        Task("4.6", "数据就绪", 0, 2, PMSO, "数据就绪确认", ("4.4", "4.5")),
        Task(
            "5.1",
            "按角色写教案与练习",
            5,
            30,
            PMSO,
            "三套教案：成员、项目经理、部门负责人",
            ("3.6",),
            (TRAINING,),
        ),
        Task("5.2", "培训种子，一对一过关", 3, 24, PMSO, "种子过关表", ("5.1",)),
        Task(
            "5.3",
            "分角色实操课",
            6,
            40,
            CHAMPION,
            "签到、练习结果",
            ("5.2", "4.6"),
            (FIRST_DAY, HOURS),
        ),
        Task("5.4", "两周后回访，补课", 2, 12, CHAMPION, "回访记录", ("5.3FS+10",)),
        Task("6.1", "第一批部门上线", 5, 30, CHAMPION, "上线清单", ("5.3",), (PILOT,)),
        Task(
            "6.2",
            "答疑台：问题当日有人接",
            20,
            60,
            PMSO,
            "问题台账，常见的写成文章",
            ("6.1SS",),
            (KNOWLEDGE,),
        ),
        Task("6.3", "第二批部门上线", 5, 30, CHAMPION, "上线清单", ("6.1FS+5",)),
        Task("6.4", "旧表格、旧群收口", 3, 8, SPONSOR, "停用通知", ("6.3",)),
        Task("6.5", "设「最佳实践案例奖」与准时交付榜", 2, 10, HR, "评选办法", ("6.1",), (AWARD,)),
        Task(
            "6.6", "三个月对照：与起点比", 2, 14, PMSO, "对照报告", ("6.4FS+20", "6.2"), (METRICS,)
        ),
        Task("6.7", "转入日常运营", 0, 2, SPONSOR, "运营职责书", ("6.5", "6.6", "5.4", "3.5")),
    ),
)
