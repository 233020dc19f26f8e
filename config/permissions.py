"""Which post may do what. Routes and moves ask for permissions, never for posts."""

from __future__ import annotations

from collections.abc import Iterable

POSTS: dict[str, tuple[str, str]] = {
    "intake_operator": ("受理员", "Intake operator"),
    "shift_leader": ("值班长", "Shift leader"),
    "dispatcher": ("派遣员", "Dispatcher"),
    "inspector": ("监督员", "Inspector"),
    "unit_desk": ("专业部门", "Unit desk"),
    "handler": ("处置人员", "Handler"),
    "assessor": ("考核员", "Assessor"),
    "leader": ("领导", "Leader"),
    "data_steward": ("数据管理员", "Data steward"),
    "administrator": ("系统管理员", "Administrator"),
    "community_aid_worker": ("社区救助专干", "Community aid worker"),
    "subdistrict_aid_worker": ("街道救助经办", "Sub-district aid worker"),
    "district_aid_officer": ("区级救助审核", "District aid officer"),
    "planner": ("规划分析员", "Planner"),
    "evidence_reviewer": ("证据审核员", "Reviewer of evidence"),
    "aid_auditor": ("救助信息审计员", "Auditor of aid records"),
}

_EVERYONE = {"map.see", "case.see", "asset.see", "report.make"}

_AID = _EVERYONE | {"aid.list", "household.open"}

GRANTS: dict[str, set[str]] = {
    "intake_operator": _EVERYONE
    | {"case.accept", "case.refuse", "case.merge", "case.urge", "task.send", "case.list", "evidence.see", "call.take"}
    | {"network.trace", "publication.decide", "call.see", "knowledge.write"},
    "shift_leader": _EVERYONE
    | {
        "case.file",
        "case.refuse",
        "case.close",
        "case.void",
        "case.merge",
        "case.urge",
        "case.transfer_law",
        "evidence.hand_out",
        "case.list",
        "evidence.see",
        "evaluation.see",
        "network.trace",
        "publication.decide",
        "routing.see",
        "routing.keep",
        "routing.weather",
        "call.see",
        "call.oversee",
        "exchange.see",
        "knowledge.write",
        "knowledge.approve",
    },
    "dispatcher": _EVERYONE
    | {"case.dispatch", "case.urge", "case.list", "evidence.see", "network.trace", "routing.see", "routing.weather"},
    "inspector": _EVERYONE | {"task.do", "evidence.see"},
    "unit_desk": _EVERYONE
    | {"order.answer", "order.assign", "order.feed_back", "order.cost", "evidence.see", "order.list", "network.trace"},
    "handler": _EVERYONE | {"order.feed_back", "evidence.see", "order.list"},
    "assessor": _EVERYONE
    | {"evaluation.see", "formula.change", "case.judge_appeal", "case.list", "evidence.see"}
    | {"shift.plan", "shift.see", "track.see", "bulletin.make", "refusal.see"},
    "leader": _EVERYONE
    | {"evaluation.see", "case.press", "case.adjudicate", "case.force_close", "case.reopen", "case.transfer_law"}
    | {"case.list", "evidence.see", "shift.see", "track.see", "bulletin.make", "routing.see", "routing.approve"}
    | {"evidence.hand_out", "refusal.see"},
    "evidence_reviewer": _EVERYONE | {"evidence.review_law", "evidence.review_technique", "case.list", "evidence.see"},
    "data_steward": _EVERYONE
    | {"import.run", "case.list", "catalogue.see", "catalogue.keep", "export.take", "network.trace", "finding.decide"}
    | {"asset.edit", "grid.assign", "routing.see", "routing.keep", "time.keep"},
    "community_aid_worker": _AID | {"aid.accept", "household.enter"},
    "subdistrict_aid_worker": _AID | {"aid.investigate", "household.enter"},
    "district_aid_officer": _AID | {"aid.decide", "id_number.see", "coverage.see"},
    "planner": {"map.see", "asset.see", "coverage.see", "catalogue.see", "export.take"},
    "aid_auditor": {"aid.audit", "map.see"},
    "administrator": {
        "account.manage",
        "exchange.see",
        "refusal.see",
        "settings.change",
        "time.keep",
        "import.run",
        "map.see",
        "asset.see",
        "catalogue.see",
        "catalogue.keep",
    },
}

PERMISSIONS: dict[str, str] = {
    "map.see": "see the city's map",
    "asset.see": "look up assets and their live state",
    "asset.edit": "enter and change assets of the register",
    "case.see": "open a case that lies within one's own reach",
    "case.list": "see every case of the area",
    "evidence.see": "open photos and other evidence",
    "report.make": "hand in a report",
    "publication.decide": "withhold a case from the public, or show it again",
    "call.take": "take calls at the hotline, look up what a number called about (it is written down), call back",
    "call.see": "open the hotline's desk: one's own calls, the knowledge base",
    "call.oversee": "see everybody's calls and confidential callers (it is written down), and who looked callers up",
    "knowledge.write": "propose articles of the knowledge base",
    "knowledge.approve": "approve and withdraw articles of the knowledge base that others wrote",
    "case.accept": "accept a report as a case",
    "case.refuse": "refuse to file, with a reason",
    "case.file": "file a case",
    "case.close": "close a verified case",
    "case.void": "void a case that was filed wrongly",
    "case.dispatch": "give a case to a unit and move it between units",
    "case.merge": "merge a case into another one, and split it off again",
    "case.urge": "urge whoever has a case",
    "case.press": "press a case and give instructions on it",
    "case.adjudicate": "decide whose a disputed case is, or have it repaired by the fallback unit",
    "case.force_close": "close a case by force, with a reason",
    "case.reopen": "reopen a case that has ended",
    "case.transfer_law": "give a case to law enforcement",
    "evidence.hand_out": "hand a case's evidence out to law enforcement; it is written down",
    "case.judge_appeal": "judge the appeals of units",
    "evidence.review_law": "pass the legal review of a camera's evidence",
    "evidence.review_technique": "pass the technical review of a camera's evidence",
    "routing.see": "see routing rules, and who would get what",
    "routing.keep": "draft routing rules",
    "routing.approve": "approve the routing rules of others",
    "routing.weather": "put weather flags up and down",
    "task.send": "send an inspector to verify or to check",
    "task.do": "answer a verification or a check on site",
    "order.list": "see the orders of one's own unit",
    "order.answer": "accept or return an order",
    "order.assign": "name the handler of an order",
    "order.cost": "enter what handling cost, and the unit's contractors",
    "order.feed_back": "report back what was done",
    "evaluation.see": "see indicators and scores",
    "shift.plan": "plan the inspectors' shifts and special surveys",
    "shift.see": "see shifts, attendance and how the ground is walked",
    "track.see": "see where an inspector was on shift, for a purpose; it is written down",
    "bulletin.make": "send bulletins",
    "formula.change": "change formulas of indicators, weights and grades of scores",
    "aid.list": "see the applications for aid of one's own area, names masked",
    "aid.accept": "enter applications for aid and bring them on at the community",
    "aid.investigate": "investigate applications, post notices, enter objections at the sub-district",
    "aid.decide": "decide on applications at the district",
    "aid.audit": "see who opened whose record for what",
    "household.open": "open a household's record for a purpose; it is written down",
    "household.enter": "register households and state facts",
    "id_number.see": "see a whole ID number for a purpose; it is written down",
    "coverage.see": "see coverage and gaps of aid by area, small figures hidden",
    "network.trace": "follow pipes and streets, isolate bursts, see what does not fit together in the networks",
    "grid.assign": "group unit grids into responsibility grids and assign their inspectors",
    "time.keep": "keep the working calendar, working hours and the ladder of escalation",
    "finding.decide": "tick off or ignore what checks of the networks found",
    "import.run": "run imports",
    "export.take": "take assets out in files; it is written down",
    "catalogue.see": "see the catalogue of data sets",
    "catalogue.keep": "describe data sets: owner, rhythm, classification, who may see them",
    "exchange.see": "see how the exchange with other hotlines stands",
    "refusal.see": "see who tried what they may not do",
    "account.manage": "manage accounts and posts",
    "settings.change": "change settings of the instance",
}


def permissions_of(posts: Iterable[str]) -> frozenset[str]:
    """All that the given posts allow together; an unknown post allows nothing."""
    return frozenset().union(*(GRANTS.get(post, set()) for post in posts))
