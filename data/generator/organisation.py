"""Centres, municipal units, accounts and posts of the demonstration (C1).

At city level the 12319 centre commands and the evaluation office supervises; nobody holds posts of both.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Centre:
    """A centre on the axis `command`, `supervision` or `combined`."""

    code: str
    name: str
    name_en: str
    axis: str
    level: str = "city"


@dataclass(frozen=True)
class Unit:
    """A municipal unit; one is the fallback desk."""

    code: str
    name: str
    name_en: str
    centre: str | None = None
    fallback: bool = False


@dataclass(frozen=True)
class Account:
    """Somebody who signs in as `username` with the password `demo-<username>`, only ever in the demonstration."""

    username: str
    name: str
    name_en: str
    posts: tuple[str, ...]
    centre: str | None = None
    unit: str | None = None


CENTRES = (
    Centre("command", "12319城市管理监督指挥中心", "12319 City Command Centre", "command"),
    Centre("evaluation", "城市管理监督考评办公室", "Supervision and Evaluation Office", "supervision"),
    Centre("water", "供水二级指挥中心", "Water Supply Sub-centre", "combined", "unit"),
    Centre("lighting", "照明二级指挥中心", "Lighting Sub-centre", "combined", "unit"),
    Centre("bus", "公交二级指挥中心", "Bus Sub-centre", "combined", "unit"),
)

UNITS = (
    Unit("water", "供水公司", "Water Supply Company", "water"),
    Unit("drainage", "排水管理处", "Drainage Division"),
    Unit("roads", "市政道桥管理处", "Roads and Bridges Division"),
    Unit("lighting", "城市照明管理处", "Street Lighting Division", "lighting"),
    Unit("sanitation", "环境卫生管理处", "Sanitation Division"),
    Unit("bus", "公共交通公司", "Bus Company", "bus"),
    Unit("gardens", "园林绿化管理处", "Parks and Gardens Division"),
    Unit("traffic", "交通设施管理所", "Traffic Facilities Office"),
    Unit("enforcement", "城管综合执法大队", "Urban Enforcement Brigade"),
    Unit("construction", "建设工程管理站", "Construction Sites Office"),
    Unit("heating", "热力公司", "District Heating Company"),
    Unit("gas", "燃气公司", "Gas Company"),
    Unit("power", "供电公司", "Power Company"),
    Unit("telecom", "通信管线管理所", "Telecom Ducts Office"),
    Unit("fallback", "综合协调办公室（托底）", "General Co-ordination Desk (fallback)", fallback=True),
)

ACCOUNTS = (
    Account("intake", "赵晓雯", "Zhao Xiaowen", ("intake_operator",), "command"),
    Account("leader_shift", "钱立群", "Qian Liqun", ("shift_leader",), "command"),
    Account("dispatcher", "孙建平", "Sun Jianping", ("dispatcher",), "command"),
    Account("inspector", "李春燕", "Li Chunyan", ("inspector",), "evaluation"),
    Account("inspector2", "周大海", "Zhou Dahai", ("inspector",), "evaluation"),
    Account("inspector3", "吴明月", "Wu Mingyue", ("inspector",), "evaluation"),
    Account("assessor", "郑秋实", "Zheng Qiushi", ("assessor",), "evaluation"),
    Account("reviewer_law", "沈一鸣", "Shen Yiming", ("evidence_reviewer",)),
    Account("reviewer_technique", "罗敏", "Luo Min", ("evidence_reviewer",)),
    Account("leader", "王振国", "Wang Zhenguo", ("leader",)),
    Account("administrator", "冯思远", "Feng Siyuan", ("administrator",)),
    Account("steward", "陈静", "Chen Jing", ("data_steward",)),
    Account("handler", "褚卫东", "Chu Weidong", ("handler",), None, "lighting"),
    Account("handler_water", "卫长河", "Wei Changhe", ("handler",), None, "water"),
    Account("handler_roads", "蒋石磊", "Jiang Shilei", ("handler",), None, "roads"),
    *(
        Account(
            f"unit_{unit.code}", f"{unit.name}值班员", f"{unit.name_en} desk", ("unit_desk",), unit.centre, unit.code
        )
        for unit in UNITS
    ),
)

INSPECTORS = tuple(account.username for account in ACCOUNTS if account.posts == ("inspector",))
