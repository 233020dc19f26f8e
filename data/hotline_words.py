"""What is said at the demonstration's hotline: invented callers, articles of the knowledge base, words of call-backs."""

# ruff: noqa: E501 - sentences are not broken

from __future__ import annotations

from typing import Any

CALLERS = (
    ("刘桂芳", "13900010001"), ("马建国", "13900010002"), ("何丽", "13900010003"), ("高翔", "13900010004"), ("林秀英", "13900010005"),
    ("郭涛", "13900010006"), ("梁女士", "13900010007"), ("宋先生", "13900010008"), ("唐敏", "13900010009"), ("许志强", "13900010010"),
    ("韩梅", "13900010011"), ("曹先生", "13900010012"), ("袁女士", "13900010013"), ("邓伟", "13900010014"), ("傅阿姨", "03118001015"),
    ("沈师傅", "13900010016"), ("", "13900010017"), ("彭女士", ""),
)  # fmt: skip
"""Name and number; some say only one of them."""

ARTICLES: tuple[dict[str, Any], ...] = (
    {
        "title": "大件垃圾如何处理",
        "title_en": "Getting rid of bulky waste",
        "body": "旧家具、床垫等大件垃圾请提前一天与社区物业预约，放到小区指定的大件垃圾堆放点，不要堆在楼道或路边。单位和店铺产生的大件垃圾须自行委托清运。",
        "body_en": "Book with the estate's management a day ahead and bring it to the marked place; not to stairways or the roadside. Shops arrange their own collection.",
        "keywords": "家具 床垫 沙发 清运 预约",
        "origin": "环境卫生管理处",
    },
    {
        "title": "装修垃圾堆放和清运",
        "title_en": "Building waste from renovations",
        "body": "装修垃圾须袋装，堆放在小区公布的临时堆放点，由取得许可的单位清运。夜间 22:00 至次日 6:00 不得装卸。未经许可运输渣土，由城管综合执法大队处理。",
        "body_en": "In bags, at the estate's temporary place; taken away by a licensed company; no loading from 22:00 to 6:00.",
        "keywords": "渣土 建筑垃圾 许可 扰民",
        "origin": "云澜市建筑垃圾管理办法（演示）",
    },
    {
        "title": "冬季供热时间和室温标准",
        "title_en": "Heating season and room temperature",
        "body": "供热期为每年 11 月 15 日至次年 3 月 15 日。卧室、起居室温度不低于 18℃。不达标的先报热力公司入户测温，24 小时内答复；未解决的请再次来电。",
        "body_en": "15 November to 15 March; at least 18 °C in bedrooms and living rooms. The heating company measures within 24 hours.",
        "keywords": "暖气 不热 测温 热力",
        "origin": "热力公司",
    },
    {
        "title": "停水通知和临时供水",
        "title_en": "Water cut off: notice and temporary supply",
        "body": "计划停水提前 24 小时公告。抢修停水超过 12 小时的，供水公司安排送水车。停水范围和恢复时间可在公众页面查询。",
        "body_en": "Planned works are announced 24 hours ahead; after 12 hours without water a water cart comes.",
        "keywords": "停水 水压 抢修 送水",
        "origin": "供水公司",
    },
    {
        "title": "路灯不亮如何报修",
        "title_en": "Reporting a dark street lamp",
        "body": "请说明灯杆编号或最近的门牌号。单灯故障 24 小时内修复，整段不亮 4 小时内修复。小区内部道路的路灯由物业负责。",
        "body_en": "Say the number on the pole or the nearest house number. One lamp: 24 hours; a whole row: 4 hours.",
        "keywords": "路灯 灯杆 照明 维修",
        "origin": "城市照明管理处",
    },
    {
        "title": "占道经营和便民摊点",
        "title_en": "Street trading and permitted stalls",
        "body": "便民摊点须在公布的路段和时段内经营。超出范围占用人行道、盲道的，由城管综合执法大队到场劝导和处理。",
        "body_en": "Stalls keep to the published streets and hours; what stands on footways beyond that is dealt with by the enforcement brigade.",
        "keywords": "摆摊 早市 夜市 占道",
        "origin": "城管综合执法大队",
    },
    {
        "title": "井盖缺失或破损",
        "title_en": "Missing or broken manhole cover",
        "body": "请来电人远离并提醒行人，说明位置和井盖上的字（雨、污、电、信）。属于紧急情况，1 小时内到场设置围挡。有人受伤先拨 120。",
        "body_en": "Keep away, say where it is and which letter stands on it. Fenced off within an hour. If anyone is hurt, 120 first.",
        "keywords": "窨井 井盖 危险 紧急",
        "origin": "指挥中心值班规程",
    },
    {
        "title": "低保和临时救助找谁申请",
        "title_en": "Where to apply for the allowance or temporary aid",
        "body": "到户籍所在社区的救助窗口申请，带身份证、户口簿和收入材料；行动不便的可由社区上门办理。紧急困难可先申请临时救助。",
        "body_en": "At the aid desk of one's own community, with ID card, household register and papers on income; they also come to the home.",
        "keywords": "低保 救助 社区 困难",
        "origin": "区民政局",
    },
)

PROPOSAL: dict[str, Any] = {
    "title": "共享单车乱停放",
    "title_en": "Shared bicycles left about",
    "body": "请说明位置和品牌。企业 1 小时内清理；堵塞消防通道、盲道的，由城管综合执法大队先行清理。",
    "body_en": "Say where and which brand; the company clears them within an hour.",
    "keywords": "单车 乱停 盲道",
    "origin": "交通设施管理所",
}
"""Waits for the shift leader's approval."""

WITHOUT_CASE = (
    ("何丽", "13900010003", "consultation", "问旧床垫放到哪里，已按知识库答复。", 0, ""),
    ("马建国", "13900010002", "consultation", "家里只有 16 度，已告知先报热力公司测温。", 2, ""),
    ("", "13900010021", "request", "人行道上有老人摔倒，已转 120。", None, "120"),
    ("刘桂芳", "13900010001", "praise", "感谢昨天修好路灯的师傅，来得快，收拾得干净。", None, ""),
    ("刘桂芳", "13900010001", "suggestion", "建议人民公园西门增加垃圾桶。", None, ""),
    ("傅阿姨", "03118001015", "consultation", "问低保在哪里申请，已告知社区窗口和材料。", 7, ""),
    ("宋先生", "13900010008", "request", "两车刮擦堵路，已转 122。", None, "122"),
)
"""Name, number, kind, words, index of the article that answered, service that it was handed to."""

SAID_BACK = (
    ("reached", "yes", 5, "处理得很快，很满意。"),
    ("reached", "yes", 4, "解决了。"),
    ("reached", "yes", 4, "已经修好，谢谢。"),
    ("reached", "yes", 3, "解决了，就是慢了一点。"),
    ("reached", "partly", 3, "好了一半，旁边那处还没弄。"),
    ("reached", "no", 2, "第二天又坏了。"),
    ("no_answer", None, None, ""),
)
"""Outcome, solved, satisfied, words."""
