"""What states, stages and moves are called, and which states end a case. Pure data."""

from __future__ import annotations

STATES: dict[str, tuple[str, str]] = {
    "reported": ("已上报", "Reported"),
    "accepted": ("已受理", "Accepted"),
    "verifying": ("核实中", "Being verified"),
    "verified": ("核实属实", "Verified"),
    "not_found": ("核实不属实", "Not found on site"),
    "filed": ("已立案", "Filed"),
    "dispatched": ("已派遣", "Dispatched"),
    "handling": ("处置中", "Being handled"),
    "suspended": ("已挂账", "Suspended"),
    "disputed": ("权属争议", "Ownership disputed"),
    "handled": ("已反馈", "Reported back"),
    "checking": ("核查中", "Being checked"),
    "checked": ("核查通过", "Checked"),
    "failed": ("核查未通过", "Check failed"),
    "closed": ("已结案", "Closed"),
    "refused": ("不予立案", "Refused"),
    "void": ("已作废", "Void"),
    "transferred": ("已移送执法", "Given to law enforcement"),
    "merged": ("已并案", "Merged into another case"),
}

FINAL = frozenset({"closed", "refused", "void", "transferred", "merged"})
"""No clock runs, nobody has a turn. Some can still be reopened, appealed or split."""

STAGE_OF: dict[str, str] = {
    "reported": "acceptance",
    "accepted": "acceptance",
    "verifying": "verification",
    "verified": "filing",
    "not_found": "filing",
    "filed": "dispatch",
    "failed": "dispatch",
    "disputed": "adjudication",
    "dispatched": "handling",
    "handling": "handling",
    "suspended": "handling",
    "handled": "closing",
    "checking": "check",
    "checked": "closing",
}

STAGES: dict[str, tuple[str, str]] = {
    "acceptance": ("受理", "Acceptance"),
    "verification": ("核实", "Verification"),
    "filing": ("立案", "Filing"),
    "dispatch": ("派遣", "Dispatch"),
    "adjudication": ("权属裁定", "Adjudication"),
    "handling": ("处置", "Handling"),
    "check": ("核查", "Check"),
    "closing": ("结案", "Closing"),
}

MOVES: dict[str, tuple[str, str]] = {
    "report": ("上报", "Report"),
    "accept": ("受理", "Accept"),
    "refuse": ("不予立案", "Refuse"),
    "cancel": ("撤回上报", "Withdraw report"),
    "quick_handle": ("自行处置", "Handled on the spot"),
    "merge": ("并案", "Merge into another case"),
    "split": ("拆分", "Split off again"),
    "declare_emergency": ("定为突发事件", "Declare an emergency"),
    "decline_emergency": ("不定为突发事件", "Decline as an emergency"),
    "correct": ("更正分类", "Correct the class"),
    "relocate": ("更正位置", "Correct the place"),
    "send_verification": ("发送核实", "Send to verify"),
    "verify": ("核实属实", "Confirm on site"),
    "deny": ("核实不属实", "Not found on site"),
    "review_law": ("法制审核通过", "Pass legal review"),
    "review_technique": ("技术审核通过", "Pass technical review"),
    "file": ("立案", "File"),
    "void": ("作废", "Void"),
    "dispatch": ("派遣", "Dispatch"),
    "dispatch_at_once": ("紧急派遣", "Dispatch at once"),
    "redispatch": ("改派", "Give to another unit"),
    "revoke": ("撤回派遣", "Take the order back"),
    "send_down": ("下派区级", "Send to a district"),
    "send_up": ("上报市级", "Send up to the city"),
    "recall": ("收回", "Take back from the district"),
    "return_case": ("退回受理", "Return to intake"),
    "accept_order": ("接收", "Accept order"),
    "return_order": ("回退", "Return order"),
    "dispute": ("提出权属异议", "Dispute ownership"),
    "adjudicate": ("裁定权属", "Decide ownership"),
    "fall_back": ("托底派遣", "Order fallback repair"),
    "assign": ("指派处置人员", "Assign handler"),
    "unassign": ("收回指派", "Take back from handler"),
    "hand_back": ("退回本部门", "Hand back to the desk"),
    "ask_return": ("申请回退", "Ask to return"),
    "grant_return": ("同意回退", "Grant return"),
    "deny_return": ("不同意回退", "Deny return"),
    "ask_extension": ("申请延期", "Ask for extension"),
    "grant_extension": ("同意延期", "Grant extension"),
    "deny_extension": ("不同意延期", "Deny extension"),
    "ask_suspension": ("申请挂账", "Ask for suspension"),
    "grant_suspension": ("同意挂账", "Grant suspension"),
    "deny_suspension": ("不同意挂账", "Deny suspension"),
    "resume": ("恢复处置", "Resume"),
    "add_assist": ("增派协办", "Add assisting unit"),
    "accept_assist": ("接收协办", "Accept assistance"),
    "finish_assist": ("协办完成", "Assistance done"),
    "return_assist": ("退回协办", "Return assistance"),
    "revoke_assist": ("撤回协办", "Take assistance back"),
    "feed_back": ("处置反馈", "Report back"),
    "send_check": ("发送核查", "Send to check"),
    "check": ("核查通过", "Pass check"),
    "fail_check": ("核查未通过", "Fail check"),
    "rework": ("返工", "Rework"),
    "close": ("结案", "Close"),
    "force_close": ("强制结案", "Close by force"),
    "transfer_to_law": ("移送执法", "Give to law enforcement"),
    "urge": ("催办", "Urge"),
    "press": ("督办", "Press"),
    "instruct": ("批示", "Instruct"),
    "appeal": ("申诉", "Appeal"),
    "allow_appeal": ("申诉成立", "Allow appeal"),
    "reject_appeal": ("申诉不成立", "Reject appeal"),
    "reopen": ("重新立案", "Reopen"),
    "import_close": ("导入结案", "Closed (imported)"),
}

DISPATCH_DUTY = frozenset(
    {"dispatch", "dispatch_at_once", "redispatch", "rework", "revoke", "add_assist", "adjudicate", "fall_back"}
    | {"send_down", "recall"}
)
SUPERVISION_DUTY = frozenset(
    {"verify", "deny", "check", "fail_check", "close", "force_close", "void", "transfer_to_law"}
)
"""C1: nobody has both duties on the same case."""

REQUESTS: dict[str, tuple[str, str]] = {
    "return": ("回退申请", "Request to return"),
    "extension": ("延期申请", "Request for extension"),
    "suspension": ("挂账申请", "Request for suspension"),
    "appeal": ("申诉", "Appeal"),
}

ASSIST_STATES: dict[str, tuple[str, str]] = {
    "sent": ("已派出", "Sent"),
    "accepted": ("协办中", "At work"),
    "done": ("已完成", "Done"),
    "returned": ("已退回", "Returned"),
    "revoked": ("已撤回", "Taken back"),
}

BACKWARD = frozenset(
    {
        "refuse",
        "cancel",
        "void",
        "revoke",
        "return_case",
        "return_order",
        "dispute",
        "deny",
        "fail_check",
        "rework",
        "reopen",
    }
    | {"force_close", "split", "deny_return", "deny_extension", "deny_suspension", "reject_appeal"}
)
"""Moves that go back or end a case without its being mended: never what a form offers first."""
