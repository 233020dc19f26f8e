// What of the evaluation is looked at together: topic → its groups of columns. Names come with the figures.
import { _ } from "./i18n.js";

export const HOURS = "median_hours_to_close";

export const TOPICS = {
  overview: [_("Overview"), [
    [_("Cases"), ["reported", "filed", "handled", "closed", HOURS]],
    [_("Done"), ["handling_rate", "closing_rate"]], [_("In time"), ["in_time_handling_rate", "in_time_closing_rate"]], [_("Quality"), ["rework_rate"]],
  ]],
  intake: [_("Verification and filing"), [
    [_("Verification"), ["to_verify", "verified_in_time", "in_time_verification_rate"]],
    [_("Filing"), ["filed", "filed_in_time", "in_time_filing_rate"]], [_("Accuracy"), ["filed_accurately", "voided", "accurate_filing_rate"]],
  ]],
  reports: [_("Reports"), [
    [_("Reports"), ["reported_here", "valid", "valid_report_rate", "refused", "merged"]], [_("On the spot"), ["quick_handled", "quick_handling_rate"]],
    [_("Missed"), ["missed", "missed_rate"]],
  ]],
  dispatch: [_("Dispatch"), [
    [_("In time"), ["to_dispatch", "dispatched", "dispatched_in_time", "in_time_dispatch_rate"]],
    [_("Accuracy"), ["dispatched_accurately", "misdispatched", "accurate_dispatch_rate"]],
  ]],
  handling: [_("Handling and check"), [
    [_("Handling"), ["to_handle", "handled", "handling_rate", "handled_in_time", "in_time_handling_rate"]],
    [_("Check"), ["to_check", "checked_in_time", "in_time_check_rate"]], [_("Rework"), ["rework", "rework_rate"]],
  ]],
  closing: [_("Closing"), [
    [_("Closed"), ["to_close", "closed", "closing_rate", HOURS]], [_("By the due time"), ["to_close_by_due_time", "closed_in_time", "in_time_closing_rate"]],
    [_("Closing step"), ["to_conclude", "concluded_in_time", "in_time_conclusion_rate"]],
  ]],
  exceptions: [_("Exceptions"), [
    [_("More time"), ["extended", "suspended", "returned"]], [_("Afterwards"), ["late", "appealed", "exempt", "reopened"]],
    [_("Supervision"), ["urged", "pressed", "instructed"]], [_("Now"), ["open", "overdue"]],
  ]],
  callers: [_("Callers"), [
    [_("Called back"), ["asked_back"]], [_("Solved"), ["solved", "solving_rate"]], [_("Satisfaction"), ["graded", "satisfied", "satisfaction_rate"]],
  ]],
};
/** Columns of the composite score of a dimension: its parts, the points, the grade. */
export const scoreTopic = (score) => [_("Score"), [[_("Parts"), score.parts.map((part, place) => `part:${place}`)], [_("Score"), ["points", "grade"]]]];
