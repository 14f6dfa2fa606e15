"""制造业新产品: from the decision to hand-over, with approvals where money or quality is fixed."""

from __future__ import annotations

from portal.api import (
    N_,
    ProjectTemplate,
)
from portal.api import LearningLink as Learn
from portal.api import TemplatePhase as Phase
from portal.api import TemplateRole as Role
from portal.api import TemplateTask as Task

WBS = Learn(N_("先把工作拆对：WBS 五步法"), "/tutorials/wbs-basics")
ESTIMATE = Learn(N_("三点估算：别再只报一个数"), "/tutorials/estimate-three-points")
RISKS = Learn(N_("风险登记册"), "/tutorials/risk-register")
LINKS = Learn(N_("四种依赖与提前滞后"), "/tutorials/dependencies-and-lag")
CRITICAL = Learn(N_("关键路径：哪几天不能丢"), "/tutorials/critical-path")
LEVELING = Learn(N_("资源平衡：人不够时怎么排"), "/tutorials/resource-leveling")
APPROVAL = Learn(N_("审批流程设计：少几道，各管一件"), "/tutorials/approval-flow-design")
BY_AMOUNT = Learn(N_("审批按金额分档（推演）"), "/cases/sim-approval-by-amount")
TRAINING = Learn(N_("培训设计：练会为止"), "/tutorials/training-design")
ESSAY = Learn(N_("制造业怎样设审批流"), "/cases/essay-manufacturing-approval")
WRITE = Learn(N_("我想写一篇文章，从哪里开始？"), "/faq/write-an-article")

PM = "项目经理"
DESIGN = "产品工程师"
BUY = "采购工程师"
PLAN = "计划员"
PROCESS = "工艺工程师"
QUALITY = "质量工程师"
FLOOR = "生产主管"
BOARD = "评审组"

TEMPLATE = ProjectTemplate(
    name="manufacturing_new_product",
    title=N_("制造业新产品"),
    description=N_(
        "立项、物料采购、生产排程、试产、质检验收、移交六个阶段。"
        "长周期物料和工装与工艺准备并行，采购按金额审批，验收不合格有返工和让步接收两条路。"
    ),
    industry=N_("制造业"),
    learn=(ESSAY, CRITICAL, LINKS),
    phases=(
        Phase("1", N_("立项"), N_("要求、成本、风险都写下来，评审组点头才动钱")),
        Phase("2", N_("物料采购"), N_("长周期的料先订，料和工装在试产前齐套")),
        Phase("3", N_("生产排程"), N_("工艺、人、机都核过，排出的日期才算数")),
        Phase("4", N_("试产"), N_("小批跑一遍，把问题留在量产之前")),
        Phase("5", N_("质检验收"), N_("按事先写好的标准判，不合格的有去处")),
        Phase("6", N_("移交"), N_("文件、人、库存都交清，经验留下来")),
    ),
    roles=(
        Role(PM, N_("对交期和预算负责；排计划、开评审、盯风险")),
        Role(DESIGN, N_("图纸、BOM、关键特性")),
        Role(BUY, N_("询价、下单、催料")),
        Role(PLAN, N_("产能核对、排程、齐套")),
        Role(PROCESS, N_("工艺路线、作业指导书、工装")),
        Role(QUALITY, N_("检验计划、来料与成品检验、不合格品评审")),
        Role(FLOOR, N_("产线、人员、试产执行")),
        Role(BOARD, N_("由研发、生产、质量、采购、财务负责人组成，只在里程碑前作决定")),
    ),
    tasks=(
        Task("1.1", "收集客户要求与销量预测", 3, 16, DESIGN, "要求清单（逐条可验证）"),
        Task("1.2", "技术可行性与关键特性识别", 4, 24, DESIGN, "可行性结论、关键特性表", ("1.1",)),
        Task("1.3", "测算成本，定目标成本", 3, 16, PM, "成本测算表", ("1.2SS+2",)),
        Task("1.4", "拆解任务，初排进度", 2, 12, PM, "WBS 与初版计划", ("1.2",), (WBS, ESTIMATE)),
        Task("1.5", "识别风险并登记", 1, 6, PM, "风险登记册", ("1.4",), (RISKS,)),
        Task("1.6", "立项评审通过", 0, 4, BOARD, "立项批准书", ("1.3", "1.5")),
        Task("2.1", "定稿图纸与 BOM", 4, 28, DESIGN, "受控图纸、BOM", ("1.6",)),
        Task("2.2", "圈出长周期物料", 1, 4, BUY, "长周期物料清单", ("2.1SS+1",)),
        Task("2.3", "询价比价", 5, 20, BUY, "比价表（每项至少三家）", ("2.2", "2.1FF+1"), (LINKS,)),
        Task("2.4", "供应商资质与样品确认", 6, 24, QUALITY, "样品确认单", ("2.3SS+3",)),
        Task(
            "2.5",
            "采购审批（按金额分档）",
            2,
            6,
            PM,
            "批准的采购申请",
            ("2.3", "2.4"),
            (APPROVAL, BY_AMOUNT),
        ),
        Task("2.6", "下达采购订单", 1, 4, BUY, "采购订单", ("2.5",)),
        Task("2.7", "设计制造工装夹具", 15, 80, PROCESS, "验收合格的工装", ("2.1",)),
        Task("2.8", "供应商备货（每周跟催）", 12, 8, BUY, "到货单", ("2.6",), (CRITICAL,)),
        Task("2.9", "来料检验", 2, 16, QUALITY, "来料检验记录", ("2.8",)),
        Task("2.10", "物料与工装齐套", 0, 2, PLAN, "齐套表", ("2.7", "2.9")),
        Task(
            "3.1",
            "设计工艺路线，定工时定额",
            5,
            32,
            PROCESS,
            "工艺路线、工时定额",
            ("2.1",),
            (ESTIMATE,),
        ),
        Task(
            "3.2",
            "编作业指导书",
            5,
            30,
            PROCESS,
            "作业指导书（带图）",
            ("3.1SS+2", "3.1FF+2"),
            (LINKS,),
        ),
        Task("3.3", "核对产能与负荷", 2, 12, PLAN, "负荷表", ("3.1",), (LEVELING,)),
        Task("3.4", "排试产计划", 2, 10, PLAN, "试产日计划", ("3.3", "2.6")),
        Task("3.5", "排程评审", 1, 6, FLOOR, "评审记录", ("3.4",)),
        Task("3.6", "操作工培训与上岗确认", 3, 24, FLOOR, "上岗确认表", ("3.2",), (TRAINING,)),
        Task("3.7", "排程冻结", 0, 1, PLAN, "冻结的试产计划", ("3.5", "3.6")),
        Task("4.1", "布置产线，点检设备", 2, 20, FLOOR, "点检表", ("2.7", "3.5")),
        Task("4.2", "做首件，确认首件", 1, 10, QUALITY, "首件确认单", ("4.1", "2.10", "3.7")),
        Task("4.3", "小批试产", 5, 120, FLOOR, "试产品、生产记录", ("4.2",)),
        Task("4.4", "记录工时、良率与停线原因", 5, 16, PROCESS, "试产数据表", ("4.3SS", "4.3FF")),
        Task(
            "4.5", "问题整改与验证", 5, 40, PROCESS, "整改清单（逐条关闭）", ("4.3SS+3", "4.4FF+2")
        ),
        Task("4.6", "试产评审通过", 0, 4, BOARD, "试产总结", ("4.4", "4.5")),
        Task("5.1", "定检验计划与抽样方案", 3, 16, QUALITY, "检验计划", ("2.1",)),
        Task("5.2", "尺寸与性能全检", 4, 32, QUALITY, "检验报告", ("4.3", "5.1")),
        Task("5.3", "可靠性试验", 8, 24, QUALITY, "试验报告", ("4.3",)),
        Task(
            "5.4",
            "不合格品评审：返工或让步接收",
            2,
            12,
            QUALITY,
            "评审单，让步须写明期限和数量",
            ("5.2",),
            (APPROVAL,),
        ),
        Task("5.5", "过程能力分析", 2, 12, QUALITY, "关键特性的过程能力表", ("5.2", "4.4")),
        Task("5.6", "出具验收报告", 1, 8, QUALITY, "验收报告", ("5.3", "5.4", "5.5", "4.6")),
        Task("5.7", "验收通过", 0, 4, BOARD, "验收批准", ("5.6",)),
        Task("6.1", "技术文件受控发布", 2, 12, DESIGN, "受控文件清单", ("5.7",)),
        Task("6.2", "定量产排程与安全库存", 2, 10, PLAN, "量产计划", ("5.7",)),
        Task("6.3", "培训生产与售后", 2, 16, PROCESS, "签到与考核记录", ("6.1",), (TRAINING,)),
        Task("6.4", "首批量产", 5, 30, FLOOR, "首批合格品", ("6.2", "6.3")),
        Task(
            "6.5",
            "旧型号维持供货至新品顶上",
            10,
            10,
            PLAN,
            "停产通知、余料处置单",
            ("6.4SF+3",),
            (LINKS,),
        ),
        Task("6.6", "复盘，写成案例", 2, 12, PM, "一篇案例", ("6.4",), (WRITE,)),
        Task("6.7", "项目关闭", 0, 2, PM, "关闭确认", ("6.5", "6.6")),
    ),
)
